// The global heap's three ways: one buffer, several with their uses, an allocator.

import Foundation
import ModuleBuilder
import Testing

@testable import MemoryPool
@testable import Runtime
@testable import WasmFormat

/// What an allocator was asked for and has given: every block with its size and use.
private final class Ledger {
    var blocks: [UnsafeMutableRawPointer: (bytes: Int, use: UInt8)] = [:]
    var asked = 0
    /// The asking that is refused; 0: none.
    var refused = 0
    var uses: Set<UInt8> = []

    static func of(_ context: UnsafeMutableRawPointer?) -> Ledger { Unmanaged.fromOpaque(context!).takeUnretainedValue() }

    var allocator: Allocator {
        Allocator(context: Unmanaged.passUnretained(self).toOpaque(), arenaBytes: 1024) { context, bytes, use in
            let ledger = Ledger.of(context)
            ledger.asked += 1
            if ledger.asked == ledger.refused { return nil }
            let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 8)
            _ = block.initializeMemory(as: UInt8.self, repeating: 0xa5, count: bytes)
            ledger.blocks[block] = (bytes, use)
            ledger.uses.insert(use)
            return block
        } reallocate: { context, old, bytes, use in
            let ledger = Ledger.of(context)
            ledger.asked += 1
            if ledger.asked == ledger.refused { return nil }
            let known = ledger.blocks.removeValue(forKey: old)
            #expect(known?.use == use)
            let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 8)
            _ = block.initializeMemory(as: UInt8.self, repeating: 0xa5, count: bytes)
            block.copyMemory(from: old, byteCount: min(bytes, known?.bytes ?? 0))
            old.deallocate()
            ledger.blocks[block] = (bytes, use)
            return block
        } free: { context, block, use in
            #expect(Ledger.of(context).blocks.removeValue(forKey: block)?.use == use)
            block.deallocate()
        }
    }
}

