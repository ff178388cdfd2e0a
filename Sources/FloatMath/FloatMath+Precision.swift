// demote and promote: between f64 and f32.

extension FloatMath {
    /// `f32.demote_f64` (4.3.4): to the nearest f32, ties to even. A NaN keeps its sign and its payload's top bits.
    @inline(never)
    package static func demote(_ bits: UInt64) -> UInt32 {
        let sign = UInt32(truncatingIfNeeded: bits &>> 32) & 0x8000_0000
        let magnitude = bits & 0x7fff_ffff_ffff_ffff
        if isNaN(bits) { return sign | 0x7fc0_0000 | UInt32(truncatingIfNeeded: bits &>> 29) & 0x003f_ffff }
        // From 2^128 on there is nothing but infinity.
        if magnitude >= 1151 &<< 52 { return sign | 0x7f80_0000 }

        let kept: UInt32
        let below: UInt64
        let half: UInt64
        if magnitude >= 897 &<< 52 {
            // Normal in f32: rebias and drop 29 bits of the pattern. A carry goes on into the exponent, up to infinity.
            kept = UInt32(truncatingIfNeeded: (magnitude &- 896 &<< 52) &>> 29)
            below = magnitude & 0x1fff_ffff
            half = 0x1000_0000
        } else {
            // Subnormal in f32: drop more bits, the hidden one being one of the pattern now. From 64 on a shift would
            // wrap; below 2^-150 the result is zero anyway (2^-150 itself is a tie, and goes to zero).
            let shift = 926 &- UInt32(truncatingIfNeeded: magnitude &>> 52)
            if shift > 53 { return sign }
            let significand = magnitude & 0x000f_ffff_ffff_ffff | 0x0010_0000_0000_0000
            kept = UInt32(truncatingIfNeeded: significand &>> UInt64(shift))
            half = 1 &<< UInt64(shift &- 1)
            below = significand & (half &<< 1 &- 1)
        }
        let up = below > half || (below == half && kept & 1 != 0)
        return sign | (kept &+ (up ? 1 : 0))
    }

    /// `f64.promote_f32` (4.3.4): exact. A NaN keeps its sign and its payload.
    @inline(never)
    package static func promote(_ bits: UInt32) -> UInt64 {
        let sign = UInt64(bits & 0x8000_0000) &<< 32
        let magnitude = bits & 0x7fff_ffff
        if magnitude >= 0x7f80_0000 {
            let infinity = sign | 0x7ff0_0000_0000_0000 | UInt64(magnitude & 0x007f_ffff) &<< 29
            return isNaN(bits) ? quiet(infinity) : infinity
        }
        if magnitude >= 0x0080_0000 { return sign | (UInt64(magnitude) &<< 29 &+ 896 &<< 52) }
        if magnitude == 0 { return sign }
        // A subnormal has room for a hidden bit in f64, which adds one to the exponent.
        let shift = UInt32(truncatingIfNeeded: magnitude.leadingZeroBitCount) &- 8
        return sign | (UInt64(magnitude &<< shift) &<< 29 &+ UInt64(896 &- shift) &<< 52)
    }
}
