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

    @inline(__always) func block(of module: Module) throws(HandleError) -> ModuleBlock { try heap.regions.block(of: module) }

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

    func block(of instance: Instance) throws(HandleError) -> InstanceBlock {
        guard let block = find(instance) else { throw .staleInstance }
        return block
    }

    /// Whether a number that was used is free again, and the directory need not grow.
    var hasFreeNumber: Bool {
        for number in 1..<directoryCount &+ 1 where heap.regions.entry(number).isNone { return true }
        return false
    }

    /// Entries of the directory when it has grown: none for the first instance, which the root names itself, then 16 bytes more each time, header
    /// included, so that no instance costs much more than another.
    @inline(__always) var grownDirectoryCount: UInt32 { directoryCount &+ (directoryCount == 0 ? 1 : directoryCount == 1 ? 2 : 4) }
    /// Bytes of the pool that a directory of so many entries takes.
    static func directoryBytes(_ count: UInt32) -> UInt64 { count < 2 ? 0 : Pool.blockBytes(UInt64(count) * 4) }

    /// The lowest free number, with the next generation. It is taken by `setBlock`.
    mutating func makeNumber() -> Instance? {
        var number: UInt32 = 1
        while number <= directoryCount {
            if heap.regions.entry(number).isNone { return Instance(bits: number | nextGeneration &<< 8) }
            number &+= 1
        }
        guard number < Reference.hostInstance else { return nil }
        let count = grownDirectoryCount
        if count > 1 {
            guard let larger = heap.allocate(count &* 4, for: .runtimeStructures) else { return nil }
            let to = heap.regions.words(larger)
            for number in 1..<directoryCount &+ 1 { to[number &- 1] = heap.regions.entry(number).bits }
            if directoryCount > 1 { heap.free(directory) }
            directory = larger
        }
        directoryCount = min(count, Reference.hostInstance &- 1)
        return Instance(bits: number | nextGeneration &<< 8)
    }

    mutating func setBlock(_ reference: HeapReference, of instance: Instance) {
        heap.regions.setEntry(instance.number, reference)
        nextGeneration = (nextGeneration &+ 1) & 0xff_ffff
    }

    /// Takes a number back that was not used: the directory is as long as it was before.
    mutating func shrinkDirectory(to count: UInt32) {
        let old = directoryCount
        guard count < old else { return }
        let block = directory
        let only = count == 1 ? heap.regions.entry(1) : .none
        directoryCount = count
        if count > 1 {
            if !heap.resize(block, to: count &* 4) { preconditionFailure() }
        } else {
            directory = only
            if old > 1 { heap.free(block) }
        }
    }

    /// Forgets an instance; where none is left, or only the first, the directory's block goes.
    mutating func clearBlock(of instance: Instance) {
        heap.regions.setEntry(instance.number, .none)
        var number = directoryCount
        while number > 0 && heap.regions.entry(number).isNone { number &-= 1 }
        if number < 2 { shrinkDirectory(to: number) }
    }

    // MARK: tables and memories of an instance

    /// Whether a table's elements have a block of their own: it has grown.
    func hasOwnBlock(_ table: TableWords) -> Bool {
        guard !table.elements.isNone else { return false }
        for number in 1..<directoryCount &+ 1 {
            if let block = find(number), block.contains(table.elements) { return false }
        }
        return true
    }

    /// Gives back what an instance's own memory has in the heap.
    mutating func freeMemory(_ block: InstanceBlock) {
        guard block.memory != 0 else { return }
        let memory = ownMemory(block)
        guard !memory.isImported else { return }
        heap.free(memory.window)
        if memory.hasAppHeap { heap.free(memory.appHeap) }
    }
}
