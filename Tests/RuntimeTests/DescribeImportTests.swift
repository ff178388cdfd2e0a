// An import that is missing or does not match, told with the type that is wanted and the type that is offered.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

private struct Lines: TextSink {
    var bytes: [UInt8] = []
    mutating func write(byte: UInt8) { bytes.append(byte) }
}

@Suite struct DescribeImportTests {
    /// Exports one of each kind.
    private func library() -> ModuleBuilder {
        var module = ModuleBuilder()
        module.function([.i32, .i64], [.f32, .f64], body: Code.f32(0) + Code.f64(0), export: "function")
        module.table(3, 9, export: "table")
        module.memory(1, export: "memory")
        module.global(.i64, mutable: true, Code.i64(7), export: "global")
        return module
    }

    /// What is written about the one import of a module that does not link.
    private func text(_ reason: LoadError.Reason, _ build: (inout ModuleBuilder) -> Void) throws -> String {
        let world = try World(TestHost())
        let library = try world.add(library())
        var builder = ModuleBuilder()
        build(&builder)
        let module = try world.load(builder)
        let error = try #require(loadError { try world.instantiate(module, links: [("a", library)]) })
        #expect(error.reason == reason)
        let inUse = world.inUse
        var sink = Lines()
        let name = Array("a".utf8)
        try name.withUnsafeBytes { try world.runtime.describeImport(at: error.offset, of: module, links: [Link($0, library)].span, to: &sink) }
        #expect(world.inUse == inUse)
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    @Test("what nobody offers is told with its type")
    func missing() throws {
        #expect(try text(.unknownImport) { _ = $0.importFunction("env", "led", [.i32, .externref]) } == "import env.led, a function: (i32, externref) -> ()")
        #expect(try text(.unknownImport) { _ = $0.importTable("env", "t", 1, 8) } == "import env.t, a table: 1…8 funcref")
        #expect(try text(.unknownImport) { $0.importMemory("env", "m", 2) } == "import env.m, a memory: 2… pages of 65536 bytes")
        #expect(try text(.unknownImport) { _ = $0.importGlobal("env", "g", .f64, mutable: true) } == "import env.g, a global: mut f64")
    }

    @Test("functions of the host and of another instance are told with both signatures")
    func functions() throws {
        #expect(try text(.functionTypeMismatch) { _ = $0.importFunction("env", "n2", [.i32]) } == "import env.n2, a function: (i32) -> (), but what is offered is (i32, i64) -> ()")
        #expect(try text(.functionTypeMismatch) { _ = $0.importFunction("env", "externref", []) }
            == "import env.externref, a function: () -> (), but what is offered is (externref) -> externref")
        #expect(try text(.functionTypeMismatch) { _ = $0.importFunction("a", "function", [], [.i32]) }
            == "import a.function, a function: () -> i32, but what is offered is (i32, i64) -> (f32, f64)")
    }

    @Test("tables, memories and globals are told with what they are now")
    func others() throws {
        #expect(try text(.tableLimitsMismatch) { _ = $0.importTable("a", "table", 4) } == "import a.table, a table: 4… funcref, but what is offered is 3…9 funcref")
        #expect(try text(.tableTypeMismatch) { _ = $0.importTable("a", "table", 1, of: .externref) }
            == "import a.table, a table: 1… externref, but what is offered is 3…9 funcref")
        #expect(try text(.memoryLimitsMismatch) { $0.importMemory("a", "memory", 1, 4) }
            == "import a.memory, a memory: 1…4 pages of 65536 bytes, but what is offered is 1… pages of 65536 bytes")
        #expect(try text(.globalMutabilityMismatch) { _ = $0.importGlobal("a", "global", .i64, mutable: false) }
            == "import a.global, a global: i64, but what is offered is mut i64")
    }

    @Test("another kind is named")
    func kinds() throws {
        #expect(try text(.importKindMismatch) { _ = $0.importFunction("a", "memory", []) }
            == "import a.memory, a function: () -> (), but what is offered is a memory: 1… pages of 65536 bytes")
        #expect(try text(.importKindMismatch) { $0.importMemory("env", "n1", 1) }
            == "import env.n1, a memory: 1… pages of 65536 bytes, but what is offered is a function: (i32) -> ()")
    }

    @Test("a name with control characters stays on its line; an offset outside the imports says nothing")
    func oddities() throws {
        #expect(try text(.unknownImport) { _ = $0.importFunction("e\nv", "\u{7f}é", []) } == "import e\\x0av.\\x7fé, a function: () -> ()")
        let world = try World(NoHost())
        let module = try world.load(library())
        var sink = Lines()
        for offset in [0, 8, 12, 1_000_000, .max] as [UInt32] { try world.runtime.describeImport(at: offset, of: module, links: Span<Link>(), to: &sink) }
        #expect(sink.bytes.isEmpty)
    }
}

@Suite struct NoRoomTests {
    @Test("what had no room is named, with its place, what it needs and what is free")
    func things() throws {
        #expect(loadError { try World(NoHost(), pool: 40) }?.thing == .runtime)
        #expect(loadError { try World(NoHost(), pool: 4096, operandStack: 8192) }?.thing == .operandStack)
        let world = try World(NoHost(), pool: 16 << 10, operandStack: 1024)

        var code = ModuleBuilder()
        code.function([], [], body: (0..<5000).flatMap { Code.i32($0 * 3000) + Code.drop }, export: "f")
        for _ in 0..<3000 { code.function([], [], body: []) }
        let module = loadError { try world.load(code) }
        #expect(module?.thing == .module && module?.table == nil && world.shortage.need > UInt64(world.shortage.largestFree))

        var tables = ModuleBuilder()
        _ = tables.importTable("a", "t", 1)
        tables.table(8)
        tables.table(50_000_000)
        let imported = try #require(loadError { try world.add(tables) })
        #expect(imported.thing == .table && imported.table == 2)
        tables.imports = []
        let table = try #require(loadError { try world.add(tables) })
        // The instance's block: header, two tables, and their elements.
        #expect(table.thing == .table && table.table == 1 && world.shortage.need == 28 + 2 * 12 + 8 * 4 + 200_000_000)
        // The second entry: type, flags, and a minimum of one byte behind the first.
        let section = tables.bytes.count - 1 - 4 - 1
        #expect(table.offset == UInt32(section))
        var huge = ModuleBuilder()
        huge.table(4_294_967_295)
        #expect(loadError { try world.add(huge) }?.thing == .table && world.shortage.need == 28 + 12 + 17_179_869_180)

        var data = ModuleBuilder()
        data.memory(65_536)
        data.data(at: 16, [1])
        data.data(at: 0x7fff_fff0, [1])
        #expect(loadError { try world.add(data) }?.thing == .linearMemory && world.shortage.need > 0x7fff_ff00)

        var globals = ModuleBuilder()
        for _ in 0..<2500 { globals.global(.i64, mutable: true, Code.i64(1)) }
        #expect(loadError { try world.add(globals) }?.thing == .instance && world.shortage.need > 20_000)
        #expect(world.shortage.free < 16 << 10)
    }

    @Test("errors of other reasons name no thing")
    func others() {
        #expect(LoadError(.typeMismatch, at: 3, detail: 4).thing == nil)
        #expect(LoadError(.noMemory, at: 0, detail: 0x0704).table == 7)
    }
}
