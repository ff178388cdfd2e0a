// Truncations and conversions between floats and integers, against the host's exact initialisers.

import FloatMath
import Testing

@Suite struct TruncationTests {
    /// The right answers for one format: `Double` holds every f32 exactly, so one oracle serves both widths.
    static func expected<I: FixedWidthInteger>(_ float: Double, _ type: I.Type) -> FloatMath.Truncation {
        if float.isNaN { return .invalid }
        if let integer = I(exactly: float.rounded(.towardZero)) { return .value(UInt64(truncatingIfNeeded: integer)) }
        return .overflow(UInt64(truncatingIfNeeded: float < 0 ? I.min : I.max))
    }

    static func expected(_ float: Double, _ format: FloatMath.IntegerFormat) -> FloatMath.Truncation {
        switch format {
        case .i32: expected(float, Int32.self)
        case .u32: expected(float, UInt32.self)
        case .i64: expected(float, Int64.self)
        case .u64: expected(float, UInt64.self)
        }
    }

    static func saturated(_ truncation: FloatMath.Truncation) -> UInt64 {
        switch truncation {
        case .value(let integer), .overflow(let integer): integer
        case .invalid: 0
        }
    }

    static let formats: [FloatMath.IntegerFormat] = [.i32, .u32, .i64, .u64]

    @Test(arguments: formats)
    func `f32 truncates exactly, traps and saturates`(to format: FloatMath.IntegerFormat) {
        let failure = firstFailure32(seed: 632) { bits in
            let expected = Self.expected(Double(Float(bitPattern: bits)), format)
            return FloatMath.truncate(bits, to: format) == expected
                && FloatMath.truncateSaturating(bits, to: format) == Self.saturated(expected)
        }
        #expect(failure == nil)
    }

    @Test(arguments: formats)
    func `f64 truncates exactly, traps and saturates`(to format: FloatMath.IntegerFormat) {
        let failure = firstFailure64(seed: 664) { bits in
            let expected = Self.expected(Double(bitPattern: bits), format)
            return FloatMath.truncate(bits, to: format) == expected
                && FloatMath.truncateSaturating(bits, to: format) == Self.saturated(expected)
        }
        #expect(failure == nil)
    }

    @Test func `the ends of each format`() {
        func truncated(_ x: Double, _ format: FloatMath.IntegerFormat) -> FloatMath.Truncation {
            FloatMath.truncate(x.bitPattern, to: format)
        }
        #expect(truncated(2147483647.9, .i32) == .value(0x7fff_ffff))
        #expect(truncated(2147483648, .i32) == .overflow(0x7fff_ffff))
        #expect(truncated(-2147483648.9, .i32) == .value(0xffff_ffff_8000_0000))
        #expect(truncated(-2147483649, .i32) == .overflow(0xffff_ffff_8000_0000))
        #expect(truncated(4294967295.9, .u32) == .value(0xffff_ffff))
        #expect(truncated(4294967296, .u32) == .overflow(0xffff_ffff))
        #expect(truncated(-0.99999, .u32) == .value(0))
        #expect(truncated(-1, .u64) == .overflow(0))
        #expect(truncated(0x1p63, .i64) == .overflow(0x7fff_ffff_ffff_ffff))
        #expect(truncated(-0x1p63, .i64) == .value(0x8000_0000_0000_0000))
        #expect(truncated(0x1p64, .u64) == .overflow(.max))
        #expect(truncated(0x1p64.nextDown, .u64) == .value(0xffff_ffff_ffff_f800))
        #expect(truncated(.infinity, .u64) == .overflow(.max))
        #expect(truncated(.nan, .i32) == .invalid)
        #expect(FloatMath.truncateSaturating(Float.nan.bitPattern, to: .i64) == 0)
        #expect(FloatMath.truncateSaturating((-Float.infinity).bitPattern, to: .i64) == 0x8000_0000_0000_0000)
    }
}

@Suite struct ConversionTests {
    @Test func `integers become the nearest f32, rounded once`() {
        let failure = firstIntegerFailure(seed: 732) { integer in
            let short = UInt32(truncatingIfNeeded: integer)
            return FloatMath.f32(integer) == Float(integer).bitPattern
                && FloatMath.f32(Int64(bitPattern: integer)) == Float(Int64(bitPattern: integer)).bitPattern
                && FloatMath.f32(short) == Float(short).bitPattern
                && FloatMath.f32(Int32(bitPattern: short)) == Float(Int32(bitPattern: short)).bitPattern
        }
        #expect(failure == nil)
    }

    @Test func `integers become the nearest f64, rounded once`() {
        let failure = firstIntegerFailure(seed: 764) { integer in
            let short = UInt32(truncatingIfNeeded: integer)
            return FloatMath.f64(integer) == Double(integer).bitPattern
                && FloatMath.f64(Int64(bitPattern: integer)) == Double(Int64(bitPattern: integer)).bitPattern
                && FloatMath.f64(short) == Double(short).bitPattern
                && FloatMath.f64(Int32(bitPattern: short)) == Double(Int32(bitPattern: short)).bitPattern
        }
        #expect(failure == nil)
    }

    @Test func `the specification's cases of double rounding`() {
        #expect(FloatMath.f32(0x7fff_ff40_0000_0001 as Int64) == Float(0x1.fffffep+62).bitPattern)
        #expect(FloatMath.f32(0x8000_0080_0000_0001 as UInt64) == Float(0x1.000002p+63).bitPattern)
        #expect(FloatMath.f32(0x8000_0080_0000_0000 as UInt64) == Float(0x1p+63).bitPattern)
        #expect(FloatMath.f32(16777217 as Int32) == Float(16777216).bitPattern)
        #expect(FloatMath.f32(-16777219 as Int32) == Float(-16777220).bitPattern)
        #expect(FloatMath.f64(9007199254740993 as Int64) == 9007199254740992.0.bitPattern)
        #expect(FloatMath.f64(UInt64.max) == 0x1p64.bitPattern)
        #expect(FloatMath.f64(Int64.min) == (-0x1p63).bitPattern)
        #expect(FloatMath.f32(Int32.min) == (-0x1p31 as Float).bitPattern)
    }
}
