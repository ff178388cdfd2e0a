// Several windows in one pool: what lies between two of them is for either, because the others can slide.
//
//     │ A ────▶ │ free │ B ◀──── │ structures
//
// A window that grows takes what is free behind and before it. Where another window is in the way, those above it slide to the top of what is free
// there, those below it to the bottom. Nothing is ever copied to a second place, so that windows that grow in turn need no more than they hold.

import MemoryPool
import WasmFormat

extension Engine {
    /// The memory of the instance with a number, if it is its own and has a window.
    private func ownWindow(_ number: UInt32) -> MemoryWords? {
        guard let block = find(number), block.memory != 0 else { return nil }
        let memory = ownMemory(block)
        return memory.isImported || memory.window.isNone ? nil : memory
    }

    private func isWindow(_ reference: HeapReference) -> Bool {
        for number in 1..<directoryCount &+ 1 where ownWindow(number)?.window == reference { return true }
        return false
    }

    /// Bytes that a window could have if the others slid away: what is free around it as far as the next structures. 0 without a pool.
    func room(around window: HeapReference) -> UInt64 {
        guard heap.allocator == nil, !window.isNone else { return 0 }
        let pool = heap.regions.pool(window.region)
        var free: UInt32 = 0
        var isAround = false
        var offset: UInt32 = 0
        while let block = pool.next(behind: offset) {
            offset = block.offset
            if block.isFree {
                free &+= block.bytes &+ 4
            } else if offset == window.offset {
                isAround = true
            } else if !isWindow(HeapReference(region: window.region, offset: offset)) {
                if isAround { break }
                free = 0
            }
        }
        return isAround ? UInt64(pool.size(of: window.offset) &+ free) : 0
    }

    /// Slides other windows away from one, if it can then have so many bytes.
    mutating func gather(around window: HeapReference, _ bytes: UInt64) -> Bool {
        guard bytes <= room(around: window) else { return false }
        slide(window.region, from: window.offset)
        return true
    }

    /// Slides all windows up, so that what is free between them is in one place; false if nothing moved or so many bytes are not free at all.
    mutating func gather(_ bytes: UInt32) -> Bool {
        guard heap.allocator == nil, bytes <= heap.freeBytes(for: .linearMemories) else { return false }
        var hasMoved = false
        for region in 0..<heap.poolRegions where slide(region, from: 0) { hasMoved = true }
        return hasMoved
    }

    /// Slides the windows above a place up and those below it down, until none can move; false if none could.
    @discardableResult
    private func slide(_ region: UInt32, from place: UInt32) -> Bool {
        var hasMoved = false
        var isMoving = true
        while isMoving {
            isMoving = false
            for number in 1..<directoryCount &+ 1 {
                guard let memory = ownWindow(number), memory.window.region == region, memory.window.offset != place else { continue }
                var pool = heap.regions.pool(region)
                let offset = memory.window.offset
                guard let to = offset > place ? pool.slideUp(offset) : pool.slideDown(offset) else { continue }
                memory.window = HeapReference(region: region, offset: to)
                isMoving = true
                hasMoved = true
            }
        }
        return hasMoved
    }
}
