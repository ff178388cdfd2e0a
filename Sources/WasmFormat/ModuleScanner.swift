// The first pass over a module: which sections it has, where they lie, how many entries each claims.

/// Reads headers, section sizes and counts, and the imports; takes no memory.
package enum ModuleScanner {
    /// The summary of a module whose sections are known, in order, once each, and inside the module.
    package static func scan(_ bytes: Span<UInt8>) throws(LoadError) -> ModuleSummary {
        guard bytes.count <= Int(truncatingIfNeeded: ImplementationLimits.moduleSize) else {
            throw LoadError(.moduleTooLarge, at: 0, number: ImplementationLimits.moduleSize)
        }
        var reader = ByteReader(bytes)
        try header(&reader)
        var summary = ModuleSummary()
        var dataCount: UInt32 = 0
        var lastPlace: UInt8 = 0
        while !reader.isAtEnd {
            let idOffset = reader.offset
            let id = try reader.byte()
            let sizeOffset = reader.offset
            let size = try reader.u32()
            var section = try reader.take(size, lengthAt: sizeOffset)
            if id == 0 {
                _ = try section.name()
                continue
            }
            let place = try place(ofSection: id, at: idOffset)
            guard place > lastPlace else { throw LoadError(.sectionOutOfOrder, at: idOffset) }
            lastPlace = place
            try read(id, &section, &summary, &dataCount)
            if id == 2 { try countImports(bytes, &summary) }
        }
        try checkTotals(summary, dataCount: dataCount, end: reader.offset)
        return summary
    }

    /// A section's place in the order of the specification: data count (12) comes before code (10).
    private static func place(ofSection id: UInt8, at offset: UInt32) throws(LoadError) -> UInt8 {
        switch id {
        case 1...9: return id
        case 12: return 10
        case 10: return 11
        case 11: return 12
        case 13: throw LoadError(missing: .exceptions, at: offset)
        default: throw LoadError(.malformedSectionID, at: offset)
        }
    }

    private static func read(
        _ id: UInt8, _ section: inout ByteReader, _ summary: inout ModuleSummary, _ dataCount: inout UInt32
    ) throws(LoadError) {
        typealias Most = ImplementationLimits
        switch id {
        case 1: summary.types = try vector(&section, Most.types, .tooManyTypes)
        case 2: summary.imports = try vector(&section, Most.imports, .tooManyImports)
        case 3: summary.functions = try vector(&section, Most.functions, .tooManyFunctions)
        case 4: summary.tables = try vector(&section, Most.tables, .tooManyTables)
        case 5: summary.memories = try vector(&section, 1, .multipleMemories)
        case 6: summary.globals = try vector(&section, Most.globals, .tooManyGlobals)
        case 7: summary.exports = try vector(&section, Most.exports, .tooManyExports)
        case 9: summary.elements = try vector(&section, Most.elementSegments, .tooManyElementSegments)
        case 10: summary.code = try vector(&section, Most.functions, .tooManyFunctions)
        case 11: summary.data = try vector(&section, Most.dataSegments, .tooManyDataSegments)
        case 8:
            summary.hasStart = true
            summary.startOffset = section.offset
            summary.start = try onlyNumber(&section)
        default:
            summary.hasDataCount = true
            dataCount = try onlyNumber(&section)
        }
    }

    /// A section that holds a count and so many entries, of one byte at least each.
    private static func vector(
        _ section: inout ByteReader, _ limit: UInt32, _ reason: LoadError.Reason
    ) throws(LoadError) -> Section {
        let countOffset = section.offset
        let count = try section.u32()
        guard count <= section.remaining else { throw LoadError(.lengthOutOfBounds, at: countOffset) }
        guard count <= limit else { throw LoadError(reason, at: countOffset, number: limit) }
        return Section(offset: section.offset, end: section.end, count: count)
    }

    /// A section that holds a number and nothing else.
    private static func onlyNumber(_ section: inout ByteReader) throws(LoadError) -> UInt32 {
        let number = try section.u32()
        guard section.isAtEnd else { throw LoadError(.sectionSizeMismatch, at: section.offset) }
        return number
    }

    private static func countImports(_ bytes: Span<UInt8>, _ summary: inout ModuleSummary) throws(LoadError) {
        var imports = SectionReader<ImportEntry>(summary.imports, of: bytes)
        while let entry = try imports.next() {
            switch entry.type {
            case .function: summary.importedFunctionCount &+= 1
            case .table: summary.importedTableCount &+= 1
            case .memory: summary.importedMemoryCount &+= 1
            case .global: summary.importedGlobalCount &+= 1
            }
        }
    }

    /// What concerns two sections. No sum here can overflow: every count is at most 65,535.
    private static func checkTotals(_ summary: borrowing ModuleSummary, dataCount: UInt32, end: UInt32) throws(LoadError) {
        guard summary.functions.count == summary.code.count else {
            throw LoadError(.inconsistentFunctionAndCode, at: summary.code.end == 0 ? end : summary.code.offset)
        }
        guard !summary.hasDataCount || dataCount == summary.data.count else {
            throw LoadError(.inconsistentDataCount, at: summary.data.end == 0 ? end : summary.data.offset)
        }
        guard summary.functionCount <= ImplementationLimits.functions else {
            throw LoadError(.tooManyFunctions, at: summary.functions.offset, number: ImplementationLimits.functions)
        }
        guard summary.tableCount <= ImplementationLimits.tables else {
            throw LoadError(.tooManyTables, at: summary.tables.offset, number: ImplementationLimits.tables)
        }
        guard summary.memoryCount <= 1 else {
            let section = summary.memories.count > 0 ? summary.memories : summary.imports
            throw LoadError(.multipleMemories, at: section.offset, number: 1)
        }
        guard summary.globalCount <= ImplementationLimits.globals else {
            throw LoadError(.tooManyGlobals, at: summary.globals.offset, number: ImplementationLimits.globals)
        }
    }
}
