// Errors of guest memory in words: what happened, and what to do about it. Firmware without a console leaves this file out.

#if Names || !hasFeature(Embedded)
import WasmFormat

extension GuestMemoryError {
    /// One line for a firmware engineer.
    public var words: StaticString {
        switch self {
        case .noAllocator: "the guest has no allocator: export malloc and free from it (-Wl,--export=malloc,--export=free), or give the instance appHeapBytes"
        case .exhausted: "the guest's heap has no room: free some of it, let the guest's memory grow further, or give the instance more appHeapBytes"
        case .handle: "the instance or the execution environment was given back: use one that is still there"
        case .trapped(let trap): trap.words
        case .outOfFuel: "the guest's allocator ran out of fuel: give the call more, or look for an endless loop in the guest's heap"
        case .outOfBounds: "the guest's allocator gave an address outside its memory: look for a heap that the guest has overwritten"
        case .notAllocated: "this address was not allocated in the guest's memory: give back what allocating gave, and nothing else"
        case .doubleFree: "this guest memory was given back already: look for a second free of it"
        case .corrupt: "the guest has overwritten its app heap: look for writes beyond a block in the guest; tear the instance down to start anew"
        case .stopped: "the stop word ended the guest's allocator: set it to 0, and allocate again"
        case .awaiting: "the guest's allocator waits for a host function's result: give it one at once, or allocate without calling the host in the guest"
        case .nativeStackExhausted: Trap.nativeStackExhausted.words
        }
    }
}
#endif
