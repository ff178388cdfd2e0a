// How an instance uses memory: what an embedder sets when it instantiates.

/// How `memory.grow` answers.
public enum MemoryGrowth: Sendable {
    /// With -1 if the heap and the cap could not hold the window up to the new end now.
    case honest
    /// As long as the cap allows it: a promise, which a store may find broken (`Trap.memoryExhausted`).
    case overcommit
}

/// Settings of one instance. Each says its unit, its default and what it costs.
public struct InstanceConfiguration: Sendable {
    /// The most bytes that the linear memory may declare, below its own maximum; `memory.grow` stops there. Rounded down to whole pages. nil: no cap.
    public var memoryCap: UInt64?
    /// Default: `.honest`.
    public var memoryGrowth = MemoryGrowth.honest
    /// Bytes of guest memory behind the declared one that the host allocates from: the app heap, 48 to 256 MB; its control block takes 76 to 132 of
    /// them. For a module that has a memory of its own and exports no allocator (malloc and free, AssemblyScript's `__new`); others have none. A
    /// module that grows its memory needs `memoryCap` too. Costs these bytes in the pool, and 8 in the instance. Default: 0, no app heap.
    public var appHeapBytes: UInt32 = 0
    public init() {}
}
