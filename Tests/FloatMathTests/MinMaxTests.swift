// min and max against the definition of the specification.

import FloatMath
import Testing

@Suite struct MinMaxTests {
    /// The definition in plain words: a NaN wins, of two zeros the negative one is smaller.
    static func expected<F: BinaryFloatingPoint>(_ a: F, _ b: F, larger: Bool) -> F {
        if a == b { return (a.sign == .minus) != larger ? a : b }
        return (a < b) != larger ? a : b
    }

    static func agrees32(_ a: UInt32, _ b: UInt32) -> Bool {
        let x = Float(bitPattern: a)
        let y = Float(bitPattern: b)
        if x.isNaN || y.isNaN {
            let nan = (x.isNaN ? a : b) | 0x0040_0000
            return FloatMath.min(a, b) == nan && FloatMath.max(a, b) == nan
        }
        return FloatMath.min(a, b) == expected(x, y, larger: false).bitPattern
            && FloatMath.max(a, b) == expected(x, y, larger: true).bitPattern
    }

    static func agrees64(_ a: UInt64, _ b: UInt64) -> Bool {
        let x = Double(bitPattern: a)
        let y = Double(bitPattern: b)
        if x.isNaN || y.isNaN {
            let nan = (x.isNaN ? a : b) | 0x0008_0000_0000_0000
            return FloatMath.min(a, b) == nan && FloatMath.max(a, b) == nan
        }
        return FloatMath.min(a, b) == expected(x, y, larger: false).bitPattern
            && FloatMath.max(a, b) == expected(x, y, larger: true).bitPattern
    }

    @Test func `f32 pairs`() {
        let few: [UInt32] = [
            0, 1, 0x007f_ffff, 0x0080_0000, 0x3f80_0000, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001, 0x7fc0_0000, 0x7fff_ffff,
        ]
        let signed = few + few.map { $0 | 0x8000_0000 }
        for a in signed {
            for b in signed { #expect(Self.agrees32(a, b), "\(hex(a)) \(hex(b))") }
        }
        var partner = Patterns(seed: 7)
        let failure = firstFailure32(seed: 532) { bits in
            // A stranger, or a neighbour that differs in one bit.
            let other = bits & 1 == 0 ? partner.f32() : bits ^ (1 &<< (partner.f32() & 31))
            return Self.agrees32(bits, other) && Self.agrees32(other, bits)
        }
        #expect(failure == nil)
    }

    @Test func `f64 pairs`() {
        let few: [UInt64] = [
            0, 1, 0xffff_ffff, 0x1_0000_0000, 0x000f_ffff_ffff_ffff, 0x0010_0000_0000_0000, 0x3ff0_0000_0000_0000,
            0x7fef_ffff_ffff_ffff, 0x7ff0_0000_0000_0000, 0x7ff0_0000_0000_0001, 0x7ff8_0000_0000_0000, 0x7fff_ffff_ffff_ffff,
        ]
        let signed = few + few.map { $0 | 0x8000_0000_0000_0000 }
        for a in signed {
            for b in signed { #expect(Self.agrees64(a, b), "\(hex(a)) \(hex(b))") }
        }
        var partner = Patterns(seed: 8)
        let failure = firstFailure64(seed: 564) { bits in
            // A stranger, or a neighbour that differs in one bit.
            let other = bits & 1 == 0 ? partner.f64() : bits ^ (1 &<< (partner.f64() & 63))
            return Self.agrees64(bits, other) && Self.agrees64(other, bits)
        }
        #expect(failure == nil)
    }
}
