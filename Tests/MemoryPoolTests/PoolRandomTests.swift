// Random sequences of every operation against the model.

import Testing
@testable import MemoryPool

@Suite struct PoolRandomTests {
    @Test(arguments: [(96, 1), (500, 2), (4096, 3), (4096, 4), (65536, 5), (70001, 6), (524_288, 7), (1 << 20, 8)] as [(Int, UInt64)])
    func `Random operations agree with the model`(length: Int, seed: UInt64) throws {
        let buffer = GuardedBuffer(length)
        var pool = buffer.format()
        var model = PoolModel(pool)
        var random = SplitMix64(seed: seed)
        var peak = pool.inUse
        let firstDay = (pool.inUse, pool.freeBytes, pool.largestFree)

        for step in 0..<3000 {
            // Phases of filling and of emptying reach exhaustion as well as an almost empty pool.
            let filling = step / 300 % 2 == 0
            switch random.below(13) {
            case 0..<(filling ? 5 : 2): allocate(&pool, &model, &random)
            case 5, 6: resize(&pool, &model, &random)
            case 7: growDownward(&pool, &model, &random)
            case 10, 11: slide(&pool, &model, &random)
            case 12: growBothWays(&pool, &model, &random)
            default: try free(&pool, &model, &random)
            }
            peak = max(peak, pool.inUse)
            expect(pool.freeBytes == model.freeBytes)
            expect(pool.inUse + pool.freeBytes == UInt32(length))
            expect(pool.largestFree == model.largestFree)
            expect(pool.peak == peak)
            if step % 16 == 0 {
                expect(pool.check())
                expect(pool.blockCount == UInt32(model.blocks.count + model.gaps.count))
                walk(pool, model)
            }
        }
        while !model.blocks.isEmpty { try free(&pool, &model, &random) }
        expect(pool.check())
        expect((pool.inUse, pool.freeBytes, pool.largestFree) == firstDay)
        expect(pool.blockCount == 1)
        expect(buffer.guardsAreIntact)
    }

    private func size(_ pool: borrowing Pool, _ random: inout SplitMix64) -> UInt32 {
        switch random.below(8) {
        case 0: pool.largestFree
        case 1: pool.largestFree &+ random.below(9)
        case 2: random.below(pool.length / 3)
        case 3: random.below(pool.length / 16 + 1)
        default: random.below(80)
        }
    }

    private func allocate(_ pool: inout Pool, _ model: inout PoolModel, _ random: inout SplitMix64) {
        let bytes = size(pool, &random)
        let largest = pool.largestFree
        let place: Pool.Place = random.below(4) == 0 ? .bottomOfLargest : .top
        guard let offset = pool.allocate(bytes, at: place) else {
            expect(largest == 0 || bytes > largest, "refused what fits")
            return
        }
        expect(offset % 8 == 0 && offset >= 8)
        let given = pool.size(of: offset)
        // The smallest block holds 12 bytes; rounding to 8 and a rest too small for a block add at most 15.
        expect(given >= bytes && given <= max(bytes + 15, 20) && given % 8 == 4)
        let block = PoolModel.Block(offset: offset, size: given, pattern: UInt8(truncatingIfNeeded: random.next()))
        for other in model.blocks {
            expect(offset - 4 >= other.offset + other.size || other.offset - 4 >= offset + given, "overlap")
        }
        pool.fill(offset, given, with: block.pattern)
        model.blocks.append(block)
    }

    private func resize(_ pool: inout Pool, _ model: inout PoolModel, _ random: inout SplitMix64) {
        guard !model.blocks.isEmpty else { return }
        let index = Int(random.below(UInt32(model.blocks.count)))
        let old = model.blocks[index]
        let behind = model.gap(behind: old)
        let bytes = random.below(3) == 0 ? random.below(old.size + 1) : old.size + random.below(behind + 24)
        let done = pool.resize(old.offset, to: bytes)
        expect(done == (bytes <= old.size + behind))
        let now = pool.size(of: old.offset)
        expect(done ? now >= bytes : now == old.size)
        expect(pool.holds(old.pattern, at: old.offset, min(old.size, now)))
        pool.fill(old.offset, now, with: old.pattern)
        model.blocks[index].size = now
    }

