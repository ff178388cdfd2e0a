// Instances that are linked: functions, tables, memories and globals of one in another, and calls that go back and forth.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

@Suite struct LinkTests {
    /// Exports one function of each type, `add_…`, each adding its two parameters; references are passed on.
    private func library() -> ModuleBuilder {
        var module = ModuleBuilder()
        let sum = Code.localGet(0) + Code.localGet(1)
        module.function([.i32, .i32], [.i32], body: sum + Code.i32Add, export: "i32")
        module.function([.i64, .i64], [.i64], body: sum + Code.i64Add, export: "i64")
        module.function([.f32, .f32], [.f32], body: sum + Code.f32Add, export: "f32")
        module.function([.f64, .f64], [.f64], body: sum + Code.f64Add, export: "f64")
        module.function([.externref, .externref], [.externref, .externref], body: Code.localGet(1) + Code.localGet(0), export: "externref")
        module.function([.i32, .externref, .i64, .funcref, .f64], [.f64, .funcref, .i64, .externref, .i32],
                        body: [4, 3, 2, 1, 0].flatMap { Code.localGet($0) }, export: "mixed")
        return module
    }

    private let cases: [(String, [Kind], [Kind], [Value], [Value])] = [
        ("i32", [.i32, .i32], [.i32], [.i32(40), .i32(2)], [.i32(42)]),
        ("i64", [.i64, .i64], [.i64], [.i64(0x1_0000_0001), .i64(-1)], [.i64(0x1_0000_0000)]),
        ("f32", [.f32, .f32], [.f32], [.f32(1.5), .f32(2.0)], [.f32(3.5)]),
        ("f64", [.f64, .f64], [.f64], [.f64(0.1), .f64(0.2)], [.f64(0.1 + 0.2)]),
        ("externref", [.externref, .externref], [.externref, .externref],
         [.externref(Reference(external: 1)), .externref(Reference(external: 2))], [.externref(Reference(external: 2)), .externref(Reference(external: 1))]),
        ("mixed", [.i32, .externref, .i64, .funcref, .f64], [.f64, .funcref, .i64, .externref, .i32],
         [.i32(1), .externref(Reference(external: 7)), .i64(-3), .funcref(.null), .f64(2.5)],
         [.f64(2.5), .funcref(.null), .i64(-3), .externref(Reference(external: 7)), .i32(1)]),
    ]

    @Test("functions of another instance take and give every type: called directly, through a table, through a second table, exported again")
    func functions() throws {
        let world = try World(NoHost())
        let a = try world.add(library())
        for (name, parameters, results, arguments, expected) in cases {
            var module = ModuleBuilder()
            let function = module.importFunction("a", name, parameters, results)
            let type = module.type(parameters, results)
            let pass = parameters.indices.flatMap { Code.localGet($0) }
            module.table(1)
            module.table(4)
            module.elements(at: 0, [function])
            module.elements.append([2, 1] + Code.i32(3) + [0x0b, 0] + leb(1) + leb(function))
            module.function(parameters, results, body: pass + Code.call(function), export: "direct")
            module.function(parameters, results, body: pass + Code.i32(0) + Code.callIndirect(type), export: "table")
            module.function(parameters, results, body: pass + Code.i32(3) + Code.callIndirect(type, table: 1), export: "second")
            module.export("again", .function, function)
            let b = try world.add(module, links: [("a", a)])
            for export in ["direct", "table", "second", "again"] {
                #expect(world.call(try world.function(export, of: b), arguments) == .values(expected), "\(name) \(export)")
            }
            #expect(world.tearDown(b))
        }
    }

