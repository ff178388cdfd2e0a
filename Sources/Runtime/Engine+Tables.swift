// Tables: access, growth, filling and copying, 64 elements a poll.

import MemoryPool
import RegisterCode
import WasmFormat

extension Engine {
    /// Elements that a poll stands for.
    private static var chunkElements: UInt32 { chunk / 4 }

    func tableAccess(_ machine: inout Machine, _ w: Word) -> OperationResult {
        let table = table(currentInstance(machine), UInt32(w.c))
        let index = machine.fp[w.b]
        guard index < table.size else { return .trap(.outOfBoundsTableAccess) }
        let elements = elements(of: table)
        let cells = unsafe withUnsafeMutablePointer(to: &machine) { unsafe ReferenceCells($0) }
        if w.op == .tableGet { cells[w.a] = elements[index] } else { elements[index] = cells[w.a] }
        return .done
    }

    /// The new elements become the table's as they are filled, so that a pause shows none that is not.
    mutating func tableGrow(_ machine: inout Machine, _ w: Word) -> OperationResult {
        let table = table(currentInstance(machine), UInt32(w.c))
        if machine.progress.stage == .new {
            machine.progress.stage = .entries
            machine.progress.position = table.size
            machine.progress.entries = machine.fp[w.b]
        }
        let left = machine.progress.entries
        guard left <= table.maximum &- table.size, left <= TableWords.most &- table.size, makeRoom(in: table, for: left, &machine) else {
            machine.fp[w.b] = .max
            return .done
        }
        // A table that moved is paid for before it is filled. As in `next`: the instruction is executed again.
        if machine.fuel < 0 {
            machine.fuel &-= 1
            return .poll
        }
        let value = unsafe withUnsafeMutablePointer(to: &machine) { unsafe ReferenceCells($0) }[w.a]
        while machine.progress.entries > 0 {
            let count = min(machine.progress.entries, Engine.chunkElements)
            let elements = heap.regions.words(at: table.elements.advanced(byWords: table.size), count: count)
            for i in 0..<count { elements[i] = value }
            table.size = table.size &+ count
            machine.progress.entries &-= count
            if machine.progress.entries > 0 && !next(&machine) { return .poll }
        }
        machine.fp[w.b] = machine.progress.position
        enterTable(&machine)
        return .done
    }

    /// Makes room for so many more elements, and counts the polls if that moves those it has; false if the pool has no room. What lay in the
    /// instance's block moves into a block of its own, where it can grow in place.
    private mutating func makeRoom(in table: TableWords, for count: UInt32, _ machine: inout Machine) -> Bool {
        guard count > 0 else { return true }
        let old = table.size
        let hasOwnBlock = hasOwnBlock(table)
        if hasOwnBlock && heap.resize(table.elements, to: (old &+ count) &* 4) { return true }
        guard let larger = heap.allocate((old &+ count) &* 4, for: .runtimeStructures) else { return false }
        let to = heap.regions.words(larger)
        let from = elements(of: table)
        for i in 0..<old { to[i] = from[i] }
        if hasOwnBlock { heap.free(table.elements) }
        machine.fuel &-= Int32(truncatingIfNeeded: old / Engine.chunkElements)
        table.elements = larger
        return true
    }

    func tableFill(_ machine: inout Machine, _ w: Word) -> OperationResult {
        let fp = machine.fp
        let table = table(currentInstance(machine), UInt32(w.c))
        guard UInt64(fp[w.b]) + UInt64(fp[w.b &+ 1]) <= UInt64(table.size) else { return .trap(.outOfBoundsTableAccess) }
        let value = unsafe withUnsafeMutablePointer(to: &machine) { unsafe ReferenceCells($0) }[w.a]
        while fp[w.b &+ 1] > 0 {
            let count = min(fp[w.b &+ 1], Engine.chunkElements)
            let elements = elements(of: table)
            for i in 0..<count { elements[fp[w.b] &+ i] = value }
            fp[w.b] = fp[w.b] &+ count
            fp[w.b &+ 1] = fp[w.b &+ 1] &- count
            if fp[w.b &+ 1] > 0 && !next(&machine) { return .poll }
        }
        return .done
    }

    func tableCopy(_ machine: inout Machine, _ w: Word) -> OperationResult {
        let fp = machine.fp
        let block = currentInstance(machine)
        let to = table(block, UInt32(w.b))
        let from = table(block, UInt32(w.c))
        let cell = w.a
        guard UInt64(fp[cell]) + UInt64(fp[cell &+ 2]) <= UInt64(to.size), UInt64(fp[cell &+ 1]) + UInt64(fp[cell &+ 2]) <= UInt64(from.size) else {
            return .trap(.outOfBoundsTableAccess)
        }
        while fp[cell &+ 2] > 0 {
            let left = fp[cell &+ 2]
            let count = min(left, Engine.chunkElements)
            let target = elements(of: to)
            let source = elements(of: from)
            if fp[cell] > fp[cell &+ 1] {
                var i = left
                while i > left &- count {
                    i &-= 1
                    target[fp[cell] &+ i] = source[fp[cell &+ 1] &+ i]
                }
            } else {
                for i in 0..<count { target[fp[cell] &+ i] = source[fp[cell &+ 1] &+ i] }
                fp[cell] = fp[cell] &+ count
                fp[cell &+ 1] = fp[cell &+ 1] &+ count
            }
            fp[cell &+ 2] = left &- count
            if fp[cell &+ 2] > 0 && !next(&machine) { return .poll }
        }
        return .done
    }
}
