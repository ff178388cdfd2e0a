// Modules of every kind that could take native stack: those that would exhaust that of a loader or interpreter which calls itself, and ordinary ones.

/// A module whose export `f` is called, perhaps with one that it imports from as `p`.
public struct StackModule: Sendable {
    public let name: String
    public let provider: [UInt8]
    public let bytes: [UInt8]
    /// How it ends, in the words of Sources/StackCheck.
    public let ending: String
}

extension StackModule {
    public static let all: [StackModule] = plain + bodies + runs + links

    private static func module(_ name: String, _ ending: String, provider: ModuleBuilder? = nil, _ build: (inout ModuleBuilder) -> Void) -> StackModule {
        var module = ModuleBuilder()
        build(&module)
        return StackModule(name: name, provider: provider?.bytes ?? [], bytes: module.bytes, ending: ending)
    }

    /// A module that is a function `f`.
    private static func body(_ name: String, _ ending: String, _ body: [UInt8], locals: [(Int, Kind)] = []) -> StackModule {
        module(name, ending) { $0.function([], locals: locals, body: body, export: "f") }
    }

    private static func times(_ count: Int, _ bytes: [UInt8]) -> [UInt8] { Array(repeatElement(bytes, count: count).joined()) }

    /// One after the other. (A chain of `+` this long takes the compiler minutes.)
    private static func join(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }

    private static func nested(_ depth: Int, _ open: [UInt8], close: [UInt8] = [0x0b]) -> [UInt8] { times(depth, open) + times(depth, close) }

    /// What is no module, or has little in it.
    private static var plain: [StackModule] {
        let small = module("small", "finished") { $0.function([], body: [], export: "f") }
        let bytes: [(String, [UInt8], String)] = [
            ("empty file", [], "malformed"), ("text", Array("(module)".utf8), "malformed"), ("component", [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0], "malformed"),
            ("no sections", ModuleBuilder.header, "instantiated"), ("half", Array(small.bytes.dropLast(5)), "malformed"),
            ("custom sections", ModuleBuilder.header + times(3_000, [0, 2, 1, 0x61]), "instantiated"),
        ]
        return [small] + bytes.map { StackModule(name: $0.0, provider: [], bytes: $0.1, ending: $0.2) } + [
            body("simd", "malformed", [0xfd, 0x0c] + Array(repeating: 0, count: 16) + Code.drop),
            body("wrong type", "invalid", join(Code.i32(1), Code.i64(2), Code.i32Add, Code.drop)),
            module("expression", "instantiated") { $0.global(.i32, mutable: false, times(16, Code.i32(1)) + times(15, Code.i32Add)) },
            module("long expression", "instantiated") { $0.global(.i32, mutable: false, Code.i32(1) + times(340, Code.i32(1) + Code.i32Add)) },
            module("deep expression", "exhausted") { $0.global(.i32, mutable: false, times(10_000, Code.i32(1))) },
            module("types, exports", "finished") { module in
                for i in 0..<200 { _ = module.type(Array(repeating: .i64, count: i % 100), Array(repeating: .f64, count: i / 2)) }
                module.function([], body: [], export: "f")
                for i in 0..<1_000 { module.export("name \(i * 7919 % 1_000)", .function, 0) }
            },
            module("start that traps", "trapped at its start") { $0.start = $0.function([], body: Code.unreachable) },
            module("start without end", "out of fuel at its start") { $0.start = $0.function([], body: Code.loop(nil, Code.br(0))) },
        ]
    }

