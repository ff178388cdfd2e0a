// CRC-32 as of IEEE 802.3, bit by bit: a table would take more flash than the slots' headers.

public struct CRC32: Sendable {
    private var state: UInt32 = .max

    public init() {}

    public var value: UInt32 { ~state }

    public mutating func add(_ byte: UInt8) {
        state ^= UInt32(byte)
        for _ in 0..<8 { state = state &>> 1 ^ (0 &- (state & 1)) & 0xEDB8_8320 }
    }

    /// The first `count` bytes of a word, the lowest first.
    public mutating func add(word: UInt32, count: UInt32 = 4) {
        var rest = word
        for _ in 0..<min(count, 4) {
            add(UInt8(truncatingIfNeeded: rest))
            rest &>>= 8
        }
    }
}
