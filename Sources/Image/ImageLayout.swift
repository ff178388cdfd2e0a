// The packed image: a module translated beforehand, used where it lies (docs/IMAGE.md has it byte by byte).
//
//     0        128                                                                                                              length
//     │ header │ types │ imports │ types of imported globals │ own globals │ tables │ memory │ exports │ element segments │ data segments │
//     │ constant expressions │ elements │ module block: records, register code │ names of functions │ data │
//
// Little-endian 32-bit words throughout; every part begins where the one before ends, at a multiple of 4. The module block is laid out as the one that the
// Translator writes to RAM. Offsets count bytes from the image's start, so any 4-byte aligned address will do.

/// Words of the header.
package enum ImageHeader {
    package static var mark: UInt32 { 0 }
    package static var version: UInt32 { 1 }          // version │ features << 16
    package static var code: UInt32 { 2 }             // `CodeNumber`: what the register code means
    package static var length: UInt32 { 3 }           // bytes of the image
    package static var checksum: UInt32 { 4 }         // of everything behind the header
    package static var source: UInt32 { 5 }           // 64-bit hash of the .wasm that it was made of
    // What an instance takes of the global heap, in bytes: the words of its block, less its tables' elements; these; the window that its linear memory
    // begins with, `unknownWindow` if that depends on an imported global.
    package static var instanceBytes: UInt32 { 7 }
    package static var tableBytes: UInt32 { 8 }
    package static var windowBytes: UInt32 { 9 }
    package static var largestFrame: UInt32 { 10 }    // of the operand stack, in bytes, its call record included
    package static var imports: UInt32 { 11 }         // imports │ imported tables << 16 │ imported memories << 24
    package static var globals: UInt32 { 12 }         // own globals │ own tables << 16
    package static var exports: UInt32 { 13 }
    package static var segments: UInt32 { 14 }        // element segments │ data segments << 16
    package static var start: UInt32 { 15 }           // index of the start function + 1; 0: none
    package static var codeKind: UInt32 { 16 }        // what the block's code is: 1 register code
    /// Offsets of the parts, from the imports on, in their order.
    package static var parts: UInt32 { 17 }
    /// The lowest address of the aux stack, if its pointer is a global of the module's own that begins as a constant.
    package static var auxStackBottom: UInt32 { 30 }
    /// The header's words before this one.
    package static var headerChecksum: UInt32 { 31 }
    package static var count: UInt32 { 32 }
    package static var bytes: UInt32 { 128 }

    /// "MOTI".
    package static var marked: UInt32 { 0x4954_4f4d }
    /// Raised whenever the layout changes.
    package static var currentVersion: UInt32 { 1 }
    package static var registerCode: UInt32 { 1 }
    package static var unknownWindow: UInt32 { .max }

    // Features.
    /// The code has instructions of the trait FloatingPoint.
    package static var floats: UInt32 { 1 }
    /// Functions have their names.
    package static var names: UInt32 { 2 }
}

/// The parts behind the types, in their order.
package enum ImagePart: UInt32, CaseIterable {
    case imports, importedGlobals, globals, tables, memory, exports, elementSegments, dataSegments, expressions, elements, block, names, data

    package var headerWord: UInt32 { ImageHeader.parts &+ rawValue }
}

/// Words of a module's block: in an image, and in the pool for a module that was loaded from .wasm.
///
///     0                28            + 4 T         + 4 I              + 16 F        code base
///     │ header (7 words) │ types: T × 4 │ imports: I × 4 │ functions: F × 16 │ exit, crossReturn, code … │
package enum ModuleHeader {
    /// The aux stack's pointer << 16: its global's index + 1; 0 if there is none │ if that is an own global, its first cell: in an image as it is, else + 1
    /// << 8, or 0 where that needs more than 8 bits │ region of the bytes, 0 in an image.
    package static var region: UInt32 { 0 }
    package static var types: UInt32 { 1 }               // count │ imported functions << 16
    package static var functions: UInt32 { 2 }           // own functions │ own global cells << 16
    package static var code: UInt32 { 3 }                // first word of the code, in words from the block's start
    package static var codeWords: UInt32 { 4 }
    package static var globals: UInt32 { 5 }             // imported globals │ tables << 16
    package static var segments: UInt32 { 6 }            // passive element segments │ passive data segments << 16
    package static var count: UInt32 { 7 }
}

/// The image's checksum: every word, turned and multiplied into one.
package struct ImageSum {
    package private(set) var value: UInt32 = 0x4d6f_7465
    package init() {}

    /// One word changes all that follows; turning lets high bits reach low ones.
    @inline(__always)
    package mutating func add(_ word: UInt32) {
        let mixed = value ^ word
        value = (mixed &>> 13 | mixed &<< 19) &* 0x9e37_79b1
    }
}
