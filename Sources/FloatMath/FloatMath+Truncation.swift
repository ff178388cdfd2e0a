// Float to integer: the eight trapping and the eight saturating truncations over one core.

extension FloatMath {
    /// The integer that a float is truncated to: width and signedness.
    package enum IntegerFormat: UInt8 {
        case i32, u32, i64, u64

        /// The largest magnitude that a number of this sign may have.
        @inline(always)
        fileprivate func limit(negative: Bool) -> UInt64 {
            switch self {
            case .i32: negative ? 0x8000_0000 : 0x7fff_ffff
            case .u32: negative ? 0 : 0xffff_ffff
            case .i64: negative ? 0x8000_0000_0000_0000 : 0x7fff_ffff_ffff_ffff
            case .u64: negative ? 0 : 0xffff_ffff_ffff_ffff
            }
        }
    }

    /// What a truncation came to. Integers are in two's complement on 64 bits; 32-bit ones are the low half.
    package enum Truncation: Equatable {
        case value(UInt64)
        /// A NaN: the trap "invalid conversion to integer".
        case invalid
        /// Too large, or negative for an unsigned format: the trap "integer overflow". Carries the format's nearest
        /// integer.
        case overflow(UInt64)
    }

    /// `i32.trunc_f32_s` and its three neighbours (4.3.4, trunc_u and trunc_s).
    package static func truncate(_ bits: UInt32, to format: IntegerFormat) -> Truncation {
        if isNaN(bits) { return .invalid }
        let significand = UInt64(bits &<< 8 | 0x8000_0000) &<< 32
        let exponent = bits &>> 23 & 0xff
        return truncate(significand, exponent &- 127, negative: bits &>> 31 != 0, to: format)
    }

    /// `i32.trunc_f64_s` and its three neighbours (4.3.4, trunc_u and trunc_s).
    package static func truncate(_ bits: UInt64, to format: IntegerFormat) -> Truncation {
        if isNaN(bits) { return .invalid }
        let significand = bits &<< 11 | 0x8000_0000_0000_0000
        let exponent = UInt32(truncatingIfNeeded: bits &>> 52) & 0x7ff
        return truncate(significand, exponent &- 1023, negative: bits &>> 63 != 0, to: format)
    }

    /// `i32.trunc_sat_f32_s` and its three neighbours (4.3.4): a NaN gives zero, what is too large the format's end.
    package static func truncateSaturating(_ bits: UInt32, to format: IntegerFormat) -> UInt64 {
        saturated(truncate(bits, to: format))
    }

    /// `i32.trunc_sat_f64_s` and its three neighbours (4.3.4): a NaN gives zero, what is too large the format's end.
    package static func truncateSaturating(_ bits: UInt64, to format: IntegerFormat) -> UInt64 {
        saturated(truncate(bits, to: format))
    }

    @inline(always)
    private static func saturated(_ truncation: Truncation) -> UInt64 {
        switch truncation {
        case .value(let integer), .overflow(let integer): integer
        case .invalid: 0
        }
    }

    /// The core for both widths. `significand` has its leading one at bit 63 (for zeros and subnormals a wrong one, which
    /// the exponent makes irrelevant); `exponent` is unbiased, modulo 2³²: below zero means less than one.
    @inline(never)
    private static func truncate(
        _ significand: UInt64, _ exponent: UInt32, negative: Bool, to format: IntegerFormat
    ) -> Truncation {
        // Negative exponents are large here. What is less than one is zero, also for an unsigned format: -0.9 does not
        // trap.
        if exponent >= 0x8000_0000 { return .value(0) }
        let limit = format.limit(negative: negative)
        let magnitude = exponent > 63 ? 0 : significand &>> UInt64(63 &- exponent)
        let fits = exponent <= 63 && magnitude <= limit
        let nearest = fits ? magnitude : limit
        let integer = negative ? 0 &- nearest : nearest
        return fits ? .value(integer) : .overflow(integer)
    }
}
