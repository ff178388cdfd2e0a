// Memory that the host allocates through the guest's own allocator, and what it sees of guest memory between calls.

import ModuleBuilder
import Testing

@testable import MemoryPool
@testable import Runtime
@testable import WasmFormat

@Suite struct GuestMemoryTests {
    /// `malloc` counts up from 1024, `free` notes what it got, in globals that are exported as `next` and `freed`.
    private func bump(malloc: [UInt8]? = nil, free: [UInt8]? = nil, pages: Int = 1) -> ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(pages)
        let next = module.global(.i32, mutable: true, Code.i32(1024), export: "next")
        let freed = module.global(.i32, mutable: true, Code.i32(0), export: "freed")
        let body = Code.globalGet(next) + Code.globalGet(next) + Code.localGet(0) + Code.i32Add + Code.globalSet(next)
        module.function([.i32], [.i32], body: malloc ?? body, export: "malloc")
        module.function([.i32], [], body: free ?? Code.localGet(0) + Code.globalSet(freed), export: "free")
        return module
    }

    @Test("malloc and free of the guest are what the host allocates with; no app heap is made beside them")
    func malloc() throws {
        let world = try World(NoHost())
        let instance = try world.add(bump(), configuration: InstanceConfiguration(appHeapBytes: 1000))
        #expect(world.appHeap(of: instance) == nil && world.range(around: 65_536, of: instance) == nil)
        #expect(try world.allocate(100, in: instance) == 1024)
        #expect(try world.allocate(1, in: instance) == 1124)
        // Nothing is asked for as one byte, so that null is always a failure.
        #expect(try world.allocate(0, in: instance) == 1125)
        #expect(try world.global("next", of: instance) == .i32(1126))
        try world.write([5, 6], at: 1124, of: instance)
        #expect(try world.read(1123, 4, of: instance) == [0, 5, 6, 0])
        try world.free(1124, in: instance)
        #expect(try world.global("freed", of: instance) == .i32(1124))
        try world.free(0, in: instance)
        #expect(try world.global("freed", of: instance) == .i32(1124))
        #expect(guestMemoryError { try world.free(65_536, in: instance) } == .notAllocated)
        #expect(try world.global("freed", of: instance) == .i32(1124))
    }

    @Test("what the guest's malloc and free can do wrong are errors by name")
    func failures() throws {
        let world = try World(NoHost())
        func allocating(_ body: [UInt8], bytes: UInt32 = 16, fuel: UInt64? = nil) throws -> GuestMemoryError? {
            let instance = try world.add(bump(malloc: body))
            return guestMemoryError { try world.allocate(bytes, in: instance, fuel: fuel) }
        }
        #expect(try allocating(Code.i32(0)) == .exhausted)
        #expect(try allocating(Code.unreachable) == .trapped(.unreachable))
        #expect(try allocating(Code.i32(-16)) == .outOfBounds)
        #expect(try allocating(Code.i32(-1)) == .outOfBounds)
        #expect(try allocating(Code.i32(65_521)) == .outOfBounds)
        #expect(try allocating(Code.i32(65_520)) == nil)
        #expect(try allocating(Code.i32(8), bytes: .max) == .outOfBounds)
        #expect(try allocating(Code.loop(nil, Code.br(0)) + Code.unreachable, fuel: 100) == .outOfFuel)
        #expect(try allocating(Code.localGet(0) + Code.call(0)) == .trapped(.callStackExhausted))
        for (body, error) in [(Code.unreachable, GuestMemoryError.trapped(.unreachable)), (Code.loop(nil, Code.br(0)), .outOfFuel)] {
            let instance = try world.add(bump(free: body))
            #expect(guestMemoryError { try world.free(1024, in: instance, fuel: 100) } == error)
            // The environment is free again.
            #expect(try world.allocate(4, in: instance) == 1024)
        }
        try world.replaceEnvironment(operandStack: 0)
        let instance = try world.instantiate(world.load(bump()))
        #expect(guestMemoryError { try world.allocate(4, in: instance) } == .trapped(.callStackExhausted))
        #expect(world.isSound)
    }

    @Test("exports of those names with other types, or only one of the two, are no allocator: the app heap is, if there is one")
    func otherTypes() throws {
        let world = try World(NoHost())
        func module(_ parameters: [Kind], _ results: [Kind], free: ([Kind], [Kind])? = ([.i32], [])) -> ModuleBuilder {
            var module = ModuleBuilder()
            module.memory(1)
            module.function(parameters, results, body: results.first == .i64 ? Code.i64(8) : results.isEmpty ? [] : Code.i32(8), export: "malloc")
            if let free { module.function(free.0, free.1, body: free.1.isEmpty ? [] : Code.i32(0), export: "free") }
            return module
        }
        var data = ModuleBuilder()
        data.memory(1)
        data.global(.i32, mutable: false, Code.i32(1), export: "malloc")
        data.export("free", .memory, 0)
        let modules = [
            module([.i64], [.i32]), module([.i32, .i32], [.i32]), module([], [.i32]), module([.i32], []), module([.i32], [.i64]), module([.i32], [.i32], free: ([], [])),
            module([.i32], [.i32], free: ([.i32], [.i32])), module([.i32], [.i32], free: ([.i64], [])), module([.i32], [.i32], free: nil), data,
        ]
        for (number, builder) in modules.enumerated() {
            let bare = try world.add(builder)
            #expect(guestMemoryError { try world.allocate(8, in: bare) } == .noAllocator, "\(number)")
            #expect(guestMemoryError { try world.free(8, in: bare) } == .noAllocator, "\(number)")
            let instance = try world.add(builder, configuration: InstanceConfiguration(appHeapBytes: 200))
            #expect(try world.allocate(8, in: instance) > 65_536, "\(number)")
        }
        var memoryless = ModuleBuilder()
        memoryless.function([.i32], [.i32], body: Code.i32(8), export: "malloc")
        memoryless.function([.i32], [], body: [], export: "free")
        let instance = try world.add(memoryless, configuration: InstanceConfiguration(appHeapBytes: 200))
        #expect(guestMemoryError { try world.allocate(8, in: instance) } == .noAllocator)
        #expect(throws: Trap.outOfBoundsMemoryAccess) { try world.read(0, 0, of: instance) }
        #expect(world.size(of: instance) == 0 && world.range(around: 0, of: instance) == nil)
        #expect(world.guestAddress(of: UnsafeRawPointer(world.everything.baseAddress!), 1, in: instance) == nil)
    }

    /// `__new` (size, class) gives 2000 + class and notes its size; `keep` and `release` note what they get.
    private func assemblyScript(_ keep: String?, _ release: String?, keeping: [UInt8]? = nil) -> ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(1)
        let size = module.global(.i32, mutable: true, Code.i32(0), export: "size")
        let kept = module.global(.i32, mutable: true, Code.i32(0), export: "kept")
        let released = module.global(.i32, mutable: true, Code.i32(0), export: "released")
        module.function([.i32, .i32], [.i32], body: Code.localGet(0) + Code.globalSet(size) + Code.localGet(1) + Code.i32(2000) + Code.i32Add, export: "__new")
        if let keep { module.function([.i32], [.i32], body: keeping ?? Code.localGet(0) + Code.globalSet(kept) + Code.localGet(0), export: keep) }
        if let release { module.function([.i32], [], body: Code.localGet(0) + Code.globalSet(released), export: release) }
        return module
    }

    @Test("AssemblyScript's __new, with __pin and __unpin or with __retain and __release", arguments: [("__pin", "__unpin"), ("__retain", "__release")])
    func assemblyScript(keep: String, release: String) throws {
        let world = try World(NoHost())
        let instance = try world.add(assemblyScript(keep, release))
        #expect(try world.allocate(33, in: instance) == 2000)
        #expect(try world.global("size", of: instance) == .i32(33) && world.global("kept", of: instance) == .i32(2000))
        #expect(try world.global("released", of: instance) == .i32(0))
        try world.free(2000, in: instance)
        #expect(try world.global("released", of: instance) == .i32(2000))
        let broken = try world.add(assemblyScript(keep, release, keeping: Code.unreachable))
        #expect(guestMemoryError { try world.allocate(33, in: broken) } == .trapped(.unreachable))
    }

    @Test("__new without its pair is no allocator", arguments: [(nil, nil), ("__pin", nil), (nil, "__unpin"), ("__pin", "__release"), ("__retain", "__unpin")] as [(String?, String?)])
    func halfAssemblyScript(keep: String?, release: String?) throws {
        let world = try World(NoHost())
        let bare = try world.add(assemblyScript(keep, release))
        #expect(guestMemoryError { try world.allocate(8, in: bare) } == .noAllocator)
        let instance = try world.add(assemblyScript(keep, release), configuration: InstanceConfiguration(appHeapBytes: 100))
        #expect(try world.allocate(8, in: instance) > 65_536)
    }

    @Test("a malloc that grows memory gives what lies in the new part; one that is imported from another instance is the module's all the same")
    func growingAndImported() throws {
        let world = try World(NoHost())
        let grown = try world.add(bump(malloc: Code.i32(1) + Code.memoryGrow + Code.i32(16) + [0x74]))
        #expect(try world.allocate(60_000, in: grown) == 65_536)
        try world.write([1], at: 125_000, of: grown)
        #expect(world.size(of: grown) == 131_072)
        let library = try world.add(bump())
        var user = ModuleBuilder()
        let malloc = user.importFunction("library", "malloc", [.i32], [.i32])
        let free = user.importFunction("library", "free", [.i32], [])
        user.memory(1)
        user.export("malloc", .function, malloc)
        user.export("free", .function, free)
        let instance = try world.add(user, links: [("library", library)])
        #expect(try world.allocate(8, in: instance) == 1024)
        try world.free(1024, in: instance)
        #expect(try world.global("freed", of: library) == .i32(1024))
    }

    @Test("views between calls: checked to the byte, committed whole or not at all, and what was never touched is zero")
    func views() throws {
        let roomy = try World(NoHost())
        var module = AppHeapTests.module()
        module.data(at: 1000, Array("hello".utf8))
        let instance = try roomy.add(module)
        #expect(try roomy.read(998, 8, of: instance) == [0, 0] + Array("hello".utf8) + [0])
        #expect(try roomy.read(65_535, 1, of: instance) == [0])
        #expect(try roomy.read(65_536, 0, of: instance) == [])
        for (address, count) in [(65_536, 1), (65_537, 0), (0, 65_537), (.max, 1), (1, .max), (0x8000_0000, 0x8000_0000)] as [(UInt32, UInt32)] {
            #expect(throws: Trap.outOfBoundsMemoryAccess) { try roomy.read(address, count, of: instance) }
        }
        let world = try World(NoHost(), pool: 32 << 10)
        let fresh = try world.add(AppHeapTests.module())
        let inUse = world.inUse
        #expect(throws: Trap.memoryExhausted) { try world.write(Array(repeating: 7, count: 60_000), at: 100, of: fresh) }
        #expect(world.inUse == inUse && world.shortage.need >= 60_000)
        try world.write([], at: 5000, of: fresh)
        #expect(world.inUse == inUse)
        try world.write([1, 2, 3], at: 5000, of: fresh)
        #expect(try world.call("load", of: fresh, .i32(4999)) == .i32(0x0302_0100))
    }

    @Test("addresses translate both ways, for ranges wholly inside, and for no others")
    func translation() throws {
        let world = try World(NoHost())
        let instance = try world.add(AppHeapTests.module(), configuration: InstanceConfiguration(appHeapBytes: 800))
        let other = try world.add(AppHeapTests.module(), configuration: InstanceConfiguration(appHeapBytes: 800))
        #expect(world.guestAddress(of: UnsafeRawPointer(world.everything.baseAddress!), 1, in: instance) == nil)
        try world.write([1], at: 20_000, of: instance)
        let low = world.runtime.engine.memory(of: instance)!.low
        let length = world.runtime.engine.memory(of: instance)!.length
        let window = try world.pointer(low, length, of: instance)
        let heap = try world.pointer(65_536, 800, of: instance)
        for (start, first, size) in [(window, low, length), (heap, 65_536, 800)] {
            for at in [0, 1, size / 2, size - 1] {
                #expect(world.guestAddress(of: start + Int(at), 1, in: instance) == first + at)
                #expect(world.guestAddress(of: start + Int(at), Int(size - at), in: instance) == first + at)
                #expect(world.guestAddress(of: start + Int(at), Int(size - at) + 1, in: instance) == nil)
                #expect(world.guestAddress(of: start + Int(at), .max, in: instance) == nil)
                #expect(world.guestAddress(of: start + Int(at), 1, in: other) == nil)
            }
            #expect(world.guestAddress(of: start, 0, in: instance) == nil)
            #expect(world.guestAddress(of: start, -1, in: instance) == nil)
            #expect(world.guestAddress(of: start - 1, 1, in: instance) == nil)
            #expect(world.guestAddress(of: start + Int(size), 1, in: instance) == nil)
        }
    }

    @Test("a host function allocates in its caller, in the app heap or by the guest's malloc, which runs above its caller")
    func insideAHostFunction() throws {
        func module(_ malloc: Bool) -> ModuleBuilder {
            var module = ModuleBuilder()
            let allocate = module.importFunction("env", "allocate", [.i32], [.i32])
            let free = module.importFunction("env", "release", [.i32])
            module.memory(1)
            module.function([.i32], [.i32], body: Code.localGet(0) + Code.call(allocate), export: "allocate")
            module.function([.i32], body: Code.localGet(0) + Code.call(free), export: "release")
            module.function([.i32], [.i32], body: Code.localGet(0) + Code.memory(Code.i32Load), export: "load")
            if malloc {
                module.function([.i32], [.i32], body: Code.i32(8), export: "malloc")
                module.function([.i32], [], body: [], export: "free")
            }
            return module
        }
        let world = try World(AllocatingHost())
        let instance = try world.add(module(false), configuration: InstanceConfiguration(appHeapBytes: 500))
        guard case .values(let values) = try world.call("allocate", of: instance, .i32(40)), case .i32(let address) = values[0] else {
            Issue.record()
            return
        }
        #expect(address > 65_536 && world.host.error == nil)
        // The host function wrote through its view, and looked its address up.
        #expect(try world.call("load", of: instance, .i32(address)) == .i32(0x0403_0201))
        #expect(world.host.address == address && world.host.range == 65_536..<66_036)
        #expect(try world.call("allocate", of: instance, .i32(4000)) == .trap(.host) && world.host.error == .exhausted)
        #expect(try world.call("release", of: instance, .i32(address + 8)) == .trap(.host) && world.host.error == .notAllocated)
        #expect(try world.call("release", of: instance, .i32(address)) == .nothing)
        #expect(try world.call("release", of: instance, .i32(address)) == .trap(.host) && world.host.error == .doubleFree)
        #expect(try world.call("release", of: instance, .i32(0)) == .nothing)
        let libc = try world.add(module(true), configuration: InstanceConfiguration(appHeapBytes: 500))
        #expect(try world.call("allocate", of: libc, .i32(40)) == .i32(8) && world.host.error == nil)
        #expect(try world.call("load", of: libc, .i32(8)) == .i32(0x0403_0201))
        #expect(try world.call("release", of: libc, .i32(8)) == .nothing && world.host.error == nil)
        let bare = try world.add(module(false))
        #expect(try world.call("allocate", of: bare, .i32(40)) == .trap(.host) && world.host.error == .noAllocator)
        var exporting = ModuleBuilder()
        exporting.export("allocate", .function, exporting.importFunction("env", "allocate", [.i32], [.i32]))
        #expect(try world.call("allocate", of: world.add(exporting), .i32(40)) == .trap(.host) && world.host.error == .noAllocator)
    }

    @Test("each error says what to do")
    func words() {
        let errors: [GuestMemoryError] = [.noAllocator, .exhausted, .trapped(.unreachable), .outOfFuel, .outOfBounds, .notAllocated, .doubleFree, .corrupt, .stopped, .awaiting, .nativeStackExhausted]
        let lines = Set(errors.map { "\($0.words)" })
        #expect(lines.count == errors.count && lines.allSatisfy { $0.contains(": ") && $0.contains(" guest") })
        #expect(MemoryLayout<GuestMemoryError>.size <= 12)
    }
}