    /// A pair of instances that call each other: A exports a table whose first entry B fills with its own function.
    private func pair(_ world: World<TestHost>) throws -> (a: Instance, b: Instance) {
        let parameters: [Kind] = [.i32, .i64, .f64, .externref]
        let results: [Kind] = [.externref, .f64, .i64, .i32]
        var a = ModuleBuilder()
        let type = a.type(parameters, results)
        a.table(2, export: "table")
        // ping(n, …): n == 0 ? … : table[0](n − 1, i64 + 1, f64 + 0.5, ref), and back: i32 result + 1.
        let reversed = [3, 2, 1, 0].flatMap { Code.localGet($0) }
        let step = Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.localGet(1) + Code.i64(1) + Code.i64Add + Code.localGet(2) + Code.f64(0.5) + Code.f64Add + Code.localGet(3)
        a.function(parameters, results,
                   body: Code.localGet(0) + Code.i32Eqz + [0x04, 0x40] + reversed + Code.return + [0x0b] + step + Code.i32(0) + Code.callIndirect(type) + Code.i32(1) + Code.i32Add,
                   export: "ping")
        let ia = try world.add(a)
        var b = ModuleBuilder()
        let ping = b.importFunction("a", "ping", parameters, results)
        _ = b.importTable("a", "table", 1)
        let pong = b.function(
            parameters, results,
            body: Code.localGet(0) + Code.i32Eqz + [0x04, 0x40] + reversed + Code.return + [0x0b] + step + Code.call(ping) + Code.i32(1) + Code.i32Add, export: "pong")
        b.elements(at: 0, [pong])
        return (ia, try world.add(b, links: [("a", ia)]))
    }

    @Test("calls go from A to B to A and back, 0 to 40 deep, with every kind of value")
    func chains() throws {
        let world = try World(TestHost())
        let (a, b) = try pair(world)
        let reference = Value.externref(Reference(external: 77))
        for depth in [0, 1, 2, 3, 10, 40] {
            let expected: [Value] = [reference, .f64(Double(depth) * 0.5), .i64(depth), .i32(depth)]
            #expect(try world.call("ping", of: a, .i32(depth), .i64(0), .f64(0.0), reference) == .values(expected))
            #expect(try world.call("pong", of: b, .i32(depth), .i64(0), .f64(0.0), reference) == .values(expected))
        }
    }

    @Test("with every size of operand stack a chain of calls gives the right result or traps, and writes nothing outside its block")
    func chainStacks() throws {
        let world = try World(TestHost(), pool: 1 << 16)
        let (a, _) = try pair(world)
        let reference = Value.externref(Reference(external: 77))
        var succeeded = false
        for bytes in stride(from: UInt32(0), through: 1600, by: 4) {
            try world.replaceEnvironment(operandStack: bytes)
            let before = world.blocksAround()
            let ending = try world.call("ping", of: a, .i32(6), .i64(0), .f64(0.0), reference)
            if case .values = ending {
                succeeded = true
                #expect(ending == .values([reference, .f64(3.0), .i64(6), .i32(6)]), "\(bytes)")
            } else {
                #expect(ending == Ending.trap(.callStackExhausted) && !succeeded, "\(bytes)")
            }
            #expect(world.blocksAround() == before, "\(bytes)")
        }
        #expect(succeeded)
    }

