// The global heap: pools in the embedder's buffers, or in arenas that an allocator gives, and references into them.
//
//     reference:  region:6 │ offset / 4:26

import MemoryPool
import WasmFormat

/// What structures in the pool hold of each other instead of addresses: the same bits on every machine. 0 is none.
struct HeapReference: Equatable, BitwiseCopyable {
    var bits: UInt32
    init(bits: UInt32) { self.bits = bits }
    /// A payload offset of a region's pool, a multiple of 4.
    init(region: UInt32, offset: UInt32) { bits = region &<< 26 | offset &>> 2 }
    /// Bytes of a region that 26 bits of words reach: 256 MB.
    static var reach: Int { 0x1000_0000 }
    static var none: HeapReference { HeapReference(bits: 0) }
    var isNone: Bool { bits == 0 }
    var region: UInt32 { bits &>> 26 }
    var offset: UInt32 { (bits & 0x03ff_ffff) &<< 2 }
    func advanced(byWords words: UInt32) -> HeapReference { HeapReference(bits: bits &+ words) }
}

/// Words of a block in the pool, checked against its length.
@safe struct Words {
    let start: UnsafeMutablePointer<UInt32>
    let count: UInt32

    @unsafe init(_ start: UnsafeMutablePointer<UInt32>, count: UInt32) {
        unsafe self.start = start
        self.count = count
    }

    subscript(index: UInt32) -> UInt32 {
        get {
            precondition(index < count)
            return unsafe start[Int(index)]
        }
        nonmutating set {
            precondition(index < count)
            unsafe start[Int(index)] = newValue
        }
    }

    /// Some of them, from one on.
    @inline(__always)
    func part(_ first: UInt32, _ count: UInt32) -> Words {
        precondition(first <= self.count && count <= self.count &- first)
        // Safety: inside these, just checked.
        return unsafe Words(start + Int(first), count: count)
    }

    func clear() {
        for i in 0..<Int(count) { unsafe start[i] = 0 }
    }
}

/// What an allocation that failed would have needed. Bytes.
public struct Shortage: Equatable, Sendable {
    /// At least; beyond 256 MB no buffer is enough.
    public var need: UInt64 = 0
    /// Of the buffers that serve this use, together.
    public var free: UInt32 = 0
    public var largestFree: UInt32 = 0
    /// What it was for: tells which buffer is too small.
    public var use = MemoryUse()
    public init() {}
}

@safe struct GlobalHeap: ~Copyable {
    private let lent = LentByAddress()
    let regions: RegionTable
    /// Regions from 0 on that are pools or an allocator's; the others are modules' bytes.
    let poolRegions: UInt32
    let allocator: Allocator?
    var shortage = Shortage()
    var refusal = AllocationRefusal()

    init(regions: RegionTable, poolRegions: UInt32, allocator: Allocator?) {
        self.regions = regions
        self.poolRegions = poolRegions
        self.allocator = allocator
    }

    // MARK: pools

    func pool(_ region: UInt32) -> Pool { regions.pool(region) }

    func isPool(_ region: UInt32, for use: MemoryUse) -> Bool {
        let uses = regions.uses(region)
        return uses & RegionTable.isSingle == 0 && uses & use.rawValue != 0
    }

    /// The pool with the largest free block among those for a use.
    func roomiest(for use: MemoryUse) -> (region: UInt32, bytes: UInt32)? {
        var found: (region: UInt32, bytes: UInt32)?
        for region in 0..<poolRegions where isPool(region, for: use) {
            let bytes = pool(region).largestFree
            if bytes > found?.bytes ?? 0 { found = (region, bytes) }
        }
        return found
    }

    func freeBytes(for use: MemoryUse) -> UInt32 {
        var sum: UInt32 = 0
        for region in 0..<poolRegions where isPool(region, for: use) { sum &+= pool(region).freeBytes }
        return sum
    }

    // MARK: blocks

    /// Takes a block of at least `bytes`, zeroed; nil leaves everything as it was and says what was missing.
    mutating func allocate(_ bytes: UInt32, for use: MemoryUse, at place: Pool.Place = .top) -> HeapReference? {
        guard !refusal.isDue() else {
            noteShortage(UInt64(bytes), for: use)
            return nil
        }
        if place == .bottomOfLargest && poolRegions > 1 {
            if let roomiest = roomiest(for: use), let block = take(bytes, in: roomiest.region, at: place) { return block }
        } else {
            for region in 0..<poolRegions where isPool(region, for: use) {
                if let block = take(bytes, in: region, at: place) { return block }
            }
        }
        noteShortage(UInt64(bytes), for: use)
        if let region = makeArena(bytes, for: use) { return take(bytes, in: region, at: place) }
        return nil
    }

    private func take(_ bytes: UInt32, in region: UInt32, at place: Pool.Place) -> HeapReference? {
        var pool = pool(region)
        guard let offset = pool.allocate(bytes, at: place) else { return nil }
        unsafe pool.address(of: offset).initializeMemory(as: UInt8.self, repeating: 0, count: Int(pool.bytes(justTaken: offset)))
        return HeapReference(region: region, offset: offset)
    }

