// The pool of a dump: its blocks, as far as their headers are sound. Layout: Pool.swift, Pool+Block.swift, Pool+FreeLists.swift of MemoryPool.

public struct PoolView: Sendable {
    let bytes: DumpBytes
    /// Bytes of the buffer; the dump may have fewer.
    public let length: Int

    init(_ bytes: DumpBytes, length: Int) {
        self.bytes = bytes
        self.length = length
    }

    public var inUse: UInt32 { bytes.word(4) ?? 0 }
    public var peak: UInt32 { bytes.word(8) ?? 0 }

    private var end: Int { length / 8 - 1 }
    private static func listClass(_ units: Int) -> Int {
        let top = Int.bitWidth - 1 - units.leadingZeroBitCount
        let shift = max(top - 2, 0)
        return shift * 4 + (units >> shift) - 2
    }
    /// The unit of the first block.
    private var first: Int {
        let classes = Self.listClass(end) + 1
        return (12 + (classes + 31) / 32 * 4 + (classes << (end < 0x1_0000 ? 1 : 2)) + 3) / 8
    }

    /// A header whose check bits are right.
    func header(_ unit: Int) -> (units: Int, isFree: Bool)? {
        guard length >= 48, unit >= first, unit <= end, let word = bytes.word(unit * 8 + 4) else { return nil }
        let plain = word & ~0x3c
        var sum = plain ^ UInt32(truncatingIfNeeded: unit) << 6
        sum ^= sum >> 16
        sum ^= sum >> 8
        sum ^= sum >> 4
        guard word == plain | ((sum ^ 0xa) & 0xf) << 2 else { return nil }
        return (Int(plain >> 6), plain & 1 != 0)
    }

    public struct Walk: Sendable {
        public var blocksInUse = 0
        public var freeBlocks = 0
        public var largestFree = 0
        /// The offset of the first header that is damaged or missing.
        public var damage: Int?
    }

    /// From the first block to the end, or to the first damage. Each step goes forward by at least 16 bytes.
    public var walk: Walk {
        var walk = Walk()
        guard length >= 48 else {
            walk.damage = 0
            return walk
        }
        var unit = first
        while unit < end {
            guard let header = header(unit), header.units >= 2, header.units <= end - unit else {
                walk.damage = unit * 8 + 4
                return walk
            }
            if header.isFree {
                walk.freeBlocks += 1
                walk.largestFree = max(walk.largestFree, header.units * 8 - 4)
            } else {
                walk.blocksInUse += 1
            }
            unit += header.units
        }
        if header(end) == nil { walk.damage = end * 8 + 4 }
        return walk
    }
}

extension PoolDump {
    public func pool(_ number: Int) -> PoolView { PoolView(regions[number].bytes, length: regions[number].length) }
}
