// ceil, floor, trunc and nearest: one function for each width, with the direction as a parameter to save flash.

extension FloatMath {
    /// The direction of a rounding to an integral value, by the name of its instruction.
    package enum Rounding: UInt8 {
        case ceil, floor, trunc
        /// Ties go to the even neighbour.
        case nearest
    }

    /// `f32.ceil`, `f32.floor`, `f32.trunc`, `f32.nearest` (4.3.3): the sign survives, also that of a zero result.
    @inline(never)
    package static func round(_ bits: UInt32, _ rounding: Rounding) -> UInt32 {
        let magnitude = bits & 0x7fff_ffff
        // From 2^23 on every value is integral; infinities and NaNs have larger exponents still.
        if magnitude >= 150 &<< 23 { return isNaN(bits) ? quiet(bits) : bits }

        let sign = bits ^ magnitude
        let away = rounding == (sign == 0 ? .ceil : .floor)
        let nearest = rounding == .nearest
        if magnitude < 127 &<< 23 {
            // Zero or one. One half itself goes to the even zero.
            let limit: UInt32 = away ? 0 : nearest ? 126 &<< 23 : .max
            return magnitude > limit ? sign | 127 &<< 23 : sign
        }
        let unit = (1 as UInt32) &<< (150 &- magnitude &>> 23)
        let below = unit &- 1
        // Adding to the pattern as a whole lets a carry go on into the exponent.
        let addend = away ? below : nearest ? unit &>> 1 : 0
        let rounded = (bits &+ addend) & ~below
        // A tie was rounded away from zero: back to the even one. (For 1.5 the unit's bit is the exponent's lowest, by
        // now clear.)
        return nearest && bits & below == addend ? rounded & ~unit : rounded
    }

    /// `f64.ceil`, `f64.floor`, `f64.trunc`, `f64.nearest` (4.3.3): the sign survives, also that of a zero result.
    @inline(never)
    package static func round(_ bits: UInt64, _ rounding: Rounding) -> UInt64 {
        let magnitude = bits & 0x7fff_ffff_ffff_ffff
        if magnitude >= 1075 &<< 52 { return isNaN(bits) ? quiet(bits) : bits }

        let sign = bits ^ magnitude
        let away = rounding == (sign == 0 ? .ceil : .floor)
        let nearest = rounding == .nearest
        if magnitude < 1023 &<< 52 {
            let limit: UInt64 = away ? 0 : nearest ? 1022 &<< 52 : .max
            return magnitude > limit ? sign | 1023 &<< 52 : sign
        }
        let unit = (1 as UInt64) &<< (1075 &- magnitude &>> 52)
        let below = unit &- 1
        let addend = away ? below : nearest ? unit &>> 1 : 0
        let rounded = (bits &+ addend) & ~below
        return nearest && bits & below == addend ? rounded & ~unit : rounded
    }

    /// `f32.ceil`
    package static func ceil(_ bits: UInt32) -> UInt32 { round(bits, .ceil) }
    /// `f32.floor`
    package static func floor(_ bits: UInt32) -> UInt32 { round(bits, .floor) }
    /// `f32.trunc`
    package static func trunc(_ bits: UInt32) -> UInt32 { round(bits, .trunc) }
    /// `f32.nearest`
    package static func nearest(_ bits: UInt32) -> UInt32 { round(bits, .nearest) }

    /// `f64.ceil`
    package static func ceil(_ bits: UInt64) -> UInt64 { round(bits, .ceil) }
    /// `f64.floor`
    package static func floor(_ bits: UInt64) -> UInt64 { round(bits, .floor) }
    /// `f64.trunc`
    package static func trunc(_ bits: UInt64) -> UInt64 { round(bits, .trunc) }
    /// `f64.nearest`
    package static func nearest(_ bits: UInt64) -> UInt64 { round(bits, .nearest) }
}
