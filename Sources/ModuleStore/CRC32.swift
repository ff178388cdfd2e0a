// CRC-32 as of IEEE 802.3, bit by bit: a table would take more flash than the slots' headers.

public struct CRC32: Sendable {
    private var state: UInt32 = .max

    public init() {}

    public var value: UInt32 { ~state }

    public mutating func add(_ byte: UInt8) { add(UInt32(byte), bits: 8) }

    /// The first `count` bytes of a word, 1 to 4, the lowest first.
    public mutating func add(word: UInt32, count: UInt32 = 4) {
        let bits = min(count, 4) &* 8
        add(bits == 32 ? word : word & (1 &<< bits &- 1), bits: bits)
    }

    /// Low bits go in first, so that a word does not differ from its bytes.
    private mutating func add(_ value: UInt32, bits: UInt32) {
        var rest = bits
        var crc = state ^ value
        while rest > 0 {
            crc = crc &>> 1 ^ (0 &- (crc & 1)) & 0xEDB8_8320
            rest &-= 1
        }
        state = crc
    }
}
