// What runs of a module: types, functions and register code. Of a .wasm it is in RAM, in a block of the pool; of an image it lies in the image, as everything.
//
//     0                28            + 4 T         + 4 I              + 16 F        code base
//     │ header (7 words) │ types: T × 4 │ imports: I × 4 │ functions: F × 16 │ exit, crossReturn, code … │

import Image
import WasmFormat

/// A view of a module's block. The block stays where it is as long as the module is loaded.
@safe struct ModuleBlock {
    let words: Words
    /// The region of the module's bytes.
    let region: UInt32
    /// Whether the block lies in these bytes: it is then read-only.
    let isImage: Bool

    typealias Header = ModuleHeader

    /// The global that is the aux stack's pointer.
    var auxStackPointer: GlobalIndex? {
        let number = words[Header.region] &>> 16
        return number == 0 ? nil : GlobalIndex(number &- 1)
    }
    /// The first cell of an aux stack's pointer that is an own global; nil where it was too far on to be noted.
    var auxStackCell: UInt32? {
        if isImage { return words[Header.region] & 0xffff }
        let noted = words[Header.region] &>> 8 & 0xff
        return noted == 0 ? nil : noted &- 1
    }
    var typeCount: UInt32 { words[Header.types] & 0xffff }
    var importedFunctions: UInt32 { words[Header.types] &>> 16 }
    var functionCount: UInt32 { words[Header.functions] & 0xffff }
    var globalCells: UInt32 { words[Header.functions] &>> 16 }
    var importedGlobals: UInt32 { words[Header.globals] & 0xffff }
    var tables: UInt32 { words[Header.globals] &>> 16 }
    var passiveElements: UInt32 { words[Header.segments] & 0xffff }
    var passiveData: UInt32 { words[Header.segments] &>> 16 }
    var code: UInt32 { words[Header.code] }
    var codeWords: UInt32 { words[Header.codeWords] }

    private var importsStart: UInt32 { Header.count &+ typeCount }
    var functionsStart: UInt32 { importsStart &+ importedFunctions }

    /// Where a type lies in the module; equal types have equal offsets.
    func typeOffset(_ type: UInt32) -> UInt32 { words[Header.count &+ type] }

    /// The type index of a function, imports first.
    func type(ofFunction function: UInt32) -> UInt32 {
        if function < importedFunctions { return words[importsStart &+ function] & 0xffff }
        return words[functionsStart &+ (function &- importedFunctions) &* 4 &+ 2] & 0xffff
    }

    func typeOffset(ofFunction function: UInt32) -> UInt32 { typeOffset(type(ofFunction: function)) }

    /// The record of an own function.
    func record(_ function: UInt32) -> FunctionRecord {
        let at = functionsStart &+ function &* 4
        let b = words[at &+ 1]
        let c = words[at &+ 2]
        return FunctionRecord(start: words[at], stackWords: UInt16(truncatingIfNeeded: b), referenceWords: UInt16(truncatingIfNeeded: b &>> 16),
                              type: UInt16(truncatingIfNeeded: c), constants: UInt16(truncatingIfNeeded: c &>> 16 & 0x7fff), body: words[at &+ 3])
    }

    /// The own function whose instructions hold a byte offset from the code base, if any.
    func function(at offset: UInt32) -> UInt32? {
        var low: UInt32 = 0
        var high = functionCount
        guard high > 0, offset >= record(0).start else { return nil }
        while high &- low > 1 {
            let middle = (low &+ high) / 2
            if record(middle).start <= offset { low = middle } else { high = middle }
        }
        return low
    }

    /// Words of an own function's instructions.
    func instructionWords(_ function: UInt32) -> UInt32 {
        let start = record(function).start / 4
        if function &+ 1 < functionCount {
            let next = record(function &+ 1)
            return next.start / 4 &- UInt32(next.constants) &- start
        }
        return codeWords &- start
    }
}
