// The limits of docs/LIMITS.md that more than loading decides: of a runtime, of what it makes, and those that others come before.
//
// How many modules and instances there are at a time: LifetimeTests.

import ModuleBuilder
import Testing

@testable import MemoryPool
@testable import Runtime
@testable import Translator
@testable import WasmFormat

@Suite(.serialized) struct RuntimeLimitsTests {
    private func load(_ module: ModuleBuilder) throws -> LoadError? {
        let world = try World(NoHost(), pool: 1 << 20)
        return loadError { _ = world.unload(try world.load(module)) }
    }

    @Test("one memory, own or imported; two are invalid")
    func memories() throws {
        for imported in [false, true] {
            for count in [1, 2] {
                var module = ModuleBuilder()
                if imported { module.importMemory("m", "m", 1) }
                for _ in (imported ? 1 : 0)..<count { module.memory(1) }
                let error = try load(module)
                #expect(error?.reason == (count == 1 ? nil : .multipleMemories) && error?.phase == (count == 1 ? nil : .invalid))
            }
        }
    }

    @Test("65,535 locals are more cells than a frame has; one more is too many to count")
    func locals() throws {
        for (count, reason, detail) in [(65_535, LoadError.Reason.tooManyCells, 32_767), (65_536, .tooManyLocals, 65_535)] {
            for parameters in [0, 3] {
                var module = ModuleBuilder()
                module.function(Array(repeating: .i32, count: parameters), locals: [(count - parameters, .i32)], body: [])
                let error = try load(module)
                #expect(error?.reason == reason && error?.phase == .exhausted && error?.detail == UInt16(detail), "\(String(describing: error))")
            }
        }
    }

    @Test("a wide frame's parameters and operand stack have 255 cells at most")
    func wideFrame() throws {
        for (parameters, operands) in [(120, 135), (240, 15), (15, 240)] {
            for more in [0, 1] where operands + more <= 240 || parameters == 15 {
                var module = ModuleBuilder()
                let pushed = operands + (parameters == 15 ? 0 : more)
                let count = parameters + (parameters == 15 ? more : 0)
                let body = Array(repeatElement(Code.localGet(0), count: pushed).joined()) + Array(repeating: 0x6a, count: pushed - 1)
                module.function(Array(repeating: .i32, count: count), [.i32], locals: [(300, .i32)], body: body + Code.localGet(count + 299) + Code.i32Add)
                module.function([], [.i32], body: Array(repeatElement(Code.i32(2), count: count).joined()) + Code.call(0), export: "f")
                let world = try World(NoHost())
                let error = loadError { _ = try world.load(module) }
                #expect(error?.reason == (more == 0 ? nil : .tooManyCells) && error?.detail == (more == 0 ? nil : 255), "\(parameters), \(operands), \(more): \(String(describing: error))")
                if error == nil { #expect(try world.call("f", of: world.add(module)) == .i32(Int32(2 * pushed))) }
            }
        }
    }

    @Test("the bytes of a constant expression: 1,024, wherever it stands")
    func constantExpressionLength() throws {
        // Adds 1 so often that its `end` is the byte that is asked for; each step has three bytes.
        func expression(_ bytes: Int) -> [UInt8] {
            let steps = (bytes - 3) / 3
            // A first number of more bytes where the steps do not come out even.
            let first: [UInt8] = [[0x41, 1], [0x41, 0x81, 0], [0x41, 0x81, 0x80, 0]][(bytes - 3) % 3]
            return first + Array(repeatElement([0x41, 1, 0x6a] as [UInt8], count: steps).joined())
        }
        #expect(expression(1_024).count == 1_023 && expression(1_025).count == 1_024)
        for place in 0..<4 {
            for length in [1_024, 1_025] {
                var module = ModuleBuilder()
                module.memory(1)
                module.table(1_000)
                switch place {
                case 0: module.global(.i32, mutable: false, expression(length), export: "g")
                case 1: module.data.append([0] + expression(length) + [0x0b, 1, 7])
                case 2: module.elements.append([0] + expression(length) + [0x0b, 0])
                default: module.elements.append([4, 0x41, 0, 0x0b, 1] + expression(length) + [0x0b])
                }
                let error = try load(module)
                guard length == 1_025 else {
                    // As an element it has the wrong type, which is found once it has been read.
                    #expect(error?.reason == (place == 3 ? .typeMismatch : nil), "\(place)")
                    continue
                }
                #expect(error?.reason == .constantExpressionTooLong && error?.phase == .exhausted && error?.detail == 1_024, "\(place)")
            }
        }
    }

    @Test("a pool has 48 bytes to 256 MB, behind the table of regions")
    func pool() throws {
        let table = Int(RegionTable.bytes(entries: 1 + Configuration().maximumModules))
        let most = table + (256 << 20)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: most + 8, alignment: 4096)
        defer { buffer.deallocate() }
        for (bytes, isPool) in [(table + 40, false), (table + 48, true), (most, true), (most + 8, false)] {
            let error = loadError { _ = try Runtime<NoHost>(buffer: UnsafeMutableRawBufferPointer(rebasing: buffer[..<bytes])).pool.size }
            #expect(error?.reason == (isPool ? nil : .noMemory), "\(bytes)")
        }
    }