    /// Bodies that nest, or hold much at once.
    private static var bodies: [StackModule] {
        let targets = Array(0..<1_000)
        let ifElse: [UInt8] = [0x41, 0, 0x04, 0x40]
        return [
            body("blocks", "finished", nested(1_023, [0x02, 0x40])), body("too many blocks", "exhausted", nested(20_000, [0x02, 0x40])),
            body("loops", "finished", nested(1_023, [0x03, 0x40])), body("ifs", "finished", nested(1_023, ifElse)),
            body("elses", "finished", nested(1_023, ifElse + [0x05])), body("unclosed", "malformed", times(1_000, [0x02, 0x40])),
            body("dead blocks", "trapped", Code.unreachable + nested(1_000, [0x02, 0x40])),
            body("operands", "finished", times(200, Code.i32(1)) + times(199, Code.i32Add) + Code.drop),
            body("too many operands", "exhausted", times(10_000, Code.i32(1))),
            body("br_table of one label", "finished", Code.block(nil, Code.i32(0) + Code.brTable(Array(repeating: 0, count: 30_000), 0))),
            body("br_table of few labels", "finished", Code.block(nil, Code.block(nil, Code.i32(0) + Code.brTable((0..<600).map { $0 % 2 }, 0)))),
            body("br_table of many labels", "finished", join(times(1_001, [0x02, 0x40]), Code.i32(3), Code.brTable(targets,
                1_000), times(1_001, [0x0b]))),
            body("branches", "finished", times(1_001, [0x02, 0x40]) + targets.flatMap { Code.localGet(0) + Code.brIf($0) } + times(1_001, [0x0b]), locals: [(1, .i32)]),
            body("wide frame", "finished", join(Code.i32(1), Code.localSet(1_000), Code.localGet(1_000), Code.localGet(1),
                Code.i32Add, Code.localSet(0)), locals: [(1_001, .i32)]),
            body("many constants", "finished", (0..<2_000).flatMap { join(Code.i64(Int64($0) << 33 | 1), Code.localGet(0), Code.i64Add, Code.localSet(0)) }, locals: [(1, .i64)]),
            module("240 values", "finished") { module in
                let all = Array(repeating: Kind.i32, count: 240)
                let half = Array(repeating: Kind.i32, count: 120)
                let give = module.function([], all, body: times(240, Code.i32(1)))
                let take = module.function(all, [], body: [])
                let pass = module.function(half, half, body: (0..<120).flatMap { Code.localGet($0) })
                module.function([], body: join(Code.call(give), Code.call(pass), Code.call(take)), export: "f")
            },
            module("wide calls", "finished") { module in
                let all = Array(repeating: Kind.i64, count: 100)
                let add = module.function(all, [.i64], locals: [(300, .i64)], body: join(Code.localGet(99), Code.localGet(399), Code.i64Add))
                module.function([], locals: [(300, .i64)], body: join((0..<100).flatMap { Code.localGet($0 * 3) }, Code.call(add), Code.localSet(299)), export: "f")
            },
        ]
    }

    /// What runs: recursion, memory, every bulk instruction, floats.
    private static var runs: [StackModule] {
        let three = Code.i32(5) + Code.i32(1) + Code.i32(3_000)
        return [
            body("recursion", "trapped", Code.call(0)), body("endless", "out of fuel", Code.loop(nil, Code.br(0))),
            module("division", "trapped") { $0.function([], body: join(Code.i64(1), Code.i64(0), [0x7f], Code.drop), export: "f") },
            module("memory", "finished") { module in
                module.memory(1)
                module.data(at: 40, [1, 2, 3])
                module.passiveData(Array(repeating: 9, count: 4_000))
                module.function([], locals: [(1, .i64)], body: join(three, Code.memoryFill, three, Code.memoryCopy, three,
                    Code.memoryInit(1), Code.dataDrop(1), Code.memorySize, Code.memoryGrow, Code.drop, Code.i32(60_000), Code.memory(Code.i64Load),
                    Code.localSet(0), Code.i32(60_000), Code.localGet(0), Code.memory(Code.i64Store), Code.i32(0), Code.i32(1),
                    Code.memory(Code.i32Store)), export: "f")
            },
            module("no such memory", "trapped") { module in
                module.memory(1)
                module.function([], body: Code.i32(65_533) + Code.memory(Code.i32Load) + Code.drop, export: "f")
            },
            module("tables", "finished") { module in
                module.table(4_000)
                module.table(5, of: .funcref)
                let g = module.function([], body: [])
                module.elements(at: 0, [g, g])
                module.passiveElements(Array(repeating: g, count: 4_000))
                module.elements.append([5, 0x70] + leb(4_000) + times(4_000, [0xd2, UInt8(g), 0x0b]))
                module.function([], body: join(three, Code.tableInit(1), three, Code.tableInit(2), Code.elemDrop(1), three,
                    Code.tableCopy(), Code.i32(5), Code.refFunc(g), Code.i32(3_000), Code.tableFill(0), Code.refNull(.funcref),
                    Code.i32(3_000), Code.tableGrow(1), Code.drop, Code.refFunc(g), Code.i32(3_000), Code.tableGrow(0), Code.drop,
                    Code.i32(7), Code.callIndirect(0), Code.i32(2), Code.i32(3), Code.tableGet(0), Code.tableSet(1), Code.tableSize(1),
                    Code.drop), export: "f")
            },
            module("far segments", "finished") { module in
                module.memory(1)
                module.table(10)
                for _ in 0..<2_000 {
                    module.passiveData([])
                    module.passiveElements([])
                }
                module.function([], body: join(Code.i32(0), Code.i32(0), Code.i32(0), Code.memoryInit(1_999), Code.i32(0),
                    Code.i32(0), Code.i32(0), Code.tableInit(1_999)), export: "f")
            },
            module("floats", "finished") { module in
                let unary: [UInt8] = [0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x99, 0x9f]
                module.function([], locals: [(1, .f64)], body: join(Code.f64(2.5), unary, Code.f64(1e300), [0xa3], Code.f64(-3),
                    [0xa4], Code.localSet(0), Code.localGet(0), [0xb0], [0xba], [0xb6], [0x91], [0xae], [0xb4], [0xbb], Code.localSet(0),
                    Code.localGet(0), [0xfc, 6], [0xb9], [0xfc, 7], Code.drop), export: "f")
            },
        ]
    }

