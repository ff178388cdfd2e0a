// Bugs that other allocators had, each as a test.

import Testing
@testable import MemoryPool

@Suite struct PoolKnownBugsTests {
    /// WAMR's EMS: a realloc in place lost the flag "previous is in use" (here: "before is free").
    @Test func `A resize keeps what the header says of the block before`() throws {
        let buffer = GuardedBuffer(4096)
        var pool = buffer.format()
        let fresh = pool.largestFree
        let high = try given(pool.allocate(100)), middle = try given(pool.allocate(100))
        let low = try given(pool.allocate(100))
        try pool.free(low)
        expect(pool.resize(middle, to: 40) && pool.check())
        expect(pool.resize(middle, to: 100) && pool.check())
        try pool.free(middle)
        try pool.free(high)
        expect(pool.largestFree == fresh && pool.check())
    }

    /// WAMR's EMS: a structure of the free lists was misaligned on some machines.
    @Test func `Every payload is aligned to 8 bytes, whatever the pool's length`() throws {
        for length in 48..<400 {
            let buffer = GuardedBuffer(length)
            var pool = buffer.format()
            var bytes: UInt32 = 1
            while let offset = pool.allocate(bytes) {
                expect(offset % 8 == 0)
                bytes += 5
            }
            expect(pool.check() && buffer.guardsAreIntact)
        }
    }

    /// WAMR's EMS, twice: a walk by a size that an attacker had written.
    @Test func `A walk stops at a size that leaves the pool`() throws {
        for units in [0, 1, 511, 0x3FF_FFFF, 600] as [UInt32] {
            let buffer = GuardedBuffer(4096)
            var pool = buffer.format()
            let offset = try given(pool.allocate(40))
            _ = pool.allocate(40)
            // A header whose check is right, so that only the size is wrong.
            pool.setHeader(of: offset / 8 - 1, units: units, flags: 0)
            expect(!pool.check())
            expect(pool.blockCount <= 3)
            expect(pool.refusal(offset) == .corrupt)
            expect(!pool.resize(offset, to: 80) && pool.size(of: offset) == 0)
        }
    }

    /// TLSF: rounding SIZE_MAX up wrapped to the smallest block.
    @Test func `The greatest sizes do not wrap to small ones`() {
        let buffer = GuardedBuffer(65536)
        var pool = buffer.format()
        for less in 0..<64 as Range<UInt32> {
            expect(pool.allocate(.max - less) == nil)
            expect(pool.allocate(.max - less, at: .bottomOfLargest) == nil)
        }
    }

    /// umm_malloc: block numbers were cut to 16 bits. List heads here are half words below 512 KB and words from there.
    @Test(arguments: [524_272, 524_280, 524_288, 524_296, 524_304, 600_000, 1 << 20])
    func `Blocks at both ends are found again on both sides of the 16-bit limit`(length: Int) throws {
        let buffer = GuardedBuffer(length)
        var pool = buffer.format()
        let low = try given(pool.allocate(12, at: .bottomOfLargest)), top = try given(pool.allocate(12))
        let fence = try given(pool.allocate(12))
        try pool.free(top)
        expect(pool.check())
        expect(pool.allocate(12) == top)
        let size = UInt32(70_000)
        let large = try given(pool.allocate(size))
        expect(pool.size(of: large) >= size)
        for offset in [low, top, fence, large] { try pool.free(offset) }
        expect(pool.check() && pool.blockCount == 1)
    }

    /// Zephyr's sys_heap: the bucket of the largest size was one past the table.
    @Test func `The class of the whole pool lies inside the table`() {
        for length in stride(from: 48, through: 70_000, by: 8) {
            let buffer = GuardedBuffer(length, margin: 8)
            let pool = buffer.format()
            expect(pool.listClass(pool.end) < pool.classCount)
            expect(pool.headsOffset + pool.classCount << pool.headShift <= pool.controlBytes)
            expect(pool.bitmapWords * 32 >= pool.classCount)
        }
    }

    @Test func `Classes rise with the size and each size has one`() {
        let buffer = GuardedBuffer(1 << 20)
        let pool = buffer.format()
        expect(pool.listClass(2) == 0)
        for units in 2..<pool.end {
            let step = pool.listClass(units + 1) - pool.listClass(units)
            expect(step <= 1 && (units >= 8 || step == 1))
        }
    }

    /// Contiki: a misplaced parenthesis in the range check let pointers outside pass.
    @Test func `Offsets at and around both ends of the heap are told apart`() throws {
        let buffer = GuardedBuffer(1024)
        var pool = buffer.format()
        let all = try given(pool.allocate(pool.largestFree))
        expect(all == pool.controlBytes + 4)
        for offset in [all - 8, all + 8, 1016, 1024, 1032] {
            expect(pool.refusal(offset) == .foreign)
        }
        try pool.free(all)
    }

    /// memsys5: on exhaustion the search read past the last free list.
    @Test func `The search of the lists ends with the last one`() {
        for length in [48, 104, 4096, 16384, 65536, 1 << 20] {
            let buffer = GuardedBuffer(length, margin: 0)
            var pool = buffer.format()
            expect(pool.classNotEmpty(from: pool.classCount) == nil)
            expect(pool.classNotEmpty(from: pool.bitmapWords * 32) == nil)
            while pool.allocateLargest() != nil {}
            expect(pool.classNotEmpty(from: 0) == nil && pool.largest().units == 0)
            expect(pool.fit(2).units == 0 && pool.fit(pool.end).units == 0)
        }
    }

    /// TLSF's own check crashed on a damaged header.
    @Test func `The check survives every single damaged byte`() throws {
        let buffer = GuardedBuffer(512)
        var pool = buffer.format()
        let offsets = try (0..<6).map { try given(pool.allocate(UInt32($0) * 12)) }
        for index in [0, 2, 4] { try pool.free(offsets[index]) }
        let good = buffer.contents
        for index in 0..<512 {
            for flip in [1, 0x80, 0xFF] as [UInt8] {
                var bytes = good
                bytes[index] ^= flip
                buffer.contents = bytes
                _ = pool.check()
                expect(buffer.contents == bytes)
            }
        }
        expect(buffer.guardsAreIntact)
    }
}
