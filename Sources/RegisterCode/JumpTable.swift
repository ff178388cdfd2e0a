// The table of `brTableK`: which of the jumps behind the instruction belongs to each value. It lies among the function's constants.
//
//     lower addresses                                              higher addresses, towards the code
//     ┌──────────────────┬───────────────────────────────────────┐
//     │ header           │ one byte for each value 0 … last, zeros up to the next word │
//     └──────────────────┴───────────────────────────────────────┘
//       last:16 jumps:16

/// The first word of a table of jumps. The constant that the instruction names.
package struct JumpTable: BitwiseCopyable {
    package var bits: UInt32
    /// `last`: the greatest value with a byte of its own; greater ones take its jump. `jumps`: how many follow the instruction, at most 256.
    package init(last: UInt32, jumps: UInt32) { bits = last | jumps &<< 16 }
    @inline(__always) package init(bits: UInt32) { self.bits = bits }
    @inline(__always) package var last: UInt32 { bits & 0xffff }
    package var jumps: UInt32 { bits &>> 16 }
    /// Words of constants besides the header.
    package var words: UInt32 { last / 4 &+ 1 }
    package static var maximumJumps: UInt32 { 256 }
}
