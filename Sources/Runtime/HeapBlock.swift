// Memory of the global heap that is the embedder's own: its buffers and queues from the same pool as everything else.
//
//     │ next block of the embedder's │ serial number │ bytes …                         │
//
// The blocks are a list, so that a handle is believed only if its block is in it: what was given back, or never given, is an error.

import MemoryPool
import WasmFormat

/// A block that the embedder allocated. Never used twice: a handle that was given back stays stale.
public struct HeapBlock: Equatable, Sendable {
    let reference: HeapReference
    let serial: UInt32
}

/// The two words in front of the embedder's bytes.
private enum Prefix {
    static var next: UInt32 { 0 }
    static var serial: UInt32 { 1 }
    static var bytes: UInt32 { 8 }
}

extension Runtime where HostType: ~Copyable {
    /// Takes at least `bytes` bytes of the global heap, zeroed and 8-byte aligned, which stay where they are until `free`; nil leaves everything as
    /// it was, and `shortage` says need, free and largest block. `use` is one of the three, and says which buffer they come from. Costs 12 bytes more.
    public mutating func allocate(_ bytes: UInt32, for use: MemoryUse = .runtimeStructures) -> HeapBlock? { engine.allocateBlock(bytes, for: use) }

    /// Gives a block back. Takes time in proportion to the blocks that were allocated after it.
    public mutating func free(_ block: HeapBlock) throws(HandleError) { try engine.freeBlock(block) }

    /// Where a block's bytes are, until it is given back or the runtime ends.
    @unsafe public func bytes(of block: HeapBlock) throws(HandleError) -> UnsafeMutableRawBufferPointer {
        _ = try engine.place(of: block)
        let count = engine.heap.regions.size(of: block.reference) &- Prefix.bytes
        return unsafe UnsafeMutableRawBufferPointer(start: engine.heap.regions.address(block.reference) + Int(Prefix.bytes), count: Int(count))
    }
}

extension Engine {
    mutating func allocateBlock(_ bytes: UInt32, for use: MemoryUse) -> HeapBlock? {
        guard bytes < HeapReference.reach else {
            heap.noteShortage(UInt64(bytes), for: use)
            return nil
        }
        let whole = bytes &+ Prefix.bytes
        guard let reference = use == .linearMemories ? heap.allocateWindow(whole, at: .top) : heap.allocate(whole, for: use) else { return nil }
        let words = heap.regions.words(reference)
        words[Prefix.next] = embedderBlocks.bits
        words[Prefix.serial] = nextEmbedderBlock
        embedderBlocks = reference
        nextEmbedderBlock &+= 1
        return HeapBlock(reference: reference, serial: nextEmbedderBlock &- 1)
    }

    mutating func freeBlock(_ block: HeapBlock) throws(HandleError) {
        let before = try place(of: block)
        let next = heap.regions.words(block.reference)[Prefix.next]
        if before.isNone { embedderBlocks = HeapReference(bits: next) } else { heap.regions.words(before)[Prefix.next] = next }
        heap.free(block.reference)
    }

    /// The block that was allocated next after this one and is still there; none for the youngest.
    fileprivate func place(of block: HeapBlock) throws(HandleError) -> HeapReference {
        var before = HeapReference.none
        var reference = embedderBlocks
        while !reference.isNone {
            let words = heap.regions.words(reference)
            if reference == block.reference && words[Prefix.serial] == block.serial { return before }
            before = reference
            reference = HeapReference(bits: words[Prefix.next])
        }
        throw .staleBlock
    }

    /// Bytes of all of the embedder's blocks, headers included.
    var embedderBytes: UInt64 {
        var sum: UInt64 = 0
        var reference = embedderBlocks
        while !reference.isNone {
            sum += Pool.blockBytes(UInt64(heap.regions.size(of: reference)))
            reference = HeapReference(bits: heap.regions.words(reference)[Prefix.next])
        }
        return sum
    }
}
