// One word of register code: how its fields are packed and read.

/// A register instruction. 4 bytes.
///
/// Public and inlinable for the optimizer of a host's build, which sees into other modules' public functions only: without it the interpreter takes 2.7 times as long there.
@frozen public struct Word: Equatable, BitwiseCopyable {
    public var bits: UInt32

    @inlinable @inline(__always) public init(bits: UInt32) { self.bits = bits }

    @inlinable @inline(__always) public init(_ op: Op, _ a: UInt32 = 0, _ b: UInt32 = 0, _ c: UInt32 = 0) {
        bits = UInt32(op.rawValue) | (a & 0xff) &<< 8 | (b & 0xff) &<< 16 | (c & 0xff) &<< 24
    }

    @inlinable @inline(__always) public init(_ op: Op, _ a: UInt32, imm16: UInt32) {
        bits = UInt32(op.rawValue) | (a & 0xff) &<< 8 | imm16 &<< 16
    }

    @inlinable @inline(__always) public init(_ sub: ExtendedOp, _ b: UInt32, _ c: UInt32 = 0) {
        self.init(.extended, UInt32(sub.rawValue), b, c)
    }

    @inlinable @inline(__always) public var op: Op {
        // Safety: Op has 256 cases with the raw values 0…255; a test counts them.
        unsafe unsafeBitCast(UInt8(truncatingIfNeeded: bits), to: Op.self)
    }
    @inlinable @inline(__always) public var a: Int { Int((bits &>> 8) & 0xff) }
    @inlinable @inline(__always) public var b: Int { Int((bits &>> 16) & 0xff) }
    @inlinable @inline(__always) public var c: Int { Int(bits &>> 24) }
    /// c as an unsigned number of bytes.
    @inlinable @inline(__always) public var offset8: UInt32 { bits &>> 24 }
    @inlinable @inline(__always) public var signedB: Int32 { Int32(bitPattern: bits &<< 8) &>> 24 }
    @inlinable @inline(__always) public var signedC: Int32 { Int32(bitPattern: bits) &>> 24 }
    @inlinable @inline(__always) public var imm16: UInt32 { bits &>> 16 }
    @inlinable @inline(__always) public var signedImm16: Int32 { Int32(bitPattern: bits) &>> 16 }
    /// The same instruction with another destination in a.
    @inlinable @inline(__always) public func with(a: UInt32) -> Word { Word(bits: (bits & 0xffff_00ff) | (a & 0xff) &<< 8) }
    @inlinable @inline(__always) public func with(c: UInt32) -> Word { Word(bits: (bits & 0x00ff_ffff) | (c & 0xff) &<< 24) }
    @inlinable @inline(__always) public func with(imm16: UInt32) -> Word { Word(bits: (bits & 0x0000_ffff) | imm16 &<< 16) }
    @inlinable @inline(__always) public func with(op: Op) -> Word { Word(bits: (bits & 0xffff_ff00) | UInt32(op.rawValue)) }
    public var extendedOp: ExtendedOp? { ExtendedOp(rawValue: UInt8(truncatingIfNeeded: bits &>> 8)) }
}
