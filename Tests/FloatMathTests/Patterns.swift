// The operands of the float tests: tables of edges, and seeded random patterns that favour the edges' neighbourhood.

/// A small seeded generator (SplitMix64), so that a failure comes again.
struct Patterns: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z &>> 31)
    }

    /// An f32 pattern. Half of them are uniform over all patterns; a quarter have an exponent near the ones where
    /// conversions and roundings change (2^-3 … 2^68); a quarter have few significant bits, for ties.
    mutating func f32() -> UInt32 {
        let r = next()
        let bits = UInt32(truncatingIfNeeded: r)
        switch r &>> 62 {
        case 0: return bits & 0x807f_ffff | (UInt32(truncatingIfNeeded: r &>> 32) % 72 &+ 124) &<< 23
        case 1: return bits & (0xffff_ffff &<< (UInt32(truncatingIfNeeded: r &>> 32) % 24))
        default: return bits
        }
    }

    /// An f64 pattern, mixed as `f32()` is, with one part near f32's borders.
    mutating func f64() -> UInt64 {
        let r = next()
        let bits = next()
        switch r & 7 {
        case 0, 1: return bits & 0x800f_ffff_ffff_ffff | (r &>> 8 % 72 &+ 1020) &<< 52
        case 2: return bits & (UInt64.max &<< (r &>> 8 % 53))
        case 3: return bits & 0x800f_ffff_ffff_ffff & (UInt64.max &<< (r &>> 20 % 53)) | (r &>> 8 % 300 &+ 860) &<< 52
        default: return bits
        }
    }

    /// An integer of any length, often with a run of zeros or ones at its end, for ties.
    mutating func integer() -> UInt64 {
        let r = next()
        let length = r &>> 8 % 64
        let bits = next() &>> length
        let tail = (1 as UInt64) &<< (r &>> 16 % 64) &- 1
        switch r & 7 {
        case 0: return bits & ~tail
        case 1: return bits | tail
        case 2: return (bits & ~tail) ^ (tail &>> 1 &+ 1)
        case 3: return ~bits
        default: return bits
        }
    }
}

/// Every sign with every interesting exponent and fraction of f32: 2 × 256 × 12 patterns.
let edges32: [UInt32] = {
    let fractions: [UInt32] = [
        0, 1, 2, 0x1f_ffff, 0x20_0000, 0x3f_ffff, 0x40_0000, 0x40_0001, 0x60_0000, 0x7f_fffd, 0x7f_fffe, 0x7f_ffff,
    ]
    return (0..<512).flatMap { high in fractions.map { UInt32(high) << 23 | $0 } }
}()

/// Every sign and exponent of f64 with interesting fractions: 2 × 2048 × 14 patterns.
let edges64: [UInt64] = {
    let fractions: [UInt64] = [
        0, 1, 2, 0xfff_ffff, 0x1000_0000, 0x1000_0001, 0x1fff_ffff, 0x3000_0000, 0x7_ffff_ffff_ffff, 0x8_0000_0000_0000,
        0x8_0000_0000_0001, 0xf_ffff_e000_0000, 0xf_ffff_f000_0000, 0xf_ffff_ffff_ffff,
    ]
    return (0..<4096).flatMap { high in fractions.map { UInt64(high) << 52 | $0 } }
}()

/// Integers at every power of two, with their neighbours and with a tie one, two, 24 and 53 bits below.
let edgeIntegers: [UInt64] = (0..<64).flatMap { power -> [UInt64] in
    let one = UInt64(1) << power
    let ties = [1, 2, 23, 24, 25, 52, 53, 54].filter { $0 <= power }.flatMap { drop -> [UInt64] in
        let bit = one >> drop
        return [one &+ bit, one &+ bit &- 1, one &+ bit &+ 1, one &- bit, one &+ bit &* 3]
    }
    return ([one, one &- 1, one &+ 1] + ties).flatMap { [$0, 0 &- $0] }
}

/// How many random patterns each function is given beside the edges.
let randomCount = 1_000_000

/// Runs a check over the edges and over random operands; answers the first operand that fails it.
func firstFailure32(seed: UInt64, count: Int = randomCount, _ check: (UInt32) -> Bool) -> String? {
    for bits in edges32 where !check(bits) { return hex(bits) }
    var patterns = Patterns(seed: seed)
    for _ in 0..<count {
        let bits = patterns.f32()
        if !check(bits) { return hex(bits) }
    }
    return nil
}

func firstFailure64(seed: UInt64, count: Int = randomCount, _ check: (UInt64) -> Bool) -> String? {
    for bits in edges64 where !check(bits) { return hex(bits) }
    var patterns = Patterns(seed: seed)
    for _ in 0..<count {
        let bits = patterns.f64()
        if !check(bits) { return hex(bits) }
    }
    return nil
}

func firstIntegerFailure(seed: UInt64, count: Int = randomCount, _ check: (UInt64) -> Bool) -> String? {
    for integer in edgeIntegers where !check(integer) { return hex(integer) }
    var patterns = Patterns(seed: seed)
    for _ in 0..<count {
        let integer = patterns.integer()
        if !check(integer) { return hex(integer) }
    }
    return nil
}

func hex(_ value: some BinaryInteger) -> String { "0x" + String(value, radix: 16) }
