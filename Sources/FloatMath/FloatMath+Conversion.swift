// Integer to float: rounded once, from 64 bits, ties to even.

extension FloatMath {
    /// `f32.convert_i32_s` (4.3.4, convert_s)
    package static func f32(_ integer: Int32) -> UInt32 { f32(integer.magnitude.widened, negative: integer < 0) }
    /// `f32.convert_i32_u`
    package static func f32(_ integer: UInt32) -> UInt32 { f32(integer.widened, negative: false) }
    /// `f32.convert_i64_s`
    package static func f32(_ integer: Int64) -> UInt32 { f32(integer.magnitude, negative: integer < 0) }
    /// `f32.convert_i64_u`
    package static func f32(_ integer: UInt64) -> UInt32 { f32(integer, negative: false) }

    /// `f64.convert_i32_s` (4.3.4, convert_s); exact.
    package static func f64(_ integer: Int32) -> UInt64 { f64(integer.magnitude.widened, negative: integer < 0) }
    /// `f64.convert_i32_u`; exact.
    package static func f64(_ integer: UInt32) -> UInt64 { f64(integer.widened, negative: false) }
    /// `f64.convert_i64_s`
    package static func f64(_ integer: Int64) -> UInt64 { f64(integer.magnitude, negative: integer < 0) }
    /// `f64.convert_i64_u`
    package static func f64(_ integer: UInt64) -> UInt64 { f64(integer, negative: false) }

    @inline(never)
    private static func f32(_ magnitude: UInt64, negative: Bool) -> UInt32 {
        if magnitude == 0 { return 0 }
        let zeros = UInt32(truncatingIfNeeded: magnitude.leadingZeroBitCount)
        let significand = magnitude &<< UInt64(zeros)
        // 24 bits stay; of the 40 below, all but the first can only break a tie.
        let kept = UInt32(truncatingIfNeeded: significand &>> 40)
        let below = significand & 0xff_ffff_ffff
        let half: UInt64 = 0x80_0000_0000
        let up = below > half || (below == half && kept & 1 != 0)
        // The hidden bit adds one to the exponent, and a carry out of the significand another.
        let bits = (127 &+ 63 &- 1 &- zeros) &<< 23 &+ kept &+ (up ? 1 : 0)
        return negative ? bits | 0x8000_0000 : bits
    }

    @inline(never)
    private static func f64(_ magnitude: UInt64, negative: Bool) -> UInt64 {
        if magnitude == 0 { return 0 }
        let zeros = UInt32(truncatingIfNeeded: magnitude.leadingZeroBitCount)
        let significand = magnitude &<< UInt64(zeros)
        let kept = significand &>> 11
        let below = UInt32(truncatingIfNeeded: significand) & 0x7ff
        let up = below > 0x400 || (below == 0x400 && kept & 1 != 0)
        let bits = UInt64(1023 &+ 63 &- 1 &- zeros) &<< 52 &+ kept &+ (up ? 1 : 0)
        return negative ? bits | 0x8000_0000_0000_0000 : bits
    }
}

extension UInt32 {
    @inline(always)
    fileprivate var widened: UInt64 { UInt64(self) }
}
