// The app heap: memory of the guest's that the host allocates, for modules that export no allocator of their own.
//
//     0                      memory.size               L                    L + appHeapBytes
//     │ declared memory      │ what growth may add      │ app heap           │ out of bounds
//       window in the pool                                 a block of its own: a pool, then its blocks
//
// L is the declared size of a module that cannot grow, else the embedder's cap; in both cases `memory.grow` stops there, and `memory.size` counts
// nothing of it. Where a page is one byte, the app heap begins at the next multiple of 8.
//
// The guest may read and write all of it, the book-keeping too. Loads and stores get there out of line, at a few times the cost of one in the window.
// A range of guest addresses lies either in declared memory or in the app heap: one that begins in the one and ends in the other is out of bounds,
// even where they touch. A copy may go from the one to the other.
//
// The book-keeping is a `Pool` over the block. It believes no header that it has not checked and touches nothing outside its bytes, whatever they
// hold: a guest that scribbles there harms only itself, and the next allocation or free throws `.corrupt` where it notices.

import MemoryPool
import RegisterCode
import WasmFormat

extension Engine {
    // MARK: making it

    /// Whether an instance will have an app heap of its own.
    func needsAppHeap(_ code: ModuleBlock, _ summary: inout ModuleSummary, _ configuration: InstanceConfiguration) -> Bool {
        configuration.appHeapBytes > 0 && summary.memories.count > 0 && guestAllocator(code) == nil
    }

    /// The app heap of a new instance, behind a memory that `makeMemory` has made.
    mutating func makeAppHeap(_ block: InstanceBlock, _ code: ModuleBlock, _ summary: inout ModuleSummary, _ configuration: InstanceConfiguration) throws(LoadError) {
        let memory = ownMemory(block)
        let offset = summary.memories.offset
        if let grower = function(of: code, using: .memoryGrow), memory.capPages > memory.pages {
            guard configuration.memoryCap != nil else { throw LoadError(.appHeapNeedsCap, at: offset, number: grower) }
        } else {
            // Nor can another instance that imports this memory.
            memory.capPages = memory.pages
        }
        let bytes = configuration.appHeapBytes
        guard bytes >= 48, bytes < HeapReference.reach, memory.appHeapStart + UInt64(bytes) <= 1 &<< 32 else { throw LoadError(.appHeapSize, at: offset) }
        guard let reference = heap.allocateWindow(bytes, at: .top) else { throw LoadError(noRoomFor: .appHeap, at: offset) }
        // Safety: a block of this size, just allocated, 8-byte aligned like all of them.
        guard unsafe Pool(formatting: UnsafeMutableRawBufferPointer(start: heap.regions.address(reference), count: Int(bytes))) != nil else { preconditionFailure() }
        block.words[block.memory &+ MemoryWords.count] = reference.bits
        block.words[block.memory &+ MemoryWords.count &+ 1] = bytes
        memory.flags |= MemoryWords.appHeapFlag
    }

    // MARK: ranges

    /// Whether `count` bytes at a guest address are the guest's to use: all declared, or all in the app heap.
    func contains(_ memory: MemoryWords, _ address: UInt32, _ count: UInt32) -> Bool {
        UInt64(address) + UInt64(count) <= memory.size || isInAppHeap(memory, address, count)
    }

    func isInAppHeap(_ memory: MemoryWords, _ address: UInt32, _ count: UInt32) -> Bool {
        guard memory.hasAppHeap else { return false }
        // Below the start the difference wraps around, and is larger than any app heap.
        let distance = address &- UInt32(truncatingIfNeeded: memory.appHeapStart)
        return distance <= memory.appHeapBytes && count <= memory.appHeapBytes &- distance
    }

    /// Where guest address `address` lies, if `count` bytes from there are inside the app heap.
    func placeInAppHeap(_ memory: MemoryWords, _ address: UInt32, _ count: UInt32) -> UnsafeMutableRawPointer? {
        guard isInAppHeap(memory, address, count) else { return nil }
        // Safety: inside the app heap's block.
        return unsafe heap.regions.address(memory.appHeap) + Int(truncatingIfNeeded: address &- UInt32(truncatingIfNeeded: memory.appHeapStart))
    }

    // MARK: allocating

    /// The pool in the app heap; nil where its ends were overwritten.
    func appHeapPool(_ memory: MemoryWords) -> Pool? {
        // Safety: the block's own bytes; the guest may have written anything there, and the pool is made for that.
        unsafe Pool(adopting: UnsafeMutableRawBufferPointer(start: heap.regions.address(memory.appHeap), count: Int(memory.appHeapBytes)))
    }

    mutating func allocateInAppHeap(_ memory: MemoryWords, _ bytes: UInt32) throws(GuestMemoryError) -> UInt32 {
        guard var pool = appHeapPool(memory) else { throw .corrupt }
        if let offset = pool.allocate(bytes) {
            let address = UInt32(truncatingIfNeeded: memory.appHeapStart) &+ offset
            guard isInAppHeap(memory, address, bytes) else { throw .corrupt }
            return address
        }
        // A walk of the pool, only where the answer is no anyway.
        guard pool.check() else { throw .corrupt }
        heap.shortage.need = UInt64(bytes)
        heap.shortage.free = pool.freeBytes
        heap.shortage.largestFree = pool.largestFree
        heap.shortage.use = .linearMemories
        throw .exhausted
    }

    func freeInAppHeap(_ memory: MemoryWords, _ address: UInt32) throws(GuestMemoryError) {
        guard isInAppHeap(memory, address, 1) else { throw .notAllocated }
        guard var pool = appHeapPool(memory) else { throw .corrupt }
        do throws(PoolError) {
            try pool.free(address &- UInt32(truncatingIfNeeded: memory.appHeapStart))
        } catch {
            switch error {
            case .doubleFree: throw .doubleFree
            case .foreign: throw .notAllocated
            case .corrupt: throw .corrupt
            }
        }
    }
}
