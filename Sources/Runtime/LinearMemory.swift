// Linear memory is a promise; what lies in the pool is the window [low, low + length) of it (DESIGN.md, decision 6).
//
//     0                  low                    low + length              pages << pageShift
//     │ never touched: 0 │ window, in the pool  │ never touched: 0        │ out of bounds, or an app heap farther on

import MemoryPool
import WasmFormat

extension Engine {
    /// The window grows by at least this many bytes at a time, where there is room: a sixteenth of what it has, so that what a guest makes the
    /// runtime move in all stays in proportion to what it ends with.
    private func commitStep(_ length: UInt32) -> UInt64 { UInt64(max(256, length / 16 & ~255)) }

    /// Where guest address `address` lies, if `count` bytes from there are inside the window or the app heap.
    func place(_ memory: MemoryWords, _ address: UInt32, _ count: UInt32) -> UnsafeMutableRawPointer? {
        let distance = address &- memory.low
        let length = memory.length
        guard !memory.window.isNone, distance <= length, count <= length &- distance else { return unsafe placeInAppHeap(memory, address, count) }
        // Safety: inside the block that holds the window.
        return unsafe heap.regions.address(memory.window) + Int(truncatingIfNeeded: distance)
    }

    func isCommitted(_ memory: MemoryWords, _ address: UInt32) -> Bool {
        !memory.window.isNone && address &- memory.low < memory.length || isInAppHeap(memory, address, 1)
    }

    /// Makes the window hold `count` bytes at `address`; the caller has checked that the memory `contains` them.
    /// False, and nothing is changed, if the pool has no room.
    mutating func commit(_ memory: MemoryWords, _ address: UInt32, _ count: UInt32) -> Bool {
        guard count > 0 else { return true }
        let size = memory.size
        let end = UInt64(address) + UInt64(count)
        guard end <= size else {
            precondition(isInAppHeap(memory, address, count))
            return true
        }
        if memory.window.isNone { return create(memory, address, UInt32(truncatingIfNeeded: end &- UInt64(address)), size) }
        let low = UInt64(memory.low)
        let high = low + UInt64(memory.length)
        if UInt64(address) >= low && end <= high { return true }
        let newLow = UInt64(address) < low ? UInt64(address) & ~7 : low
        let newHigh = end > high ? end : high
        // In steps where it can be, to the byte where it must.
        let step = commitStep(memory.length)
        let roundLow = newLow < low ? (newLow > step ? (newLow &- step) & ~255 : 0) : low
        let roundHigh = newHigh > high ? min(size, (newHigh + step) & ~255) : high
        return extend(memory, roundLow, roundHigh) || extend(memory, newLow, newHigh)
    }

    /// Makes the window hold all that the memory declares.
    mutating func commitWhole(_ memory: MemoryWords) -> Bool {
        let size = memory.size
        guard size > 0 else { return true }
        guard memory.window.isNone else { return extend(memory, 0, size) }
        return replace(memory, 0, size, keeping: false)
    }

    @inline(__always)
    private mutating func create(_ memory: MemoryWords, _ address: UInt32, _ count: UInt32, _ size: UInt64) -> Bool {
        let step = commitStep(0)
        let end = UInt64(address) + UInt64(count)
        let low = UInt64(address) & ~(step - 1)
        let high = min(size, (end + step - 1) & ~(step - 1))
        if replace(memory, low, high, keeping: false) || replace(memory, UInt64(address) & ~7, end, keeping: false) { return true }
        return gather(count) && replace(memory, UInt64(address) & ~7, end, keeping: false)
    }

    /// Extends the window in place, or where other windows are in the way slides them, or moves it.
    private mutating func extend(_ memory: MemoryWords, _ low: UInt64, _ high: UInt64) -> Bool {
        guard high &- low < HeapReference.reach else {
            heap.noteShortage(high &- low, for: .linearMemories)
            return false
        }
        return widen(memory, low, high) || gather(around: memory.window, high &- low) && widen(memory, low, high) || replace(memory, low, high, keeping: true)
    }

    /// Extends the window's block behind and before it. The contents slide in it: no second copy.
    private mutating func widen(_ memory: MemoryWords, _ low: UInt64, _ high: UInt64) -> Bool {
        let length = UInt32(truncatingIfNeeded: high &- low)
        let old = Int(memory.length)
        var from = 0
        if !heap.resize(memory.window, to: length) {
            var block = memory.window
            guard let distance = heap.growBothWays(&block, to: length) else { return false }
            memory.window = block
            from = Int(distance)
        }
        let window = unsafe heap.regions.address(memory.window)
        let to = Int(truncatingIfNeeded: UInt64(memory.low) &- low)
        let end = to &+ old
        // Safety: the block has just grown to this length, and holds the contents at both places.
        if from != to { unsafe (window + to).copyMemory(from: window + from, byteCount: old) }
        unsafe window.initializeMemory(as: UInt8.self, repeating: 0, count: to)
        unsafe (window + end).initializeMemory(as: UInt8.self, repeating: 0, count: Int(length) &- end)
        memory.low = UInt32(truncatingIfNeeded: low)
        memory.length = length
        if length > memory.peak { memory.peak = length }
        return true
    }

