// What the pool refuses: wrong offsets, damaged headers, and buffers full of noise.

import Testing
@testable import MemoryPool

@Suite struct PoolRefusalTests {
    @Test func `A second free is refused, merged or not`() throws {
        let buffer = GuardedBuffer(4096)
        var pool = buffer.format()
        let offsets = try (0..<6).map { _ in try given(pool.allocate(40)) }
        for index in [1, 3, 2, 5, 0, 4] {
            try pool.free(offsets[index])
            let before = buffer.contents
            expect(pool.refusal(offsets[index]) == .doubleFree)
            expect(buffer.contents == before)
        }
        for offset in offsets { expect(pool.refusal(offset) == .doubleFree) }
        expect(pool.check())
    }

    @Test func `An offset that is no block is foreign`() throws {
        let buffer = GuardedBuffer(4096)
        var pool = buffer.format()
        let low = try given(pool.allocate(200)), high = try given(pool.allocate(200))
        pool.fill(low, pool.size(of: low), with: 0)
        pool.fill(high, pool.size(of: high), with: 0xFF)
        let before = buffer.contents
        for offset in [0, 4, 8, 16, 72, low + 1, low + 4, low - 4, 4092, 4096, 4100, 1 << 31, .max, .max - 7] as [UInt32] {
            expect(pool.refusal(offset) == .foreign, "offset \(offset)")
            expect(!pool.resize(offset, to: 8) && pool.growDownward(offset, by: 8) == nil && pool.size(of: offset) == 0)
        }
        for offset in stride(from: low + 8, to: low + 200, by: 8) { expect(pool.refusal(offset) == .foreign) }
        for offset in stride(from: high + 8, to: high + 200, by: 8) { expect(pool.refusal(offset) != nil) }
        expect(buffer.contents == before)
    }

    @Test(arguments: 0..<32)
    func `Each single bit of an overwritten header is noticed`(bit: UInt32) throws {
        let buffer = GuardedBuffer(4096)
        var pool = buffer.format()
        _ = pool.allocate(40)
        let offset = try given(pool.allocate(40)), other = try given(pool.allocate(40))
        buffer.setWord(buffer.word(at: offset - 4) ^ 1 << bit, at: offset - 4)
        let before = buffer.contents
        expect(pool.refusal(offset) == .corrupt)
        expect(!pool.resize(offset, to: 8) && !pool.resize(offset, to: 400))
        // The block in front notices that the one behind it was damaged.
        expect(pool.refusal(other) == .corrupt)
        expect(!pool.check())
        expect(buffer.contents == before)
    }

    @Test(arguments: [0, .max, 0xAAAA_AAAA, 0x5555_5555, 0x4141_4141, 0x2000_0000, 0x8000_0001] as [UInt32])
    func `A header, a boundary tag or a link overwritten with a pattern is noticed`(pattern: UInt32) throws {
        for place in 0..<4 as Range<UInt32> {
            let buffer = GuardedBuffer(4096)
            var pool = buffer.format()
            let high = try given(pool.allocate(40)), middle = try given(pool.allocate(40))
            let low = try given(pool.allocate(40))
            try pool.free(middle)
            // The freed block's header, its two links, and the units at its end.
            let damaged = place < 3 ? middle - 4 + place * 4 : high - 8
            // The only block of its list: both its links are 0, and 0 is no damage there.
            guard buffer.word(at: damaged) != pattern else { continue }
            buffer.setWord(pattern, at: damaged)
            let before = buffer.contents
            expect(!pool.check())
            expect(pool.refusal(high) == .corrupt)
            expect(pool.refusal(low) == .corrupt)
            expect(!pool.resize(low, to: 60) && pool.growDownward(high, by: 8) == nil)
            expect(buffer.contents == before && buffer.guardsAreIntact)
        }
    }

