// A block that is open while a function is translated. 32 bytes in the workspace, between the entries it encloses and its own.

import WasmFormat

/// What a label's or a block's values are.
struct BlockType: BitwiseCopyable {
    /// An offset of a function type in the module, or one of the two below.
    var bits: UInt32
    static var empty: UInt32 { 0xffff_ffff }
    static var valueBase: UInt32 { 0xffff_ff00 }
    init(bits: UInt32) { self.bits = bits }
    init(value: ValueType) { bits = Self.valueBase | UInt32(value.rawValue) }
    var isFunctionType: Bool { bits < Self.valueBase }
    var singleValue: ValueType? { isFunctionType ? nil : ValueType(rawValue: UInt8(truncatingIfNeeded: bits)) }
}

struct ControlFrame: BitwiseCopyable {
    enum Kind: UInt8 { case function, block, loop, `if`, `else` }

    var kind: Kind
    /// Whether the rest of this block cannot be reached, so that its stack is polymorphic.
    var isUnreachable = false
    /// Whether the block itself could be reached: code is emitted again after its end.
    var wasLive: Bool
    /// The false branch of an `if` has a 16-bit field.
    var elseIsWide = false
    var type: BlockType
    /// Cells and reference cells of the operand stack below the block's parameters.
    var height: UInt16
    var referenceHeight: UInt16
    /// Position + 1 of the last forward branch to this label with an 8-bit field; the field holds the distance to the one before.
    var chain8: UInt16 = 0
    /// The same for 16-bit fields, which hold the position + 1 of the one before.
    var chain16: UInt16 = 0
    /// Where a loop starts; position + 1 of an `if`'s false branch.
    var position: UInt16 = 0
    /// Position + 1 of the last jump that leads to this label: what cannot reach the label may reach that.
    var island: UInt16 = 0
    /// How much further out the frame of `skipTarget` lies, in 8 bytes of the workspace: 1,024 frames and their entries are fewer than 2¹⁶.
    var skip: UInt16 = 0
    /// Counts labels of the function, to remember those that short branches cannot reach.
    var ordinal: UInt16
    /// Which of the first 32 locals are surely set, as it was at the block's start.
    var initialised: UInt32
    /// Where the enclosing frame lies: slots from the top of the workspace.
    var previous: UInt32

    /// The number of the frame that `skip` of frame `number` leads to; the function's is 0. Without its lowest bit: from any frame to any
    /// other one it is at most 54 steps, each to a frame's skip target or to the enclosing one.
    static func skipTarget(_ number: UInt32) -> UInt32 { number & (number &- 1) }
}
