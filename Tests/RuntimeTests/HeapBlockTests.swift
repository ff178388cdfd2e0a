// The embedder's own memory from the global heap.

import ModuleBuilder
import Testing

@testable import MemoryPool
@testable import Runtime
@testable import WasmFormat

@Suite struct HeapBlockTests {
    @Test("a block is zeroed, aligned and the embedder's until it is given back, between instances that come and go; then nothing is left")
    func blocks() throws {
        let world = try World(NoHost(), pool: 64 << 10, operandStack: 512)
        let before = world.pool
        var random = Numbers(3)
        var lives: [(block: HeapBlock, bytes: Int, fill: UInt8)] = []
        var module = ModuleBuilder()
        module.memory(1)
        module.table(5)
        module.data(at: 100, [1, 2, 3])
        for round in 0..<400 {
            let bytes = random.below(500)
            if lives.count < 20, let block = world.runtime.allocate(UInt32(bytes), for: [.runtimeStructures, .operandStacks, .linearMemories][round % 3]) {
                let place = try world.runtime.bytes(of: block)
                #expect(place.count >= bytes && place.count < bytes + 16 && Int(bitPattern: place.baseAddress) % 8 == 0 && place.allSatisfy { $0 == 0 })
                let fill = UInt8(round & 0xff) | 1
                _ = place.initializeMemory(as: UInt8.self, repeating: fill)
                lives.append((block, bytes, fill))
            } else {
                let life = lives.remove(at: random.below(lives.count))
                let isKept = try world.runtime.bytes(of: life.block).allSatisfy { $0 == life.fill }
                #expect(isKept)
                try world.runtime.free(life.block)
                #expect(handleError { try world.runtime.free(life.block) } == .staleBlock)
                #expect(handleError { _ = try world.runtime.bytes(of: life.block) } == .staleBlock)
            }
            if round % 50 == 0 {
                let loaded = try world.load(module)
                let instance = try world.instantiate(loaded)
                let report = try world.runtime.memoryReport(of: instance, in: world.environment)
                #expect(report.embedder >= UInt64(lives.reduce(0) { $0 + $1.bytes + 12 }))
                #expect(world.tearDown(instance) && world.unload(loaded))
            }
        }
        for life in lives { try world.runtime.free(life.block) }
        #expect(world.isSound && world.pool.inUse == before.inUse && world.pool.largestFree == before.largestFree)
    }

    @Test("what there is no room for is nil with its shortage, whatever its size, and a handle of a place that is in use again is stale")
    func refused() throws {
        let world = try World(NoHost(), pool: 4096, operandStack: 512)
        let inUse = world.inUse
        for bytes in [4000, 1 << 20, 0x0fff_ffff, 0x1000_0000, UInt32.max - 7, .max] {
            let block = world.block(bytes)
            #expect(block == nil && world.inUse == inUse && world.shortage.need >= UInt64(bytes) && world.shortage.free > 2000)
        }
        let first = try #require(world.block(64))
        try world.runtime.free(first)
        let second = try #require(world.block(64))
        #expect(second.reference == first.reference && second != first)
        #expect(handleError { try world.runtime.free(first) } == .staleBlock)
        try world.runtime.free(second)
        #expect(world.inUse == inUse)
    }

    @Test("blocks come from the buffer of their use")
    func uses() throws {
        let fast = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
        let slow = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
        defer {
            fast.deallocate()
            slow.deallocate()
        }
        let regions = [MemoryRegion(fast, for: [.runtimeStructures, .operandStacks]), MemoryRegion(slow, for: .linearMemories)]
        var runtime = try Runtime<NoHost>(regions: regions.span)
        for (use, buffer) in [(MemoryUse.runtimeStructures, fast), (.operandStacks, fast), (.linearMemories, slow)] {
            let made = runtime.allocate(100, for: use)
            let block = try #require(made)
            let place = try runtime.bytes(of: block).baseAddress!
            #expect(place >= buffer.baseAddress! && place < buffer.baseAddress! + buffer.count)
        }
    }

    @Test("with an allocator they come from it, and go back to it")
    func allocator() throws {
        var runtime = try Runtime<NoHost>(allocator: .system)
        var blocks: [HeapBlock] = []
        for i in 0..<30 {
            let made = runtime.allocate(UInt32(i) * 100, for: i % 10 == 0 ? .linearMemories : .runtimeStructures)
            let block = try #require(made)
            let place = try runtime.bytes(of: block)
            _ = place.initializeMemory(as: UInt8.self, repeating: UInt8(i))
            blocks.append(block)
        }
        for (i, block) in blocks.enumerated() {
            let isKept = try runtime.bytes(of: block).allSatisfy { $0 == UInt8(i) }
            #expect(isKept)
            try runtime.free(block)
        }
        #expect(runtime.pool.inUse == runtime.engine.heap.regions.bytes)
    }
}
