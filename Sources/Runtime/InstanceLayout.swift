// Where the parts of an instance lie in its block. One computation: for making it, and for saying beforehand what it takes.

import Image
import WasmFormat

/// First words of the parts, in their order.
struct InstanceLayout {
    let globals: UInt32
    let importedGlobals: UInt32
    let tables: UInt32
    let memory: UInt32
    let dropped: UInt32
    /// The elements that the own tables begin with, table after table.
    let elements: UInt32
    let elementWords: UInt64
    /// Of the whole block; more than a block can have where the tables are too large.
    let words: UInt64
    private let largest: (size: UInt32, number: UInt32, offset: UInt32)
    /// What is too large if there is no room for the block: its largest table, where that is most of it; else the instance.
    var refusal: LoadError {
        UInt64(largest.size) > words / 2 ? LoadError(noRoomFor: .table, number: largest.number, at: largest.offset) : LoadError(noRoomFor: .instance, at: 0)
    }

    init(_ code: ModuleBlock, _ bytes: Span<UInt8>, _ regions: RegionTable, _ summary: inout ModuleSummary, hasAppHeap: Bool) throws(LoadError) {
        globals = InstanceBlock.Header.count &+ code.importedFunctions
        importedGlobals = globals &+ code.globalCells
        tables = importedGlobals &+ code.importedGlobals
        memory = tables &+ code.tables &* TableWords.count
        let auxStack = memory &+ summary.memoryCount &* (hasAppHeap ? MemoryWords.countWithAppHeap : MemoryWords.count)
        dropped = auxStack &+ (code.auxStackPointer == nil ? 0 : AuxStackWords.count)
        elements = dropped &+ (code.passiveElements &+ code.passiveData &+ 31) / 32
        var sum: UInt64 = 0
        var largest: (size: UInt32, number: UInt32, offset: UInt32) = (0, 0, 0)
        var number = summary.importedTableCount
        let last = number &+ summary.tables.count
        var types = SectionReader<TableType>(summary.tables, of: bytes)
        while number < last {
            let offset = code.isImage ? summary.tables.offset &+ (number &- summary.importedTableCount) &* 12 : types.offset
            let size = code.isImage ? regions.image(code)[offset / 4 &+ 1] : try types.next()?.limits.minimum ?? 0
            sum &+= UInt64(size)
            if size > largest.size { largest = (size, number, offset) }
            number &+= 1
        }
        elementWords = sum
        words = UInt64(elements) &+ sum
        self.largest = largest
    }
}
