// Why a running guest was ended, in one byte.

/// A trap: the guest is ended, the embedder goes on. The words are in `Trap+Words.swift`.
public enum Trap: UInt8, Error, Equatable, Sendable {
    // The specification's traps.
    case unreachable = 1
    case outOfBoundsMemoryAccess = 2
    case outOfBoundsTableAccess = 3
    case integerDivideByZero = 4
    case integerOverflow = 5
    case invalidConversionToInteger = 6
    case undefinedElement = 7
    case uninitializedElement = 8
    case indirectCallTypeMismatch = 9
    case callStackExhausted = 10

    // The runtime's own.
    /// The guest stored into memory that it may have, but the pool had no room to commit it.
    case memoryExhausted = 32
    /// The embedder's fuel was used up.
    case outOfFuel = 33
    /// The embedder set the stop word.
    case stopped = 34
    /// A host function refused.
    case host = 35
    /// The guest's own stack grew below the place that its linker gave it.
    case auxStackOverflow = 36
    /// The guest gave back more of its own stack than it had taken.
    case auxStackUnderflow = 37
    /// Guest and host functions called each other deeper than the native stack that the configuration allows.
    case nativeStackExhausted = 38
    /// Not a trap: what a host function throws whose result is not there yet. The run pauses, awaiting it.
    case resultPending = 39
}