    /// The whole largest free block of the structures' pools, as `Pool.allocateLargest`. With an allocator: of an arena for `least` bytes.
    mutating func allocateLargest(least: UInt32) -> (reference: HeapReference, bytes: UInt32)? {
        guard !refusal.isDue() else { return nil }
        var region = roomiest(for: .runtimeStructures)
        if region?.bytes ?? 0 < least, let arena = makeArena(least, for: .runtimeStructures) { region = (arena, least) }
        guard let region else { return nil }
        var pool = pool(region.region)
        guard let work = pool.allocateLargest() else { return nil }
        return (HeapReference(region: region.region, offset: work.offset), work.bytes)
    }

    @inline(never)
    mutating func noteShortage(_ bytes: UInt64, for use: MemoryUse) {
        shortage.need = bytes
        shortage.free = freeBytes(for: use)
        shortage.largestFree = roomiest(for: use)?.bytes ?? 0
        shortage.use = use
    }

    mutating func free(_ reference: HeapReference) {
        guard !reference.isNone else { return }
        let region = reference.region
        if regions.uses(region) & RegionTable.isSingle != 0 { return giveBack(region) }
        var pool = pool(region)
        // What the runtime itself allocated: a refusal means that the pool was overwritten from outside.
        do { try pool.free(reference.offset) } catch { preconditionFailure() }
        if allocator != nil && pool.isEmpty { giveBack(region) }
    }

    /// Grows a block in place, or shrinks it; false if there is no room behind it. The contents stay; new bytes are not zeroed.
    mutating func resize(_ reference: HeapReference, to bytes: UInt32) -> Bool {
        if bytes > regions.size(of: reference) && refusal.isDue() { return false }
        if regions.uses(reference.region) & RegionTable.isSingle != 0 { return reallocate(reference.region, to: bytes) }
        var pool = pool(reference.region)
        return pool.resize(reference.offset, to: bytes)
    }

    /// Grows a window's block, also into what is free before it; the contents stay where they are. What they are behind the block's start now.
    mutating func growBothWays(_ reference: inout HeapReference, to bytes: UInt32) -> UInt32? {
        guard regions.uses(reference.region) & RegionTable.isSingle == 0, !refusal.isDue() else { return nil }
        var pool = pool(reference.region)
        guard let offset = pool.growBothWays(reference.offset, to: bytes) else { return nil }
        let distance = reference.offset &- offset
        reference = HeapReference(region: reference.region, offset: offset)
        return distance
    }
}

// What every look into memory passes through. Here, and not in the heap: two words are handed over as they are, the whole heap would be copied for each call.
extension RegionTable {
    /// Regions from 0 on that are pools or an allocator's.
    var pools: UInt32 { root(Root.layout) &>> 8 & 0xff }

    /// The pool in a region. A view: all its state is in the region's bytes.
    @inline(never)
    func pool(_ region: UInt32) -> Pool {
        precondition(region < pools)
        guard let base = unsafe base(region) else { preconditionFailure() }
        // Safety: formatted when the region was made, and not taken away since.
        return unsafe Pool(formatted: base, length: length(region))
    }

    /// Bytes of a block.
    @inline(never)
    func size(of reference: HeapReference) -> UInt32 {
        if uses(reference.region) & RegionTable.isSingle != 0 { return length(reference.region) &- Allocator.blockOffset }
        precondition(reference.region < pools)
        guard let base = unsafe base(reference.region) else { preconditionFailure() }
        // Safety: a pool's buffer and its length.
        return unsafe Pool.bytes(ofBlock: reference.offset, in: base, length: length(reference.region))
    }

    /// The words of a block.
    @inline(never)
    func words(_ reference: HeapReference) -> Words {
        let region = reference.region
        guard uses(region) & RegionTable.isSingle == 0 else {
            // Safety: the whole of what an allocator gave.
            return unsafe Words(address(reference).assumingMemoryBound(to: UInt32.self), count: size(of: reference) / 4)
        }
        precondition(region < pools)
        guard let base = unsafe base(region) else { preconditionFailure() }
        let offset = reference.offset
        // Safety: a pool's buffer and its length; a block in use, of the size that the pool keeps, which is 0 where there is no block.
        return unsafe Words((base + Int(offset)).assumingMemoryBound(to: UInt32.self), count: Pool.bytes(ofBlock: offset, in: base, length: length(region)) / 4)
    }

    /// Words inside a block that its owner has checked.
    @inline(never)
    func words(at reference: HeapReference, count: UInt32) -> Words {
        let region = reference.region
        let offset = reference.offset
        let length = length(region)
        precondition(offset < length && count <= (length &- offset) / 4)
        guard let base = unsafe base(region) else { preconditionFailure() }
        // Safety: inside the region.
        return unsafe Words((base + Int(offset)).assumingMemoryBound(to: UInt32.self), count: count)
    }

    /// The bytes of a module. They stay where they are until it is unloaded; nothing is ever written to them.
    @_lifetime(immortal)
    func bytes(ofRegion region: UInt32) -> Span<UInt8> {
        // Safety: whoever loaded the module promised that its bytes stay until it is unloaded.
        let buffer = unsafe UnsafeBufferPointer(start: UnsafePointer(base(region)?.assumingMemoryBound(to: UInt8.self)), count: Int(length(region)))
        return unsafe _overrideLifetime(Span(_unsafeElements: buffer), copying: ())
    }
}
