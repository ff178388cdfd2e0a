// Flash as the store needs it. A driver is three functions and two numbers: Sources/NRFFlash has one.

/// Memory that is erased in large units to ones, and programmed in small ones, where a bit only turns from 1 to 0. Addresses are the driver's own;
/// words are little-endian.
public protocol Flash {
    /// Bytes that one erase takes, a power of 2; so much is the alignment of slots.
    var eraseUnit: UInt32 { get }
    /// Bytes that one write takes: 4, 8, 16 or 32. A driver whose flash writes less at once writes 4.
    var writeUnit: UInt32 { get }
    /// Whether a unit may be programmed a second time with the same words. False for flash with an error correction of its own.
    var isRewritable: Bool { get }

    /// The word at a multiple of 4.
    func read(_ address: UInt32) throws(FlashError) -> UInt32
    /// Erases the unit that begins at an address. Returns when it is done, or has failed.
    mutating func erase(_ address: UInt32) throws(FlashError)
    /// Writes one unit, which was erased before; `words` has as many as that.
    mutating func program(_ address: UInt32, _ words: Span<UInt32>) throws(FlashError)
}

/// What failed, and at which address.
public enum FlashError: Error, Equatable, Sendable {
    case read(UInt32), erase(UInt32), program(UInt32)
}
