// Where a runtime's memory comes from: static buffers, the embedder's functions, or on hosts the system.

import MemoryPool
import WasmFormat

/// A static buffer and what it is for.
@safe public struct MemoryRegion {
    let buffer: UnsafeMutableRawBufferPointer
    let uses: MemoryUse

    /// `buffer` is 8-byte aligned, 48 bytes to 256 MB, and stays valid and untouched while the runtime lives.
    @unsafe public init(_ buffer: UnsafeMutableRawBufferPointer, for uses: MemoryUse) {
        unsafe self.buffer = buffer
        self.uses = uses
    }
}

extension Runtime where HostType: ~Copyable {
    /// A runtime in one static buffer, which is 8-byte aligned, at most 256 MB, and stays valid and untouched while the runtime lives. Every byte
    /// comes from there.
    ///
    /// The buffer begins with 20 bytes for the pool and 20 for each module that can be loaded; the rest is the pool. Throws `.noMemory` if it is too
    /// small for that and 48 bytes more, too large, or not aligned.
    @unsafe public init(buffer: UnsafeMutableRawBufferPointer, configuration: Configuration = Configuration()) throws(LoadError) {
        let region: InlineArray<1, MemoryRegion> = unsafe [MemoryRegion(buffer, for: .all)]
        try self.init(regions: region.span, configuration: configuration)
    }

    /// A runtime in several static buffers, each with its uses: structures in tightly coupled RAM and linear memories in external RAM, say.
    /// Where several serve one use, the first with room is taken; for linear memories the one with the largest free block.
    ///
    /// The first begins with 20 bytes for each buffer and each module that can be loaded. At most 4 buffers; together they serve every use.
    /// Throws `.noMemory` for what is too small, too large, not aligned, or if a use has no buffer.
    public init(regions: Span<MemoryRegion>, configuration: Configuration = Configuration()) throws(LoadError) {
        let count = UInt32(regions.count)
        let entries = count &+ configuration.maximumModules
        guard count >= 1, count <= 4, configuration.maximumModules >= 1, entries <= RegionTable.limit else { throw LoadError(noRoomFor: .runtime, at: 0) }
        let tableBytes = RegionTable.bytes(entries: entries)
        guard unsafe regions[0].buffer.count > tableBytes, let start = unsafe regions[0].buffer.baseAddress, UInt(bitPattern: start) & 7 == 0 else {
            throw LoadError(noRoomFor: .runtime, at: 0)
        }
        // Safety: the embedder's buffer, large enough and aligned, just checked.
        let table = unsafe RegionTable(formatting: start, count: entries)
        var uses = MemoryUse()
        for i in 0..<regions.count {
            var buffer = unsafe regions[i].buffer
            if i == 0 { unsafe buffer = UnsafeMutableRawBufferPointer(rebasing: buffer[tableBytes...]) }
            // More than a reference reaches, and the offset of a block would lose its top bit.
            guard buffer.count <= HeapReference.reach, unsafe Pool(formatting: buffer) != nil else { throw LoadError(noRoomFor: .runtime, at: 0) }
            unsafe table.setBase(UInt32(i), buffer.baseAddress)
            table.setLength(UInt32(i), UInt32(buffer.count))
            table.setUses(UInt32(i), regions[i].uses.rawValue)
            uses.formUnion(regions[i].uses)
        }
        guard uses.isSuperset(of: .all) else { throw LoadError(noRoomFor: .runtime, at: 0) }
        engine = Engine(heap: GlobalHeap(regions: table, poolRegions: count, allocator: nil), configuration)
        self.configuration = configuration
    }

    /// A runtime whose memory an allocator gives as it is needed. What is left of it is given back when the runtime ends.
    ///
    /// Throws `.noMemory` if the allocator has nothing for its table: 20 bytes for each module that can be loaded, and 320.
    public init(allocator: Allocator, configuration: Configuration = Configuration()) throws(LoadError) {
        let entries = Allocator.regions &+ configuration.maximumModules
        guard configuration.maximumModules >= 1, entries <= RegionTable.limit,
            // Safety: the embedder's function, called as it asked.
            let start = unsafe allocator.allocate(allocator.context, Int(entries) * RegionTable.entryBytes, MemoryUse.runtimeStructures.rawValue)
        else { throw LoadError(noRoomFor: .runtime, at: 0) }
        let table = unsafe RegionTable(formatting: start, count: entries)
        engine = Engine(heap: GlobalHeap(regions: table, poolRegions: Allocator.regions, allocator: allocator), configuration)
        self.configuration = configuration
    }
}
