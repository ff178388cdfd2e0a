// Saving a runtime before deep sleep, restoring it after: at any address, and on another machine too (docs/SAVE.md).
//
// What is saved is every byte of the buffers. What is not: the host's own state, which externrefs count into; what stop word and watchdog say; the
// modules' bytes, which lie in flash and must be the same. A host function that has called a guest is never part of it: its run is over before anybody can save.

import WasmFormat

extension Runtime where HostType: ~Copyable {
    /// Bytes that `save` writes: the buffers, and 8 for each host function, 44 and 20 for each buffer and each module that can be loaded; nil with an allocator.
    public var savedBytes: UInt32? { engine.savedBytes(hostCount: HostType.functionCount) }

    /// Writes everything to a sink, in chunks of 256 bytes; the last one may be shorter, and is a multiple of 4. Takes 350 bytes of native stack, and no
    /// copy of the pool. Runs that are paused go on where they were, once restored.
    ///
    /// `sink` answers whether it took the bytes. `seal` sees them too, and the bytes of the modules afterwards: what `verify` will see, for a MAC.
    public func save(seal: (Span<UInt8>) -> Void = { _ in }, to sink: (Span<UInt8>) -> Bool) throws(SaveError) {
        try engine.save(hostCount: HostType.functionCount, host: { HostType.function($0) }, seal: seal, to: sink)
    }

    /// A runtime as it was saved, in buffers of the same lengths and uses at any address. Handles that were kept are good again.
    ///
    /// `read` fills a span from an offset of the saved bytes, `length` of them in all, and answers whether it could. Everything is read twice: the first
    /// time nothing is written. `modules` are the modules' bytes, in any order, as `load` takes them; those that are not needed are left alone. `verify` sees
    /// every byte that was saved, in chunks, then the modules' bytes in the order of loading, at last an empty span, where it must answer true; then
    /// it may begin anew, for the second reading.
    @unsafe public init(
        restoring length: UInt32, read: (UInt32, inout MutableSpan<UInt8>) -> Bool, modules: Span<UnsafeRawBufferPointer>, regions: Span<MemoryRegion>,
        configuration: Configuration = Configuration(), verify: (Span<UInt8>) -> Bool = { _ in true }
    ) throws(RestoreError) {
        let saved = try unsafe Restoration(length: length, modules: modules, regions: regions, configuration: configuration)
        engine = try Engine(restoring: saved, hostCount: HostType.functionCount, host: { HostType.function($0) }, read, verify)
        self.configuration = configuration
    }

    /// The same from bytes that lie in memory or flash, into one buffer.
    @unsafe public init(
        restoring saved: UnsafeRawBufferPointer, modules: Span<UnsafeRawBufferPointer>, buffer: UnsafeMutableRawBufferPointer,
        configuration: Configuration = Configuration(), verify: (Span<UInt8>) -> Bool = { _ in true }
    ) throws(RestoreError) {
        let region: InlineArray<1, MemoryRegion> = unsafe [MemoryRegion(buffer, for: .all)]
        guard saved.count <= Int(UInt32.max >> 1) else { throw .length }
        // The closure stands where it is called with: kept in a variable it would need a heap.
        try unsafe self.init(
            restoring: UInt32(saved.count),
            read: { offset, bytes in
                // Safety: inside the saved bytes: reading stops at their length.
                for i in bytes.indices { bytes[i] = unsafe saved[Int(offset) &+ i] }
                return true
            }, modules: modules, regions: region.span, configuration: configuration, verify: verify)
    }

    // MARK: finding what was restored

    /// The module that was loaded as number `number`, from 0 on; the place of one that was unloaded is taken by the next. nil if there is none there.
    public func module(_ number: Int) -> Module? { engine.module(number) }

    /// The instance of a number from 0 on, in the order of instantiation; the number of one that was torn down is taken by the next. nil if there is none.
    public func instance(_ number: Int) -> Instance? { engine.instance(number) }

    /// The environment that was made as number `number`, from 0 on, among those that are left. nil if they are fewer.
    public func environment(_ number: Int) -> ExecutionEnvironment? { engine.environment(number) }

    /// Why the run in an environment is paused: out of fuel, stopped or awaiting; nil if none is.
    public func pause(in environment: ExecutionEnvironment) throws(HandleError) -> Outcome? {
        let block = try engine.block(of: environment)
        return switch block.state {
        case .outOfFuel: .outOfFuel
        case .stopped: .stopped
        case .awaiting: .awaiting(Int(block.words[EnvironmentBlock.Header.hostFunction]))
        case .idle, .running, .trapped: nil
        }
    }
}

extension Engine {
    func module(_ number: Int) -> Module? {
        guard number >= 0, number < Int(heap.regions.count &- heap.poolRegions) else { return nil }
        let region = heap.poolRegions &+ UInt32(number)
        return heap.regions.module(region).isNone ? nil : Module(bits: region | heap.regions.generation(region) &<< 8)
    }

    func instance(_ number: Int) -> Instance? {
        guard number >= 0, number < Int(directoryCount) else { return nil }
        return find(UInt32(number) &+ 1)?.handle
    }

    func environment(_ number: Int) -> ExecutionEnvironment? {
        // Each names the one that was made before it.
        var count = 0
        var reference = environments
        while !reference.isNone {
            count &+= 1
            reference = EnvironmentBlock(words: heap.regions.words(reference)).next
        }
        guard number >= 0, number < count else { return nil }
        reference = environments
        while count &- 1 > number {
            reference = EnvironmentBlock(words: heap.regions.words(reference)).next
            count &-= 1
        }
        return ExecutionEnvironment(reference: reference.bits, identity: EnvironmentBlock(words: heap.regions.words(reference)).identity)
    }
}