    @Test func `A buffer that is not a pool's is not adopted`() throws {
        let buffer = GuardedBuffer(4096)
        buffer.contents = [UInt8](repeating: 0, count: 4096)
        expect(buffer.adopt() == nil)
        _ = buffer.format()
        expect(buffer.adopt() != nil)
        let shorter = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[0..<4088])
        expect(unsafe Pool(adopting: shorter) == nil)
        for offset in [0, 4, 76, 4092] as [UInt32] {
            let good = buffer.word(at: offset)
            buffer.setWord(~good, at: offset)
            expect(buffer.adopt() == nil, "word at \(offset)")
            buffer.setWord(good, at: offset)
        }
        expect(buffer.adopt() != nil)
    }

    @Test func `An access outside the buffer reads zero and writes nothing`() {
        let buffer = GuardedBuffer(4096)
        let pool = buffer.format()
        let before = buffer.contents
        for offset in [4096, 4100, 4120, 1 << 31, .max - 3] as [UInt32] {
            pool.store(.max, at: offset)
            pool.storeHalf(.max, at: offset)
            expect(pool.load(offset) == 0 && pool.loadHalf(offset) == 0)
        }
        expect(buffer.contents == before && buffer.guardsAreIntact)
    }

    /// With guard bytes for writes; without, so that the address sanitizer sees reads too.
    @Test(arguments: [64, 0], [512, 4096, 530_000])
    func `Whatever the buffer holds, no operation leaves it or hangs`(margin: Int, length: Int) throws {
        var random = SplitMix64(seed: UInt64(length + margin))
        for _ in 0..<(length > 100_000 ? 40 : 400) {
            let buffer = GuardedBuffer(length, margin: margin)
            var pool = buffer.format()
            var offsets: [UInt32] = []
            for _ in 0..<20 { if let offset = pool.allocate(random.below(UInt32(length) / 16)) { offsets.append(offset) } }
            for index in stride(from: 0, to: offsets.count, by: 3) { try pool.free(offsets[index]) }
            for _ in 0..<12 {
                corrupt(buffer, pool.controlBytes, offsets, &random)
                operate(&pool, &offsets, &random)
            }
            _ = pool.check()
            _ = pool.blockCount
            _ = buffer.adopt()
            expect(buffer.guardsAreIntact)
        }
    }

    private func corrupt(_ buffer: GuardedBuffer, _ control: UInt32, _ offsets: [UInt32], _ random: inout SplitMix64) {
        let words = UInt32(truncatingIfNeeded: buffer.contents.count / 4)
        let place: UInt32 = switch random.below(4) {
        case 0: random.below(words) * 4
        case 1: random.below(control / 4 + 4) * 4
        default: min((offsets.randomElement(using: &random) ?? 64) - 8 + random.below(5) * 4, words * 4 - 4)
        }
        // Small numbers pass for units and links, flipped bits for headers.
        let old = buffer.word(at: place)
        let word: UInt32 = switch random.below(4) {
        case 0: UInt32(truncatingIfNeeded: random.next())
        case 1: random.below(words)
        case 2: old ^ 1 << random.below(32)
        default: buffer.word(at: random.below(words) * 4)
        }
        buffer.setWord(word, at: place)
    }

    private func operate(_ pool: inout Pool, _ offsets: inout [UInt32], _ random: inout SplitMix64) {
        let offset = random.below(8) == 0 ? random.below(pool.length / 8) * 8 : offsets.randomElement(using: &random) ?? 8
        let bytes = random.below(pool.length / 4)
        switch random.below(9) {
        case 0, 1:
            if let new = pool.allocate(bytes, at: random.below(2) == 0 ? .top : .bottomOfLargest) {
                // What is handed out lies inside the buffer, behind the control block.
                expect(new >= pool.controlBytes + 4 && new % 8 == 0 && new <= pool.length && bytes <= pool.length - new)
                offsets.append(new)
            }
        case 2:
            if let all = pool.allocateLargest() { expect(all.offset < pool.length && all.bytes <= pool.length - all.offset) }
        case 3: _ = pool.resize(offset, to: bytes)
        case 4:
            if let new = pool.growDownward(offset, by: bytes) { expect(new >= pool.controlBytes + 4 && new <= offset) }
        case 5:
            if let new = pool.slideUp(offset) { expect(new > offset && new <= pool.length - pool.size(of: new)) }
        case 6:
            if let new = pool.slideDown(offset) { expect(new < offset && new >= pool.controlBytes + 4) }
        case 7:
            if let new = pool.growBothWays(offset, to: bytes) { expect(new >= pool.controlBytes + 4 && new <= offset) }
            _ = pool.next(behind: offset)
        default: _ = pool.refusal(offset)
        }
        expect(pool.size(of: offset) <= pool.length - min(offset, pool.length))
        _ = pool.largestFree
    }
}
