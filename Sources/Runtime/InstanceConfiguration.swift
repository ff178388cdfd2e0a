// How an instance uses memory: what an embedder sets when it instantiates.

/// How `memory.grow` answers.
public enum MemoryGrowth: Sendable {
    /// With -1 if the heap and the cap could not hold the window up to the new end now.
    case honest
    /// As long as the cap allows it: a promise, which a store may find broken (`Trap.memoryExhausted`).
    case overcommit
}

/// How much of a linear memory takes memory of the heap when it is made.
public enum MemoryCommitment: Sendable {
    /// What the active data segments fill; the rest when it is first stored to.
    case touched
    /// All that the module declares, at instantiation: a store later never finds the heap full.
    case whole
    /// As `touched`, of a memory that ends at the export `__heap_base`: what a linker rounded up to a whole page is out of bounds. Only where no
    /// function asks for the memory's size or grows it; `heapBaseCut(of:)` tells. Elsewhere as `touched`.
    case cutAtHeapBase
}

/// Settings of one instance. Each says its unit, its default and what it costs.
public struct InstanceConfiguration: Sendable {
    /// The most bytes that the linear memory may declare, below its own maximum: a module that declares more is refused (`.memoryAboveCap`), and
    /// `memory.grow` stops there. Rounded down to whole pages. Costs nothing; default nil: no cap.
    public var memoryCap: UInt64?
    /// Default: `.honest`.
    public var memoryGrowth = MemoryGrowth.honest
    /// Default: `.touched`.
    public var memoryCommitment = MemoryCommitment.touched
    /// Bytes of guest memory behind the declared one that the host allocates from: the app heap, 48 to 256 MB; its control block takes 32 to 120 of
    /// them up to 64 KB, 400 at most. For a module that has a memory of its own and exports no allocator (malloc and free, AssemblyScript's `__new`);
    /// others have none. A module that grows its memory needs `memoryCap` too. Costs these bytes in the pool, and 8 in the instance. Default: 0, no
    /// app heap.
    public var appHeapBytes: UInt32 = 0
    /// Bytes of linear memory to commit at once below the start of an aux stack that comes first (Rust, Zig, `--stack-first`), at most the whole stack:
    /// a guest that stays within them cannot find the pool used up when it needs stack. `auxStack(of:)` tells what it used. Default: 0, its stack is
    /// committed as it is touched. No effect where the data come first: the stack then lies between data and heap.
    public var auxStackBytes: UInt32 = 0
    /// Whether an aux stack that grows beyond its end traps. Its peak is counted in any case. Default: true.
    public var checksAuxStack = true
    public init() {}
}
