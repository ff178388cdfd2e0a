// The pool: a two-level segregated fit allocator whose whole state lies inside the buffer that it manages.
//
//      0        4        8        12           …             8·first + 4                 length & ~7
//     ┌────────┬────────┬────────┬───────────┬─────────────┬───────┬─────┬───────┬───┬──────────┐
//     │ mark   │ in use │ peak   │ bitmap    │ list heads  │ block │  …  │ block │ … │ sentinel │
//     └────────┴────────┴────────┴───────────┴─────────────┴───────┴─────┴───────┴───┴──────────┘
//
// Places are counted in units of 8 bytes: block u has its header at byte 8u + 4 and its payload at byte 8u + 8. Nothing
// here holds a machine address, so the bytes are the same on a 64-bit host and on a 32-bit board, wherever they lie.

/// Memory without malloc: constant-time allocation inside one buffer, with 4 bytes of header for each block.
///
/// The owner of the buffer keeps it alive and writes to it only through payloads. Whatever bytes the buffer holds, the
/// pool reads and writes nothing outside it: every access passes one of the four functions at the end of this file.
@safe
package struct Pool: ~Copyable {
    let base: UnsafeMutableRawPointer
    /// Bytes of the buffer, 512 MB at most.
    package let length: UInt32
    // What follows from the length, computed once.
    /// Where the list heads begin.
    let headsOffset: UInt32
    /// The unit of the first block: the first header place behind the list heads.
    let first: UInt32

    /// Where in a free block an allocation is cut.
    package enum Place {
        /// At the high end of a block that fits well: structures and stacks.
        case top
        /// At the low end of the largest block: linear memory, which can then grow upward in place.
        case bottomOfLargest
    }

    /// Turns a buffer into an empty pool. Writes the control block, one header, two links and a boundary tag.
    ///
    /// `nil` if the buffer is too small to hold a block, larger than 512 MB, or not aligned to 8 bytes.
    package init?(formatting buffer: UnsafeMutableRawBufferPointer) {
        guard let pool = unsafe Pool(over: buffer) else { return nil }
        var offset: UInt32 = 0
        while offset < pool.controlBytes {
            pool.store(0, at: offset)
            offset &+= 4
        }
        let units = pool.end &- pool.first
        pool.store(Pool.mark ^ pool.length, at: 0)
        pool.store(pool.length &- units &* 8, at: Pool.inUseOffset)
        pool.store(pool.inUse, at: Pool.peakOffset)
        pool.setHeader(of: pool.end, units: 0, flags: 0)
        pool.makeFree(pool.first, units: units)
        self = pool
    }

    /// Takes over a buffer that holds a pool already: restored after deep sleep, or moved to another address.
    ///
    /// Checks the control block and the last header, in constant time. Bytes of unknown origin need `check()` too.
    package init?(adopting buffer: UnsafeMutableRawBufferPointer) {
        guard let pool = unsafe Pool(over: buffer), pool.hasSoundEnds else { return nil }
        self = pool
    }

    /// The view of a buffer that holds a pool: one that this code has formatted or adopted.
    package init(formatted base: UnsafeMutableRawPointer, length: UInt32) {
        unsafe self.init(base: base, length: length)
    }

    private init(base: UnsafeMutableRawPointer, length: UInt32) {
        unsafe self.base = base
        self.length = length
        let end = (length &>> 3) &- 1
        let classes = Pool.classOf(end) &+ 1
        headsOffset = Pool.bitmapOffset &+ (classes &+ 31) &>> 5 &* 4
        first = (headsOffset &+ classes &<< (end < 0x1_0000 ? 1 : 2) &+ 3) &>> 3
    }

    /// Bytes of a buffer whose pool has room for a block of so many bytes.
    package static func length(holding bytes: UInt32) -> UInt32 { (bytes &+ bytes / 64 &+ 519) & ~7 }

    /// Whether the control block, the first header and the sentinel are such as this pool writes.
    private var hasSoundEnds: Bool {
        load(0) == Pool.mark ^ length
            && inUse <= length && inUse >= length &- (end &- first) &* 8 && peak <= length
            && units(of: first) >= 2 && units(of: first) <= end &- first
            && header(of: end) & ~Pool.before == Pool.sound
    }

    /// The view of a buffer that could be a pool by its address and length.
    private init?(over buffer: UnsafeMutableRawBufferPointer) {
        // In 48 bytes a control block and a block fit; from there on no arithmetic of the layout runs below zero.
        guard let start = buffer.baseAddress, UInt(bitPattern: start) & 7 == 0,
              buffer.count >= 48, buffer.count <= 0x2000_0000 else { return nil }
        // Safety: `start` is the base of a live buffer of `length` bytes, which the owner keeps alive.
        unsafe self.init(base: start, length: UInt32(truncatingIfNeeded: buffer.count))
    }

    /// "MPl1": tells a formatted buffer and the version of this layout; the length is folded in.
    static var mark: UInt32 { 0x316C_504D }
    static var inUseOffset: UInt32 { 4 }
    static var peakOffset: UInt32 { 8 }
    static var bitmapOffset: UInt32 { 12 }

    /// The sentinel's unit: a header of a block in use with no payload, which ends every walk.
    var end: UInt32 { (length &>> 3) &- 1 }

    // MARK: The only accesses to the buffer

    /// The word at a byte offset that is a multiple of 4; 0 if it would lie outside.
    @inline(__always)
    func load(_ offset: UInt32) -> UInt32 {
        guard offset <= length &- 4 else { return 0 }
        // Safety: the word is inside the buffer (length ≥ 48), which the owner keeps alive; offsets are multiples of 4.
        return unsafe base.load(fromByteOffset: Int(truncatingIfNeeded: offset), as: UInt32.self)
    }

    /// Writes the word at a byte offset that is a multiple of 4; does nothing if it would lie outside.
    @inline(__always)
    func store(_ word: UInt32, at offset: UInt32) {
        guard offset <= length &- 4 else { return }
        // Safety: as `load`.
        unsafe base.storeBytes(of: word, toByteOffset: Int(truncatingIfNeeded: offset), as: UInt32.self)
    }

    /// The half word at an even byte offset; 0 if it would lie outside.
    func loadHalf(_ offset: UInt32) -> UInt32 {
        guard offset <= length &- 2 else { return 0 }
        // Safety: as `load`.
        return UInt32(unsafe base.load(fromByteOffset: Int(truncatingIfNeeded: offset), as: UInt16.self))
    }

    /// Writes the half word at an even byte offset; does nothing if it would lie outside.
    func storeHalf(_ half: UInt32, at offset: UInt32) {
        guard offset <= length &- 2 else { return }
        // Safety: as `load`.
        unsafe base.storeBytes(
            of: UInt16(truncatingIfNeeded: half), toByteOffset: Int(truncatingIfNeeded: offset), as: UInt16.self)
    }
}
