// What the check asks of each instruction, in 16 bits: a limit for each field, and what else there is to look at. Follows from the table of instructions
// (Op.shape, ExtendedOp.shape): a test computes it, and says what to write into InstructionCheck+Table.swift when that changed.
//
//     15    12 11     8 7      4 3      0
//    ┌────────┬────────┬────────┬────────┐
//    │  kind  │ c      │ b      │ a      │      the limits that the fields must stay below
//    └────────┴────────┴────────┴────────┘

import RegisterCode

/// What a field must stay below.
package enum FieldLimit: UInt32, CaseIterable {
    /// An immediate, an offset, a part of a wide field.
    case any
    /// A field that is not used.
    case zero
    /// A cell, and how many from there on.
    case cell, pair, cells3, cells4
    /// A constant, or two.
    case constant, constantPair
    /// A reference cell, or two.
    case reference, referencePair
    case table
    /// Cells, where the module has a memory.
    case memoryCell, memoryPair
    /// Cells, where the build has floats.
    case floatCell, floatPair
    case type
}

/// What else is looked at.
package enum CheckKind: UInt32 {
    case plain
    /// A branch: by c, by b and c.
    case branch8, branch16
    /// A constant in b and c, or two.
    case constant16, constantPair16
    /// A cell in b and c, counted from cell 0 both ways, or two.
    case far, farPair
    /// A global in b and c.
    case global
    case call, callIndirect
    /// A jump table behind it.
    case branchTable
    case `return`
    /// A few that stand alone: `zero`, `refFunc`, `tableCopy`, bulk operations on memory.
    case special
    /// Handing references over, or giving them back.
    case references
    /// The second page.
    case extended
    /// What no function has: a word of its own at the start of the code, a reserved one, a prologue's anywhere else.
    case never
}

package struct InstructionCheck: Equatable {
    package let bits: UInt16
    package init(bits: UInt16) { self.bits = bits }
    package init(_ kind: CheckKind, _ a: FieldLimit = .zero, _ b: FieldLimit = .zero, _ c: FieldLimit = .zero) {
        bits = UInt16(truncatingIfNeeded: a.rawValue | b.rawValue &<< 4 | c.rawValue &<< 8 | kind.rawValue &<< 12)
    }
}

#if !hasFeature(Embedded)
extension InstructionCheck {
    package static func of(_ op: Op) -> InstructionCheck { InstructionCheck(bits: instructionChecks[Int(op.rawValue)]) }
    package static func of(_ sub: ExtendedOp?) -> InstructionCheck { sub.map { InstructionCheck(bits: extendedChecks[Int($0.rawValue)]) } ?? InstructionCheck(.never) }

    private func isFloat(_ limit: UInt16) -> Bool { UInt32(limit) == FieldLimit.floatCell.rawValue || UInt32(limit) == FieldLimit.floatPair.rawValue }

    /// Whether the instruction is there in builds with floats only.
    package var needsFloats: Bool {
        isFloat(bits & 15) || isFloat(bits &>> 4 & 15) || isFloat(bits &>> 8 & 15)
    }
}
#endif
