// The instructions that the core executes, counted exactly under QEMU's `-icount shift=7`. See Startup/Counter.c.

import Startup

public struct InstructionCounter {
    /// What two readings with nothing between them differ by, in instructions.
    private let overhead: UInt64

    /// Nil when nothing counts: on silicon, and in QEMU without `-icount shift=7`.
    public init?() {
        guard mote_counter_start() else { return nil }
        let first = mote_counter_now()
        overhead = mote_counter_instructions(first, mote_counter_now())
    }

    /// A moment, for `instructions(from:to:)`.
    public func now() -> UInt64 { mote_counter_now() }

    /// The instructions between two moments, less what a reading takes; what the compiler puts between the two is counted too, 0 to 20 instructions.
    public func instructions(from before: UInt64, to after: UInt64) -> UInt64 {
        let count = mote_counter_instructions(before, after)
        return count < overhead ? 0 : count &- overhead
    }

    /// The instructions that `body` executes.
    public func count(_ body: () -> Void) -> UInt64 {
        let before = now()
        body()
        return instructions(from: before, to: now())
    }
}
