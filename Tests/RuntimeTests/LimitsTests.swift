// The table of limits (docs/LIMITS.md): a module just at each limit loads, one just beyond gets the limit's own reason.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import Translator
@testable import WasmFormat

@Suite struct LimitsTests {
    typealias Limits = ImplementationLimits

    /// Loads a module in a pool of its own; nil, or the error. The pool is then as it was.
    private func load(_ bytes: [UInt8], pool: Int = 8 << 20) throws -> LoadError? {
        let world = try World(NoHost(), pool: pool)
        let inUse = world.inUse
        let error = loadError { _ = world.unload(try world.load(bytes)) }
        #expect(world.inUse == inUse)
        return error
    }

    private func expectLimit(_ limit: UInt32, _ reason: LoadError.Reason, pool: Int = 8 << 20, _ bytes: (Int) -> [UInt8]) throws {
        #expect(try load(bytes(Int(limit)), pool: pool) == nil, "at the limit of \(limit)")
        let error = try load(bytes(Int(limit) + 1), pool: pool)
        #expect(error?.reason == reason && error?.phase == .exhausted, "beyond \(limit): \(String(describing: error))")
        #expect(error?.detail == UInt16(min(limit, 65_535)), "\(String(describing: error))")
    }

    private func section(_ id: UInt8, _ entry: [UInt8], _ count: Int) -> [UInt8] {
        ModuleBuilder.section(id, leb(count) + Array(repeatElement(entry, count: count).joined()))
    }
    private let header = ModuleBuilder.header
    private let emptyType = ModuleBuilder.section(1, [1, 0x60, 0, 0])

    @Test func `The size of a module`() throws {
        try expectLimit(Limits.moduleSize, .moduleTooLarge) { size in
            // A custom section whose size takes four bytes: id, size, and the rest.
            header + [0] + leb(size - 13) + [0] + Array(repeating: 0, count: size - 14)
        }
    }
    @Test func `Types`() throws { try expectLimit(Limits.types, .tooManyTypes) { header + section(1, [0x60, 0, 0], $0) } }
    @Test func `Imports`() throws { try expectLimit(Limits.imports, .tooManyImports) { header + emptyType + section(2, [0, 0, 0, 0], $0) } }
    @Test func `Functions`() throws {
        try expectLimit(Limits.functions, .tooManyFunctions) { header + emptyType + section(3, [0], $0) + section(10, [2, 0, 0x0b], $0) }
        try expectLimit(Limits.functions - 1, .tooManyFunctions) {
            header + emptyType + section(2, [0, 0, 0, 0], 1) + section(3, [0], $0) + section(10, [2, 0, 0x0b], $0)
        } excuse: { $0.detail == 65_535 }
    }
    @Test func `Tables`() throws { try expectLimit(Limits.tables, .tooManyTables) { header + section(4, [0x70, 0, 0], $0) } }
    @Test func `Globals`() throws {
        try expectLimit(Limits.globals, .tooManyGlobals) { header + section(6, [0x7f, 0, 0x41, 0, 0x0b], $0) }
        try expectLimit(Limits.globals / 2, .tooManyGlobals) { header + section(6, [0x7e, 0, 0x42, 0, 0x0b], $0) } excuse: { $0.detail == 65_535 }
    }
    @Test func `Exports`() throws {
        try expectLimit(Limits.exports, .tooManyExports) { count in
            var exports: [UInt8] = leb(count)
            for i in 0..<count { exports += [3, UInt8(0x20 + i & 63), UInt8(0x20 + i >> 6 & 63), UInt8(0x20 + i >> 12), 0, 0] }
            return header + emptyType + section(3, [0], 1) + ModuleBuilder.section(7, exports) + section(10, [2, 0, 0x0b], 1)
        }
    }
    @Test func `Element segments and their entries`() throws {
        try expectLimit(Limits.elementSegments, .tooManyElementSegments) { header + section(9, [1, 0, 0], $0) }
        try expectLimit(Limits.elements, .tooManyElements) { count in
            header + emptyType + section(3, [0], 1) + ModuleBuilder.section(9, [1, 1, 0] + leb(count) + Array(repeating: 0, count: count)) + section(10, [2, 0, 0x0b], 1)
        } excuse: { $0.detail == 65_535 }
    }
    @Test func `Data segments`() throws { try expectLimit(Limits.dataSegments, .tooManyDataSegments) { header + section(11, [1, 0], $0) } }
    @Test func `Parameters and results, as values and as cells`() throws {
        for (type, cells) in [(Kind.i32, 1), (.i64, 2), (.f64, 2), (.externref, 1)] {
            let most = Limits.parameters / UInt32(cells)
            let list = { (count: Int) in leb(count) + Array(repeating: type.rawValue, count: count) }
            try expectLimit(most, .tooManyParameters) { header + ModuleBuilder.section(1, [1, 0x60] + list($0) + [0]) } excuse: { $0.detail == 240 }
            try expectLimit(most, .tooManyResults) { header + ModuleBuilder.section(1, [1, 0x60, 0] + list($0)) } excuse: { $0.detail == 240 }
        }
    }
    @Test func `Names`() throws {
        try expectLimit(Limits.nameLength, .nameTooLong) { length in
            header + emptyType + section(3, [0], 1) + ModuleBuilder.section(7, [1] + text(String(repeating: "n", count: length)) + [0, 0]) + section(10, [2, 0, 0x0b], 1)
        }
    }
    @Test func `Bodies`() throws {
        try expectLimit(Limits.functionBodySize, .functionBodyTooLarge) { size in
            header + emptyType + section(3, [0], 1) + ModuleBuilder.section(10, [1] + leb(size) + [0] + Array(repeating: 1, count: size - 2) + [0x0b])
        } excuse: { $0.detail == 65_535 }
    }
    @Test func `Constant expressions`() throws {
        try expectLimit(Limits.constantExpressionDepth, .constantExpressionTooDeep) { depth in
            header + ModuleBuilder.section(6, [1, 0x7f, 0] + Array(repeatElement([0x41, 1], count: depth).joined()) + Array(repeating: 0x6a, count: depth - 1) + [0x0b])
        }
    }

