// What several instructions of the loop share: shifts of 64 bits, division, places in linear memory.

import RegisterCode

/// An immediate as an i64: its sign in the upper half. A conversion would be a call in builds for size.
@inline(__always) func widened(_ value: Int32) -> UInt64 {
    // Safety: two words are eight bytes; the low one comes first on every machine that this is built for.
    unsafe unsafeBitCast((value, value &>> 31), to: UInt64.self)
}

/// Rotation by the low five bits; one `ror` where the core has it.
@inline(__always) func rotatedRight(_ value: UInt32, _ count: UInt32) -> UInt32 {
    value &>> count | value &<< (0 &- count)
}

/// `nonzeroBitCount` would fetch a table or a library function on some cores.
@inline(__always) func bitCount(_ value: UInt32) -> UInt32 {
    var v = value
    v = v &- (v &>> 1 & 0x5555_5555)
    v = (v & 0x3333_3333) &+ (v &>> 2 & 0x3333_3333)
    return (((v &+ (v &>> 4)) & 0x0f0f_0f0f) &* 0x0101_0101) &>> 24
}

// Shifts of cell pairs, in 32-bit halves: no call of the compiler's helpers.

@inline(never) func shiftLeft64(_ fp: Cells, _ w: Word, _ count: UInt32) {
    let low = fp[w.b]
    let high = fp[w.b &+ 1]
    let n = count & 63
    if n >= 32 {
        fp[w.a] = 0
        fp[w.a &+ 1] = low &<< n
    } else {
        fp[w.a] = low &<< n
        fp[w.a &+ 1] = n == 0 ? high : high &<< n | low &>> (32 &- n)
    }
}

@inline(never) func shiftRight64(_ fp: Cells, _ w: Word, _ count: UInt32) {
    let low = fp[w.b]
    let high = fp[w.b &+ 1]
    let n = count & 63
    if n >= 32 {
        fp[w.a] = high &>> n
        fp[w.a &+ 1] = 0
    } else {
        fp[w.a] = n == 0 ? low : low &>> n | high &<< (32 &- n)
        fp[w.a &+ 1] = high &>> n
    }
}

@inline(never) func shiftRightSigned64(_ fp: Cells, _ w: Word, _ count: UInt32) {
    let low = fp[w.b]
    let high = Int32(bitPattern: fp[w.b &+ 1])
    let n = count & 63
    if n >= 32 {
        fp[w.a] = UInt32(bitPattern: high &>> Int32(bitPattern: n))
        fp[w.a &+ 1] = UInt32(bitPattern: high &>> 31)
    } else {
        fp[w.a] = n == 0 ? low : low &>> n | UInt32(bitPattern: high) &<< (32 &- n)
        fp[w.a &+ 1] = UInt32(bitPattern: high &>> Int32(bitPattern: n))
    }
}

@inline(never) func rotateLeft64(_ fp: Cells, _ w: Word, _ count: UInt32) {
    var low = fp[w.b]
    var high = fp[w.b &+ 1]
    if count & 32 != 0 {
        let other = low
        low = high
        high = other
    }
    let n = count & 31
    if n != 0 {
        let newLow = low &<< n | high &>> (32 &- n)
        high = high &<< n | low &>> (32 &- n)
        low = newLow
    }
    fp[w.a] = low
    fp[w.a &+ 1] = high
}

/// i64 division and remainder; a trap's number, or 0.
@inline(never) func divide64(_ fp: Cells, _ w: Word) -> UInt32 {
    let dividend = fp.i64(w.b)
    let divisor = fp.i64(w.c)
    if divisor == 0 { return UInt32(Trap.integerDivideByZero.rawValue) }
    switch w.op {
    case .i64DivU: fp.setI64(w.a, dividend / divisor)
    case .i64RemU: fp.setI64(w.a, dividend % divisor)
    default:
        // The signed ones by magnitude: the most negative number over -1 must not fault the host.
        let negative = Int64(bitPattern: dividend) < 0
        let a = negative ? 0 &- dividend : dividend
        let b = Int64(bitPattern: divisor) < 0 ? 0 &- divisor : divisor
        if w.op == .i64RemS {
            let remainder = a % b
            fp.setI64(w.a, negative ? 0 &- remainder : remainder)
        } else {
            if divisor == .max && dividend == 1 &<< 63 { return UInt32(Trap.integerOverflow.rawValue) }
            let quotient = a / b
            fp.setI64(w.a, Int64(bitPattern: dividend ^ divisor) < 0 ? 0 &- quotient : quotient)
        }
    }
    return 0
}

/// The exact look: where `bytes` bytes at `address` + `offset` lie, if all of them are inside the window.
///
/// A sum that needs 33 bits is beyond every memory.
@inline(never)
func exactPlace(_ m: UnsafeMutablePointer<Machine>, _ address: UInt32, _ offset: UInt32, _ bytes: UInt32) -> UnsafeMutableRawPointer? {
    let (sum, carry) = address.addingReportingOverflow(offset)
    // Safety: `m` is the variable of whoever runs the loop. A sum below the window wraps around and is larger than any window.
    let distance = unsafe sum &- m.pointee.low
    let length = unsafe m.pointee.windowLength
    guard !carry, distance <= length, bytes <= length &- distance else { return nil }
    return unsafe m.pointee.base + Int(truncatingIfNeeded: distance)
}

// Memory is read and written little-endian and unaligned, as every core that we build for has it; v6-M does it by bytes.
// Safety of all of these: the place was found to be inside the window, with the width.

@inline(__always) func loadUInt8(_ place: UnsafeMutableRawPointer) -> UInt8 { unsafe place.load(as: UInt8.self) }
@inline(__always) func loadInt8(_ place: UnsafeMutableRawPointer) -> Int8 { unsafe place.load(as: Int8.self) }
@inline(__always) func loadUInt16(_ place: UnsafeMutableRawPointer) -> UInt16 { unsafe place.loadUnaligned(as: UInt16.self) }
@inline(__always) func loadInt16(_ place: UnsafeMutableRawPointer) -> Int16 { unsafe place.loadUnaligned(as: Int16.self) }
@inline(__always) func loadUInt32(_ place: UnsafeMutableRawPointer) -> UInt32 { unsafe place.loadUnaligned(as: UInt32.self) }
@inline(__always) func load64(_ place: UnsafeMutableRawPointer) -> UInt64 {
    unsafe place.loadUnaligned(as: UInt64.self)
}
@inline(__always) func store8(_ place: UnsafeMutableRawPointer, _ value: UInt32) {
    unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
}
@inline(__always) func store16(_ place: UnsafeMutableRawPointer, _ value: UInt32) {
    unsafe place.storeBytes(of: UInt16(truncatingIfNeeded: value), as: UInt16.self)
}
@inline(__always) func store32(_ place: UnsafeMutableRawPointer, _ value: UInt32) { unsafe place.storeBytes(of: value, as: UInt32.self) }
@inline(__always) func store64(_ place: UnsafeMutableRawPointer, _ value: UInt64) {
    unsafe place.storeBytes(of: value, as: UInt64.self)
}

import WasmFormat
