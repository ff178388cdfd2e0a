// Exports: each names something that exists, and no two have the same name (core specification 2.0, 3.4.8, 3.4.10).

extension ModuleValidator {
    static func exports<Index: ModuleIndex & ~Copyable>(
        _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        var number: UInt32 = 0
        var entries = SectionReader<ExportEntry>(summary.exports, of: bytes)
        while let entry = try entries.next() {
            switch entry.kind {
            case .function:
                try check(FunctionIndex(entry.index), summary, at: entry.indexOffset)
                index.markDeclared(FunctionIndex(entry.index))
            case .table: try check(TableIndex(entry.index), summary, at: entry.indexOffset)
            case .memory: try check(MemoryIndex(entry.index), summary, at: entry.indexOffset)
            case .global: try check(GlobalIndex(entry.index), summary, at: entry.indexOffset)
            }
            index.setScratch(number, entry.offset)
            number &+= 1
        }
        try checkNames(bytes, count: number, &index)
    }

    /// Sorts the exports by their names, so that equal ones are neighbours: 10,000 exports must not cost 10⁸ steps.
    private static func checkNames<Index: ModuleIndex & ~Copyable>(
        _ bytes: Span<UInt8>, count: UInt32, _ index: inout Index
    ) throws(LoadError) {
        guard count > 1 else { return }
        let order = ScratchOrder.exportNames
        try order.sort(count, bytes, &index)
        for number in 1..<count {
            let offset = index.scratch(number)
            if try order.compare(index.scratch(number &- 1), offset, bytes, index) == 0 {
                // Of equal names, the one that comes first in the module is first.
                throw LoadError(.duplicateExportName, at: offset)
            }
        }
    }

    /// Replaces the offset of a type by that of the first type equal to it, so that equal types have equal offsets.
    static func canonicalizeTypes<Index: ModuleIndex & ~Copyable>(
        _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        let count = summary.types.count
        guard count > 1 else { return }
        for number in 0..<count { index.setScratch(number, number) }
        let order = ScratchOrder.types
        try order.sort(count, bytes, &index)
        var first = index.scratch(0)
        for number in 1..<count {
            let type = index.scratch(number)
            if try order.compare(first, type, bytes, index) == 0 {
                index.setTypeOffset(TypeIndex(type), index.typeOffset(TypeIndex(first)))
            } else {
                first = type
            }
        }
    }
}