    // MARK: functions

    /// A module whose function `f` has this body.
    private func function(locals: [(Int, Kind)] = [], results: [Kind] = [], _ body: [UInt8]) -> [UInt8] {
        var module = ModuleBuilder()
        module.global(.i32, mutable: true, Code.i32(0))
        module.global(.i64, mutable: true, Code.i64(0))
        module.function([], results, locals: locals, body: body, export: "f")
        module.function(Array(repeating: .i64, count: 120), [], body: [])
        return module.bytes
    }

    /// Runs `f` and gives its result.
    private func run(_ bytes: [UInt8], operandStack: UInt32 = 1 << 20) throws -> Ending {
        let world = try World(NoHost(), pool: 8 << 20, operandStack: operandStack)
        let instance = try world.instantiate(try world.load(bytes))
        return try world.call("f", of: instance)
    }

    @Test func `Locals, and cells of a frame`() throws {
        try expectLimit(TranslationLimits.frameCells, .tooManyCells) { function(locals: [($0, .i32)], []) }
        try expectLimit(TranslationLimits.frameCells / 2, .tooManyCells) { function(locals: [($0, .f64)], []) } excuse: { $0.detail == 32_767 }
        #expect(try load(function(locals: [(65_536, .i32)], []))?.reason == .tooManyLocals)
        #expect(try load(function(locals: [(0xffff_ffff, .i32)], []))?.reason == .tooManyLocals)
        #expect(try load(function(locals: [(0x8000_0000, .i32), (0x8000_0000, .i64)], []))?.reason == .localCountTooLarge)
        let last = Int(TranslationLimits.frameCells) - 4
        let body = Code.i32(42) + Code.localSet(last) + Code.localGet(last) + Code.localGet(last - 1) + Code.i32Add
        #expect(try run(function(locals: [(last + 1, .i32)], results: [.i32], body)) == .i32(42))
    }

    @Test func `Reference cells`() throws {
        try expectLimit(TranslationLimits.references, .tooManyReferences) { function(locals: [($0, .externref)], []) }
        let push = Array(repeatElement(Code.refNull(.externref), count: Int(TranslationLimits.references)).joined())
        let drop = Array(repeatElement(Code.drop, count: Int(TranslationLimits.references)).joined())
        #expect(try load(function(push + drop)) == nil)
        #expect(try load(function(push + Code.refNull(.funcref) + Code.drop + drop))?.reason == .tooManyReferences)
    }

