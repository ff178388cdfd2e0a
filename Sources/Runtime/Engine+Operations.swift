// Instructions that the loop leaves to the runtime: sizes, growth, bulk operations, tables.
//
// A bulk operation checks its whole range first and then works 256 bytes at a time, one poll each; its progress is in its
// cells and in the machine's `progress`, so that it can pause between any two of them and be executed again.

import MemoryPool
import RegisterCode
import WasmFormat

/// What became of an operation.
enum OperationResult {
    case done
    /// Not finished: poll, then execute the instruction again.
    case poll
    case trap(Trap)
}

extension Engine {
    /// Bytes that a poll stands for.
    static var chunk: UInt32 { 256 }

    mutating func operation(_ machine: inout Machine) -> OperationResult {
        let result = perform(&machine)
        if case .poll = result { return result }
        // The next one begins at its beginning.
        machine.progress = BulkProgress()
        return result
    }

    private mutating func perform(_ machine: inout Machine) -> OperationResult {
        let w = machine.pc.word
        let fp = machine.fp
        switch w.op {
        case .tableGet, .tableSet: return tableAccess(&machine, w)
        case .tableGrow: return tableGrow(&machine, w)
        case .tableFill: return tableFill(&machine, w)
        case .tableCopy: return tableCopy(&machine, w)
        case .tableInit: return tableInit(&machine, w)
        case .auxStackSet, .importedAuxStackSet: return auxStackSet(&machine, w)
        default: break
        }
        switch w.extendedOp {
        case .memorySize: fp[w.b] = currentMemory(machine)?.pages ?? 0
        case .memoryGrow:
            guard let memory = currentMemory(machine) else { return .trap(.unreachable) }
            fp[w.b] = grow(memory, by: fp[w.b]) ?? .max
            enterMemory(&machine)
        case .memoryFill: return memoryFill(&machine, w.b)
        case .memoryCopy: return memoryCopy(&machine, w.b)
        case .memoryInit: return memoryInit(&machine, w.b)
        case .elementDrop: dropElements(w.imm16, of: currentInstance(machine))
        case .dataDrop: dropData(w.imm16, of: currentInstance(machine))
        case .tableSize: fp[w.b] = table(currentInstance(machine), UInt32(w.c)).size
        default: return .trap(.unreachable)
        }
        return .done
    }

    /// A chunk is done; whether another one follows at once. This poll counts now: behind it the operation goes on, not back.
    func next(_ machine: inout Machine) -> Bool {
        machine.fuel &-= 1
        if machine.fuel >= 0 { return true }
        machine.fuel &-= 1
        return false
    }

    // MARK: memory

    private mutating func memoryFill(_ machine: inout Machine, _ cell: Int) -> OperationResult {
        let fp = machine.fp
        guard let memory = currentMemory(machine) else { return .trap(.unreachable) }
        guard contains(memory, fp[cell], fp[cell &+ 2]) else { return .trap(.outOfBoundsMemoryAccess) }
        let value = UInt8(truncatingIfNeeded: fp[cell &+ 1])
        // Zeros where nothing was ever touched are there already; anything else is committed whole, before the first byte.
        if value == 0 && !isInAppHeap(memory, fp[cell], fp[cell &+ 2]) { skipUntouched(memory, fp, cell) }
        guard commit(memory, fp[cell], fp[cell &+ 2]) else { return .trap(.memoryExhausted) }
        enterMemory(&machine)
        while fp[cell &+ 2] > 0 {
            let count = min(fp[cell &+ 2], Engine.chunk)
            guard let place = unsafe place(memory, fp[cell], count) else { return .trap(.memoryExhausted) }
            // Safety: inside the window.
            unsafe place.initializeMemory(as: UInt8.self, repeating: value, count: Int(count))
            fp[cell] = fp[cell] &+ count
            fp[cell &+ 2] = fp[cell &+ 2] &- count
            if fp[cell &+ 2] > 0 && !next(&machine) { return .poll }
        }
        return .done
    }

    /// Cuts the parts of a fill with zeros that lie outside the window off its ends.
    private func skipUntouched(_ memory: MemoryWords, _ fp: Cells, _ cell: Int) {
        let start = UInt64(fp[cell])
        let end = start + UInt64(fp[cell &+ 2])
        let low = memory.window.isNone ? 0 : UInt64(memory.low)
        let high = memory.window.isNone ? 0 : low + UInt64(memory.length)
        let from = max(start, min(low, end))
        let to = max(from, min(end, high))
        fp[cell] = UInt32(truncatingIfNeeded: from)
        fp[cell &+ 2] = UInt32(truncatingIfNeeded: to &- from)
    }

    private mutating func memoryCopy(_ machine: inout Machine, _ cell: Int) -> OperationResult {
        let fp = machine.fp
        guard let memory = currentMemory(machine) else { return .trap(.unreachable) }
        guard contains(memory, fp[cell], fp[cell &+ 2]), contains(memory, fp[cell &+ 1], fp[cell &+ 2]) else { return .trap(.outOfBoundsMemoryAccess) }
        // Both ends are committed: a copy is written whole or not at all.
        guard commit(memory, fp[cell], fp[cell &+ 2]), commit(memory, fp[cell &+ 1], fp[cell &+ 2]) else { return .trap(.memoryExhausted) }
        enterMemory(&machine)
        while fp[cell &+ 2] > 0 {
            let left = fp[cell &+ 2]
            let count = min(left, Engine.chunk)
            // Downward if the destination lies above the source, from the end: what is still to be read is not overwritten.
            let isDownward = fp[cell] > fp[cell &+ 1]
            let skip = isDownward ? left &- count : 0
            guard let to = unsafe place(memory, fp[cell] &+ skip, count), let from = unsafe place(memory, fp[cell &+ 1] &+ skip, count) else { return .trap(.memoryExhausted) }
            // Safety: both inside the window; the ranges may overlap.
            unsafe to.copyMemory(from: from, byteCount: Int(count))
            if !isDownward {
                fp[cell] = fp[cell] &+ count
                fp[cell &+ 1] = fp[cell &+ 1] &+ count
            }
            fp[cell &+ 2] = left &- count
            if fp[cell &+ 2] > 0 && !next(&machine) { return .poll }
        }
        return .done
    }
}
