// The runtime without its host type: everything that does not call a host function, compiled once.

import MemoryPool
import WasmFormat

@safe struct Engine: ~Copyable {
    var heap: GlobalHeap
    /// A block with two words for each instance number from 1 on: its block, and its generation. None while there is no instance.
    var directory = HeapReference.none
    var directoryCount: UInt32 = 0
    /// Of the next instance: counts them all, so that it outlives the directory. A handle is noticed as stale until 256 more have been made.
    private var nextGeneration: UInt32 = 0
    /// Of the next environment: a number that nothing else is likely to have in its sixth word.
    var nextEnvironment: UInt32 = 0x564e_4500
    /// The environment that a run is going on in.
    var runningEnvironment: EnvironmentBlock?

    init(heap: consuming GlobalHeap) { self.heap = heap }

    // MARK: modules

    func block(of module: Module) -> ModuleBlock {
        let region = module.region
        precondition(region >= heap.poolRegions && heap.regions.generation(region) == module.bits &>> 8, "no module of this runtime")
        let block = heap.regions.module(region)
        precondition(!block.isNone, "module was unloaded")
        return ModuleBlock(words: heap.words(block))
    }

    func moduleBlock(_ reference: HeapReference) -> ModuleBlock { ModuleBlock(words: heap.words(reference)) }

    @_lifetime(immortal)
    func bytes(of block: ModuleBlock) -> Span<UInt8> { heap.bytes(ofRegion: block.region) }

    /// Gives a module's memory back; false while an instance uses it.
    mutating func unload(_ module: Module) -> Bool {
        guard block(of: module).instances == 0 else { return false }
        heap.free(heap.regions.module(module.region))
        heap.regions.setModule(module.region, .none)
        unsafe heap.regions.setBase(module.region, nil)
        return true
    }

    // MARK: instances

    /// The block of an instance; nil if the handle is stale.
    func find(_ number: UInt32, generation: UInt32) -> InstanceBlock? {
        guard number > 0, number <= directoryCount else { return nil }
        let entries = heap.words(directory)
        let at = (number &- 1) &* 2
        guard entries[at] != 0, entries[at &+ 1] == generation else { return nil }
        let reference = HeapReference(bits: entries[at])
        return InstanceBlock(words: heap.words(reference), reference: reference)
    }

    /// The owner of a function; nil if the reference is stale.
    ///
    /// Generations come round: a reference that is old enough may name another instance, which may have fewer functions.
    func find(_ function: Reference) -> InstanceBlock? {
        guard let block = find(function.instanceNumber, generation: function.generation) else { return nil }
        let code = moduleBlock(block.module)
        return function.function &- code.importedFunctions < code.functionCount ? block : nil
    }

    func block(of instance: Instance) -> InstanceBlock {
        guard let block = find(instance.number, generation: instance.generation) else { preconditionFailure("instance was torn down") }
        return block
    }

    /// Whether a number that was used is free again, and the directory need not grow.
    var hasFreeNumber: Bool {
        guard !directory.isNone else { return false }
        let entries = heap.words(directory)
        for i in 0..<directoryCount where entries[i &* 2] == 0 { return true }
        return false
    }

    /// Entries of the directory when it has grown: two more each time on small pools, more on large ones, for a block that moves leaves a hole.
    var grownDirectoryCount: UInt32 { directoryCount &+ (directoryCount < 8 ? 2 : directoryCount) }

    /// The lowest free number, with a generation that its references have not had. It is taken by `setBlock`.
    mutating func makeNumber() -> Instance? {
        var number: UInt32 = 1
        while number <= directoryCount {
            let entries = heap.words(directory)
            if entries[(number &- 1) &* 2] == 0 { return Instance(bits: number | nextGeneration &<< 8) }
            number &+= 1
        }
        guard number < Reference.hostInstance else { return nil }
        let count = grownDirectoryCount
        guard let larger = heap.allocate(count &* 8, for: .runtimeStructures) else { return nil }
        let to = heap.words(larger)
        if !directory.isNone {
            let from = heap.words(directory)
            for i in 0..<directoryCount &* 2 { to[i] = from[i] }
            heap.free(directory)
        }
        directory = larger
        directoryCount = count < Reference.hostInstance ? count : Reference.hostInstance &- 1
        return Instance(bits: number | nextGeneration &<< 8)
    }

    mutating func setBlock(_ reference: HeapReference, of instance: Instance) {
        let entries = heap.words(directory)
        let at = (instance.number &- 1) &* 2
        entries[at] = reference.bits
        entries[at &+ 1] = instance.generation
        nextGeneration = (nextGeneration &+ 1) & 0xff
    }

    /// Takes a number back that was not used: the directory is as long as it was before.
    mutating func shrinkDirectory(to count: UInt32) {
        guard count < directoryCount else { return }
        directoryCount = count
        if count == 0 {
            heap.free(directory)
            directory = .none
        } else if !heap.resize(directory, to: count &* 8) {
            preconditionFailure()
        }
    }

    /// Forgets an instance; with the last one goes the directory.
    private mutating func clearBlock(of instance: Instance) {
        let entries = heap.words(directory)
        entries[(instance.number &- 1) &* 2] = 0
        for i in 0..<directoryCount where entries[i &* 2] != 0 { return }
        shrinkDirectory(to: 0)
    }

    /// Gives an instance's memory back; false while another instance imports from it.
    mutating func tearDown(_ instance: Instance) -> Bool {
        let block = block(of: instance)
        guard block.dependents == 0 else { return false }
        let module = moduleBlock(block.module)
        releaseImports(block, module)
        for i in 0..<module.tables {
            let table = ownTable(block, i)
            if !table.isImported { heap.free(table.elements) }
        }
        if block.memory != 0 {
            let memory = ownMemory(block)
            if !memory.isImported { heap.free(memory.window) }
        }
        module.instances &-= 1
        clearBlock(of: instance)
        heap.free(block.reference)
        return true
    }

    // MARK: tables and memories of an instance

    /// The three words in the instance itself.
    func ownTable(_ block: InstanceBlock, _ number: UInt32) -> TableWords {
        TableWords(words: heap.words(at: block.reference.advanced(byWords: block.tables &+ number &* TableWords.count), count: TableWords.count))
    }

    /// The table's owner's words.
    func table(_ block: InstanceBlock, _ number: UInt32) -> TableWords {
        let own = ownTable(block, number)
        return own.isImported ? TableWords(words: heap.words(at: own.elements, count: TableWords.count)) : own
    }

    func ownMemory(_ block: InstanceBlock) -> MemoryWords {
        MemoryWords(words: heap.words(at: block.reference.advanced(byWords: block.memory), count: MemoryWords.count))
    }

    func memory(_ block: InstanceBlock) -> MemoryWords {
        let own = ownMemory(block)
        return own.isImported ? MemoryWords(words: heap.words(at: own.window, count: MemoryWords.count)) : own
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
