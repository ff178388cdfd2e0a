// Rounding, sqrt, demote and promote against the host's own float unit.

import FloatMath
import Testing

@Suite struct RoundingTests {
    static let directions: [(FloatMath.Rounding, FloatingPointRoundingRule)] = [
        (.ceil, .up), (.floor, .down), (.trunc, .towardZero), (.nearest, .toNearestOrEven),
    ]

    @Test(arguments: 0..<4)
    func `f32 rounds as the host does, and quiets NaNs`(_ index: Int) {
        let (rounding, rule) = Self.directions[index]
        let failure = firstFailure32(seed: 32) { bits in
            let float = Float(bitPattern: bits)
            let expected = float.isNaN ? bits | 0x0040_0000 : float.rounded(rule).bitPattern
            return FloatMath.round(bits, rounding) == expected
        }
        #expect(failure == nil)
    }

    @Test(arguments: 0..<4)
    func `f64 rounds as the host does, and quiets NaNs`(_ index: Int) {
        let (rounding, rule) = Self.directions[index]
        let failure = firstFailure64(seed: 64) { bits in
            let float = Double(bitPattern: bits)
            let expected = float.isNaN ? bits | 0x0008_0000_0000_0000 : float.rounded(rule).bitPattern
            return FloatMath.round(bits, rounding) == expected
        }
        #expect(failure == nil)
    }

    @Test func `each instruction rounds in its own direction`() {
        for (x, up, down, cut, even) in [
            (2.5, 3.0, 2.0, 2.0, 2.0), (-2.5, -2.0, -3.0, -2.0, -2.0), (0.5, 1.0, 0.0, 0.0, 0.0),
            (-0.5, -0.0, -1.0, -0.0, -0.0), (1.5, 2.0, 1.0, 1.0, 2.0),
            (-0.75, -0.0, -1.0, -0.0, -1.0), (-0.0, -0.0, -0.0, -0.0, -0.0),
        ] {
            #expect(FloatMath.ceil(x.bitPattern) == up.bitPattern)
            #expect(FloatMath.floor(x.bitPattern) == down.bitPattern)
            #expect(FloatMath.trunc(x.bitPattern) == cut.bitPattern)
            #expect(FloatMath.nearest(x.bitPattern) == even.bitPattern)
            #expect(FloatMath.ceil(Float(x).bitPattern) == Float(up).bitPattern)
            #expect(FloatMath.floor(Float(x).bitPattern) == Float(down).bitPattern)
            #expect(FloatMath.trunc(Float(x).bitPattern) == Float(cut).bitPattern)
            #expect(FloatMath.nearest(Float(x).bitPattern) == Float(even).bitPattern)
        }
    }
}

@Suite struct SquareRootTests {
    @Test func `f32 roots are the host's`() {
        let failure = firstFailure32(seed: 132) { bits in
            let float = Float(bitPattern: bits)
            let expected =
                if float.isNaN {
                    bits | 0x0040_0000
                } else if float < 0 {
                    0x7fc0_0000 as UInt32
                } else {
                    float.squareRoot().bitPattern
                }
            return FloatMath.sqrt(bits) == expected
        }
        #expect(failure == nil)
    }

    @Test func `f64 roots are the host's`() {
        // Negative operands are one case; the random part is spent on positive ones.
        let failure = firstFailure64(seed: 164) { pattern in
            for bits in [pattern, pattern & 0x7fff_ffff_ffff_ffff] {
                let float = Double(bitPattern: bits)
                let expected =
                    if float.isNaN {
                        bits | 0x0008_0000_0000_0000
                    } else if float < 0 {
                        0x7ff8_0000_0000_0000 as UInt64
                    } else {
                        float.squareRoot().bitPattern
                    }
                if FloatMath.sqrt(bits) != expected { return false }
            }
            return true
        }
        #expect(failure == nil)
    }

    @Test func `squares and their neighbours have the roots of the host`() throws {
        var patterns = Patterns(seed: 264)
        for _ in 0..<100_000 {
            let root = Double(patterns.next() >> 11)
            for x in [root * root, (root * root).nextUp, (root * root).nextDown] where x >= 0 {
                // One failure is enough; a required one ends the test.
                try #require(FloatMath.sqrt(x.bitPattern) == x.squareRoot().bitPattern, "\(hex(x.bitPattern))")
            }
        }
    }

    @Test func `special operands`() {
        #expect(FloatMath.sqrt(0x8000_0000 as UInt32) == 0x8000_0000)
        #expect(FloatMath.sqrt(0x7f80_0000 as UInt32) == 0x7f80_0000)
        #expect(FloatMath.sqrt(0xff80_0000 as UInt32) == 0x7fc0_0000)
        #expect(FloatMath.sqrt(0x8000_0001 as UInt32) == 0x7fc0_0000)
        #expect(FloatMath.sqrt(0x8000_0000_0000_0000 as UInt64) == 0x8000_0000_0000_0000)
        #expect(FloatMath.sqrt(0x7ff0_0000_0000_0000 as UInt64) == 0x7ff0_0000_0000_0000)
        #expect(FloatMath.sqrt(0xfff0_0000_0000_0000 as UInt64) == 0x7ff8_0000_0000_0000)
        #expect(FloatMath.sqrt(0x8000_0000_0000_0001 as UInt64) == 0x7ff8_0000_0000_0000)
    }
}

@Suite struct PrecisionTests {
    @Test func `demote rounds once, ties to even, and keeps the top of a NaN's payload`() {
        let failure = firstFailure64(seed: 364) { bits in
            let float = Double(bitPattern: bits)
            let sign = UInt32(bits >> 63) << 31
            let payload = UInt32(truncatingIfNeeded: bits >> 29) & 0x003f_ffff
            let expected = float.isNaN ? sign | 0x7fc0_0000 | payload : Float(float).bitPattern
            return FloatMath.demote(bits) == expected
        }
        #expect(failure == nil)
    }

    @Test func `demote goes the right way at every f32's neighbourhood`() {
        let failure = firstFailure32(seed: 464, count: 200_000) { bits in
            let float = Float(bitPattern: bits)
            guard float.isFinite, float.nextUp.isFinite else { return true }
            let middle = (Double(float) + Double(float.nextUp)) / 2
            return [Double(float), middle.nextDown, middle, middle.nextUp].allSatisfy {
                FloatMath.demote($0.bitPattern) == Float($0).bitPattern
            }
        }
        #expect(failure == nil)
    }

    @Test func `promote is exact, and keeps a NaN's payload`() {
        let failure = firstFailure32(seed: 432) { bits in
            let float = Float(bitPattern: bits)
            let nan = UInt64(bits >> 31) << 63 | 0x7ff8_0000_0000_0000 | UInt64(bits & 0x003f_ffff) << 29
            return FloatMath.promote(bits) == (float.isNaN ? nan : Double(float).bitPattern)
        }
        #expect(failure == nil)
    }

    @Test func `canonical NaNs stay canonical, signalling ones become quiet`() {
        #expect(FloatMath.demote(0x7ff8_0000_0000_0000) == 0x7fc0_0000)
        #expect(FloatMath.demote(0xfff8_0000_0000_0000) == 0xffc0_0000)
        #expect(FloatMath.demote(0x7ff0_0000_0000_0001) == 0x7fc0_0000)
        #expect(FloatMath.promote(0x7fc0_0000) == 0x7ff8_0000_0000_0000)
        #expect(FloatMath.promote(0xffc0_0000) == 0xfff8_0000_0000_0000)
        #expect(FloatMath.promote(0x7f80_0001) == 0x7ff8_0000_2000_0000)
    }
}
