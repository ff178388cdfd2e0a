// Counts the instructions that the core executes under QEMU's `-icount shift=S`, exactly, from a timer that is too slow to see one.
//
// One instruction takes 2^S ns of virtual time, a tick of the CMSDK timer 40 ns: at shift 0 a reading alone is good to 40 instructions.
// Readings 7 instructions apart meet the tick in 40 different phases, since 7 and 40 have no common divisor, and
//
//     sum over i = 0…39 of floor((t + 7 i) / 40) = t + a constant        (t in ns at shift 0; 2^S t otherwise)
//
// So the sum of 40 readings moves by 2^S for each instruction, and is as exact as if the timer ticked at 1 GHz.

public import BoardSupport
import TimerReading
import _Volatile

public struct InstructionCounter: InstructionCounting {
    /// The S of `-icount shift=S`, as measured.
    public let shift: UInt32
    /// What two calls of `now` with nothing between them differ by, in instructions.
    public let overhead: UInt64

    private static var timer: UInt { 0x4000_0000 }
    /// The timer counts down from here, which takes 171 s of virtual time (at shift 0: 1.7 × 10¹¹ instructions); then readings are void.
    private static var start: UInt32 { 0xFFFF_FFFF }

    /// Starts the timer and measures the shift on a loop of known length. Nil when time does not follow the instructions (no `-icount`,
    /// or `shift=auto`).
    public init?() {
        MPS2.register(Self.timer).store(0)
        MPS2.register(Self.timer + 0x04).store(Self.start)
        MPS2.register(Self.timer + 0x08).store(Self.start)
        MPS2.register(Self.timer).store(1)

        // The difference of two runs leaves 2 × 64 instructions, whatever is around the loop.
        let short = Self.spin(64)
        let long = Self.spin(128)
        let difference = long &- short
        guard difference >= 128, difference <= 128 << 10, difference & (difference &- 1) == 0 else { return nil }
        shift = UInt32(truncatingIfNeeded: difference.trailingZeroBitCount) &- 7
        let first = Self.now(shift)
        overhead = Self.now(shift) &- first
    }

    /// Instructions since some fixed moment. Subtract two, and `overhead`.
    public func now() -> UInt64 { Self.now(shift) }

    /// The moment of a sum of readings that somebody else took, an interrupt.
    public func moment(ofReadings sum: UInt64) -> UInt64 { (40 &* UInt64(Self.start) &- sum) &>> UInt64(shift) }

    /// The instructions that `body` executes; what the compiler puts between the two readings is counted too, 0 to 20 instructions.
    public func count(_ body: () -> Void) -> UInt64 {
        let before = now()
        body()
        return now() &- before &- overhead
    }

    @inline(never)
    private static func now(_ shift: UInt32) -> UInt64 { sum() &>> UInt64(shift) }

    @inline(never)
    private static func spin(_ turns: UInt32) -> UInt64 {
        let before = sum()
        mote_spin(turns)
        return sum() &- before
    }

    @inline(never)
    private static func sum() -> UInt64 {
        40 &* UInt64(start) &- mote_sum_of_readings(UInt32(timer + 0x04))
    }
}
