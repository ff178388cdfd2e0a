// The keys of a static configuration, in one table: the reader's checks, docs/CONFIG.md and the template follow from it.

/// A key of the TOML file beside an application. Named as the option of `mote run` where there is one.
public enum ConfigurationKey: String, CaseIterable, Sendable {
    case pool
    case poolRegion = "pool-region"
    case secondPool = "second-pool"
    case secondPoolRegion = "second-pool-region"
    case secondPoolUse = "second-pool-use"
    case operandStack = "operand-stack"
    case auxStack = "aux-stack"
    case appHeap = "app-heap"
    case memoryCap = "memory-cap"
    case overcommit
    case commit
    case auxStackCheck = "aux-stack-check"
    case nativeStack = "native-stack"
    case features
    case moduleRegion = "module-region"

    /// What a value is.
    enum Kind: Sendable {
        /// An integer or a string such as "64k".
        case bytes(SizeRule)
        case ram, flash
        case flag
        /// One of these strings.
        case word([String])
        /// One of `alone`, or a list of some of `listed`; also one of these as a string.
        case words(alone: [String], listed: [String])
    }

    struct SizeRule: Sendable {
        var minimum: UInt64
        var maximum: UInt64
        /// The value is a multiple of this.
        var multiple: UInt64 = 1
        /// Whether 0, below the minimum, means: none.
        var zeroIsNone = false
    }

    enum Default: Sendable {
        case bytes(UInt64)
        case word(String)
        case flag(Bool)
        /// There is no value that stands for it; in words.
        case none(String)
    }

    struct Row: Sendable {
        let kind: Kind
        let standard: Default
        let meaning: String
        let cost: String
    }

    /// What the runtime's pools can be at most: docs/LIMITS.md.
    public static let largestPool: UInt64 = 256 << 20
    /// Of a linear memory. 4 GB less a page is the largest size that the runtime's 32 bits hold.
    static let wasmPage: UInt64 = 65536
    static let largestSize: UInt64 = (4 << 30) - wasmPage

    /// The table.
    var row: Row {
        switch self {
        case .pool:
            Row(kind: .bytes(SizeRule(minimum: 208, maximum: Self.largestPool, multiple: 8)), standard: .none("what is left of its region"),
                meaning: "Memory for everything that the runtime makes: operand stack, register code, instances, linear memory, app heap.",
                cost: "these bytes of its region")
        case .poolRegion:
            Row(kind: .ram, standard: .word(MemoryMap.mainRAM), meaning: "The RAM region of the board that the pool lies in.", cost: "nothing")
        case .secondPool:
            Row(kind: .bytes(SizeRule(minimum: 48, maximum: Self.largestPool, multiple: 8, zeroIsNone: true)), standard: .bytes(0),
                meaning: "A second pool, for the uses that second-pool-use tells.", cost: "these bytes of its region, and 20 at the start of the pool")
        case .secondPoolRegion:
            Row(kind: .ram, standard: .word(MemoryMap.mainRAM), meaning: "The RAM region of the board that the second pool lies in.", cost: "nothing")
        case .secondPoolUse:
            Row(kind: .words(alone: ["all"], listed: SecondPoolUse.allCases.map(\.rawValue)), standard: .word(SecondPoolUse.linearMemory.rawValue),
                meaning: "What the second pool is for; the pool then serves the rest. With all, both serve everything.", cost: "nothing")
        case .operandStack:
            Row(kind: .bytes(SizeRule(minimum: 64, maximum: Self.largestPool, multiple: 4)), standard: .none("a quarter of its pool, 64 to 8,192"),
                meaning: "Frames and values of the guest's calls. A guest that needs more traps with callStackExhausted.",
                cost: "these bytes of the pool, and 68")
        case .auxStack:
            Row(kind: .bytes(SizeRule(minimum: 0, maximum: Self.largestSize)), standard: .bytes(0),
                meaning: "So much of an aux stack that comes first in the linear memory takes room at once, the whole stack at most: the guest then never finds the pool full when it needs stack.",
                cost: "these bytes of the pool, which a guest that uses them costs anyway")
        case .appHeap:
            Row(kind: .bytes(SizeRule(minimum: 48, maximum: Self.largestPool, zeroIsNone: true)), standard: .bytes(0),
                meaning: "Memory behind the linear memory for the host to allocate from, where the guest exports no malloc. A guest that grows needs memory-cap too.",
                cost: "these bytes of the pool, 4 for the block and 8 in the instance")
        case .memoryCap:
            Row(kind: .bytes(SizeRule(minimum: 1, maximum: Self.largestSize)), standard: .none("no cap"),
                meaning: "How large a linear memory may be, rounded down to whole pages of the module. One that declares more is refused, and memory.grow stops there.", cost: "nothing")
        case .overcommit:
            Row(kind: .flag, standard: .flag(false), meaning: "Whether memory.grow may promise more than the pool holds; a store may then trap with memoryExhausted.",
                cost: "nothing")
        case .commit:
            Row(kind: .word(Commitment.allCases.map(\.rawValue)), standard: .word(Commitment.touched.rawValue),
                meaning: "What of the linear memory takes room at once: touched (as it is stored to), whole, or heap-base (as touched, cut at __heap_base).",
                cost: "with whole, all that the module declares, of the pool")
        case .auxStackCheck:
            Row(kind: .flag, standard: .flag(true), meaning: "Whether an aux stack that grows beyond its end traps. Its peak is counted in any case.", cost: "nothing")
        case .nativeStack:
            Row(kind: .bytes(SizeRule(minimum: 1024, maximum: 16 << 20, multiple: 8)), standard: .none("the board's"),
                meaning: "The stack of the firmware itself. The runtime takes 3,000 bytes of it at most; host functions and interrupts come on top.",
                cost: "these bytes of RAM")
        case .features:
            Row(kind: .words(alone: Self.rungs, listed: Self.traits), standard: .word("default"),
                meaning: "What is built in: a rung, or a list of traits.", cost: "flash: docs/SIZES.md has how much each takes")
        case .moduleRegion:
            Row(kind: .flash, standard: .none("with the firmware"), meaning: "The flash region of the board that the module lies in.", cost: "nothing")
        }
    }

    /// Package.swift has them, with what each costs.
    static let rungs = ["minimal", "default", "full"]
    static let traits = ["Translator", "FloatingPoint", "Names"]

    /// What is wrong with features as an option has them, a rung or traits with commas; nil if nothing is.
    public static func mistake(inFeatures text: String) -> String? {
        let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if words.count == 1, rungs.contains(text) { return nil }
        guard let word = words.first(where: { !traits.contains($0) }) else { return nil }
        if rungs.contains(word) { return "\(word) is a rung, which stands alone: list traits, or write \(word)" }
        return "\"\(word)\" is not known: \(NearestName.remedy(for: word, among: words.count == 1 ? rungs + traits : traits))"
    }
}

/// What the second pool serves: `MemoryUse` of the runtime, in a configuration's words.
public enum SecondPoolUse: String, CaseIterable, Sendable {
    case structures
    case operandStack = "operand-stack"
    case linearMemory = "linear-memory"

    /// `MemoryUse`'s raw value.
    public var bit: UInt32 {
        switch self {
        case .structures: 1
        case .operandStack: 2
        case .linearMemory: 4
        }
    }
}

/// What of a linear memory takes room at once, with the number that the firmware reads.
public enum Commitment: String, CaseIterable, Sendable {
    case touched, whole
    case heapBase = "heap-base"

    public var number: UInt32 {
        switch self {
        case .touched: 0
        case .whole: 1
        case .heapBase: 2
        }
    }
}