    private func growDownward(_ pool: inout Pool, _ model: inout PoolModel, _ random: inout SplitMix64) {
        guard !model.blocks.isEmpty else { return }
        let index = Int(random.below(UInt32(model.blocks.count)))
        let old = model.blocks[index]
        let room = model.gap(before: old.offset)
        let more = random.below(room + 24)
        guard let offset = pool.growDownward(old.offset, by: more) else {
            expect(more > room, "refused what fits")
            return
        }
        expect(offset % 8 == 0 && offset + more <= old.offset && old.offset - offset <= more + 15)
        expect(pool.size(of: offset) == old.size + (old.offset - offset))
        expect(pool.holds(old.pattern, at: old.offset, old.size))
        model.blocks[index].offset = offset
        model.blocks[index].size = pool.size(of: offset)
        pool.fill(offset, model.blocks[index].size, with: old.pattern)
    }

    /// A block moves to the other end of the gap beside it, contents and all; nothing else changes.
    private func slide(_ pool: inout Pool, _ model: inout PoolModel, _ random: inout SplitMix64) {
        guard !model.blocks.isEmpty else { return }
        let index = Int(random.below(UInt32(model.blocks.count)))
        let old = model.blocks[index]
        let isUp = random.below(2) == 0
        let gap = isUp ? model.gap(behind: old) : model.gap(before: old.offset)
        let (inUse, peak) = (pool.inUse, pool.peak)
        guard let offset = isUp ? pool.slideUp(old.offset) : pool.slideDown(old.offset) else {
            expect(gap == 0, "does not move where it could")
            return
        }
        expect(gap > 0 && offset == (isUp ? old.offset + gap : old.offset - gap))
        expect(pool.size(of: offset) == old.size && pool.holds(old.pattern, at: offset, old.size))
        expect(pool.inUse == inUse && pool.peak == peak)
        expect(pool.refusal(old.offset) != nil, "nothing is left where it was")
        model.blocks[index].offset = offset
    }

    private func growBothWays(_ pool: inout Pool, _ model: inout PoolModel, _ random: inout SplitMix64) {
        guard !model.blocks.isEmpty else { return }
        let index = Int(random.below(UInt32(model.blocks.count)))
        let old = model.blocks[index]
        let room = model.gap(before: old.offset) + old.size + model.gap(behind: old)
        let bytes = old.size + random.below(room - old.size + 24)
        guard let offset = pool.growBothWays(old.offset, to: bytes) else {
            expect(bytes > room, "refused what fits")
            expect(pool.size(of: old.offset) == old.size && pool.holds(old.pattern, at: old.offset, old.size))
            return
        }
        let given = pool.size(of: offset)
        expect(bytes <= room && given >= bytes && given <= max(bytes + 15, old.size) && offset <= old.offset)
        expect(pool.holds(old.pattern, at: old.offset, old.size))
        model.blocks[index].offset = offset
        model.blocks[index].size = given
        pool.fill(offset, given, with: old.pattern)
    }

    /// The walk meets every block in use once, in order.
    private func walk(_ pool: borrowing Pool, _ model: PoolModel) {
        var met: [UInt32] = []
        var offset: UInt32 = 0
        while let block = pool.next(behind: offset) {
            offset = block.offset
            if !block.isFree { met.append(offset) }
        }
        expect(met == model.blocks.map(\.offset).sorted())
    }

    private func free(_ pool: inout Pool, _ model: inout PoolModel, _ random: inout SplitMix64) throws {
        guard !model.blocks.isEmpty else { return }
        let block = model.blocks.remove(at: Int(random.below(UInt32(model.blocks.count))))
        expect(pool.size(of: block.offset) == block.size)
        expect(pool.holds(block.pattern, at: block.offset, block.size), "something wrote into the block")
        try pool.free(block.offset)
    }
}
