// An instance in the pool: one block.
//
//     │ header: 7 words │ imported functions │ own globals' cells │ imported globals │ tables × 3 │ memory × 8, × 10 with an app heap │ aux stack × 3 │
//     │ dropped segments: bits │ elements of own tables, until a table has grown │

/// A view of an instance's block.
@safe struct InstanceBlock {
    let words: Words
    let reference: HeapReference

    enum Header {
        static var module: UInt32 { 0 }
        static var identity: UInt32 { 1 }            // number │ generation << 8
        static var globals: UInt32 { 2 }             // first word of the own globals' cells
        static var importedGlobals: UInt32 { 3 }     // first word of the references to imported globals
        static var tables: UInt32 { 4 }
        static var memory: UInt32 { 5 }              // first word of the memory; 0 if there is none
        static var dropped: UInt32 { 6 }             // first word of the bits: passive element segments, then passive data segments
        static var count: UInt32 { 7 }
    }

    var module: HeapReference { HeapReference(bits: words[Header.module]) }
    var handle: Instance { Instance(bits: words[Header.identity]) }
    var globals: UInt32 { words[Header.globals] }
    var importedGlobals: UInt32 { words[Header.importedGlobals] }
    var tables: UInt32 { words[Header.tables] }
    var memory: UInt32 { words[Header.memory] }

    func importedFunction(_ number: UInt32) -> Reference { Reference(bits: words[Header.count &+ number]) }
    func setImportedFunction(_ number: UInt32, _ reference: Reference) { words[Header.count &+ number] = reference.bits }

    /// Whether a reference is into this block.
    func contains(_ place: HeapReference) -> Bool { place.bits >= reference.bits && place.bits < reference.bits &+ words.count }

    func isDropped(_ segment: UInt32) -> Bool {
        words[words[Header.dropped] &+ segment / 32] & (1 &<< (segment & 31)) != 0
    }
    func setDropped(_ segment: UInt32) {
        let word = words[Header.dropped] &+ segment / 32
        words[word] = words[word] | 1 &<< (segment & 31)
    }
}

/// A table: `elements` reference, size, maximum. 12 bytes. An imported one refers to its owner's. The elements lie in the instance's block; those of
/// a table that has grown in a block of their own.
@safe struct TableWords {
    let words: Words
    static var count: UInt32 { 3 }
    static var imported: UInt32 { .max }
    /// So many elements would be 256 MB, more than any region holds beside its pool's own words.
    static var most: UInt32 { 0x0400_0000 }

    var elements: HeapReference {
        get { HeapReference(bits: words[0]) }
        nonmutating set { words[0] = newValue.bits }
    }
    /// Elements in use; `imported` marks a table that lies in another instance, at `elements`.
    var size: UInt32 {
        get { words[1] }
        nonmutating set { words[1] = newValue }
    }
    var maximum: UInt32 {
        get { words[2] }
        nonmutating set { words[2] = newValue }
    }
    var isImported: Bool { size == TableWords.imported }
}

/// A linear memory: its window and its declared size. 32 bytes, 40 with an app heap. An imported one refers to its owner's.
@safe struct MemoryWords {
    let words: Words
    static var count: UInt32 { 8 }
    static var countWithAppHeap: UInt32 { 10 }

    /// The block that holds the window; none while nothing is committed.
    var window: HeapReference {
        get { HeapReference(bits: words[0]) }
        nonmutating set { words[0] = newValue.bits }
    }
    /// Guest address of the window's first byte.
    var low: UInt32 {
        get { words[1] }
        nonmutating set { words[1] = newValue }
    }
    /// Bytes of the window.
    var length: UInt32 {
        get { words[2] }
        nonmutating set { words[2] = newValue }
    }
    /// Declared size now.
    var pages: UInt32 {
        get { words[3] }
        nonmutating set { words[3] = newValue }
    }
    var maximumPages: UInt32 {
        get { words[4] }
        nonmutating set { words[4] = newValue }
    }
    /// What `memory.grow` may reach, in pages: the embedder's cap.
    var capPages: UInt32 {
        get { words[7] }
        nonmutating set { words[7] = newValue }
    }
    /// log2 of a page's bytes │ has a maximum << 8 │ imported << 9 │ overcommits << 10 │ has an app heap << 15.
    var flags: UInt32 {
        get { words[5] }
        nonmutating set { words[5] = newValue }
    }
    /// The most bytes that were ever committed.
    var peak: UInt32 {
        get { words[6] }
        nonmutating set { words[6] = newValue }
    }
    var pageShift: UInt32 { flags & 0xff }
    var hasMaximum: Bool { flags & 0x100 != 0 }
    var isImported: Bool { flags & 0x200 != 0 }
    var overcommits: Bool { flags & 0x400 != 0 }
    var hasAppHeap: Bool { flags & MemoryWords.appHeapFlag != 0 }
    static var appHeapFlag: UInt32 { 0x8000 }
    /// The block that is the app heap, and its bytes. Only if there is one.
    var appHeap: HeapReference { HeapReference(bits: words[8]) }
    var appHeapBytes: UInt32 { words[9] }
    /// Guest address of the app heap's first byte: what growth may reach, and from there the next multiple of 8.
    var appHeapStart: UInt64 { (UInt64(capPages) &<< UInt64(pageShift) + 7) & ~7 }
    /// Declared size in bytes, up to 2³².
    // A page's bytes are one or 65,536: a shift by a number that is not known takes a call on 32-bit machines.
    @inline(__always) var size: UInt64 { pageShift == 0 ? UInt64(pages) : UInt64(pages) &<< 16 }
}
