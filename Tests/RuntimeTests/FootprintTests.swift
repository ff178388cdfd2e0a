// What modules and instances take of the pool, held to the byte's bar.

import ModuleBuilder
import TestGuests
import Testing

@testable import MemoryPool
@testable import Runtime
@testable import WasmFormat

@Suite struct FootprintTests {
    /// Bytes with the header of the block that a reference is to.
    private func whole(_ heap: borrowing GlobalHeap, _ reference: HeapReference) -> UInt32 { reference.isNone ? 0 : heap.regions.size(of: reference) + 4 }

    /// What a loaded module and each of its instances take at most, and how far below they are.
    @discardableResult
    private func check(_ piece: Piece, instances count: Int = 1) throws -> (module: UInt32, instance: UInt32) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var runtime = try Runtime<WritingHost>(buffer: buffer)
        var host = WritingHost()
        let stack = try runtime.makeExecutionEnvironment(operandStackBytes: 4096)
        var links: [Link] = []
        for link in piece.links {
            let module = try link.bytes.withUnsafeBytes { try runtime.load($0) }
            let instance = try runtime.instantiate(module, links: Span<Link>(), in: stack, host: &host)
            links.append(Link(link.name, instance))
        }
        let before = runtime.pool.inUse
        let module = try piece.bytes.withUnsafeBytes { try runtime.load($0) }
        let code = try runtime.engine.block(of: module)
        // The entry in the table of regions is there before.
        let moduleBytes = runtime.pool.inUse - before + UInt32(RegionTable.entryBytes)
        let moduleBar = 96 + (try runtime.codeWords(module)) * 4 + 16 * (code.functionCount + code.importedFunctions) + 4 * code.typeCount
        #expect(moduleBytes <= moduleBar, "\(piece): module of \(moduleBytes) bytes, bar \(moduleBar)")

