// What the pool promises, one behaviour at a time.

import Testing
@testable import MemoryPool

@Suite struct PoolTests {
    @Test(arguments: [(4096, 160), (65536, 300)] as [(Int, UInt32)])
    func `The control block stays below its bar`(length: Int, bar: UInt32) {
        let buffer = GuardedBuffer(length)
        let pool = buffer.format()
        expect(pool.inUse <= bar, "control block, sentinel and slack")
        expect(pool.inUse == pool.controlBytes + 4)
        expect(pool.largestFree == UInt32(length) - pool.inUse - 4)
    }

    @Test func `A buffer that is too small, unaligned or absent is refused`() throws {
        let buffer = GuardedBuffer(4096)
        for count in 0..<200 {
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[0..<count])
            if var pool = unsafe Pool(formatting: part) {
                expect(count >= 48 && pool.check() && pool.largestFree >= 12)
                let offset = try given(pool.allocate(pool.largestFree))
                expect(pool.largestFree == 0 && pool.check())
                try pool.free(offset)
            } else {
                expect(count < 48)
            }
        }
        let odd = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[4..<4096])
        expect(unsafe Pool(formatting: odd) == nil)
        expect(unsafe Pool(formatting: UnsafeMutableRawBufferPointer(start: nil, count: 0)) == nil)
    }

    @Test func `A pool of 512 MB gives all of it`() throws {
        let buffer = GuardedBuffer(1 << 29, margin: 8)
        var pool = buffer.format()
        let offset = try given(pool.allocate(pool.largestFree))
        expect(pool.size(of: offset) == (1 << 29) - pool.controlBytes - 8)
        expect(pool.freeBytes == 0 && pool.check())
        try pool.free(offset)
        expect(pool.check())
    }

    @Test func `Size zero is the smallest block and costs 16 bytes`() throws {
        let buffer = GuardedBuffer(4096)
        var pool = buffer.format()
        let before = pool.inUse
        let offset = try given(pool.allocate(0))
        expect(pool.size(of: offset) == 12 && pool.inUse == before + 16)
        expect(try given(pool.allocate(0)) != offset)
    }

    @Test(arguments: [4096, .max, .max - 3, .max - 7, .max - 11, 1 << 31, 1 << 29, 0xFFFF_F000] as [UInt32])
    func `Huge sizes are refused and change nothing`(bytes: UInt32) throws {
        let buffer = GuardedBuffer(4096)
        var pool = buffer.format()
        _ = pool.allocate(100)
        let offset = try given(pool.allocate(100))
        let last = try given(pool.allocate(100))
        try pool.free(last)
        let before = buffer.contents
        expect(pool.allocate(bytes) == nil)
        expect(pool.allocate(bytes, at: .bottomOfLargest) == nil)
        expect(!pool.resize(offset, to: bytes))
        expect(pool.growDownward(offset, by: bytes) == nil)
        expect(buffer.contents == before)
    }

    @Test func `An exhausted pool refuses, changes nothing, and serves again`() throws {
        let buffer = GuardedBuffer(1024)
        var pool = buffer.format()
        var offsets: [UInt32] = []
        while let offset = pool.allocate(12) { offsets.append(offset) }
        expect(pool.freeBytes == 0 && pool.largestFree == 0 && pool.inUse == 1024 && pool.check())
        let before = buffer.contents
        expect(pool.allocate(0) == nil && pool.allocate(0, at: .bottomOfLargest) == nil)
        expect(pool.allocateLargest() == nil)
        expect(!pool.resize(offsets[3], to: 24))
        expect(pool.growDownward(offsets[3], by: 1) == nil)
        expect(buffer.contents == before)
        try pool.free(offsets[5])
        expect(pool.allocate(12) == offsets[5])
    }

    @Test func `Linear memory lies at the bottom, structures at the top`() throws {
        let buffer = GuardedBuffer(4096)
        var pool = buffer.format()
        let memory = try given(pool.allocate(100, at: .bottomOfLargest))
        let structure = try given(pool.allocate(100))
        expect(memory == pool.controlBytes + 4)
        expect(structure == 4096 - 4 - pool.size(of: structure))
        pool.fill(memory, 100, with: 7)
        expect(pool.resize(memory, to: 3000))
        expect(pool.holds(7, at: memory, 100))
        expect(pool.check())
    }

    @Test func `The largest block can be taken whole and given back, and only what was used counts`() throws {
        let buffer = GuardedBuffer(4096)
        var pool = buffer.format()
        let first = try given(pool.allocate(100))
        let peak = pool.peak, largest = pool.largestFree
        let space = try given(pool.allocateLargest())
        expect(space.bytes == largest && pool.size(of: space.offset) == largest && pool.largestFree == 0)
        expect(pool.peak == peak)
        expect(pool.resize(space.offset, to: 1004))
        expect(pool.peak == peak + 1008)
        expect(pool.resize(space.offset, to: 204))
        expect(pool.peak == peak + 1008 && pool.inUse == peak + 208)
        try pool.free(space.offset)
        expect(pool.largestFree == largest)
        try pool.free(first)
        pool.resetPeak()
        expect(pool.peak == pool.inUse && pool.check())
    }

    @Test func `A block grows down into the free block before it, contents in place`() throws {
        let buffer = GuardedBuffer(4096)
        var pool = buffer.format()
        let offset = try given(pool.allocate(60))
        pool.fill(offset, 60, with: 9)
        let lower = try given(pool.growDownward(offset, by: 1000))
        expect(lower == offset - 1000 && pool.size(of: lower) == 1060)
        expect(pool.holds(9, at: offset, 60) && pool.check())
        expect(pool.refusal(offset) == .foreign)
        let all = try given(pool.growDownward(lower, by: pool.freeBytes))
        expect(all == pool.controlBytes + 4 && pool.freeBytes == 0 && pool.check())
    }

    @Test func `A buffer moved to another address goes on`() throws {
        let here = GuardedBuffer(8192), there = GuardedBuffer(8192)
        var pool = here.format()
        let kept = try given(pool.allocate(100)), freed = try given(pool.allocate(200))
        _ = pool.allocate(300, at: .bottomOfLargest)
        pool.fill(kept, 100, with: 0x5C)
        try pool.free(freed)
        there.contents = here.contents
        guard var moved = there.adopt() else { Issue.record("not adopted"); return }
        expect(moved.check() && moved.holds(0x5C, at: kept, 100) && moved.peak == pool.peak)
        var random = SplitMix64(seed: 11)
        for _ in 0..<200 {
            let bytes = random.below(300)
            let left = pool.allocate(bytes), right = moved.allocate(bytes)
            expect(left == right)
            if let left, random.below(3) > 0 {
                try pool.free(left)
                try moved.free(left)
            }
        }
        expect(here.contents == there.contents)
        expect(here.guardsAreIntact && there.guardsAreIntact)
    }

    @Test func `The same operations give the bytes written down here, on every machine`() throws {
        let buffer = GuardedBuffer(64)
        buffer.contents = [UInt8](repeating: 0, count: 64)
        var pool = buffer.format()
        expect(pool.allocate(12) == 48)
        // mark, in use, peak, bitmap; six heads; block 3 (free, 2 units), block 5 (used, 2 units), sentinel 7.
        let words = (0..<16).map { buffer.word(at: UInt32($0) * 4) }
        expect(words[0] == 0x316C_504D ^ 64)
        expect(words[1...3] == [48, 48, 1])
        expect(words[4] == 3)
        expect(words[5] == 0 && words[6] == 0)
        expect(words[7] & ~0x3C == 2 << 6 | 1 && words[8] == 0 && words[9] == 0 && words[10] == 2)
        expect(words[11] & ~0x3C == 2 << 6 | 2)
        expect(words[15] & ~0x3C == 0)
    }
}
