// Memory that is asked for while the runtime goes on: from the embedder's functions, or on hosts from the system.
//
// The runtime asks for whole arenas and runs pools in them; a linear memory's window is a block of the allocator's own, which can grow.

import MemoryPool

/// The embedder's functions. `use` is the raw value of one `MemoryUse`; `context` is passed through. Called on the runtime's own task only.
@safe public struct Allocator {
    public typealias Allocate = @convention(c) (_ context: UnsafeMutableRawPointer?, _ bytes: Int, _ use: UInt8) -> UnsafeMutableRawPointer?
    public typealias Reallocate =
        @convention(c) (_ context: UnsafeMutableRawPointer?, _ block: UnsafeMutableRawPointer, _ bytes: Int, _ use: UInt8) -> UnsafeMutableRawPointer?
    public typealias Free = @convention(c) (_ context: UnsafeMutableRawPointer?, _ block: UnsafeMutableRawPointer, _ use: UInt8) -> Void

    let context: UnsafeMutableRawPointer?
    let allocate: Allocate
    let reallocate: Reallocate
    let free: Free
    /// Bytes of an arena for runtime structures and operand stacks, unless one block needs more.
    let arenaBytes: UInt32

    /// `allocate` and `reallocate` answer with 8-byte aligned memory, or nil where there is none; a `reallocate` that fails leaves the block as it was.
    @unsafe public init(
        context: UnsafeMutableRawPointer? = nil, arenaBytes: UInt32 = 4096, allocate: @escaping Allocate, reallocate: @escaping Reallocate, free: @escaping Free
    ) {
        unsafe self.context = context
        unsafe self.allocate = allocate
        unsafe self.reallocate = reallocate
        unsafe self.free = free
        self.arenaBytes = arenaBytes
    }

    /// Where a window begins in its block: reference 0 is none.
    static var blockOffset: UInt32 { 8 }
    /// Regions that arenas and windows can have at the same time.
    static var regions: UInt32 { 16 }
}

extension GlobalHeap {
    private func freeRegion() -> UInt32? {
        for region in 0..<poolRegions where unsafe regions.base(region) == nil { return region }
        return nil
    }

    /// A pool in new memory with room for a block; nil without an allocator, or if it has none. Windows get a block of their own.
    @inline(never)
    mutating func makeArena(_ bytes: UInt32, for use: MemoryUse) -> UInt32? {
        guard let allocator, use != .linearMemories, let region = freeRegion(), bytes < 0x1000_0000 else { return nil }
        let needed = Pool.length(holding: bytes)
        let length = needed > allocator.arenaBytes ? needed : allocator.arenaBytes & ~7
        // Safety: the embedder's function, called as it asked; what it gives is the runtime's until it is given back.
        guard let base = unsafe allocator.allocate(allocator.context, Int(length), use.rawValue),
            unsafe Pool(formatting: UnsafeMutableRawBufferPointer(start: base, count: Int(length))) != nil
        else { return nil }
        unsafe regions.setBase(region, base)
        regions.setLength(region, length)
        regions.setUses(region, use.rawValue)
        return region
    }

    /// Memory for a linear memory's window, zeroed; or for an app heap, which does not grow: at the top, out of a window's way.
    mutating func allocateWindow(_ bytes: UInt32, at place: Pool.Place = .bottomOfLargest) -> HeapReference? {
        guard let allocator else { return allocate(bytes, for: .linearMemories, at: place) }
        let length = bytes &+ Allocator.blockOffset
        guard !refusal.isDue(), let region = freeRegion(), bytes <= 0x2000_0000,
            let base = unsafe allocator.allocate(allocator.context, Int(length), MemoryUse.linearMemories.rawValue)
        else {
            noteShortage(UInt64(bytes), for: .linearMemories)
            return nil
        }
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: Int(length))
        unsafe regions.setBase(region, base)
        regions.setLength(region, length)
        regions.setUses(region, RegionTable.isSingle | MemoryUse.linearMemories.rawValue)
        return HeapReference(region: region, offset: Allocator.blockOffset)
    }

    /// Whether a window could have so many bytes now. An allocator is asked, and what it gives is given back.
    func canHoldWindow(_ bytes: UInt32, now window: HeapReference) -> Bool {
        guard let allocator else {
            return bytes <= roomiest(for: .linearMemories)?.bytes ?? 0
        }
        guard !window.isNone || freeRegion() != nil,
            let block = unsafe allocator.allocate(allocator.context, Int(bytes &+ Allocator.blockOffset), MemoryUse.linearMemories.rawValue)
        else { return false }
        unsafe allocator.free(allocator.context, block, MemoryUse.linearMemories.rawValue)
        return true
    }

    func reallocate(_ region: UInt32, to bytes: UInt32) -> Bool {
        guard let allocator, let old = unsafe regions.base(region), bytes <= 0x2000_0000,
            let base = unsafe allocator.reallocate(allocator.context, old, Int(bytes &+ Allocator.blockOffset), MemoryUse.linearMemories.rawValue)
        else { return false }
        unsafe regions.setBase(region, base)
        regions.setLength(region, bytes &+ Allocator.blockOffset)
        return true
    }

    func giveBack(_ region: UInt32) {
        guard let allocator, let base = unsafe regions.base(region) else { return }
        unsafe allocator.free(allocator.context, base, regions.uses(region) & ~RegionTable.isSingle)
        unsafe regions.setBase(region, nil)
        regions.setUses(region, 0)
    }

    /// Gives everything back to the allocator: the runtime ends.
    func giveAllBack() {
        guard let allocator else { return }
        for region in 0..<poolRegions { giveBack(region) }
        // Safety: what the allocator gave for the table; nothing uses it any more.
        unsafe allocator.free(allocator.context, regions.start, MemoryUse.runtimeStructures.rawValue)
    }
}
