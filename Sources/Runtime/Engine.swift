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
        for number in 1..<directoryCount &+ 1 where heap.regions.words(directory)[number &- 1] == 0 { return true }
        return false
    }

    /// Entries of the directory when it has grown: 16 bytes more each time, header included, so that no instance costs much more than another.
    var grownDirectoryCount: UInt32 { directoryCount &+ (directoryCount == 0 ? 3 : 4) }

    /// The lowest free number, with the next generation. It is taken by `setBlock`.
    mutating func makeNumber() -> Instance? {
        var number: UInt32 = 1
        while number <= directoryCount {
            if heap.regions.words(directory)[number &- 1] == 0 { return Instance(bits: number | nextGeneration &<< 8) }
            number &+= 1
        }
        guard number < Reference.hostInstance else { return nil }
        let count = grownDirectoryCount
        guard let larger = heap.allocate(count &* 4, for: .runtimeStructures) else { return nil }
        let to = heap.regions.words(larger)
        if !directory.isNone {
            let from = heap.regions.words(directory)
            for i in 0..<directoryCount { to[i] = from[i] }
            heap.free(directory)
        }
        directory = larger
        directoryCount = min(count, Reference.hostInstance &- 1)
        return Instance(bits: number | nextGeneration &<< 8)
    }

    mutating func setBlock(_ reference: HeapReference, of instance: Instance) {
        heap.regions.words(directory)[instance.number &- 1] = reference.bits
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
        heap.regions.words(directory)[instance.number &- 1] = 0
        for i in 0..<directoryCount where heap.regions.words(directory)[i] != 0 { return }
        shrinkDirectory(to: 0)
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