    /// A new block for the window [low, high), with what the old one holds.
    private mutating func replace(_ memory: MemoryWords, _ low: UInt64, _ high: UInt64, keeping: Bool) -> Bool {
        guard high &- low < HeapReference.reach else {
            heap.noteShortage(high &- low, for: .linearMemories)
            return false
        }
        let length = UInt32(truncatingIfNeeded: high &- low)
        guard let block = heap.allocateWindow(length) else { return false }
        if keeping {
            let distance = Int(truncatingIfNeeded: UInt64(memory.low) &- low)
            // Safety: the new window encloses the old one.
            unsafe (heap.regions.address(block) + distance).copyMemory(from: heap.regions.address(memory.window), byteCount: Int(memory.length))
            heap.free(memory.window)
        }
        memory.window = block
        memory.low = UInt32(truncatingIfNeeded: low)
        memory.length = length
        if length > memory.peak { memory.peak = length }
        return true
    }

    /// `memory.grow`: the old size in pages, or nil. Honest: it fails if the window could not be extended to the new end now.
    mutating func grow(_ memory: MemoryWords, by delta: UInt32) -> UInt32? {
        let old = memory.pages
        guard delta <= memory.capPages &- old else { return nil }
        let added = UInt64(delta) &<< UInt64(memory.pageShift)
        let reach = memory.window.isNone ? added : memory.size &- UInt64(memory.low) + added
        guard delta == 0 || memory.overcommits || canHold(memory, reach) else { return nil }
        memory.pages = old &+ delta
        return old
    }

    private mutating func canHold(_ memory: MemoryWords, _ bytes: UInt64) -> Bool {
        if bytes < HeapReference.reach, bytes <= room(around: memory.window) || heap.canHoldWindow(UInt32(truncatingIfNeeded: bytes), now: memory.window) { return true }
        heap.noteShortage(bytes, for: .linearMemories)
        return false
    }

    /// For views of the host: checks a range, commits it, and says where it lies.
    mutating func view(_ memory: MemoryWords, _ address: UInt32, _ count: UInt32) throws(Trap) -> UnsafeMutableRawPointer {
        guard contains(memory, address, count) else { throw .outOfBoundsMemoryAccess }
        // An empty range has a place of its own: it commits nothing.
        if count == 0 { return unsafe UnsafeMutableRawPointer(memory.words.start) }
        guard commit(memory, address, count), let place = unsafe place(memory, address, count) else { throw .memoryExhausted }
        return unsafe place
    }

    /// The same in the memory of the instance that runs.
    @inline(never)
    mutating func view(_ machine: inout Machine, _ address: UInt32, _ count: UInt32) throws(Trap) -> UnsafeMutableRawPointer {
        guard let memory = currentMemory(machine) else { throw .outOfBoundsMemoryAccess }
        let place = unsafe try view(memory, address, count)
        enterMemory(&machine)
        return unsafe place
    }

    /// The bytes of a range, those never touched as zero, for copies out of it that commit nothing.
    func read(_ memory: MemoryWords, _ address: UInt32) -> UInt8 {
        guard let place = unsafe place(memory, address, 1) else { return 0 }
        return unsafe place.load(as: UInt8.self)
    }

    // MARK: addresses

    /// Declared memory or the app heap, whichever an address is in.
    func range(_ memory: MemoryWords, around address: UInt32) -> Range<UInt64>? {
        if UInt64(address) < memory.size { return 0..<memory.size }
        return isInAppHeap(memory, address, 1) ? memory.appHeapStart..<memory.appHeapStart + UInt64(memory.appHeapBytes) : nil
    }

    /// The guest address of `count` bytes of the host's, if they are in the window or the app heap.
    func guestAddress(_ memory: MemoryWords, of pointer: UnsafeRawPointer, _ count: Int) -> UInt32? {
        if !memory.window.isNone, let distance = unsafe distance(pointer, count, in: memory.window, memory.length) { return memory.low &+ distance }
        guard memory.hasAppHeap, let distance = unsafe distance(pointer, count, in: memory.appHeap, memory.appHeapBytes) else { return nil }
        return UInt32(truncatingIfNeeded: memory.appHeapStart) &+ distance
    }

    private func distance(_ pointer: UnsafeRawPointer, _ count: Int, in block: HeapReference, _ length: UInt32) -> UInt32? {
        // Safety: addresses are compared, nothing is read. Below the block the difference wraps around and is larger than any block.
        let distance = unsafe UInt(bitPattern: pointer) &- UInt(bitPattern: heap.regions.address(block))
        guard count > 0, distance < UInt(length), UInt(count) <= UInt(length) &- distance else { return nil }
        return UInt32(truncatingIfNeeded: distance)
    }
}
