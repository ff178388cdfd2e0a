// The lookup tables of a module while it is loaded: what stays lies where it will stay, the rest behind it until the code is written.
#if Translator

import Image
import Translator
import WasmFormat

/// Backed by the block that the module is loaded into: `words` up to the code's start stay, `transient` words are given back.
@safe struct LoadIndex: TranslationIndex, ~Copyable {
    private let lent = LentByAddress()
    let block: Words
    let transient: Words
    let typeCount: UInt32
    let importedFunctions: UInt32
    let globalCount: UInt32
    let tableCount: UInt32
    let elementCount: UInt32
    /// Own globals are numbered by cells as they come.
    var nextGlobalCell: UInt32 = 0
    let importedGlobals: UInt32
    /// Known after validation.
    var auxStackPointer: GlobalIndex?

    private static var declared: UInt32 { 1 &<< 31 }

    init(block: Words, transient: Words, summary: borrowing ModuleSummary) {
        self.block = block
        self.transient = transient
        typeCount = summary.types.count
        importedFunctions = summary.importedFunctionCount
        globalCount = summary.globalCount
        tableCount = summary.tableCount
        elementCount = summary.elements.count
        importedGlobals = summary.importedGlobalCount
    }

    /// Words that are needed besides the block: globals, tables, element segments; scratch shares the code's room.
    static func transientWords(_ summary: borrowing ModuleSummary) -> UInt32 {
        summary.globalCount &+ (summary.tableCount &+ 3) / 4 &+ (summary.elements.count &+ 3) / 4 &+ max(summary.scratchCount, (summary.elements.count &+ summary.data.count &+ 1) / 2)
    }

    private func functionWord(_ function: FunctionIndex) -> UInt32 {
        let start = ModuleBlock.Header.count &+ typeCount
        if function.rawValue < importedFunctions { return start &+ function.rawValue }
        return start &+ importedFunctions &+ (function.rawValue &- importedFunctions) &* 4 &+ 2
    }

    func typeOffset(_ type: TypeIndex) -> UInt32 { block[ModuleBlock.Header.count &+ type.rawValue] }
    mutating func setTypeOffset(_ type: TypeIndex, _ offset: UInt32) { block[ModuleBlock.Header.count &+ type.rawValue] = offset }

    func functionType(_ function: FunctionIndex) -> TypeIndex { TypeIndex(block[functionWord(function)] & 0xffff) }
    mutating func setFunctionType(_ function: FunctionIndex, _ type: TypeIndex) {
        let word = functionWord(function)
        block[word] = block[word] & LoadIndex.declared | type.rawValue
    }

    func isDeclared(_ function: FunctionIndex) -> Bool { block[functionWord(function)] & LoadIndex.declared != 0 }
    mutating func markDeclared(_ function: FunctionIndex) {
        let word = functionWord(function)
        block[word] = block[word] | LoadIndex.declared
    }

    func globalType(_ global: GlobalIndex) -> GlobalType {
        let word = transient[global.rawValue]
        return GlobalType(valueType: ValueType(rawValue: UInt8(truncatingIfNeeded: word)) ?? .i32, isMutable: word & 0x100 != 0)
    }
    mutating func setGlobalType(_ global: GlobalIndex, _ type: GlobalType) {
        var cell = global.rawValue
        if global.rawValue >= importedGlobals {
            cell = nextGlobalCell
            nextGlobalCell &+= type.valueType.isReference ? 1 : type.valueType.cells
        }
        transient[global.rawValue] = UInt32(type.valueType.rawValue) | (type.isMutable ? 0x100 : 0) | (cell & 0xffff) &<< 16
    }
    func globalCell(_ global: GlobalIndex) -> UInt32 { transient[global.rawValue] &>> 16 }
    /// The first cell of an own global + 1, if that fits 8 bits; else 0.
    func cellNote(of global: GlobalIndex) -> UInt32 {
        let cell = globalCell(global)
        return global.rawValue >= importedGlobals && cell < 255 ? cell &+ 1 : 0
    }

    private func byte(_ base: UInt32, _ number: UInt32) -> UInt8 {
        UInt8(truncatingIfNeeded: transient[base &+ number / 4] &>> ((number & 3) &* 8))
    }
    private func setByte(_ base: UInt32, _ number: UInt32, _ value: UInt8) {
        let shift = (number & 3) &* 8
        let word = transient[base &+ number / 4]
        transient[base &+ number / 4] = word & ~(0xff &<< shift) | UInt32(value) &<< shift
    }

    func tableType(_ table: TableIndex) -> ValueType { ValueType(rawValue: byte(globalCount, table.rawValue)) ?? .funcref }
    mutating func setTableType(_ table: TableIndex, _ elementType: ValueType) { setByte(globalCount, table.rawValue, elementType.rawValue) }

    private var elementsStart: UInt32 { globalCount &+ (tableCount &+ 3) / 4 }
    func elementType(_ segment: ElementIndex) -> ValueType { ValueType(rawValue: byte(elementsStart, segment.rawValue)) ?? .funcref }
    mutating func setElementType(_ segment: ElementIndex, _ elementType: ValueType) { setByte(elementsStart, segment.rawValue, elementType.rawValue) }

    private var scratchStart: UInt32 { elementsStart &+ (elementCount &+ 3) / 4 }
    func scratch(_ number: UInt32) -> UInt32 { transient[scratchStart &+ number] }
    mutating func setScratch(_ number: UInt32, _ value: UInt32) { transient[scratchStart &+ number] = value }

    // Numbers of passive segments, 16 bits each, in the place of the scratch that validation needed.
    func passiveNumber(ofElements segment: UInt32) -> UInt32 { passiveNumber(segment) }
    func passiveNumber(ofData segment: UInt32) -> UInt32 { passiveNumber(elementCount &+ segment) }
    private func passiveNumber(_ place: UInt32) -> UInt32 { transient[scratchStart &+ place / 2] &>> (place % 2 &* 16) & 0xffff }
    private mutating func setPassiveNumber(_ place: UInt32, _ value: UInt32) {
        let shift = place % 2 &* 16
        let word = transient[scratchStart &+ place / 2]
        transient[scratchStart &+ place / 2] = word & ~(0xffff &<< shift) | value &<< shift
    }

    /// Numbers the passive segments of a validated module; how many there are: of elements │ of data << 16.
    mutating func numberPassiveSegments(_ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) throws(LoadError) -> UInt32 {
        var place: UInt32 = 0
        var passiveElements: UInt32 = 0
        var elements = SectionReader<ElementSegment>(summary.elements, of: bytes)
        while let segment = try elements.next() { number(segment.mode, &place, &passiveElements) }
        var passiveData: UInt32 = 0
        var data = SectionReader<DataSegment>(summary.data, of: bytes)
        while let segment = try data.next() { number(segment.mode, &place, &passiveData) }
        return passiveElements | passiveData &<< 16
    }
    private mutating func number(_ mode: SegmentMode, _ place: inout UInt32, _ count: inout UInt32) {
        setPassiveNumber(place, mode == .passive ? count : 0xffff)
        if mode == .passive { count &+= 1 }
        place &+= 1
    }
}
#endif
