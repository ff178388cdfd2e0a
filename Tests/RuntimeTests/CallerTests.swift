// What a host function sees of guest memory: every view is checked, committed whole, or refused whole.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

@Suite struct CallerTests {
    /// Exports `read`, `write` (address, count), `byte` (address) and `size`; the memory has one page, "hello" at 1000.
    private func module(pages: Int = 1, maximum: Int? = nil, pageShift: Int? = nil) -> ModuleBuilder {
        var module = ModuleBuilder()
        let read = module.importFunction("env", "read", [.i32, .i32])
        let write = module.importFunction("env", "write", [.i32, .i32])
        let size = module.importFunction("env", "memory_size", [], [.i64])
        let who = module.importFunction("env", "who", [])
        module.memory(pages, maximum, pageShift: pageShift)
        module.function([.i32, .i32], body: Code.localGet(0) + Code.localGet(1) + Code.call(read), export: "read")
        module.function([.i32, .i32], body: Code.localGet(0) + Code.localGet(1) + Code.call(write), export: "write")
        module.function([], [.i64], body: Code.call(size), export: "size")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.memory(Code.i32Load8U), export: "byte")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.memoryGrow, export: "grow")
        module.function([], [], body: Code.call(who), export: "who")
        return module
    }

    @Test("a view holds the guest's bytes, to its last one, and zeros where nothing was ever touched")
    func reads() throws {
        let world = try World(TestHost())
        var builder = module()
        builder.data(at: 1000, Array("hello".utf8))
        builder.data(at: 65_535, [42])
        let instance = try world.add(builder)
        func read(_ address: Int, _ count: Int) throws -> [UInt8] {
            #expect(try world.call("read", of: instance, .i32(address), .i32(count)) == .nothing)
            return world.host.seen
        }
        #expect(try read(1000, 5) == Array("hello".utf8))
        #expect(try read(65_535, 1) == [42])
        #expect(try read(65_532, 4) == [0, 0, 0, 42])
        #expect(try read(0, 4) == [0, 0, 0, 0])
        #expect(try read(65_536, 0) == [])
        #expect(try read(0, 65_536).count == 65_536)
        #expect(try world.call("size", of: instance) == .values([.i64(65_536)]))
        #expect(try world.call("who", of: instance) == .nothing && world.host.caller == instance)
    }

    @Test("a view beyond the end, by one byte or around the end of the address space, traps and nothing is written")
    func outside() throws {
        let world = try World(TestHost())
        let instance = try world.add(module())
        let outside: [(Int, Int)] = [
            (65_536, 1), (65_535, 2), (0, 65_537), (65_537, 0), (0xffff_ffff, 1), (0xffff_ffff, 0), (1, 0xffff_ffff), (0xffff_fff0, 0x10), (0x8000_0000, 0x8000_0000),
            (0, 0xffff_ffff), (65_535, 0xffff_ffff),
        ]
        for (address, count) in outside {
            for name in ["read", "write"] {
                #expect(try world.call(name, of: instance, .i32(address), .i32(count)) == .trap(.outOfBoundsMemoryAccess), "\(name) \(address) \(count)")
            }
        }
        #expect(try world.call("byte", of: instance, .i32(65_535)) == .i32(0))
        #expect(try world.call("byte", of: instance, .i32(0)) == .i32(0))
        #expect(try world.call("write", of: instance, .i32(65_534), .i32(2)) == .nothing)
        #expect(try world.call("byte", of: instance, .i32(65_535)) == .i32(2))
    }

    @Test("an empty view commits nothing")
    func empty() throws {
        let world = try World(TestHost())
        let instance = try world.add(module())
        let inUse = world.inUse
        for address in [0, 1, 40_000, 65_536] {
            #expect(try world.call("write", of: instance, .i32(address), .i32(0)) == .nothing)
        }
        #expect(world.inUse == inUse)
    }

    @Test("what a view writes, the guest reads, at both ends and across what was never touched")
    func writes() throws {
        let world = try World(TestHost())
        let instance = try world.add(module())
        for (address, count) in [(30_000, 10), (0, 3), (65_533, 3), (10_000, 600)] {
            #expect(try world.call("write", of: instance, .i32(address), .i32(count)) == .nothing)
            for i in [0, count / 2, count - 1] {
                #expect(try world.call("byte", of: instance, .i32(address + i)) == .i32(Int32(UInt8(truncatingIfNeeded: i + 1))))
            }
        }
        #expect(try world.call("byte", of: instance, .i32(9_999)) == .i32(0))
        #expect(try world.call("byte", of: instance, .i32(10_600)) == .i32(0))
        #expect(world.isIntact)
    }

    @Test("a view that the pool has no room for traps, names what is missing, and writes nothing")
    func exhausted() throws {
        let world = try World(TestHost(), pool: 32 << 10)
        let instance = try world.add(module())
        #expect(try world.call("write", of: instance, .i32(100), .i32(4)) == .nothing)
        #expect(try world.call("write", of: instance, .i32(102), .i32(60_000)) == .trap(.memoryExhausted))
        #expect(world.shortage.need >= 60_000 && world.shortage.largestFree < 60_000)
        #expect(try world.call("read", of: instance, .i32(0), .i32(200)) == .nothing)
        #expect(world.host.seen[100..<104] == [1, 2, 3, 4])
        #expect(world.host.seen[104...].allSatisfy { $0 == 0 } && world.host.seen[..<100].allSatisfy { $0 == 0 })
    }

    @Test("pages of one byte: the last byte is inside, the next one is not, before and after growth")
    func bytePages() throws {
        let world = try World(TestHost())
        let instance = try world.add(module(pages: 10, maximum: 12, pageShift: 0))
        #expect(try world.call("write", of: instance, .i32(8), .i32(2)) == .nothing)
        #expect(try world.call("write", of: instance, .i32(8), .i32(3)) == .trap(.outOfBoundsMemoryAccess))
        #expect(try world.call("grow", of: instance, .i32(1)) == .i32(10))
        #expect(try world.call("write", of: instance, .i32(8), .i32(3)) == .nothing)
        #expect(try world.call("byte", of: instance, .i32(10)) == .i32(3))
        #expect(try world.call("byte", of: instance, .i32(11)) == .trap(.outOfBoundsMemoryAccess))
        #expect(try world.call("grow", of: instance, .i32(2)) == .i32(-1))
        #expect(try world.call("size", of: instance) == .values([.i64(11)]))
    }

    @Test("the memory that a host function sees is that of the instance that calls it, imported or not")
    func whose() throws {
        let world = try World(TestHost())
        var owner = module()
        owner.export("memory", .memory, 0)
        let a = try world.add(owner)
        var importing = ModuleBuilder()
        let write = importing.importFunction("env", "write", [.i32, .i32])
        let remote = importing.importFunction("a", "write", [.i32, .i32])
        importing.importMemory("a", "memory", 1)
        importing.function([.i32, .i32], body: Code.localGet(0) + Code.localGet(1) + Code.call(write), export: "write")
        importing.function([.i32, .i32], body: Code.localGet(0) + Code.localGet(1) + Code.call(remote), export: "remote")
        let b = try world.add(importing, links: [("a", a)])
        #expect(try world.call("write", of: b, .i32(500), .i32(3)) == .nothing)
        #expect(try world.call("byte", of: a, .i32(502)) == .i32(3))
        #expect(try world.call("remote", of: b, .i32(5000), .i32(4)) == .nothing)
        #expect(try world.call("byte", of: a, .i32(5003)) == .i32(4))
        var bare = ModuleBuilder()
        let bareWrite = bare.importFunction("env", "write", [.i32, .i32])
        bare.function([.i32, .i32], body: Code.localGet(0) + Code.localGet(1) + Code.call(bareWrite), export: "write")
        let c = try world.add(bare)
        #expect(try world.call("write", of: c, .i32(0), .i32(1)) == .trap(.outOfBoundsMemoryAccess))
    }
}