        var least = UInt32.max
        for number in 1...count {
            let loaded = runtime.pool.inUse
            let instance: Instance
            do { instance = try runtime.instantiate(module, links: links.span, in: stack, fuel: 100_000, host: &host) } catch InstantiationError.trapped { return (moduleBar - moduleBytes, 0) }
            let block = try runtime.engine.block(of: instance)
            var elements: UInt32 = 0
            for i in 0..<code.tables where !runtime.engine.ownTable(block, i).isImported { elements += runtime.engine.ownTable(block, i).size }
            let memories: UInt32 = block.memory == 0 ? 0 : 1
            let window = memories == 1 && !runtime.engine.ownMemory(block).isImported ? whole(runtime.engine.heap, runtime.engine.ownMemory(block).window) : 0
            let bytes = runtime.pool.inUse - loaded - window
            let words = code.globalCells + code.importedFunctions + code.importedGlobals + elements
            // A passive segment is one bit.
            let bits = code.passiveElements + code.passiveData
            let bar = 96 + 4 * words + 32 * memories + 12 * code.tables + bits / 8
            #expect(bytes <= bar, "\(piece): instance \(number) of \(bytes) bytes, bar \(bar)")
            least = min(least, bar &- bytes)
        }
        return (moduleBar - moduleBytes, least)
    }

    @Test("a guest's or sample's module and instance stay below their bars", arguments: try Piece.all())
    func pieces(_ piece: Piece) throws { try check(piece) }

    @Test("nor do four tables, many globals or segments, or the two hundredth instance, take more")
    func many() throws {
        var tables = ModuleBuilder()
        for i in 0..<4 { tables.table(1 + i * 3, of: i % 2 == 0 ? .externref : .funcref) }
        var segments = ModuleBuilder()
        segments.memory(1)
        segments.table(1)
        let function = segments.function([], body: [])
        for i in 0..<300 {
            segments.data(at: Int32(i), [UInt8(truncatingIfNeeded: i)])
            segments.elements(at: 0, [function])
            segments.declareElements([function])
        }
        var passive = ModuleBuilder()
        passive.memory(1)
        for _ in 0..<70 { passive.passiveData([1]) }
        var globals = ModuleBuilder()
        for i in 0..<101 { globals.global(i % 2 == 0 ? .i64 : .i32, mutable: true, i % 2 == 0 ? Code.i64(1) : Code.i32(1)) }
        for i in 0..<30 { globals.function(Array(repeating: .i32, count: i), body: []) }
        var manyTables = ModuleBuilder()
        for i in 0..<255 { manyTables.table(i % 4, of: i % 3 == 0 ? .externref : .funcref) }
        for (name, module) in [
            ("empty", ModuleBuilder()), ("tables", tables), ("255 tables", manyTables), ("segments", segments), ("passive", passive), ("globals", globals),
        ] {
            try check(Piece(name: name, bytes: module.bytes, calls: []), instances: name == "segments" ? 20 : 200)
        }
    }

    @Test("nor does any small module, whatever it has of tables, elements, segments of each mode, globals and an aux stack", arguments: 0..<10)
    func small(globals: Int) throws {
        for tables in 0...3 {
            for elements in 0...3 {
                for kind in 0..<8 {
                    var module = ModuleBuilder()
                    for i in 0..<tables { module.table((elements + i) % 4, i % 2 == 0 ? nil : 9) }
                    for i in 0..<globals { module.global(i % 3 == 2 ? .i64 : .i32, mutable: true, i % 3 == 2 ? Code.i64(1) : Code.i32(1024)) }
                    if kind & 1 != 0 { module.memory(1) }
                    let function = module.function([], body: [])
                    // Around each passive segment others, as many as there are tables.
                    if kind & 2 != 0 {
                        for _ in 0...tables { module.declareElements([function]) }
                        module.passiveElements([function])
                        for _ in 0..<33 { module.declareElements([function]) }
                    }
                    if kind & 5 == 5 {
                        for i in 0...tables { module.data(at: Int32(i), [UInt8(i)]) }
                        module.passiveData([1])
                        for i in 0..<33 { module.data(at: Int32(i), [UInt8(i)]) }
                    }
                    try check(Piece(name: "\(tables) tables of \(elements), kind \(kind), \(globals) globals", bytes: module.bytes, calls: []), instances: 5)
                }
            }
        }
        try check(Piece(name: "aux stack", bytes: Self.withAuxStack(globals).bytes, calls: []), instances: 5)
    }

    /// A module whose first global is an aux stack's pointer.
    private static func withAuxStack(_ globals: Int) -> ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(1)
        module.global(.i32, mutable: true, Code.i32(1024), export: "__stack_pointer")
        for _ in 0..<globals { module.global(.i32, mutable: true, Code.i32(1)) }
        module.passiveData([1])
        return module
    }

    @Test("passive segments are dropped one by one, and by their own bits; active and declarative ones are gone from the start")
    func dropped() throws {
        let world = try World(NoHost())
        var module = ModuleBuilder()
        module.memory(1)
        module.table(8)
        let first = module.function([], [.i32], body: Code.i32(11), export: "first")
        let second = module.function([], [.i32], body: Code.i32(22))
        module.passiveElements([first])
        module.elements(at: 7, [second])
        module.declareElements([second])
        module.passiveElements([second])
        module.data(at: 0, [9])
        module.passiveData([5])
        module.data(at: 1, [9])
        module.passiveData([6])
        for i in 0..<4 {
            module.function([], [.i32], body: Code.i32(8) + Code.i32(0) + Code.i32(1) + Code.memoryInit(i) + Code.i32(8) + Code.memory(Code.i32Load8U), export: "data\(i)")
            module.function([], body: Code.dataDrop(i), export: "drop_data\(i)")
            module.function([], [.i32], body: Code.i32(3) + Code.i32(0) + Code.i32(1) + Code.tableInit(i) + Code.i32(3) + Code.callIndirect(0), export: "elements\(i)")
            module.function([], body: Code.elemDrop(i), export: "drop_elements\(i)")
        }
        let instance = try world.add(module)
        let contents: [(String, [Ending])] = [
            ("data", [.trap(.outOfBoundsMemoryAccess), .i32(5), .trap(.outOfBoundsMemoryAccess), .i32(6)]),
            ("elements", [.i32(11), .trap(.outOfBoundsTableAccess), .trap(.outOfBoundsTableAccess), .i32(22)]),
        ]
        var gone = Set<String>()
        func check() throws {
            for (kind, endings) in contents {
                for (i, ending) in endings.enumerated() {
                    let empty = Ending.trap(kind == "data" ? .outOfBoundsMemoryAccess : .outOfBoundsTableAccess)
                    #expect(try world.call("\(kind)\(i)", of: instance) == (gone.contains("\(kind)\(i)") ? empty : ending), "\(kind)\(i), gone: \(gone)")
                }
            }
        }
        try check()
        for name in ["data2", "elements3", "data1", "elements1", "data3", "elements0", "data0", "elements2"] {
            #expect(try world.call("drop_\(name)", of: instance) == .nothing)
            gone.insert(name)
            try check()
        }
    }
}