    /// What comes from elsewhere: host functions, other instances, all kinds of imports.
    private static var links: [StackModule] {
        var provider = ModuleBuilder()
        provider.memory(1, 2, export: "memory")
        provider.table(10, 20, export: "table")
        provider.global(.i32, mutable: false, Code.i32(3), export: "constant")
        provider.global(.i64, mutable: true, Code.i64(3), export: "variable")
        let mixed: ([Kind], [Kind]) = ([.i32, .funcref, .f64], [.funcref, .i64, .externref])
        let callee = provider.function(mixed.0, mixed.1, body: join(Code.localGet(1), Code.i64(7), Code.refNull(.externref)), export: "mixed")
        provider.elements(at: 4, [callee])
        provider.function([], body: [], export: "nothing")
        return [
            module("host call", "finished") { module in
                let sum = module.importFunction("host", "sum", [.i32, .i32], [.i32])
                let mix = module.importFunction("host", "mix", [.i32, .i64, .i32, .i64, .i32, .i64, .i32, .i64], [.i64])
                module.memory(1)
                module.table(2)
                module.elements(at: 0, [sum, mix])
                let values = times(4, Code.i32(1) + Code.i64(2))
                module.function([], body: join(Code.i32(0), Code.i32(60_000), Code.call(sum), Code.drop, values, Code.call(mix),
                    Code.drop, values, Code.i32(1), Code.callIndirect(1), Code.drop), export: "f")
            },
            module("host trap", "trapped") { module in
                let mix = module.importFunction("host", "mix", [.i32, .i64, .i32, .i64, .i32, .i64, .i32, .i64], [.i64])
                module.function([], body: join(times(4, Code.i32(0) + Code.i64(2)), Code.call(mix), Code.drop), export: "f")
            },
            module("other instance", "finished", provider: provider) { module in
                let other = module.importFunction("p", "mixed", mixed.0, mixed.1)
                let table = module.importTable("p", "table", 10)
                module.importMemory("p", "memory", 1)
                let constant = module.importGlobal("p", "constant", .i32, mutable: false)
                let variable = module.importGlobal("p", "variable", .i64, mutable: true)
                module.global(.i32, mutable: false, Code.globalGet(constant) + Code.i32(5) + Code.i32Add)
                module.data.append(join([0], Code.globalGet(constant), [0x0b, 2, 7, 8]))
                let arguments = Code.i32(1) + Code.refFunc(other) + Code.f64(2)
                module.elements(at: 0, [other])
                module.function([], body: join(arguments, Code.call(other), Code.drop, Code.globalSet(variable), Code.drop,
                    arguments, Code.i32(4), Code.callIndirect(0, table: table), Code.drop, Code.drop, Code.drop, arguments,
                    Code.i32(0), Code.callIndirect(0, table: table), Code.drop, Code.drop, Code.drop), export: "f")
            },
            module("recursion over instances", "trapped", provider: {
                var provider = ModuleBuilder()
                provider.table(1, export: "table")
                provider.function([], body: Code.i32(0) + Code.callIndirect(0), export: "back")
                return provider
            }()) { module in
                let back = module.importFunction("p", "back", [])
                _ = module.importTable("p", "table", 1)
                let f = module.function([], body: Code.call(back), export: "f")
                module.elements(at: 0, [f])
            },
            module("many imports", "instantiated", provider: provider) { module in
                for _ in 0..<1_000 { _ = module.importFunction("p", "nothing", []) }
            },
            module("missing imports", "unlinkable") { module in
                for i in 0..<1_000 { _ = module.importFunction("env", "f\(i)", [.i32], [.i64]) }
            },
            module("other types", "unlinkable", provider: provider) { _ = $0.importFunction("p", "mixed", Array(repeating: .i64, count: 100), Array(repeating: .f64, count: 100)) },
            module("element expressions", "finished") { module in
                module.table(3_000)
                let f = module.function([], body: [], export: "f")
                module.elements.append([4, 0x41, 0, 0x0b] + leb(3_000) + times(3_000, [0xd2, UInt8(f), 0x0b]))
            },
            module("element outside", "trapped at its start, nowhere") { module in
                module.table(1)
                let f = module.function([], body: [], export: "f")
                module.elements(at: 1, [f])
            },
        ]
    }
}
