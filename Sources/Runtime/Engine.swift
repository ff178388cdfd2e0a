// The runtime without its host type: everything that does not call a host function, compiled once.

import Image
import MemoryPool
import WasmFormat

@safe struct Engine: ~Copyable {
    var heap: GlobalHeap
    /// The embedder's word that stops runs.
    let stopWord: UnsafePointer<UInt32>?
    /// Polls from one feeding of the watchdog to the next, and until that; 0: it needs none.
    let watchdogInterval: UInt32
    var watchdogLeft: UInt32
    /// How far from its start native stack may be in use where a nested run begins; the start is 0 while nothing is running.
    let nativeStackBytes: UInt32
    var nativeStackStart: UInt = 0
    /// Wasm instructions that runs have executed, where modules were loaded with counters.
    var instructionCount: UInt64 = 0

    init(heap: consuming GlobalHeap, _ configuration: Configuration) {
        self.heap = heap
        unsafe stopWord = configuration.stopWord
        watchdogInterval = configuration.watchdogInterval
        watchdogLeft = configuration.watchdogInterval
        nativeStackBytes = configuration.nativeStackBytes
        if configuration.countsInstructions { self.heap.regions.setRoot(Root.layout, self.heap.regions.root(Root.layout) | Root.counts &<< 24) }
    }

    // MARK: modules

    func block(of module: Module) throws(HandleError) -> ModuleBlock {
        let region = module.region
        guard region >= heap.poolRegions, region < heap.regions.count, heap.regions.generation(region) == module.bits &>> 8 else { throw .staleModule }
        let block = heap.regions.module(region)
        guard !block.isNone else { throw .staleModule }
        return moduleBlock(block)
    }

    /// The block of a module: a reference into the pool, or into an image.
    @inline(never)
    func moduleBlock(_ reference: HeapReference) -> ModuleBlock {
        let region = reference.region
        if region >= heap.poolRegions {
            let words = heap.words(at: reference, count: (heap.regions.length(region) &- reference.offset) / 4)
            return ModuleBlock(words: words, region: region, isImage: true)
        }
        let words = heap.words(reference)
        return ModuleBlock(words: words, region: words[ModuleHeader.region] & 0xff, isImage: false)
    }

    @_lifetime(immortal)
    func bytes(of block: ModuleBlock) -> Span<UInt8> { heap.bytes(ofRegion: block.region) }

    /// The words of an image that was checked.
    func image(_ block: ModuleBlock) -> ImageBytes {
        // Safety: the region's own bytes, which stay until the module is unloaded; loading has found them aligned.
        guard let image = unsafe ImageBytes(UnsafeRawBufferPointer(start: heap.regions.base(block.region), count: Int(heap.regions.length(block.region)))) else {
            preconditionFailure()
        }
        return image
    }

    /// Gives a module's memory back, unless an instance uses it.
    mutating func unload(_ module: Module) throws(HandleError) {
        _ = try block(of: module)
        let reference = heap.regions.module(module.region)
        for number in 1..<directoryCount &+ 1 {
            if let block = find(number), block.module == reference { throw .inUse(by: block.handle) }
        }
        if reference.region < heap.poolRegions { heap.free(reference) }
        heap.regions.setModule(module.region, .none)
        unsafe heap.regions.setBase(module.region, nil)
    }

    // MARK: instances

    /// The block of the instance that has a number now.
    @inline(never)
    func find(_ number: UInt32) -> InstanceBlock? {
        guard number > 0, number <= directoryCount else { return nil }
        let reference = HeapReference(bits: heap.words(directory)[number &- 1])
        return reference.isNone ? nil : InstanceBlock(words: heap.words(reference), reference: reference)
    }

    /// The block of an instance; nil if the handle is stale.
    func find(_ instance: Instance) -> InstanceBlock? {
        guard let block = find(instance.number), block.handle == instance else { return nil }
        return block
    }

    /// The owner of a function; nil if the reference is stale.
    ///
    /// Its generations come round: one that the host has kept long enough may name another instance, which may have fewer functions.
    @inline(never)
    func find(_ function: Reference) -> InstanceBlock? {
        guard let block = find(function.instanceNumber), block.handle.tag == function.tag else { return nil }
        let code = moduleBlock(block.module)
        return function.function &- code.importedFunctions < code.functionCount ? block : nil
    }

    func block(of instance: Instance) throws(HandleError) -> InstanceBlock {
        guard let block = find(instance) else { throw .staleInstance }
        return block
    }

    /// Whether a number that was used is free again, and the directory need not grow.
    var hasFreeNumber: Bool {
        for number in 1..<directoryCount &+ 1 where heap.words(directory)[number &- 1] == 0 { return true }
        return false
    }

    /// Entries of the directory when it has grown: 16 bytes more each time, header included, so that no instance costs much more than another.
    var grownDirectoryCount: UInt32 { directoryCount &+ (directoryCount == 0 ? 3 : 4) }

