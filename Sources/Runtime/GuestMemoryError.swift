// Why the host got no memory of the guest's, or could not give it back.

import WasmFormat

/// What allocating and freeing guest memory can end in. The guest's memory is as it was, unless its own allocator ran.
public enum GuestMemoryError: Error, Equatable, Sendable {
    /// The module exports no allocator, and the instance has no app heap; or it has no memory.
    case noAllocator
    /// The guest's allocator gave null, or the app heap has no block of this size (`Runtime.shortage` then says what there is).
    case exhausted
    /// The instance or the environment is no more.
    case handle(HandleError)
    /// The guest's allocator trapped.
    case trapped(Trap)
    /// The guest's allocator used up the fuel that was given.
    case outOfFuel
    /// The guest's allocator gave an address whose bytes are not all inside its memory.
    case outOfBounds
    /// The address is none that the app heap gave, or lies outside the guest's memory.
    case notAllocated
    /// The block is free already.
    case doubleFree
    /// The guest has overwritten the app heap's book-keeping.
    case corrupt
    /// The stop word ended the guest's allocator.
    case stopped
    /// The guest's allocator called a host function whose result is pending: nothing can wait for it here.
    case awaiting
    /// Guest and host functions called each other too deep.
    case nativeStackExhausted
}
