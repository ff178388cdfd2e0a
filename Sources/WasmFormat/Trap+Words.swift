// Traps in words: what happened, and what to do about it. Firmware without a console leaves this file out.

#if Names || !hasFeature(Embedded)
extension Trap {
    /// One line for a firmware engineer.
    public var words: StaticString {
        switch self {
        case .unreachable: "unreachable: the guest gave up (a panic, an abort, a failed assertion); look for its message, or build it with debug names"
        case .outOfBoundsMemoryAccess: "out of bounds memory access: the guest read or wrote beyond its linear memory; look for a wild pointer or an overflowed stack in the guest"
        case .outOfBoundsTableAccess: "out of bounds table access: a table instruction or an active element segment reaches beyond its table; relink the guest, or give the imported table more entries"
        case .integerDivideByZero: "integer divide by zero: the guest divided by 0; check the divisor in the guest"
        case .integerOverflow: "integer overflow: the smallest integer divided by -1, or a float too large for its integer; check the operands in the guest"
        case .invalidConversionToInteger: "invalid conversion to integer: the guest converted a NaN; check the float in the guest, or use a saturating conversion"
        case .undefinedElement: "undefined element: an indirect call through an index beyond the table; look for a corrupt function pointer in the guest"
        case .uninitializedElement: "uninitialized element: an indirect call through an empty table entry; look for a null function pointer in the guest"
        case .indirectCallTypeMismatch: "indirect call type mismatch: the function pointer names a function of another type; look for a cast of a function pointer in the guest"
        case .callStackExhausted: "call stack exhausted: the guest calls too deep for its operand stack; give the execution environment a larger one, or look for endless recursion"
        case .memoryExhausted: "memory exhausted: the pool has no room for memory that the guest declared and now touches; give the runtime a larger pool, or the guest a smaller stack and heap"
        case .outOfFuel: "out of fuel: the guest used up what it was given; give it more, or look for an endless loop"
        case .stopped: "stopped: the embedder set the stop word (a watchdog, a button); start the call again if that was not meant"
        case .host: "host: a host function refused to go on; look at what the host function reports"
        case .auxStackOverflow: "aux stack overflow: the guest's own stack grew below its end; link the guest with a larger -z stack-size, or look for endless recursion and large local arrays"
        case .auxStackUnderflow: "aux stack underflow: the guest gave back more of its own stack than it had taken; look for assembly that sets its stack pointer"
        case .nativeStackExhausted: "native stack exhausted: guest and host functions call each other too deep; look for a recursion through the host, or raise nativeStackBytes"
        case .resultPending: "result pending: a host function's result is not there yet; resume the guest with it"
        }
    }
}
#endif
