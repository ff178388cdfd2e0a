// An execution environment in the pool: a header and the operand stack, from whose end the call records grow down.
//
// The header keeps what a paused run needs to go on: offsets only, so that it can go on at another address. A trapped run leaves the same
// words there until the next call, for its backtrace.

import MemoryPool
import WasmFormat

/// What an environment is doing.
enum EnvironmentState: UInt32 {
    case idle, running, trapped, outOfFuel, stopped, awaiting

    var isPaused: Bool { self == .outOfFuel || self == .stopped || self == .awaiting }
    /// Whether the header tells where a run stands.
    var hasPosition: Bool { isPaused || self == .trapped }
}

@safe struct EnvironmentBlock {
    let words: Words

    enum Header {
        static var identity: UInt32 { 0 }            // of all that were made, each has another │ state << 28
        static var next: UInt32 { 1 }                // the reference to the next environment's block
        static var base: UInt32 { 2 }                // where the run began: its first cell …
        static var top: UInt32 { 3 }                 // … and behind its last record, both in words from the block's start
        static var fuel: UInt32 { 4 }                // what the last run left, in polls, 64 bits
        // Where the run stands. Instance 0: in a host function that was called without a guest.
        static var instance: UInt32 { 6 }
        static var module: UInt32 { 7 }              // its region │ generation << 8, for a trap whose instance is gone
        static var pc: UInt32 { 8 }                  // the instruction, in bytes from the code base
        static var fp: UInt32 { 9 }                  // in words from the block's start
        static var csp: UInt32 { 10 }
        // An instruction that is executed again: `BulkProgress`. A host function that must answer: the first cell of its arguments, its number.
        static var stage: UInt32 { 11 }              // stage │ are expressions << 8 │ a poll is owed << 9
        static var position: UInt32 { 12 }
        static var segments: UInt32 { 13 }
        static var entries: UInt32 { 14 }
        static var auxStackPointer: UInt32 { 15 }    // as the run found it, in the instance that was called
        static var count: UInt32 { 16 }

        static var window: UInt32 { position }
        static var hostFunction: UInt32 { segments }
    }

    static var identities: UInt32 { 0x0fff_ffff }

    var identity: UInt32 { words[Header.identity] & EnvironmentBlock.identities }
    var next: HeapReference {
        get { HeapReference(bits: words[Header.next]) }
        nonmutating set { words[Header.next] = newValue.bits }
    }
    var state: EnvironmentState {
        get { EnvironmentState(rawValue: words[Header.identity] &>> 28) ?? .idle }
        nonmutating set { words[Header.identity] = identity | newValue.rawValue &<< 28 }
    }
    /// What the last run left of its fuel; `.max` if it had no end.
    var fuelLeft: UInt64 {
        get { UInt64(words[Header.fuel]) | UInt64(words[Header.fuel &+ 1]) &<< 32 }
        nonmutating set {
            words[Header.fuel] = UInt32(truncatingIfNeeded: newValue)
            words[Header.fuel &+ 1] = UInt32(truncatingIfNeeded: newValue &>> 32)
        }
    }

    /// The first cell of the operand stack.
    var bottom: Cells { unsafe Cells(words.start + Int(Header.count)) }
    /// Behind the last cell.
    var top: Cells { unsafe Cells(words.start + Int(words.count & ~1)) }
    /// Cells of the operand stack.
    var cells: UInt32 { (words.count & ~1) &- Header.count }

    /// A place of the operand stack as the header has it, and back.
    func offset(of place: Cells) -> UInt32 { unsafe UInt32(truncatingIfNeeded: place.address &- UInt(bitPattern: words.start)) / 4 }
    func place(_ offset: UInt32) -> Cells {
        precondition(offset >= Header.count && offset <= words.count)
        // Safety: inside the block, just checked.
        return unsafe Cells(words.start + Int(offset))
    }
}

extension Engine {
    mutating func makeEnvironment(operandStackBytes: UInt32) throws(LoadError) -> ExecutionEnvironment {
        let bytes = operandStackBytes > UInt32.max &- 128 ? operandStackBytes : operandStackBytes &+ EnvironmentBlock.Header.count &* 4
        guard let reference = heap.allocate(bytes, for: .operandStacks) else { throw LoadError(noRoomFor: .operandStack, at: 0) }
        let block = EnvironmentBlock(words: heap.regions.words(reference))
        block.words[EnvironmentBlock.Header.identity] = nextEnvironment
        block.next = environments
        environments = reference
        nextEnvironment = (nextEnvironment &+ 1) & EnvironmentBlock.identities
        return ExecutionEnvironment(reference: reference.bits, identity: block.identity)
    }

    @inline(__always) func block(of environment: ExecutionEnvironment) throws(HandleError) -> EnvironmentBlock { try heap.regions.block(of: environment) }
    @inline(__always) func idleBlock(of environment: ExecutionEnvironment) throws(HandleError) -> EnvironmentBlock { try heap.regions.idleBlock(of: environment) }

    mutating func remove(_ environment: ExecutionEnvironment) throws(HandleError) {
        let block = try idleBlock(of: environment)
        let reference = HeapReference(bits: environment.reference)
        if environments == reference {
            environments = block.next
        } else {
            var before = EnvironmentBlock(words: heap.regions.words(environments))
            while before.next != reference { before = EnvironmentBlock(words: heap.regions.words(before.next)) }
            before.next = block.next
        }
        heap.free(reference)
    }
}

extension RegionTable {
    /// The block of an environment. Looked for among those that there are: what lies at a stale handle's place may be a guest's, and say anything.
    @inline(never)
    func block(of environment: ExecutionEnvironment) throws(HandleError) -> EnvironmentBlock {
        var reference = HeapReference(bits: root(Root.environments))
        while !reference.isNone {
            let block = EnvironmentBlock(words: words(reference))
            if reference.bits == environment.reference && block.identity == environment.identity { return block }
            reference = block.next
        }
        throw .staleEnvironment
    }

    /// The block of an environment in which a run can begin.
    @inline(never)
    func idleBlock(of environment: ExecutionEnvironment) throws(HandleError) -> EnvironmentBlock {
        let block = try block(of: environment)
        guard !block.state.isPaused else { throw .environmentPaused }
        // Whoever is called by a run has no runtime to call with.
        precondition(block.state != .running)
        return block
    }

    func requireIdle(_ environment: ExecutionEnvironment) throws(HandleError) { _ = try idleBlock(of: environment) }
}
