// What a module has, and where: everything that must be known before memory for it is asked for.

/// Counts and places of a module's sections. Plain numbers, no pointers; each count has been held against
/// `ImplementationLimits`, and against the bytes that are there to fill it.
///
/// Not copyable: 200 bytes, which every call that is given them would copy.
package struct ModuleSummary: ~Copyable {
    private let lent = LentByAddress()
    package var types = Section.none
    package var imports = Section.none
    package var functions = Section.none
    package var tables = Section.none
    package var memories = Section.none
    package var globals = Section.none
    package var exports = Section.none
    package var elements = Section.none
    package var code = Section.none
    package var data = Section.none

    package var importedFunctionCount: UInt32 = 0
    package var importedTableCount: UInt32 = 0
    package var importedMemoryCount: UInt32 = 0
    package var importedGlobalCount: UInt32 = 0

    /// Whether there is a data count section: without it, `memory.init` and `data.drop` are malformed.
    package var hasDataCount = false
    package var hasStart = false
    /// The function that instantiation calls; 0 when `hasStart` is false.
    package var start: UInt32 = 0
    /// Where the start section's index lies.
    package var startOffset: UInt32 = 0

    /// 32-bit cells of the module's own globals. Known after validation; 0 before.
    package var ownGlobalCells: UInt32 = 0
    /// How many of the module's own globals hold references. Known after validation; 0 before.
    package var ownGlobalReferences: UInt32 = 0

    package init() {}

    /// For whoever keeps one.
    package borrowing func copy() -> ModuleSummary {
        var copy = ModuleSummary()
        (copy.types, copy.imports, copy.functions, copy.tables, copy.memories) = (types, imports, functions, tables, memories)
        (copy.globals, copy.exports, copy.elements, copy.code, copy.data) = (globals, exports, elements, code, data)
        (copy.importedFunctionCount, copy.importedTableCount) = (importedFunctionCount, importedTableCount)
        (copy.importedMemoryCount, copy.importedGlobalCount) = (importedMemoryCount, importedGlobalCount)
        (copy.hasDataCount, copy.hasStart, copy.start, copy.startOffset) = (hasDataCount, hasStart, start, startOffset)
        (copy.ownGlobalCells, copy.ownGlobalReferences) = (ownGlobalCells, ownGlobalReferences)
        return copy
    }

    /// Imported and own.
    package var functionCount: UInt32 { importedFunctionCount &+ functions.count }
    /// Imported and own.
    package var tableCount: UInt32 { importedTableCount &+ tables.count }
    /// Imported and own: 0 or 1.
    package var memoryCount: UInt32 { importedMemoryCount &+ memories.count }
    /// Imported and own.
    package var globalCount: UInt32 { importedGlobalCount &+ globals.count }
    /// How many entries of scratch validation asks of its `ModuleIndex`.
    package var scratchCount: UInt32 { types.count > exports.count ? types.count : exports.count }
}