    @Test("a trap deep in a chain of instances names the instance, the function and the instruction")
    func trapInside() throws {
        let world = try World(TestHost())
        var c = ModuleBuilder()
        c.function([], [], body: [0x01], export: "fine")
        c.function([.i32], [.i32], body: Code.i32(100) + Code.localGet(0) + [0x6d], export: "divide")
        let bytes = c.bytes
        let ic = try world.add(c)
        var b = ModuleBuilder()
        let divide = b.importFunction("c", "divide", [.i32], [.i32])
        b.table(1)
        b.elements(at: 0, [divide])
        b.function([.i32], [.i32], body: Code.localGet(0) + Code.call(divide), export: "direct")
        b.function([.i32], [.i32], body: Code.localGet(0) + Code.i32(0) + Code.callIndirect(b.type([.i32], [.i32])), export: "table")
        b.function([.i32], [.i32], body: Code.localGet(0) + Code.i32(1) + Code.callIndirect(b.type([.i32], [.i32])), export: "outside")
        let ib = try world.add(b, links: [("c", ic)])
        var a = ModuleBuilder()
        for name in ["direct", "table", "outside"] {
            let import_ = a.importFunction("b", name, [.i32], [.i32])
            precondition(import_ < 3)
        }
        for (i, name) in ["direct", "table", "outside"].enumerated() { a.function([.i32], [.i32], body: Code.localGet(0) + Code.call(i), export: name) }
        let ia = try world.add(a, links: [("b", ib)])
        let place = try #require(bytes.firstIndex(of: 0x6d, after: bytes.count - 8))
        for name in ["direct", "table"] {
            #expect(try world.call(name, of: ia, .i32(7)) == .i32(14))
            #expect(try world.call(name, of: ia, .i32(0)) == .trap(.integerDivideByZero))
            let (frame, offset) = try #require(world.innermost)
            #expect(frame.instance == ic && frame.function == 1 && offset == UInt32(place))
        }
        #expect(try world.call("outside", of: ia, .i32(0)) == .trap(.undefinedElement))
        let frame = try #require(world.innermost).frame
        #expect(frame.instance == ib && frame.function == 3)
        #expect(try world.call("direct", of: ia, .i32(7)) == .i32(14))
    }

