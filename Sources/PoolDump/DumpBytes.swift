// Bytes of unknown origin: reads that answer nil outside of them. Whatever they hold, nothing else is read.

/// A part of a dump.
public struct DumpBytes: Sendable {
    private let bytes: [UInt8]
    private let start: Int
    public let count: Int

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        start = 0
        count = bytes.count
    }
    private init(_ bytes: [UInt8], _ start: Int, _ count: Int) {
        self.bytes = bytes
        self.start = start
        self.count = count
    }

    public func byte(_ offset: Int) -> UInt8? { offset >= 0 && offset < count ? bytes[start + offset] : nil }

    /// The little-endian word at a byte offset.
    public func word(_ offset: Int) -> UInt32? {
        guard offset >= 0, offset <= count - 4 else { return nil }
        var word: UInt32 = 0
        for i in 0..<4 { word |= UInt32(bytes[start + offset + i]) << UInt32(i * 8) }
        return word
    }
    public func pair(_ offset: Int) -> UInt64? {
        guard offset >= 0, offset <= count - 8, let low = word(offset), let high = word(offset + 4) else { return nil }
        return UInt64(low) | UInt64(high) << 32
    }

    /// What of a range is there.
    public func part(_ offset: Int, _ length: Int) -> DumpBytes {
        let from = min(max(offset, 0), count)
        return DumpBytes(bytes, start + from, min(max(length, 0), count - from))
    }
}
