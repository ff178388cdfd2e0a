// Variable-length integers, read strictly (core specification 2.0, 5.2.2).
//
// N bits take at most ⌈N/7⌉ bytes. A shorter number may be padded up to that length, as linkers do to leave room;
// the bits of the last byte that the type does not have must be zero, or copies of the sign.

extension ByteReader {
    /// An unsigned 32-bit integer in at most 5 bytes.
    @inline(never) @_lifetime(self: copy self)
    package mutating func u32() throws(LoadError) -> UInt32 {
        let first = try byte()
        if first < 0x80 { return UInt32(first) }
        var value = UInt32(first & 0x7f)
        var shift: UInt32 = 7
        while shift < 28 {
            let next = try byte()
            value |= UInt32(next & 0x7f) &<< shift
            if next < 0x80 { return value }
            shift &+= 7
        }
        let last = try lastByte(unused: 0x70, signed: false)
        return value | UInt32(last) &<< 28
    }

    /// A signed 32-bit integer in at most 5 bytes.
    @_lifetime(self: copy self)
    package mutating func s32() throws(LoadError) -> Int32 {
        let first = try byte()
        // The sign is bit 6: shifted to the top and back, it fills what is above.
        if first < 0x80 { return (Int32(truncatingIfNeeded: first) &<< 25) &>> 25 }
        var value = UInt32(first & 0x7f)
        var shift: UInt32 = 7
        while shift < 28 {
            let next = try byte()
            value |= UInt32(next & 0x7f) &<< shift
            shift &+= 7
            if next < 0x80 {
                let unused = 32 &- shift
                return Int32(bitPattern: value &<< unused) &>> Int32(bitPattern: unused)
            }
        }
        let last = try lastByte(unused: 0x78, signed: true)
        return Int32(bitPattern: value | UInt32(last) &<< 28)
    }

    /// A signed 33-bit integer in at most 5 bytes: a block type, whose non-negative values are type indices.
    @_lifetime(self: copy self)
    package mutating func s33() throws(LoadError) -> Int64 {
        try longSigned(lastShift: 28, unused: 0x70)
    }

    /// A signed 64-bit integer in at most 10 bytes.
    @_lifetime(self: copy self)
    package mutating func s64() throws(LoadError) -> Int64 {
        try longSigned(lastShift: 63, unused: 0x7f)
    }

    /// A signed integer whose last possible byte has its lowest bit at `lastShift`, and there the bits `unused`
    /// (the sign among them) must all be equal.
    @inline(never) @_lifetime(self: copy self)
    private mutating func longSigned(lastShift: UInt64, unused: UInt8) throws(LoadError) -> Int64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < lastShift {
            let next = try byte()
            value |= UInt64(next & 0x7f) &<< shift
            shift &+= 7
            if next < 0x80 {
                let above = 64 &- shift
                return Int64(bitPattern: value &<< above) &>> Int64(bitPattern: above)
            }
        }
        let last = try lastByte(unused: unused, signed: true)
        value |= UInt64(last) &<< shift
        // For 64 bits the last byte holds bit 63; for 33 bits, its bit 6 is a copy of the sign.
        let above: UInt64 = lastShift == 63 ? 0 : 29
        return Int64(bitPattern: value &<< above) &>> Int64(bitPattern: above)
    }

    /// The last byte that an integer may have: no more may follow, and its `unused` bits must agree.
    @inline(never) @_lifetime(self: copy self)
    private mutating func lastByte(unused: UInt8, signed: Bool) throws(LoadError) -> UInt8 {
        let at = offset
        let last = try byte()
        if last >= 0x80 { throw LoadError(.integerRepresentationTooLong, at: at) }
        let bits = last & unused
        if bits == 0 || (signed && bits == unused) { return last }
        throw LoadError(.integerTooLarge, at: at)
    }
}
