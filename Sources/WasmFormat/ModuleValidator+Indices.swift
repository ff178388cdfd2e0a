// Indices and limits that must be in range (core specification 2.0, 3.2).

extension ModuleValidator {
    static func check(_ type: TypeIndex, _ summary: borrowing ModuleSummary, at offset: UInt32) throws(LoadError) {
        guard type.rawValue < summary.types.count else {
            throw LoadError(.unknownType, at: offset, number: type.rawValue)
        }
    }

    static func check(_ function: FunctionIndex, _ summary: borrowing ModuleSummary, at offset: UInt32) throws(LoadError) {
        guard function.rawValue < summary.functionCount else {
            throw LoadError(.unknownFunction, at: offset, number: function.rawValue)
        }
    }

    static func check(_ table: TableIndex, _ summary: borrowing ModuleSummary, at offset: UInt32) throws(LoadError) {
        guard table.rawValue < summary.tableCount else {
            throw LoadError(.unknownTable, at: offset, number: table.rawValue)
        }
    }

    static func check(_ memory: MemoryIndex, _ summary: borrowing ModuleSummary, at offset: UInt32) throws(LoadError) {
        guard memory.rawValue < summary.memoryCount else {
            throw LoadError(.unknownMemory, at: offset, number: memory.rawValue)
        }
    }

    static func check(_ global: GlobalIndex, _ summary: borrowing ModuleSummary, at offset: UInt32) throws(LoadError) {
        guard global.rawValue < summary.globalCount else {
            throw LoadError(.unknownGlobal, at: offset, number: global.rawValue)
        }
    }

    static func check(_ type: TableType, at offset: UInt32) throws(LoadError) {
        try check(type.limits, at: offset)
    }

    @inline(never)
    static func check(_ type: MemoryType, at offset: UInt32) throws(LoadError) {
        let largest = type.limits.hasMaximum && type.limits.maximum > type.limits.minimum
            ? type.limits.maximum : type.limits.minimum
        guard largest <= type.mostPages else { throw LoadError(.memorySizeTooLarge, at: offset) }
        try check(type.limits, at: offset)
    }

    @inline(never)
    private static func check(_ limits: Limits, at offset: UInt32) throws(LoadError) {
        guard !limits.hasMaximum || limits.minimum <= limits.maximum else {
            throw LoadError(.minimumAboveMaximum, at: offset)
        }
    }
}
