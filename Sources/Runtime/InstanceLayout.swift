// Where the parts of an instance lie in its block. One computation: for making it, and for saying beforehand what it takes.

import WasmFormat

/// First words of the parts, in their order.
struct InstanceLayout {
    let globals: UInt32
    let importedGlobals: UInt32
    let tables: UInt32
    let memory: UInt32
    let dropped: UInt32
    /// Of the whole block.
    let words: UInt32

    init(_ code: ModuleBlock, _ summary: ModuleSummary) {
        globals = InstanceBlock.Header.count &+ code.importedFunctions
        importedGlobals = globals &+ code.globalCells
        tables = importedGlobals &+ code.importedGlobals
        memory = tables &+ code.tables &* TableWords.count
        dropped = memory &+ summary.memoryCount &* MemoryWords.count &+ (code.auxStackPointer == nil ? 0 : AuxStackWords.count)
        words = dropped &+ (code.elementSegments &+ code.dataSegments &+ 31) / 32
    }
}
