// min and max: any NaN wins, and -0 is smaller than +0.

extension FloatMath {
    /// A number's place in the order of all numbers: negative patterns count down, so -0 comes just before +0.
    @inline(always)
    private static func rank(_ bits: UInt32) -> Int32 {
        let signed = Int32(bitPattern: bits)
        return signed ^ (signed &>> 31 & 0x7fff_ffff)
    }

    @inline(always)
    private static func rank(_ bits: UInt64) -> Int64 {
        let signed = Int64(bitPattern: bits)
        return signed ^ (signed &>> 63 & 0x7fff_ffff_ffff_ffff)
    }

    @inline(never)
    private static func pick(_ a: UInt32, _ b: UInt32, larger: Bool) -> UInt32 {
        if isNaN(a) { return quiet(a) }
        if isNaN(b) { return quiet(b) }
        return (rank(a) < rank(b)) != larger ? a : b
    }

    @inline(never)
    private static func pick(_ a: UInt64, _ b: UInt64, larger: Bool) -> UInt64 {
        if isNaN(a) { return quiet(a) }
        if isNaN(b) { return quiet(b) }
        return (rank(a) < rank(b)) != larger ? a : b
    }

    /// `f32.min` (4.3.3). Of two NaNs the first one is kept.
    package static func min(_ a: UInt32, _ b: UInt32) -> UInt32 { pick(a, b, larger: false) }
    /// `f32.max`
    package static func max(_ a: UInt32, _ b: UInt32) -> UInt32 { pick(a, b, larger: true) }

    /// `f64.min` (4.3.3). Of two NaNs the first one is kept.
    package static func min(_ a: UInt64, _ b: UInt64) -> UInt64 { pick(a, b, larger: false) }
    /// `f64.max`
    package static func max(_ a: UInt64, _ b: UInt64) -> UInt64 { pick(a, b, larger: true) }
}
