// Saving: every byte of the pools, through a sink, with what must be the same where they are restored.

import MemoryPool
import WasmFormat

extension Engine {
    typealias Seal = (Span<UInt8>) -> Void
    typealias Sink = (Span<UInt8>) -> Bool

    /// Bytes of a saved pool; nil with an allocator.
    func savedBytes(hostCount: Int) -> UInt32? {
        guard heap.allocator == nil else { return nil }
        var bytes = SavedHeader.bytes &+ heap.regions.bytes &+ UInt32(hostCount) &* 8 &+ 8
        for region in 0..<heap.poolRegions { bytes &+= heap.regions.length(region) & ~7 }
        return bytes
    }

    func save(hostCount: Int, host: (Int) -> HostFunction, seal: Seal, to sink: Sink) throws(SaveError) {
        guard let length = savedBytes(hostCount: hostCount) else { throw .allocator }
        var reference = environments
        while !reference.isNone {
            let block = EnvironmentBlock(words: heap.regions.words(reference))
            if block.state == .running { throw .running(in: ExecutionEnvironment(reference: reference.bits, identity: block.identity)) }
            reference = block.next
        }
        var writer = SavedWriter()
        try writer.put(SavedHeader.mark, seal, sink)
        try writer.put(Root.layoutVersion, seal, sink)
        try writer.put(length, seal, sink)
        try writer.put(UInt32(hostCount), seal, sink)
        try saveTable(&writer, seal, sink)
        for i in 0..<hostCount { try writer.put(SavedSum.of(host(i)), seal, sink) }
        for region in 0..<heap.poolRegions {
            // All that a pool uses of its buffer. Words at offset 0 are its own, not a block's: the reference is of the region's start.
            let words = heap.regions.words(at: HeapReference(region: region, offset: 0), count: heap.regions.length(region) / 8 &* 2)
            for i in 0..<words.count { try writer.put(words[i], seal, sink) }
        }
        try writer.put(writer.sum.value, seal, sink)
        try writer.flush(seal, sink)
        for region in heap.poolRegions..<heap.regions.count where !heap.regions.module(region).isNone { seal(heap.regions.bytes(ofRegion: region)) }
    }

    private func saveTable(_ writer: inout SavedWriter, _ seal: Seal, _ sink: Sink) throws(SaveError) {
        let regions = heap.regions
        for word in 0..<Root.count { try writer.put(regions.root(word), seal, sink) }
        for region in 0..<regions.count {
            let isModule = !regions.module(region).isNone
            try writer.put(isModule ? SavedSum.of(heap.regions.bytes(ofRegion: region)) : 0, seal, sink)
            // A module that was unloaded leaves its generation.
            try writer.put(isModule || region < heap.poolRegions ? regions.length(region) : 0, seal, sink)
            try writer.put(regions.module(region).bits, seal, sink)
            try writer.put(regions.generation(region) | UInt32(regions.uses(region)) &<< 24, seal, sink)
        }
        if regions.bytes != UInt32(Root.bytes) &+ regions.count &* UInt32(RegionTable.entryBytes) { try writer.put(UInt32(0), seal, sink) }
    }
}

/// Gathers words to chunks.
private struct SavedWriter {
    private var chunk = InlineArray<64, UInt32>(repeating: 0)
    private var words = 0
    private(set) var sum = SavedSum()

    mutating func put(_ word: UInt32, _ seal: Engine.Seal, _ sink: Engine.Sink) throws(SaveError) {
        sum.add(word)
        chunk[words] = word
        words &+= 1
        if words == SavedHeader.chunkWords { try flush(seal, sink) }
    }
    mutating func put(_ pair: UInt64, _ seal: Engine.Seal, _ sink: Engine.Sink) throws(SaveError) {
        try put(UInt32(truncatingIfNeeded: pair), seal, sink)
        try put(UInt32(truncatingIfNeeded: pair &>> 32), seal, sink)
    }

    mutating func flush(_ seal: Engine.Seal, _ sink: Engine.Sink) throws(SaveError) {
        guard words > 0 else { return }
        var isTaken = false
        let count = words &* 4
        // Safety: the chunk's own bytes, for the length of the closure; as many as were put there.
        unsafe withUnsafeBytes(of: &chunk) {
            let bytes = unsafe Span<UInt8>(_unsafeElements: UnsafeBufferPointer(rebasing: $0.bindMemory(to: UInt8.self)[..<count]))
            seal(bytes)
            isTaken = sink(bytes)
        }
        words = 0
        guard isTaken else { throw .sink }
    }
}