    @Test func `Cells of the operand stack`() throws {
        let sum = { (count: Int) in
            self.function(results: [.i32], Array(repeatElement(Code.i32(2) + Code.globalGet(0) + Code.i32Add, count: count).joined()) + Array(repeating: 0x6a, count: count - 1))
        }
        // The last of them has two values on top of those before.
        try expectLimit(TranslationLimits.operandCells - 1, .tooManyCells) { sum($0) } excuse: { $0.detail == 240 }
        #expect(try run(sum(Int(TranslationLimits.operandCells) - 1)) == .i32(Int32(TranslationLimits.operandCells - 1) * 2))
    }

    @Test func `Nesting of blocks: the function itself counts as one`() throws {
        for (open, close) in [([0x02, 0x40], [0x0b]), ([0x03, 0x40], [0x0b]), ([0x41, 1, 0x04, 0x40], [0x0b]), ([0x41, 0, 0x04, 0x40, 0x05], [0x0b])] as [([UInt8], [UInt8])] {
            let nest = { (depth: Int) in
                self.function(results: [.i32], Array(repeatElement(open, count: depth).joined()) + Array(repeatElement(close, count: depth).joined()) + Code.i32(7))
            }
            try expectLimit(TranslationLimits.nesting - 1, .nestingTooDeep) { nest($0) } excuse: { $0.detail == 1024 }
            #expect(try run(nest(Int(TranslationLimits.nesting) - 1)) == .i32(7))
        }
    }

    @Test func `Targets of a br_table`() throws {
        let table = { (count: Int) in
            self.function(results: [.i32], Code.block(nil, Code.block(nil, Code.globalGet(0) + Code.brTable(Array(repeating: 0, count: count), 1)) + Code.i32(7) + Code.return) + Code.i32(8))
        }
        try expectLimit(TranslationLimits.branchTargets, .tooManyBranchTargets) { table($0) }
        #expect(try run(table(Int(TranslationLimits.branchTargets))) == .i32(7))
        #expect(try run(table(0)) == .i32(8))
    }

    @Test func `Words of a function`() throws {
        let body = { (count: Int) in Array(repeatElement(Code.call(2), count: count).joined()) }
        let bytes = { (count: Int) in
            var module = ModuleBuilder()
            module.function([], [.i32], body: body(count) + Code.i32(7), export: "f")
            module.function([], [], body: [])
            module.function([], [], body: [])
            return module.bytes
        }
        // Of the words two are the function's own, for its result and its return; two more are kept while it is translated.
        let edge = try #require((32_700...32_768).last { try! load(bytes($0)) == nil })
        #expect(edge >= Int(TranslationLimits.words) - 4 && edge <= Int(TranslationLimits.words))
        #expect(try load(bytes(edge + 1))?.reason == .codeTooLarge)
        #expect(try run(bytes(edge)) == .i32(7))
    }

    @Test func `Constants of a function`() throws {
        let body = { (count: Int) in
            var number = Int64(1) << 40
            var body: [UInt8] = []
            var left = count
            while left >= 240 {
                for _ in 0..<120 {
                    number += 0x1_0000_0001
                    body += Code.i64(number)
                }
                body += Code.call(1)
                left -= 240
            }
            while left >= 2 {
                number += 0x1_0000_0001
                body += Code.i64(number) + Code.globalSet(1)
                left -= 2
            }
            if left == 1 { body += Code.i32(0x1234_5678) + Code.globalSet(0) }
            return self.function(results: [.i32], body + Code.i32(7))
        }
        try expectLimit(TranslationLimits.constants, .tooManyConstants) { body($0) }
        #expect(try run(body(Int(TranslationLimits.constants))) == .i32(7))
    }

    @Test func `A pool: 256 MB work from end to end, more is refused`() throws {
        var module = ModuleBuilder()
        module.function([], [.i32], body: Code.i32(7), export: "main")
        // The operand stack lies at the top end, where references have all their bits.
        let world = try World(NoHost(), pool: 1 << 28)
        #expect(try world.call("main", of: world.add(module)) == .i32(7))
        #expect(world.isSound)
        #expect(loadError { try World(NoHost(), pool: (1 << 28) + 1024) }?.reason == .noMemory)
    }

    /// For limits that an error reports in another unit than the one counted here.
    private func expectLimit(
        _ limit: UInt32, _ reason: LoadError.Reason, _ bytes: (Int) -> [UInt8], excuse: (LoadError) -> Bool
    ) throws {
        #expect(try load(bytes(Int(limit))) == nil, "at the limit of \(limit)")
        let error = try #require(try load(bytes(Int(limit) + 1)), "beyond \(limit)")
        #expect(error.reason == reason && error.phase == .exhausted && excuse(error), "beyond \(limit): \(error)")
    }
}
