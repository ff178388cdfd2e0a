// Modules whose export `f` has no end, one for each way that a guest has of not ending; `g` ends. Most count their turns at address 0.

import ModuleBuilder

struct EndlessModule: Sendable {
    let name: String
    /// Polls of a turn; nil where turns are not counted.
    let polls: Int?
    let provider: [UInt8]
    let bytes: [UInt8]

    private init(_ name: String, polls: Int? = nil, provider: ModuleBuilder? = nil, _ build: (inout ModuleBuilder) -> Void) {
        var module = ModuleBuilder()
        build(&module)
        module.function([], body: [], export: "g")
        self.name = name
        self.polls = polls
        self.provider = provider?.bytes ?? []
        bytes = module.bytes
    }

    private static func join(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }
    private static func forever(_ parts: [UInt8]...) -> [UInt8] { Code.loop(nil, parts.flatMap { $0 } + Code.br(0)) }
    private static let count = join(
        Code.i32(0), Code.i32(0), Code.memory(Code.i32Load), Code.i32(1), Code.i32Add, Code.memory(Code.i32Store))

    static let empty = EndlessModule("an empty loop") { $0.function([], body: forever(), export: "f") }

    static let all: [EndlessModule] = branches + calls + bulk

    private static var branches: [EndlessModule] {
        [
            empty,
            EndlessModule("br", polls: 1) { module in
                module.memory(1)
                module.function([], body: forever(count), export: "f")
            },
            EndlessModule("br_if", polls: 1) { module in
                module.memory(1)
                module.function([], body: Code.loop(nil, count + Code.i32(1) + Code.brIf(0)), export: "f")
            },
            EndlessModule("br_table", polls: 1) { module in
                module.memory(1)
                module.function([], body: Code.loop(nil, Code.loop(nil, count + Code.i32(1) + Code.brTable([0], 1))), export: "f")
            },
            EndlessModule("a start function", polls: 1) { module in
                module.memory(1)
                module.start = module.function([], body: forever(count), export: "f")
            },
            EndlessModule("a start function with an empty loop") { $0.start = $0.function([], body: forever(), export: "f") },
        ]
    }

    private static var calls: [EndlessModule] {
        var back = ModuleBuilder()
        back.function([], body: [], export: "back")
        var turning = ModuleBuilder()
        turning.table(1, export: "table")
        turning.function([], body: Code.i32(0) + Code.callIndirect(0), export: "back")
        return [
            EndlessModule("calls", polls: 2) { module in
                module.memory(1)
                let callee = module.function([], body: count)
                module.function([], body: forever(Code.call(callee)), export: "f")
            },
            // 8 to the 12th calls, no loop, no recursion.
            EndlessModule("a tree of calls", polls: 1) { module in
                module.memory(1)
                var callee = module.function([], body: count)
                for _ in 0..<12 { callee = module.function([], body: join(count, Array(repeatElement(Code.call(callee), count: 8).joined()))) }
                module.export("f", .function, callee)
            },
            EndlessModule("call_indirect", polls: 2) { module in
                module.memory(1)
                module.table(1)
                module.elements(at: 0, [module.function([], body: count)])
                module.function([], body: forever(Code.i32(0), Code.callIndirect(0)), export: "f")
            },
            EndlessModule("host calls", polls: 2) { module in
                let add = module.importFunction("host", "add", [.i32, .i32], [.i32])
                module.memory(1)
                module.function([], body: forever(count, Code.i32(1), Code.i32(2), Code.call(add), Code.drop), export: "f")
            },
            EndlessModule("call_indirect to the host", polls: 2) { module in
                let add = module.importFunction("host", "add", [.i32, .i32], [.i32])
                module.memory(1)
                module.table(1)
                module.elements(at: 0, [add])
                module.function([], body: forever(count, Code.i32(1), Code.i32(2), Code.i32(0), Code.callIndirect(0), Code.drop), export: "f")
            },
            EndlessModule("calls to another instance", polls: 2, provider: back) { module in
                let back = module.importFunction("p", "back", [])
                module.memory(1)
                module.function([], body: forever(count, Code.call(back)), export: "f")
            },
            EndlessModule("there and back between two instances", polls: 3, provider: turning) { module in
                let back = module.importFunction("p", "back", [])
                _ = module.importTable("p", "table", 1)
                module.memory(1)
                module.elements(at: 0, [module.function([], body: count)])
                module.function([], body: forever(Code.call(back)), export: "f")
            },
        ]
    }

    /// What one instruction does for long.
    private static var bulk: [EndlessModule] {
        func memory(_ name: String, _ body: [UInt8]) -> EndlessModule {
            EndlessModule(name) { module in
                module.memory(16)
                module.passiveData(Array(repeating: 9, count: 20_000))
                module.function([], body: forever(body), export: "f")
            }
        }
        func table(_ name: String, _ body: [UInt8]) -> EndlessModule {
            EndlessModule(name) { module in
                module.table(20_000)
                let function = module.function([], body: [])
                module.passiveElements(Array(repeating: function, count: 5_000))
                module.declareElements([function])
                module.function([], body: forever(body), export: "f")
            }
        }
        return [
            memory("memory.fill", join(Code.i32(8), Code.i32(1), Code.i32(1_000_000), Code.memoryFill)),
            memory("memory.copy", join(Code.i32(8), Code.i32(500_000), Code.i32(500_000), Code.memoryCopy)),
            memory("memory.copy upward", join(Code.i32(300_000), Code.i32(8), Code.i32(500_000), Code.memoryCopy)),
            memory("memory.init", join(Code.i32(8), Code.i32(0), Code.i32(20_000), Code.memoryInit(0))),
            table("table.fill", join(Code.i32(0), Code.refNull(.funcref), Code.i32(20_000), Code.tableFill(0))),
            table("table.copy", join(Code.i32(0), Code.i32(10_000), Code.i32(10_000), Code.tableCopy())),
            table("table.init", join(Code.i32(0), Code.i32(0), Code.i32(5_000), Code.tableInit(0))),
        ]
    }
}
