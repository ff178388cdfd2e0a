// The cursor through a module's bytes: everything that reads a module reads through it.
//
//     0 ──────── position ──────── end ──────── bytes.count
//                (next byte)       (of the section or body being read)

/// Reads a module in place. Cannot outlive its bytes; a copy is a bookmark (20 bytes on a 32-bit machine).
///
/// Every offset is absolute, counted from the start of the module. Invariant: `position <= end <= bytes.count`.
/// Every method throws `.unexpectedEnd` when the bytes end too soon; what it has consumed by then is not defined.
@safe package struct ByteReader: ~Escapable {
    package let bytes: Span<UInt8>
    package private(set) var position: Int
    package private(set) var limit: Int

    /// The next byte, counted from the start of the module.
    package var offset: UInt32 { UInt32(truncatingIfNeeded: position) }
    /// Where this reader stops, counted from the start of the module.
    package var end: UInt32 { UInt32(truncatingIfNeeded: limit) }
    /// How many bytes are left.
    package var remaining: UInt32 { UInt32(truncatingIfNeeded: limit &- position) }
    package var isAtEnd: Bool { position >= limit }

    /// A reader of a whole module. The caller has checked `ImplementationLimits.moduleSize`.
    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
        position = 0
        limit = bytes.count
    }

    /// A reader from an offset to the end of the module; one beyond the end gives an empty reader.
    @inline(never) @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, at offset: UInt32) {
        self.bytes = bytes
        limit = bytes.count
        position = offset < UInt32(truncatingIfNeeded: limit) ? Int(truncatingIfNeeded: offset) : limit
    }

    /// A reader of one range; what of the range lies beyond the module is cut off.
    @inline(never) @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, in range: ByteRange) {
        self.init(bytes, at: range.offset)
        if range.count < remaining { limit = position &+ Int(truncatingIfNeeded: range.count) }
    }

    /// Takes `count` bytes out of this reader as a reader of their own.
    ///
    /// Throws `.lengthOutOfBounds` at `lengthOffset` (where the length was read) if fewer are left.
    @inline(never) @_lifetime(copy self)
    package mutating func take(_ count: UInt32, lengthAt lengthOffset: UInt32) throws(LoadError) -> ByteReader {
        guard count <= remaining else { throw LoadError(.lengthOutOfBounds, at: lengthOffset) }
        var part = self
        part.limit = position &+ Int(truncatingIfNeeded: count)
        position = part.limit
        return part
    }

    /// Steps over `count` bytes.
    @_lifetime(self: copy self)
    package mutating func skip(_ count: UInt32) throws(LoadError) {
        guard count <= remaining else { throw unexpectedEnd() }
        position &+= Int(truncatingIfNeeded: count)
    }

    @_lifetime(self: copy self)
    package mutating func byte() throws(LoadError) -> UInt8 {
        guard position < limit else { throw unexpectedEnd() }
        let byte = bytes[position]
        position &+= 1
        return byte
    }

    /// The next byte, without stepping over it.
    package func peek() throws(LoadError) -> UInt8 {
        guard position < limit else { throw unexpectedEnd() }
        return bytes[position]
    }

    /// A word of an image: four bytes, the lowest first.
    @inline(__always) @_lifetime(self: copy self)
    package mutating func word() throws(LoadError) -> UInt32 {
        guard limit &- position >= 4 else { throw unexpectedEnd() }
        // Safety: four bytes are there.
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self)
        position &+= 4
        return word
    }

    /// So many words of an image, at once.
    @inline(__always) @_lifetime(copy self)
    package mutating func record(_ words: Int) throws(LoadError) -> PackedRecord {
        guard limit &- position >= words &* 4 else { throw unexpectedEnd() }
        let record = PackedRecord(bytes, position, words)
        position &+= words &* 4
        return record
    }

    /// Four bytes, the lowest first: the bits of an f32 constant.
    @_lifetime(self: copy self)
    package mutating func f32Bits() throws(LoadError) -> UInt32 {
        guard remaining >= 4 else { throw unexpectedEnd() }
        var bits: UInt32 = 0
        var i = 3
        while i >= 0 {
            bits = bits &<< 8 | UInt32(bytes[position &+ i])
            i &-= 1
        }
        position &+= 4
        return bits
    }

    /// Eight bytes, the lowest first: the bits of an f64 constant.
    @_lifetime(self: copy self)
    package mutating func f64Bits() throws(LoadError) -> UInt64 {
        let low = try f32Bits()
        let high = try f32Bits()
        return UInt64(high) &<< 32 | UInt64(low)
    }

    /// The bytes end here and should not.
    @inline(never)
    package func unexpectedEnd() -> LoadError { LoadError(.unexpectedEnd, at: end) }
}

/// Words of an image that are known to be there. Made by a reader.
@safe package struct PackedRecord: ~Escapable {
    private let bytes: Span<UInt8>
    private let start: Int
    private let count: Int

    @inline(__always) @_lifetime(copy bytes)
    fileprivate init(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) {
        self.bytes = bytes
        self.start = start
        self.count = count
    }

    @inline(__always)
    package subscript(word: Int) -> UInt32 {
        assert(word >= 0 && word < count)
        // Safety: as many words as the reader found; who reads them names them by literals below that number.
        return unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start &+ word &* 4, as: UInt32.self)
    }
}
