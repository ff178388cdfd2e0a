// How a board counts the instructions that its core executes; most cannot.

/// Readings to subtract from each other.
public protocol InstructionCounting {
    /// Nil when nothing counts now (on an MPS2: QEMU without -icount).
    init?()
    /// Instructions since some fixed moment.
    func now() -> UInt64
    /// What two readings with nothing between them differ by.
    var overhead: UInt64 { get }
}

/// The counter of a board that has none.
public struct NoCounter: InstructionCounting {
    public init?() { return nil }
    public func now() -> UInt64 { 0 }
    public var overhead: UInt64 { 0 }
}
