// What the pool counts, and the walk that proves it.

extension Pool {
    /// Bytes of the buffer that are not free: control block, headers, payloads, the sentinel. `inUse + freeBytes == length`.
    package var inUse: UInt32 { load(Pool.inUseOffset) }

    /// The highest `inUse` since formatting or `resetPeak`, whole buffer at most.
    package var peak: UInt32 { load(Pool.peakOffset) }

    /// Bytes in free blocks, the 4 of each one's header included.
    package var freeBytes: UInt32 { length &- inUse }
    /// Whether no block is in use.
    package var isEmpty: Bool { freeBytes == (end &- first) &* 8 }

    /// The largest payload that can be allocated now, exact; 0 if nothing is free. Walks the list of the highest class.
    package var largestFree: UInt32 {
        let units = largest().units
        return units == 0 ? 0 : units &* 8 &- 4
    }

    /// Bytes in front of the first block's header.
    package var controlBytes: UInt32 { first &* 8 &+ 4 }

    /// Begins a new measurement of `peak`.
    package mutating func resetPeak() {
        store(inUse, at: Pool.peakOffset)
    }

    /// Blocks, free and in use. Walks the pool; stops at a damaged header.
    package var blockCount: UInt32 {
        var block = first, total: UInt32 = 0
        while block < end {
            let count = units(of: block)
            guard count >= 2, count <= end &- block else { break }
            block &+= count
            total &+= 1
        }
        return total
    }

    /// Walks every block and every list. `true` if all invariants hold; then hostile bytes are as good as our own.
    package func check() -> Bool {
        guard load(0) == Pool.mark ^ length, peak <= length else { return false }
        var block = first, freeUnits: UInt32 = 0, freeBlocks: UInt32 = 0
        var beforeIsFree = false
        while block < end {
            let front = header(of: block)
            let count = front &>> Pool.unitsShift
            guard front != 0, count >= 2, count <= end &- block,
                  (front & Pool.before != 0) == beforeIsFree else { return false }
            beforeIsFree = front & Pool.free != 0
            if beforeIsFree {
                guard isSoundFree(block) else { return false }
                freeUnits &+= count
                freeBlocks &+= 1
            }
            block &+= count
        }
        let last = Pool.sound | (beforeIsFree ? Pool.before : 0)
        guard header(of: end) == last, freeBytes == freeUnits &* 8 else { return false }
        return listsHold(freeBlocks)
    }

    /// Whether each free block is in the list of its class, once, and each list's bit is right.
    private func listsHold(_ freeBlocks: UInt32) -> Bool {
        var left = freeBlocks
        var list: UInt32 = 0
        while list < bitmapWords &* 32 {
            let bit = load(Pool.bitmapOffset &+ (list &>> 5) &* 4) &>> (list & 31) & 1
            var block = list < classCount ? head(ofClass: list) : 0
            guard (block != 0) == (bit == 1) else { return false }
            var preceding: UInt32 = 0
            while block != 0 {
                guard left != 0, isSoundFree(block), previous(of: block) == preceding,
                      listClass(units(of: block)) == list else { return false }
                left &-= 1
                preceding = block
                block = next(of: block)
            }
            list &+= 1
        }
        return left == 0
    }
}