    @Test("a memory is shared both ways: stores, growth, and what lies in it from segments of both")
    func memories() throws {
        let world = try World(NoHost())
        func access(_ module: inout ModuleBuilder) {
            module.function([.i32, .i32], [], body: Code.localGet(0) + Code.localGet(1) + Code.memory(Code.i32Store), export: "store")
            module.function([.i32], [.i32], body: Code.localGet(0) + Code.memory(Code.i32Load), export: "load")
            module.function([.i32], [.i32], body: Code.localGet(0) + Code.memoryGrow, export: "grow")
            module.function([], [.i32], body: Code.memorySize, export: "size")
        }
        var owner = ModuleBuilder()
        owner.memory(1, 3, export: "memory")
        access(&owner)
        owner.data(at: 16, [1, 0, 0, 0])
        let a = try world.add(owner)
        var user = ModuleBuilder()
        user.importMemory("a", "memory", 1, 3)
        access(&user)
        user.data(at: 20, [2, 0, 0, 0])
        user.export("again", .memory, 0)
        let b = try world.add(user, links: [("a", a)])
        var third = ModuleBuilder()
        third.importMemory("b", "again", 1)
        let bStore = third.importFunction("b", "store", [.i32, .i32])
        access(&third)
        // Stores through b far away, so that the window moves while this function runs, then loads here.
        third.function([], [.i32], body: Code.i32(70_000) + Code.i32(99) + Code.call(bStore - 0) + Code.i32(70_000) + Code.memory(Code.i32Load) + Code.i32(16) + Code.memory(Code.i32Load) + Code.i32Add, export: "through")
        let c = try world.add(third, links: [("b", b)])
        #expect(try world.call("load", of: b, .i32(16)) == .i32(1) && world.call("load", of: a, .i32(20)) == .i32(2) && world.call("load", of: c, .i32(20)) == .i32(2))
        #expect(try world.call("store", of: c, .i32(40_000), .i32(5)) == .nothing && world.call("load", of: a, .i32(40_000)) == .i32(5))
        #expect(try world.call("grow", of: b, .i32(1)) == .i32(1))
        for instance in [a, b, c] { #expect(try world.call("size", of: instance) == .i32(2)) }
        #expect(try world.call("through", of: c) == .i32(100))
        #expect(try world.call("grow", of: c, .i32(2)) == .i32(-1) && world.call("grow", of: a, .i32(1)) == .i32(2))
        #expect(try world.call("load", of: b, .i32(3 * 65_536 - 4)) == .i32(0))
        #expect(try world.call("load", of: b, .i32(3 * 65_536 - 3)) == .trap(.outOfBoundsMemoryAccess))
    }

    @Test("mutable globals of every type are shared both ways, also exported again")
    func globals() throws {
        let world = try World(NoHost())
        let values: [(Kind, [UInt8], Value, Value)] = [
            (.i32, Code.i32(1), .i32(1), .i32(-5)), (.i64, Code.i64(1 << 40), .i64(1 << 40), .i64(-5)), (.f32, Code.f32(1.5), .f32(1.5), .f32(-0.0)),
            (.f64, Code.f64(2.5), .f64(2.5), .f64(1e300)), (.externref, Code.refNull(.externref), .externref(.null), .externref(Reference(external: 4))),
        ]
        var owner = ModuleBuilder()
        for (kind, initial, _, _) in values {
            let global = owner.global(kind, mutable: true, initial, export: "g\(kind)")
            owner.function([kind], body: Code.localGet(0) + Code.globalSet(global), export: "set\(kind)")
            owner.function([], [kind], body: Code.globalGet(global), export: "get\(kind)")
        }
        let a = try world.add(owner)
        func user(_ from: String) -> ModuleBuilder {
            var user = ModuleBuilder()
            for (kind, _, _, _) in values { user.export("g\(kind)", .global, user.importGlobal(from, "g\(kind)", kind, mutable: true)) }
            for (i, value) in values.enumerated() {
                user.function([value.0], body: Code.localGet(0) + Code.globalSet(i), export: "set\(value.0)")
                user.function([], [value.0], body: Code.globalGet(i), export: "get\(value.0)")
            }
            return user
        }
        let b = try world.add(user("a"), links: [("a", a)])
        let c = try world.add(user("b"), links: [("b", b)])
        for (kind, _, initial, other) in values {
            for (writer, value) in [(c, other), (a, initial), (b, other)] {
                #expect(try world.call("set\(kind)", of: writer, value) == .nothing)
                for reader in [a, b, c] {
                    #expect(try world.call("get\(kind)", of: reader) == .values([value]))
                    #expect(try world.global("g\(kind)", of: reader) == value)
                }
            }
        }
        #expect(!world.tearDown(a) && reason { try world.add(user("a"), links: [("b", a)]) } == .unknownImport)
    }

    @Test("a table is shared both ways: entries set, growth, calls of functions that others put there")
    func tables() throws {
        let world = try World(NoHost())
        var owner = ModuleBuilder()
        owner.table(2, 10, export: "table")
        let seven = owner.function([], [.i32], body: Code.i32(7), export: "seven")
        owner.elements(at: 0, [seven])
        owner.function([.i32], [.i32], body: Code.localGet(0) + Code.callIndirect(owner.type([], [.i32])), export: "call")
        owner.function([], [.i32], body: Code.tableSize(0), export: "size")
        let a = try world.add(owner)
        var user = ModuleBuilder()
        _ = user.importTable("a", "table", 1)
        let eight = user.function([], [.i32], body: Code.i32(8), export: "eight")
        user.elements(at: 1, [eight])
        user.function([.i32], [.i32], body: Code.localGet(0) + Code.callIndirect(user.type([], [.i32])), export: "call")
        user.function([.i32], [.i32], body: Code.refFunc(eight) + Code.localGet(0) + Code.tableGrow(0), export: "grow")
        user.function([.i32], [], body: Code.localGet(0) + Code.refNull(.funcref) + Code.tableSet(0), export: "clear")
        let b = try world.add(user, links: [("a", a)])
        for instance in [a, b] { #expect(try world.call("call", of: instance, .i32(0)) == .i32(7) && world.call("call", of: instance, .i32(1)) == .i32(8)) }
        #expect(try world.call("call", of: a, .i32(2)) == .trap(.undefinedElement))
        #expect(try world.call("grow", of: b, .i32(5)) == .i32(2) && world.call("size", of: a) == .i32(7))
        #expect(try world.call("call", of: a, .i32(6)) == .i32(8) && world.call("call", of: a, .i32(7)) == .trap(.undefinedElement))
        #expect(try world.call("grow", of: b, .i32(4)) == .i32(-1) && world.call("size", of: a) == .i32(7))
        #expect(try world.call("clear", of: b, .i32(0)) == .nothing && world.call("call", of: a, .i32(0)) == .trap(.uninitializedElement))
    }

    @Test("imports that do not fit are refused with what differs")
    func mismatches() throws {
        let world = try World(NoHost())
        var owner = ModuleBuilder()
        owner.memory(2, 4, export: "memory")
        owner.table(2, 4, export: "table")
        owner.table(1, of: .externref, export: "refs")
        owner.global(.i32, mutable: true, Code.i32(0), export: "variable")
        owner.global(.i64, mutable: false, Code.i64(0), export: "constant")
        owner.function([.i32], [.i32], body: Code.localGet(0), export: "function")
        let a = try world.add(owner)
        let inUse = world.inUse
        let cases: [(LoadError.Reason?, (inout ModuleBuilder) -> Void)] = [
            (nil, { $0.importMemory("a", "memory", 1, 5) }), (.memoryLimitsMismatch, { $0.importMemory("a", "memory", 3) }),
            (.memoryLimitsMismatch, { $0.importMemory("a", "memory", 1, 3) }), (nil, { $0.importMemory("a", "memory", 2) }),
            (nil, { _ = $0.importTable("a", "table", 2, 4) }), (.tableLimitsMismatch, { _ = $0.importTable("a", "table", 3) }),
            (.tableLimitsMismatch, { _ = $0.importTable("a", "table", 1, 3) }), (.tableLimitsMismatch, { _ = $0.importTable("a", "refs", 1, 10, of: .externref) }),
            (.tableTypeMismatch, { _ = $0.importTable("a", "table", 1, of: .externref) }),
            (.globalMutabilityMismatch, { _ = $0.importGlobal("a", "variable", .i32, mutable: false) }),
            (.globalMutabilityMismatch, { _ = $0.importGlobal("a", "constant", .i64, mutable: true) }),
            (.globalTypeMismatch, { _ = $0.importGlobal("a", "constant", .i32, mutable: false) }),
            (.functionTypeMismatch, { _ = $0.importFunction("a", "function", [.i32], [.i64]) }),
            (.functionTypeMismatch, { _ = $0.importFunction("a", "function", [], [.i32]) }),
            (.importKindMismatch, { _ = $0.importFunction("a", "memory", []) }), (.importKindMismatch, { $0.importMemory("a", "function", 1) }),
            (.unknownImport, { _ = $0.importFunction("a", "functio", [.i32], [.i32]) }), (.unknownImport, { _ = $0.importFunction("b", "function", [.i32], [.i32]) }),
        ]
        for (number, (expected, add)) in cases.enumerated() {
            var module = ModuleBuilder()
            module.memory(0)
            if number < 4 { module.memories = [] }
            module.table(3)
            add(&module)
            if case .memoryLimitsMismatch = expected { module.memories = [] }
            if expected == .importKindMismatch { module.memories = [] }
            let loaded = try world.load(module)
            let found = reason { () throws -> Bool in world.tearDown(try world.instantiate(loaded, links: [("a", a)])) }
            #expect(found == expected, "case \(number)")
            #expect(world.unload(loaded) && world.inUse == inUse, "case \(number)")
        }
    }
}

extension World {
    /// Everything in the pool but the operand stack, which is the block of the environment.
    func blocksAround() -> Int { outsideEnvironment().hashValue }
}

extension Array where Element == UInt8 {
    func firstIndex(of byte: UInt8, after start: Int) -> Int? { self[start...].firstIndex(of: byte) }
}
