// Which allocation is refused though there is room: for tests on hosts. In firmware it is nothing, and costs nothing.
#if hasFeature(Embedded)

struct AllocationRefusal {
    @inline(__always) func isDue() -> Bool { false }
}

#else

struct AllocationRefusal {
    /// Allocations that are still granted; nil: all.
    private var granted: UInt32?
    /// Whether those behind the refused one are refused too.
    private var isLasting = false
    /// Blocks asked for so far, and growth of blocks.
    private(set) var asked: UInt32 = 0
    private(set) var refused: UInt32 = 0

    init() {}
    init(after granted: UInt32, isLasting: Bool) { (self.granted, self.isLasting) = (granted, isLasting) }

    mutating func isDue() -> Bool {
        asked &+= 1
        guard let granted, isLasting ? asked > granted : asked == granted &+ 1 else { return false }
        refused &+= 1
        return true
    }
}

extension Runtime where HostType: ~Copyable {
    /// From now on: grants so many allocations, then refuses the next one, or all.
    package mutating func refuseAllocation(after granted: UInt32, isLasting: Bool) {
        engine.heap.refusal = AllocationRefusal(after: granted, isLasting: isLasting)
    }
    package mutating func refuseNothing() { engine.heap.refusal = AllocationRefusal() }
    /// Allocations since then, and how many of them were refused.
    package var allocationCounts: (asked: UInt32, refused: UInt32) { (engine.heap.refusal.asked, engine.heap.refusal.refused) }
}
#endif
