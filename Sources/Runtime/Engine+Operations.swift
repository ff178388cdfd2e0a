// Instructions that the loop leaves to the runtime: sizes, growth, bulk operations, tables.
//
// A bulk operation checks its whole range first and then works 256 bytes at a time, one poll each; its progress is in its
// cells, so that it can pause between any two of them and be executed again.

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
    private static var chunk: UInt32 { 256 }

    mutating func operation(_ machine: inout Machine) -> OperationResult {
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
        case .elementDrop: currentInstance(machine).setDropped(w.imm16)
        case .dataDrop:
            let block = currentInstance(machine)
            block.setDropped(moduleBlock(block.module).elementSegments &+ w.imm16)
        case .tableSize: fp[w.b] = table(currentInstance(machine), UInt32(w.c)).size
        default: return .trap(.unreachable)
        }
        return .done
    }

    /// A chunk is done; whether another one follows at once. This poll counts now: behind it the operation goes on, not back.
    private func next(_ machine: inout Machine) -> Bool {
        machine.fuel &-= 1
        if machine.fuel >= 0 { return true }
        machine.fuel &-= 1
        return false
    }

    // MARK: memory

    private mutating func memoryFill(_ machine: inout Machine, _ cell: Int) -> OperationResult {
        let fp = machine.fp
        guard let memory = currentMemory(machine) else { return .trap(.unreachable) }
        guard UInt64(fp[cell]) + UInt64(fp[cell &+ 2]) <= memory.size else { return .trap(.outOfBoundsMemoryAccess) }
        let value = UInt8(truncatingIfNeeded: fp[cell &+ 1])
        // Zeros where nothing was ever touched are there already; anything else is committed whole, before the first byte.
        if value == 0 { skipUntouched(memory, fp, cell) }
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
        let size = memory.size
        guard UInt64(fp[cell]) + UInt64(fp[cell &+ 2]) <= size, UInt64(fp[cell &+ 1]) + UInt64(fp[cell &+ 2]) <= size else { return .trap(.outOfBoundsMemoryAccess) }
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

    private mutating func memoryInit(_ machine: inout Machine, _ cell: Int) -> OperationResult {
        let fp = machine.fp
        guard let memory = currentMemory(machine) else { return .trap(.unreachable) }
        let block = currentInstance(machine)
        let code = moduleBlock(block.module)
        let number = fp[cell &+ 3]
        guard let contents = dataSegment(number, block, code) else { return .trap(.outOfBoundsMemoryAccess) }
        let count = fp[cell &+ 2]
        guard UInt64(fp[cell]) + UInt64(count) <= memory.size, UInt64(fp[cell &+ 1]) + UInt64(count) <= UInt64(contents.count) else { return .trap(.outOfBoundsMemoryAccess) }
        guard commit(memory, fp[cell], count) else { return .trap(.memoryExhausted) }
        enterMemory(&machine)
        let bytes = bytes(of: code)
        while fp[cell &+ 2] > 0 {
            let part = min(fp[cell &+ 2], Engine.chunk)
            let range = ByteRange(offset: contents.offset &+ fp[cell &+ 1], count: part)
            if let trap = copy(range, bytes, to: memory, at: fp[cell]) { return .trap(trap) }
            fp[cell] = fp[cell] &+ part
            fp[cell &+ 1] = fp[cell &+ 1] &+ part
            fp[cell &+ 2] = fp[cell &+ 2] &- part
            if fp[cell &+ 2] > 0 && !next(&machine) { return .poll }
        }
        return .done
    }

    /// The bytes of a data segment: none once it is dropped; nil if there is no such segment.
    private func dataSegment(_ number: UInt32, _ block: InstanceBlock, _ code: ModuleBlock) -> ByteRange? {
        guard number < code.dataSegments else { return nil }
        if block.isDropped(code.elementSegments &+ number) { return ByteRange(offset: 0, count: 0) }
        let bytes = bytes(of: code)
        guard let summary = try? ModuleScanner.scan(bytes) else { return nil }
        var segments = SectionReader<DataSegment>(summary.data, of: bytes)
        var i: UInt32 = 0
        while let segment = try? segments.next() {
            if i == number { return segment.contents }
            i &+= 1
        }
        return nil
    }

    // MARK: tables

    private func tableAccess(_ machine: inout Machine, _ w: Word) -> OperationResult {
        let table = table(currentInstance(machine), UInt32(w.c))
        let index = machine.fp[w.b]
        guard index < table.size else { return .trap(.outOfBoundsTableAccess) }
        let elements = heap.words(table.elements)
        let cells = unsafe withUnsafeMutablePointer(to: &machine) { unsafe ReferenceCells($0) }
        if w.op == .tableGet { cells[w.a] = elements[index] } else { elements[index] = cells[w.a] }
        return .done
    }

    private mutating func tableGrow(_ machine: inout Machine, _ w: Word) -> OperationResult {
        let table = table(currentInstance(machine), UInt32(w.c))
        let delta = machine.fp[w.b]
        let old = table.size
        let value = unsafe withUnsafeMutablePointer(to: &machine) { unsafe ReferenceCells($0) }[w.a]
        machine.fp[w.b] = .max
        guard delta <= table.maximum &- old, delta <= 0x0400_0000 &- old else { return .done }
        if delta > 0 {
            if table.elements.isNone || !heap.resize(table.elements, to: (old &+ delta) &* 4) {
                guard let larger = heap.allocate((old &+ delta) &* 4, for: .runtimeStructures) else { return .done }
                let to = heap.words(larger)
                if !table.elements.isNone {
                    let from = heap.words(table.elements)
                    for i in 0..<old { to[i] = from[i] }
                    heap.free(table.elements)
                }
                table.elements = larger
            }
            let elements = heap.words(table.elements)
            for i in old..<old &+ delta { elements[i] = value }
            table.size = old &+ delta
        }
        machine.fp[w.b] = old
        enterTable(&machine)
        return .done
    }

    private func tableFill(_ machine: inout Machine, _ w: Word) -> OperationResult {
        let fp = machine.fp
        let table = table(currentInstance(machine), UInt32(w.c))
        guard UInt64(fp[w.b]) + UInt64(fp[w.b &+ 1]) <= UInt64(table.size) else { return .trap(.outOfBoundsTableAccess) }
        let value = unsafe withUnsafeMutablePointer(to: &machine) { unsafe ReferenceCells($0) }[w.a]
        while fp[w.b &+ 1] > 0 {
            let count = min(fp[w.b &+ 1], Engine.chunk / 4)
            let elements = heap.words(table.elements)
            for i in 0..<count { elements[fp[w.b] &+ i] = value }
            fp[w.b] = fp[w.b] &+ count
            fp[w.b &+ 1] = fp[w.b &+ 1] &- count
            if fp[w.b &+ 1] > 0 && !next(&machine) { return .poll }
        }
        return .done
    }

    private func tableCopy(_ machine: inout Machine, _ w: Word) -> OperationResult {
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
            let count = min(left, Engine.chunk / 4)
            let target = heap.words(to.elements)
            let source = heap.words(from.elements)
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

    private func tableInit(_ machine: inout Machine, _ w: Word) -> OperationResult {
        let fp = machine.fp
        let block = currentInstance(machine)
        let code = moduleBlock(block.module)
        let cell = w.a
        let number = fp[cell &+ 3]
        guard number < code.elementSegments else { return .trap(.outOfBoundsTableAccess) }
        let table = table(block, UInt32(w.b))
        if block.isDropped(number) {
            // An empty segment: only ranges of nothing inside the table are in bounds.
            let isInside = fp[cell &+ 1] == 0 && fp[cell &+ 2] == 0 && fp[cell] <= table.size
            return isInside ? .done : .trap(.outOfBoundsTableAccess)
        }
        let bytes = bytes(of: code)
        do throws(LoadError) {
            let summary = try ModuleScanner.scan(bytes)
            var segments = SectionReader<ElementSegment>(summary.elements, of: bytes)
            var i: UInt32 = 0
            while let segment = try segments.next() {
                if i == number {
                    if let trap = try copy(segment, bytes, block, to: table, at: fp[cell], from: fp[cell &+ 1], count: fp[cell &+ 2]) { return .trap(trap) }
                    // Entries are read one after the other: the polls are counted afterwards, at most 65,536 for the largest segment.
                    machine.fuel &-= Int32(truncatingIfNeeded: fp[cell &+ 2] / 64)
                    fp[cell &+ 2] = 0
                    if machine.fuel >= 0 { return .done }
                    // The loop knows no fuel below zero. As in `next`: the instruction is executed again, and has nothing left to do.
                    machine.fuel &-= 1
                    return .poll
                }
                i &+= 1
            }
        } catch {
            preconditionFailure("module bytes changed")
        }
        return .trap(.outOfBoundsTableAccess)
    }
}
