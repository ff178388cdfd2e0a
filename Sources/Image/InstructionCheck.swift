// What the check asks of each instruction: of each field that it stays below a limit, and what else there is to look at. Follows from the table of
// instructions (Op.shape, ExtendedOp.shape): a test computes it, and says what to write into InstructionCheck+Table.swift when that changed.
//
// Many instructions ask for the same; each has a number of these, two words:
//
//     31    28 27    24 23     16 15      8 7       0
//    ┌────────┬────────┬─────────┬─────────┬─────────┐
//    │ kind   │ c      │ c       │ b       │ a       │  frame: the limit of c; 1 for a field that names cells
//    ├────────┼────────┼─────────┼─────────┼─────────┤
//    │ b      │ a      │ c       │ b       │ a       │  added: the limits of b and a; a number for each field
//    └────────┴────────┴─────────┴─────────┴─────────┘
//
// All three fields are held against their limits by one addition: a field, what is added to it, and, if it names cells, the cells that its frame has
// less than 256, come to less than 256 if it is right, so that nothing is carried out of its byte. (One that breaks its limit makes a carry, whatever
// stands beside it; where none does, none is carried in.)

import RegisterCode

/// What a field must stay below.
package enum FieldLimit: UInt32, CaseIterable {
    /// An immediate, an offset, a part of a wide field.
    case any
    /// A field that is not used.
    case zero
    /// A cell, and how many from there on.
    case cell, pair, cells3, cells4
    /// A constant, or two: odd.
    case constant, constantPair
    /// A reference cell, or two.
    case reference, referencePair
    case table, type
    /// Cells, where the module has a memory: the last ones.
    case memoryCell, memoryPair
    /// No function has such a word: one of its own at the start of the code, a reserved one, a prologue's anywhere else.
    case never
}

/// What else is looked at.
package enum CheckKind: UInt32 {
    // The sum alone tells: always; where the build has floats; where the module has a memory.
    case plain, float, memory
    /// And c is a constant, or the first of two.
    case constant
    /// A branch: by c, by b and c.
    case branch8, branch16
    case `return`
    /// A constant in b and c: as many as a names cells.
    case constant16
    /// The second page.
    case extended
    case call
    /// A global in b and c.
    case global
    /// A jump table behind it.
    case branchTable
    /// So many cells from a on, as b and c say.
    case zero
    // From here on there are limits of which the sum tells nothing, but for those of some `callIndirect`.
    case callIndirect
    case fields
    /// A few that stand alone: a branch with a constant in b, far locals, `refFunc`, `tableCopy`, references that are handed over or given back.
    case special
}

package struct InstructionCheck: Hashable {
    package let bits: UInt64
    package init(bits: UInt64) { self.bits = bits }

    @inline(__always) var added: UInt32 { UInt32(truncatingIfNeeded: bits) }
    @inline(__always) var frame: UInt32 { UInt32(truncatingIfNeeded: bits &>> 32) }
    @inline(__always) var kind: UInt32 { frame &>> 28 }
    /// The limits: a │ b << 4 │ c << 8.
    @inline(__always) var limits: UInt32 { added &>> 24 | (frame &>> 24 & 15) &<< 8 }

    /// Whether b is the first of three or four cells.
    @inline(__always) var namesCells: Bool { limits &>> 5 & 7 == FieldLimit.cells3.rawValue &>> 1 }

    /// Whether each field of a word is below its limit, as far as the sum tells. `missing`: the cells that its frame has less than 256.
    @inline(__always)
    func holds(_ w: UInt32, missing: UInt32) -> Bool {
        let all = added &+ frame &* missing
        let fields = w &>> 8
        // What was carried into each byte; into the first nothing ever is.
        return (fields ^ all ^ (fields &+ all)) & 0x0101_0101 == 0
    }
}

/// The table in flash: numbers of checks by opcode, by the second page's opcode, then the checks.
@safe struct InstructionTable {
    private let start: UnsafeRawPointer

    init() {
        // Safety: a constant's address, which stays. Not taken for each look: the loop would make it anew each time.
        unsafe start = instructionTable.span.withUnsafeBytes { bytes in unsafe bytes.baseAddress.unsafelyUnwrapped }
    }

    static var extendedNumbers: UInt32 { 69 }
    /// Where the checks begin, in bytes.
    static var checks: Int { 328 }

    @inline(__always)
    func check(_ number: UInt8) -> InstructionCheck {
        // Safety: all numbers in the table are of checks, here and below; a test counts them.
        unsafe InstructionCheck(bits: start.load(fromByteOffset: Int(truncatingIfNeeded: number) &* 8 &+ InstructionTable.checks, as: UInt64.self))
    }

    @inline(__always)
    subscript(op: UInt8) -> InstructionCheck { unsafe check(start.load(fromByteOffset: Int(truncatingIfNeeded: op), as: UInt8.self)) }

    @inline(__always)
    func extended(_ sub: UInt32) -> InstructionCheck {
        unsafe check(sub < InstructionTable.extendedNumbers ? start.load(fromByteOffset: Int(truncatingIfNeeded: sub) &+ 256, as: UInt8.self) : 0)
    }
}

#if !hasFeature(Embedded)
extension InstructionCheck {
    package init(_ kind: CheckKind, _ a: FieldLimit = .zero, _ b: FieldLimit = .zero, _ c: FieldLimit = .zero) {
        var (added, frame) = (a.rawValue &<< 24 | b.rawValue &<< 28, c.rawValue &<< 24 | kind.rawValue &<< 28)
        for (shift, limit) in zip([0, 8, 16] as [UInt32], [a, b, c]) {
            switch limit {
            case .zero: added |= 255 &<< shift
            case .cell, .memoryCell: frame |= 1 &<< shift
            case .pair, .memoryPair, .cells3, .cells4:
                frame |= 1 &<< shift
                added |= (limit == .cells3 ? 2 : limit == .cells4 ? 3 : 1) &<< shift
            default: break
            }
        }
        bits = UInt64(added) | UInt64(frame) &<< 32
    }

    package static func of(_ op: Op) -> InstructionCheck { InstructionTable()[op.rawValue] }
    package static func of(_ sub: ExtendedOp?) -> InstructionCheck { InstructionTable().extended(UInt32(sub?.rawValue ?? .max)) }

    /// Whether the instruction is there in builds with floats only.
    package var needsFloats: Bool { kind == CheckKind.float.rawValue }
}
#endif