/// A host whose functions allocate and free in the guest that calls them.
struct AllocatingHost: Host {
    var error: GuestMemoryError?
    var address: UInt32?
    var range: Range<UInt64>?

    static var functionCount: Int { 2 }
    static func function(_ index: Int) -> HostFunction {
        index == 0 ? HostFunction("env", "allocate") { unsafe answer($0, AllocatingHost.allocate) } : HostFunction("env", "release") { unsafe answer($0, AllocatingHost.release) }
    }

    static func allocate(_ h: inout AllocatingHost, _ c: inout Caller, _ count: UInt32) throws(Trap) -> UInt32 {
        h.error = nil
        do {
            let address = try c.allocateGuestMemory(count, host: &h)
            var bytes = try c.mutableBytes(at: address, count: count)
            for i in 0..<bytes.byteCount { bytes.storeBytes(of: UInt8(truncatingIfNeeded: i + 1), toByteOffset: i, as: UInt8.self) }
            let place = bytes.withUnsafeMutableBytes { UnsafeRawPointer($0.baseAddress!) }
            h.address = c.guestAddress(of: place, count: Int(count))
            h.range = c.guestRange(around: address)
            return address
        } catch {
            h.error = error as? GuestMemoryError
            throw .host
        }
    }
    static func release(_ h: inout AllocatingHost, _ c: inout Caller, _ address: UInt32) throws(Trap) {
        h.error = nil
        do throws(GuestMemoryError) { try c.freeGuestMemory(address, host: &h) } catch {
            h.error = error
            throw .host
        }
    }
}