    @Test("a table is as large as the pool lets it, which has 256 MB at most; beyond, it is refused and grows no further")
    func table() throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        for (size, fits) in [(67_100_000, true), (67_108_864, false), (67_108_865, false), (0xffff_ffff, false)] {
            var module = ModuleBuilder()
            module.table(size)
            module.function([.i32], [.i32], body: Code.refNull(.funcref) + Code.localGet(0) + Code.tableGrow(0), export: "grow")
            module.function([], [.i32], body: Code.tableSize(0), export: "size")
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: module.bytes.count, alignment: 8)
            defer { bytes.deallocate() }
            bytes.copyBytes(from: module.bytes)
            var runtime = try Runtime<NoHost>(buffer: buffer)
            var host = NoHost()
            let environment = try runtime.makeExecutionEnvironment(operandStackBytes: 1024)
            let loaded = try runtime.load(UnsafeRawBufferPointer(bytes))
            let instance: Instance
            do {
                instance = try runtime.instantiate(loaded, links: [Link]().span, in: environment, host: &host)
            } catch {
                let shortage = runtime.shortage
                guard case .load(let error) = error else { throw error }
                #expect(!fits && error.reason == .noMemory && shortage.need >= 256 << 20, "\(error) \(shortage)")
                continue
            }
            #expect(fits)
            func call(_ name: String, _ arguments: [Value]) -> Value? {
                guard case .function(let function) = runtime.export(Array(name.utf8).span, of: instance),
                      case .finished = runtime.call(function, arguments.span, in: environment, host: &host) else { return nil }
                return runtime.result(0, of: function, in: environment)
            }
            for (delta, old) in [(8_864, 0xffff_ffff), (8_865, 0xffff_ffff), (Int(UInt32.max), 0xffff_ffff), (0, 67_100_000)] { #expect(call("grow", [.i32(delta)]) == .i32(old)) }
            #expect(call("size", []) == .i32(67_100_000))
        }
    }

    @Test("a memory is declared with 4 GB at most; what lies between its touched bytes is never more than 256 MB")
    func memory() throws {
        var module = ModuleBuilder()
        module.memory(65_537)
        #expect(try load(module)?.reason == .memorySizeTooLarge)
        module.memories = []
        module.memory(65_536)
        module.function([.i32], body: Code.localGet(0) + Code.i32(7) + Code.memory(Code.i32Store8), export: "store")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.memory(Code.i32Load8U), export: "load")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.memoryGrow, export: "grow")
        let world = try World(NoHost(), pool: 1 << 20)
        let instance = try world.add(module)
        #expect(try world.call("store", of: instance, .i32(0xffff_ffff)) == .nothing && world.call("load", of: instance, .i32(0xffff_ffff)) == .i32(7))
        #expect(try world.call("load", of: instance, .i32(0)) == .i32(0) && world.call("grow", of: instance, .i32(1)) == .i32(-1))
        // What is between the two is needed, and no pool is that large.
        #expect(try world.call("store", of: instance, .i32(0xf000_0000)) == .trap(.memoryExhausted) && (0x1000_0000...0x1000_0400).contains(world.shortage.need))
        #expect(try world.call("store", of: instance, .i32(0xffe0_0000)) == .trap(.memoryExhausted) && (0x20_0000...0x20_0400).contains(world.shortage.need))
        #expect(try world.call("load", of: instance, .i32(0xffff_ffff)) == .i32(7) && world.isSound)
    }
}
