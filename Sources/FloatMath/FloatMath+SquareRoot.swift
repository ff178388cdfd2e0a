// sqrt, correctly rounded, one result bit at a time.
//
// A radicand m in [1, 4) has its root in [1, 2). Let q be the bits of the root found so far. The next bit, worth
// b = 2^-k, belongs to it when (q + b)² ≤ m, that is when 2q + b ≤ (m - q²)·2^k. The right side is the remainder,
// doubled at each step; the left side needs only s = 2q. One bit beyond the significand decides the rounding: a root
// that ends there exactly would have a square too long to be a radicand, so there are no ties.

extension FloatMath {
    /// `f32.sqrt` (4.3.3), to the nearest f32. 24 steps.
    @inline(never)
    package static func sqrt(_ bits: UInt32) -> UInt32 {
        if isNaN(bits) { return quiet(bits) }
        // Both zeros are their own roots, and so is positive infinity.
        if bits &<< 1 == 0 || bits == 0x7f80_0000 { return bits }
        if bits &>> 31 != 0 { return canonicalNaN32 }

        var exponent = bits &>> 23
        var significand = bits & 0x007f_ffff
        if exponent == 0 {
            let shift = UInt32(truncatingIfNeeded: significand.leadingZeroBitCount) &- 8
            significand = significand &<< shift
            exponent = 1 &- shift  // wraps below zero; the bias makes it good
        } else {
            significand |= 0x0080_0000
        }
        // An odd power of two (the bias is odd, so its pattern is even) lends a factor of two to the radicand.
        if exponent & 1 == 0 { significand = significand &<< 1 }

        // In units of 2^-24: 1.0 is the root's first bit and already taken.
        var bit: UInt32 = 1 &<< 23
        var doubledRoot: UInt32 = 1 &<< 25
        var remainder = (significand &<< 1 &- 1 &<< 24) &<< 1
        while bit != 0 {
            let trial = doubledRoot &+ bit
            if trial <= remainder {
                remainder = remainder &- trial
                doubledRoot = trial &+ bit
            }
            remainder = remainder &<< 1
            bit = bit &>> 1
        }
        // The hidden bit adds one to the exponent.
        let exponentBelow = (exponent &+ 127) &>> 1 &- 1
        return exponentBelow &<< 23 &+ (doubledRoot &+ 2) &>> 2
    }

    /// `f64.sqrt` (4.3.3), to the nearest f64. 53 steps.
    @inline(never)
    package static func sqrt(_ bits: UInt64) -> UInt64 {
        if isNaN(bits) { return quiet(bits) }
        if bits &<< 1 == 0 || bits == 0x7ff0_0000_0000_0000 { return bits }
        if bits &>> 63 != 0 { return canonicalNaN64 }

        var exponent = UInt32(truncatingIfNeeded: bits &>> 52)
        var significand = bits & 0x000f_ffff_ffff_ffff
        if exponent == 0 {
            let shift = UInt32(truncatingIfNeeded: significand.leadingZeroBitCount) &- 11
            significand = significand &<< UInt64(shift)
            exponent = 1 &- shift
        } else {
            significand |= 0x0010_0000_0000_0000
        }
        if exponent & 1 == 0 { significand = significand &<< 1 }

        // In units of 2^-53.
        var bit: UInt64 = 1 &<< 52
        var doubledRoot: UInt64 = 1 &<< 54
        var remainder = (significand &<< 1 &- 1 &<< 53) &<< 1
        while bit != 0 {
            let trial = doubledRoot &+ bit
            if trial <= remainder {
                remainder = remainder &- trial
                doubledRoot = trial &+ bit
            }
            remainder = remainder &<< 1
            bit = bit &>> 1
        }
        let exponentBelow = UInt64((exponent &+ 1023) &>> 1 &- 1)
        return exponentBelow &<< 52 &+ (doubledRoot &+ 2) &>> 2
    }
}