    /// The lowest free number, with the next generation. It is taken by `setBlock`.
    mutating func makeNumber() -> Instance? {
        var number: UInt32 = 1
        while number <= directoryCount {
            if heap.words(directory)[number &- 1] == 0 { return Instance(bits: number | nextGeneration &<< 8) }
            number &+= 1
        }
        guard number < Reference.hostInstance else { return nil }
        let count = grownDirectoryCount
        guard let larger = heap.allocate(count &* 4, for: .runtimeStructures) else { return nil }
        let to = heap.words(larger)
        if !directory.isNone {
            let from = heap.words(directory)
            for i in 0..<directoryCount { to[i] = from[i] }
            heap.free(directory)
        }
        directory = larger
        directoryCount = min(count, Reference.hostInstance &- 1)
        return Instance(bits: number | nextGeneration &<< 8)
    }

    mutating func setBlock(_ reference: HeapReference, of instance: Instance) {
        heap.words(directory)[instance.number &- 1] = reference.bits
        nextGeneration = (nextGeneration &+ 1) & 0xff_ffff
    }

    /// Takes a number back that was not used: the directory is as long as it was before.
    mutating func shrinkDirectory(to count: UInt32) {
        guard count < directoryCount else { return }
        directoryCount = count
        if count == 0 {
            heap.free(directory)
            directory = .none
        } else if !heap.resize(directory, to: count &* 4) {
            preconditionFailure()
        }
    }

    /// Forgets an instance; with the last one goes the directory.
    mutating func clearBlock(of instance: Instance) {
        heap.words(directory)[instance.number &- 1] = 0
        for i in 0..<directoryCount where heap.words(directory)[i] != 0 { return }
        shrinkDirectory(to: 0)
    }

    // MARK: tables and memories of an instance

    /// The three words in the instance itself.
    func ownTable(_ block: InstanceBlock, _ number: UInt32) -> TableWords {
        TableWords(words: heap.words(at: block.reference.advanced(byWords: block.tables &+ number &* TableWords.count), count: TableWords.count))
    }

    /// The table's owner's words.
    @inline(never)
    func table(_ block: InstanceBlock, _ number: UInt32) -> TableWords {
        let own = ownTable(block, number)
        return own.isImported ? TableWords(words: heap.words(at: own.elements, count: TableWords.count)) : own
    }

    func elements(of table: TableWords) -> Words { heap.words(at: table.elements, count: table.size) }

    /// Whether a table's elements have a block of their own: it has grown.
    func hasOwnBlock(_ table: TableWords) -> Bool {
        guard !table.elements.isNone else { return false }
        for number in 1..<directoryCount &+ 1 {
            if let block = find(number), block.contains(table.elements) { return false }
        }
        return true
    }

    func ownMemory(_ block: InstanceBlock) -> MemoryWords { memory(at: block.reference.advanced(byWords: block.memory)) }

    private func memory(at reference: HeapReference) -> MemoryWords {
        let memory = MemoryWords(words: heap.words(at: reference, count: MemoryWords.count))
        return memory.hasAppHeap ? MemoryWords(words: heap.words(at: reference, count: MemoryWords.countWithAppHeap)) : memory
    }

    @inline(never)
    func memory(_ block: InstanceBlock) -> MemoryWords {
        let own = ownMemory(block)
        return own.isImported ? memory(at: own.window) : own
    }

    /// The memory of an instance, its own or imported; nil if it has none, or is no more.
    func memory(of instance: Instance) -> MemoryWords? {
        guard let block = find(instance) else { return nil }
        return block.memory == 0 ? nil : memory(block)
    }

    /// Gives back what an instance's own memory has in the heap.
    mutating func freeMemory(_ block: InstanceBlock) {
        guard block.memory != 0 else { return }
        let memory = ownMemory(block)
        guard !memory.isImported else { return }
        heap.free(memory.window)
        if memory.hasAppHeap { heap.free(memory.appHeap) }
    }

    /// The reference to an instance's table as others keep it: resolved to its owner's words.
    func tableReference(_ block: InstanceBlock, _ number: UInt32) -> HeapReference {
        let own = ownTable(block, number)
        return own.isImported ? own.elements : block.reference.advanced(byWords: block.tables &+ number &* TableWords.count)
    }

    func memoryReference(_ block: InstanceBlock) -> HeapReference {
        let own = ownMemory(block)
        return own.isImported ? own.window : block.reference.advanced(byWords: block.memory)
    }

    /// What a function of an instance is in the end: itself, or what it was imported from.
    func reference(_ block: InstanceBlock, function: UInt32) -> Reference {
        if function < moduleBlock(block.module).importedFunctions { return block.importedFunction(function) }
        return Reference(instance: block.handle, function: function)
    }
}
