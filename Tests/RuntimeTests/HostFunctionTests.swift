// Host functions: every arity and type, traps, signatures, and calls that reach them by other ways than an import.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

/// Arguments of the types that `n8` takes, in its order.
private let kinds: [Kind] = [.i32, .i64, .f32, .f64, .externref, .i32, .i64, .externref]
private let values: [Value] = [
    .i32(-1), .i64(-2), .f32(1.5), .f64(-0.25), .externref(Reference(external: 9)), .i32(0xffff_fffe), .i64(Int.max), .externref(Reference(external: 0)),
]
private let texts = ["-1", "-2", "1.5", "-0.25", "9", "4294967294", "9223372036854775807", "0"]

@Suite struct HostFunctionTests {
    /// A module that calls an import with its own parameters, directly and through a table.
    private func forwarding(_ name: String, _ parameters: [Kind], _ results: [Kind]) -> ModuleBuilder {
        var module = ModuleBuilder()
        let function = module.importFunction("env", name, parameters, results)
        let arguments = parameters.indices.flatMap { Code.localGet($0) }
        module.function(parameters, results, body: arguments + Code.call(function), export: "direct")
        module.table(1)
        module.elements(at: 0, [function])
        module.function(
            parameters, results, body: arguments + Code.i32(0) + Code.callIndirect(module.type(parameters, results)), export: "indirect")
        module.export("itself", .function, function)
        return module
    }

    @Test("functions of 0 to 8 parameters without a result get them, whichever way they are called", arguments: 0...8)
    func withoutResult(arity: Int) throws {
        let world = try World(TestHost())
        let instance = try world.add(forwarding("n\(arity)", Array(kinds[..<arity]), []))
        for name in ["direct", "indirect", "itself"] {
            world.host.log = []
            #expect(world.call(try world.function(name, of: instance), Array(values[..<arity])) == .nothing)
            #expect(world.host.log == [arity == 0 ? "n0" : texts[..<arity].joined(separator: " ")], "\(name)")
        }
    }

    @Test("functions of 0 to 8 parameters with a result give it", arguments: 0...8)
    func withResult(arity: Int) throws {
        let world = try World(TestHost())
        let kinds = Array(repeating: Kind.i64, count: arity)
        let instance = try world.add(forwarding("r\(arity)", kinds, [arity == 0 ? .i32 : .i64]))
        let number = (1...8).prefix(arity).reduce(0) { $0 * 10 + $1 }
        for name in ["direct", "indirect", "itself"] {
            let ending = world.call(try world.function(name, of: instance), (0..<arity).map { Value.i64($0 + 1) })
            #expect(ending == .values([arity == 0 ? .i32(7) : .i64(number)]), "\(name)")
        }
    }

    @Test(
        "every value type passes unchanged through a host function, bit for bit",
        arguments: [
            ("i32", .i32, [.i32(0), .i32(-1), .i32(Int(Int32.min))]), ("u32", .i32, [.i32(0xffff_ffff), .i32(0x8000_0000)]),
            ("i64", .i64, [.i64(Int.min), .i64(-1), .i64(0x1_0000_0000)]), ("u64", .i64, [.i64(-1), .i64(0x1234_5678_9abc_def0)]),
            ("f32", .f32, [.f32(-0.0), .f32(0x7fc1_2345 as UInt32), .f32(.infinity)]),
            ("f64", .f64, [.f64(-0.0), .f64(0x7ff8_1234_5678_9abc as UInt64), .f64(Double.leastNonzeroMagnitude)]),
            ("externref", .externref, [.externref(.null), .externref(Reference(external: 0)), .externref(Reference(external: Reference.externalNumberLimit))]),
        ] as [(String, Kind, [Value])])
    func types(name: String, kind: Kind, values: [Value]) throws {
        let world = try World(TestHost())
        let instance = try world.add(forwarding(name, [kind], [kind]))
        for value in values {
            for export in ["direct", "indirect", "itself"] {
                #expect(world.call(try world.function(export, of: instance), [value]) == .values([value]), "\(export)")
            }
        }
    }

    @Test("references among numbers keep their places, and a reference is made where none was passed")
    func references() throws {
        let world = try World(TestHost())
        let instance = try world.add(forwarding("mixed", [.externref, .f64, .externref, .i32], [.externref]))
        let (first, second) = (Value.externref(Reference(external: 1)), Value.externref(Reference(external: 2)))
        for name in ["direct", "indirect", "itself"] {
            let function = try world.function(name, of: instance)
            #expect(world.call(function, [first, .f64(0.5), second, .i32(0)]) == .values([first]))
            #expect(world.call(function, [first, .f64(0.5), second, .i32(1)]) == .values([second]))
        }
        #expect(world.host.log == Array(repeating: ["1 0.5 2 0", "1 0.5 2 1"], count: 3).flatMap { $0 })
        let maker = try world.add(forwarding("new_reference", [], [.externref]))
        #expect(try world.call("direct", of: maker) == .values([.externref(Reference(external: 41))]))
        #expect(try world.call("itself", of: maker) == .values([.externref(Reference(external: 41))]))
    }

