// The root: what a runtime's memory is, and where everything in it begins. With it a dump of a buffer tells its own story.
//
//     0      4                                             8      12         16              20             24                 28         32
//     │ mark │ layout:8 │ pools:8 │ entries:8 │ features:8 │ code │ directory │ its entries:8 │ environments │ next environment │ embedder │ its next
//     │      │          │         │           │            │      │           │ generation:24 │              │                  │ blocks   │ serial

import RegisterCode

/// Words of the root. 36 bytes.
enum Root {
    static var mark: UInt32 { 0 }
    static var layout: UInt32 { 1 }             // layout │ regions that are pools or an allocator's << 8 │ entries << 16 │ features << 24
    static var code: UInt32 { 2 }               // `CodeNumber`: what register code means
    static var directory: UInt32 { 3 }          // the block of the only instance; of more, a block with a word for each number from 1 on: the reference to its block
    static var instances: UInt32 { 4 }          // the directory's entries │ the next instance's generation << 8
    static var environments: UInt32 { 5 }       // the environment that was made last; each names the one before
    static var nextEnvironment: UInt32 { 6 }    // identity of the next environment
    static var embedderBlocks: UInt32 { 7 }     // the embedder's block that was made last; each names the one before
    static var nextEmbedderBlock: UInt32 { 8 }  // serial number of the embedder's next block
    static var count: UInt32 { 9 }
    static var bytes: Int { 36 }

    /// "MOTE".
    static var marked: UInt32 { 0x4554_4f4d }
    /// Raised whenever a structure in the pool, the root or a saved pool changes.
    static var layoutVersion: UInt32 { 3 }

    // Features: what the code in the pool was made for, and what the bytes are.
    static var counts: UInt32 { 1 }             // with counters of wasm instructions
    static var floats: UInt32 { 2 }             // by a build with the trait FloatingPoint
    static var saved: UInt32 { 0x80 }           // a saved pool, not memory

    #if FloatingPoint
    static var ownFeatures: UInt32 { floats }
    #else
    static var ownFeatures: UInt32 { 0 }
    #endif
}

extension RegionTable {
    func root(_ word: UInt32) -> UInt32 {
        // Safety: the table begins with the root, here and below.
        unsafe start.load(fromByteOffset: Int(word) &* 4, as: UInt32.self)
    }
    func setRoot(_ word: UInt32, _ value: UInt32) { unsafe start.storeBytes(of: value, toByteOffset: Int(word) &* 4, as: UInt32.self) }

    func formatRoot(pools: UInt32) {
        setRoot(Root.mark, Root.marked)
        setRoot(Root.layout, Root.layoutVersion | pools &<< 8 | count &<< 16 | Root.ownFeatures &<< 24)
        setRoot(Root.code, CodeNumber.value)
        setRoot(Root.nextEnvironment, 1)
        setRoot(Root.nextEmbedderBlock, 1)
    }
}

// MARK: what begins here

extension Engine {
    /// None while there is no instance.
    var directory: HeapReference {
        get { HeapReference(bits: heap.regions.root(Root.directory)) }
        nonmutating set { heap.regions.setRoot(Root.directory, newValue.bits) }
    }
    var directoryCount: UInt32 {
        get { heap.regions.root(Root.instances) & 0xff }
        nonmutating set { heap.regions.setRoot(Root.instances, heap.regions.root(Root.instances) & ~0xff | newValue) }
    }
    /// Of the next instance: counts them all, 24 bits, so that it outlives the directory.
    var nextGeneration: UInt32 {
        get { heap.regions.root(Root.instances) &>> 8 }
        nonmutating set { heap.regions.setRoot(Root.instances, heap.regions.root(Root.instances) & 0xff | newValue &<< 8) }
    }
    /// The first of the environments, each of which names the next one.
    var environments: HeapReference {
        get { HeapReference(bits: heap.regions.root(Root.environments)) }
        nonmutating set { heap.regions.setRoot(Root.environments, newValue.bits) }
    }
    /// Of the next environment.
    var nextEnvironment: UInt32 {
        get { heap.regions.root(Root.nextEnvironment) }
        nonmutating set { heap.regions.setRoot(Root.nextEnvironment, newValue) }
    }
    /// The youngest of the embedder's blocks, and the serial number of its next one.
    var embedderBlocks: HeapReference {
        get { HeapReference(bits: heap.regions.root(Root.embedderBlocks)) }
        nonmutating set { heap.regions.setRoot(Root.embedderBlocks, newValue.bits) }
    }
    var nextEmbedderBlock: UInt32 {
        get { heap.regions.root(Root.nextEmbedderBlock) }
        nonmutating set { heap.regions.setRoot(Root.nextEmbedderBlock, newValue) }
    }
}
