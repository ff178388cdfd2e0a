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

    init(_ code: ModuleBlock, _ summary: ModuleSummary, hasAppHeap: Bool) {
        globals = InstanceBlock.Header.count &+ code.importedFunctions
        importedGlobals = globals &+ code.globalCells
        tables = importedGlobals &+ code.importedGlobals
        memory = tables &+ code.tables &* TableWords.count
        let auxStack = memory &+ summary.memoryCount &* (hasAppHeap ? MemoryWords.countWithAppHeap : MemoryWords.count)
        dropped = auxStack &+ (code.auxStackPointer == nil ? 0 : AuxStackWords.count)
        words = dropped &+ (code.elementBits &+ code.dataBits &+ 31) / 32
    }
}