    @Test("a host function's trap ends the run at the call; the next call works")
    func traps() throws {
        let world = try World(TestHost())
        var module = ModuleBuilder()
        let trap = module.importFunction("env", "trap", [.i32], [.i32])
        module.function([.i32], [.i32], body: Code.i32(1) + Code.localGet(0) + Code.call(trap) + Code.i32Add, export: "f")
        module.export("itself", .function, trap)
        let bytes = module.bytes
        let instance = try world.add(module)
        for expected in [Trap.host, .unreachable, .memoryExhausted, .outOfBoundsMemoryAccess, .stopped] {
            #expect(try world.call("f", of: instance, .i32(Int(expected.rawValue))) == .trap(expected))
            let (frame, offset) = try #require(world.innermost)
            #expect(frame.function == 1 && frame.instance == instance)
            #expect(try bytes[Int(#require(offset))] == 0x10)
            #expect(try world.call("itself", of: instance, .i32(Int(expected.rawValue))) == .trap(expected))
            #expect(world.innermost == nil)
        }
        #expect(try world.call("f", of: instance, .i32(0)) == .i32(1))
        #expect(world.innermost == nil)
    }

    @Test("an import whose signature differs in any part is refused, and nothing remains")
    func mismatch() throws {
        let world = try World(TestHost())
        let inUse = world.inUse
        let wrong: [([Kind], [Kind])] = [
            ([.i32, .i64, .f32], [.i32]), ([.i32, .i64], []), ([.i32, .i64, .f32, .f32], []), ([.i32, .i64, .f64], []), ([.i64, .i64, .f32], []),
            ([.i32, .i64, .externref], []), ([], []),
        ]
        for (parameters, results) in wrong {
            var module = ModuleBuilder()
            _ = module.importFunction("env", "n3", parameters, results)
            let loaded = try world.load(module)
            #expect(reason { try world.instantiate(loaded) } == .functionTypeMismatch)
            #expect(world.unload(loaded))
            #expect(world.inUse == inUse)
        }
        var module = ModuleBuilder()
        _ = module.importFunction("env", "externref", [.funcref], [.externref])
        #expect(reason { try world.add(module) } == .functionTypeMismatch)
    }

    @Test("an import that nobody offers, or another kind of thing, is told at its place")
    func missing() throws {
        let world = try World(TestHost())
        var module = ModuleBuilder()
        _ = module.importFunction("env", "n0", [])
        _ = module.importFunction("env", "n00", [])
        let bytes = module.bytes
        let error = try #require(loadError { try world.add(module) })
        #expect(error.reason == .unknownImport && error.phase == .unlinkable)
        #expect(Array(bytes[Int(error.offset)...].prefix(8)) == text("env") + text("n00"))
        var other = ModuleBuilder()
        _ = other.importGlobal("env", "n0", .i32, mutable: false)
        #expect(reason { try world.add(other) } == .importKindMismatch)
    }

    @Test("an indirect call of a host function checks its type")
    func indirectType() throws {
        let world = try World(TestHost())
        var module = ModuleBuilder()
        let function = module.importFunction("env", "n1", [.i32])
        module.table(2)
        module.elements(at: 0, [function])
        module.function([], [], body: Code.i64(1) + Code.i32(0) + Code.callIndirect(module.type([.i64])), export: "wrong")
        module.function([], [], body: Code.i32(1) + Code.i32(1) + Code.callIndirect(module.type([.i32])), export: "null")
        module.function([], [], body: Code.i32(1) + Code.i32(2) + Code.callIndirect(module.type([.i32])), export: "outside")
        let instance = try world.add(module)
        #expect(try world.call("wrong", of: instance) == .trap(.indirectCallTypeMismatch))
        #expect(try world.call("null", of: instance) == .trap(.uninitializedElement))
        #expect(try world.call("outside", of: instance) == .trap(.undefinedElement))
        #expect(world.host.log.isEmpty)
    }

    @Test("a host function that no guest calls sees no guest: the embedder's call, a start function that is imported")
    func withoutGuest() throws {
        let world = try World(TestHost())
        var module = ModuleBuilder()
        let read = module.importFunction("env", "read", [.i32, .i32])
        let write = module.importFunction("env", "write", [.i32, .i32])
        let size = module.importFunction("env", "memory_size", [], [.i64])
        let who = module.importFunction("env", "who", [])
        module.memory(1, export: "memory")
        for (name, function) in [("read", read), ("write", write), ("size", size), ("who", who)] { module.export(name, .function, function) }
        module.start = who
        let instance = try world.add(module)
        #expect(world.host.caller == .none)
        // Arguments are the cells that an instance's header would be taken for.
        for address in [0, 1, 2, 8, 16, 64, 1000, 0xffff_ffff] {
            for name in ["read", "write"] {
                #expect(try world.call(name, of: instance, .i32(address), .i32(4)) == .trap(.outOfBoundsMemoryAccess))
                #expect(try world.call(name, of: instance, .i32(address), .i32(0)) == .trap(.outOfBoundsMemoryAccess))
            }
            #expect(try world.call("size", of: instance) == .values([.i64(0)]))
        }
        #expect(try world.call("who", of: instance) == .nothing && world.host.caller == .none)
    }
}
