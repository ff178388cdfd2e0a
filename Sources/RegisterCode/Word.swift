// One word of register code: how its fields are packed and read.

/// A register instruction. 4 bytes.
package struct Word: Equatable, BitwiseCopyable {
    package var bits: UInt32

    @inline(__always) package init(bits: UInt32) { self.bits = bits }

    @inline(__always) package init(_ op: Op, _ a: UInt32 = 0, _ b: UInt32 = 0, _ c: UInt32 = 0) {
        bits = UInt32(op.rawValue) | (a & 0xff) &<< 8 | (b & 0xff) &<< 16 | (c & 0xff) &<< 24
    }

    @inline(__always) package init(_ op: Op, _ a: UInt32, imm16: UInt32) {
        bits = UInt32(op.rawValue) | (a & 0xff) &<< 8 | imm16 &<< 16
    }

    @inline(__always) package init(_ sub: ExtendedOp, _ b: UInt32, _ c: UInt32 = 0) {
        self.init(.extended, UInt32(sub.rawValue), b, c)
    }

    @inline(__always) package var op: Op {
        // Safety: Op has 256 cases with the raw values 0…255; a test counts them.
        unsafe unsafeBitCast(UInt8(truncatingIfNeeded: bits), to: Op.self)
    }
    @inline(__always) package var a: Int { Int((bits &>> 8) & 0xff) }
    @inline(__always) package var b: Int { Int((bits &>> 16) & 0xff) }
    @inline(__always) package var c: Int { Int(bits &>> 24) }
    /// c as an unsigned number of bytes.
    @inline(__always) package var offset8: UInt32 { bits &>> 24 }
    @inline(__always) package var signedB: Int32 { Int32(bitPattern: bits &<< 8) &>> 24 }
    @inline(__always) package var signedC: Int32 { Int32(bitPattern: bits) &>> 24 }
    @inline(__always) package var imm16: UInt32 { bits &>> 16 }
    @inline(__always) package var signedImm16: Int32 { Int32(bitPattern: bits) &>> 16 }
    /// The same instruction with another destination in a.
    @inline(__always) package func with(a: UInt32) -> Word { Word(bits: (bits & 0xffff_00ff) | (a & 0xff) &<< 8) }
    @inline(__always) package func with(c: UInt32) -> Word { Word(bits: (bits & 0x00ff_ffff) | (c & 0xff) &<< 24) }
    @inline(__always) package func with(imm16: UInt32) -> Word { Word(bits: (bits & 0x0000_ffff) | imm16 &<< 16) }
    @inline(__always) package func with(op: Op) -> Word { Word(bits: (bits & 0xffff_ff00) | UInt32(op.rawValue)) }
    package var extendedOp: ExtendedOp? { ExtendedOp(rawValue: UInt8(truncatingIfNeeded: bits &>> 8)) }
}