@Suite struct GlobalHeapTests {
    /// Stores x at 10, 30 and 70 thousand, grows by a page, and answers with the sum of what is there; recurses 20 deep.
    private static var module: ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(2, 5)
        module.table(4)
        var body = Code.localGet(0) + Code.if(nil, Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.call(0) + Code.return)
        for address: Int32 in [10_000, 30_000, 70_000] {
            body += Code.i32(address) + Code.i32(address / 1000) + Code.memory(Code.i32Store)
        }
        body += Code.i32(1) + Code.memoryGrow + Code.drop
        for address: Int32 in [10_000, 30_000, 70_000] { body += Code.i32(address) + Code.memory(Code.i32Load) }
        module.function([.i32], [.i32], body: body + Code.i32Add + Code.i32Add + Code.memorySize + Code.i32Add, export: "f")
        module.data(at: 100, Array("constant".utf8))
        return module
    }

    /// Loads, runs, takes down; the answer.
    private func play(_ runtime: inout Runtime<NoHost>) throws -> Value {
        let bytes = Self.module.bytes
        return try bytes.withUnsafeBytes { contents in
            let module = try runtime.load(contents)
            let stack = try runtime.makeExecutionEnvironment(operandStackBytes: 2048)
            var host = NoHost()
            let instance = try runtime.instantiate(module, links: Span<Link>(), in: stack, host: &host)
            guard case .function(let function) = try runtime.export("f", of: instance) else { throw Missing(name: "f") }
            let outcome = try runtime.call(function, [Value.i32(20 as UInt32)].span, in: stack, host: &host)
            #expect(outcome == .finished)
            let value = try runtime.result(0, of: function, in: stack)
            try runtime.tearDown(instance)
            try runtime.remove(stack)
            try runtime.unload(module)
            return value
        }
    }

    private func buffer(_ bytes: Int) -> UnsafeMutableRawBufferPointer { .allocate(byteCount: bytes, alignment: 8) }

    @Test("each use of memory takes from its own buffer and from no other")
    func roles() throws {
        let buffers = [buffer(4096), buffer(4096), buffer(1 << 18)]
        defer { buffers.forEach { $0.deallocate() } }
        let uses: [MemoryUse] = [.runtimeStructures, .operandStacks, .linearMemories]
        let regions = zip(buffers, uses).map { MemoryRegion($0, for: $1) }
        var runtime = try Runtime<NoHost>(regions: regions.span)
        let before = (0..<3).map { runtime.engine.heap.pool($0).inUse }
        #expect(try play(&runtime) == .i32(113 as UInt32))
        for i in 0..<3 {
            let pool = runtime.engine.heap.pool(UInt32(i))
            #expect(pool.inUse == before[i] && pool.check())
        }
        let peaks = (0..<3).map { runtime.engine.heap.pool($0).peak }
        #expect(peaks[0] < 1000 && peaks[1] > 2048 && peaks[1] < 2240 && peaks[2] > 60_000, "\(peaks)")
    }

    @Test("a use without a buffer, a buffer that is too small, too many buffers: no runtime")
    func badRegions() throws {
        let memory = buffer(4096)
        defer { memory.deallocate() }
        let part = { (from: Int, count: Int, uses: MemoryUse) in MemoryRegion(UnsafeMutableRawBufferPointer(rebasing: memory[from..<from + count]), for: uses) }
        let bad: [[MemoryRegion]] = [
            [], [part(0, 4096, [.runtimeStructures, .linearMemories])], [part(0, 64, .all)], [part(4, 2048, .all)],
            [part(0, 1024, .all), part(1024, 40, .all)], (0..<5).map { part($0 * 512, 512, .all) },
        ]
        for regions in bad {
            #expect(reason { _ = try Runtime<NoHost>(regions: regions.span) } == .noMemory)
        }
    }

    @Test("what is too large for its buffer says which use it was for")
    func shortage() throws {
        let buffers = [buffer(2048), buffer(1024)]
        defer { buffers.forEach { $0.deallocate() } }
        let regions = [MemoryRegion(buffers[0], for: [.runtimeStructures, .linearMemories]), MemoryRegion(buffers[1], for: .operandStacks)]
        var runtime = try Runtime<NoHost>(regions: regions.span)
        #expect(reason { _ = try runtime.makeExecutionEnvironment(operandStackBytes: 1500) } == .noMemory)
        #expect(runtime.shortage.use == .operandStacks && runtime.shortage.need > 1500 && runtime.shortage.largestFree < 1024)
    }

    @Test("an allocator's memory comes with its use, and all of it goes back")
    func allocator() throws {
        let ledger = Ledger()
        do {
            var runtime = try Runtime<NoHost>(allocator: ledger.allocator)
            for _ in 0..<3 { #expect(try play(&runtime) == .i32(113 as UInt32)) }
            #expect(ledger.blocks.count == 1, "what is left is the table of regions")
        }
        #expect(ledger.blocks.isEmpty && ledger.uses == [1, 2, 4])
    }

    @Test("each asking of the allocator may be refused: a clean error, and all goes back")
    func refusals() throws {
        var refusal = 1
        while true {
            let ledger = Ledger()
            ledger.refused = refusal
            do throws(LoadError) {
                var runtime = try Runtime<NoHost>(allocator: ledger.allocator)
                let value = try? play(&runtime)
                if ledger.asked < refusal {
                    #expect(value == .i32(113 as UInt32))
                    break
                }
            } catch {
                #expect(error.reason == .noMemory)
            }
            #expect(ledger.blocks.isEmpty, "refusal \(refusal)")
            refusal += 1
        }
        #expect(refusal > 5)
    }

    @Test("the system's malloc serves a runtime")
    func system() throws {
        var runtime = try Runtime<NoHost>(allocator: .system)
        #expect(try play(&runtime) == .i32(113 as UInt32))
    }
}
