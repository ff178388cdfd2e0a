// `memory.init` and `table.init`: segments are read where they lie, so the way to one leads past all that come before it.
//
//     │ sections … │ segments … │ entries, of an element segment … │ what is copied │
//
// Nothing is kept in RAM of a segment but whether it was dropped; what is read on the way is counted in polls, like what is copied.

import Image
import MemoryPool
import RegisterCode
import WasmFormat

/// How far the instruction at pc has come, where its cells do not tell. All zero between instructions; a part of a run's state.
///
/// Beside the frame: whatever a cell holds, only bytes that validation has seen as a segment are taken for one.
struct BulkProgress {
    enum Stage: UInt8 { case new, sections, segments, entries }
    var stage = Stage.new
    /// Whether the entries that are skipped are constant expressions.
    var areExpressions = false
    /// Where to read on in the module; for `table.grow` the table's old size.
    var position: UInt32 = 0
    /// Segments to skip, then entries: of the last of these, or of the segment that is wanted.
    var segments: UInt32 = 0
    var entries: UInt32 = 0
}

extension Engine {
    private static var elementSection: UInt8 { 9 }
    private static var dataSection: UInt8 { 11 }
    /// Behind magic number and version.
    private static var firstSection: UInt32 { 8 }

    // MARK: the way to a segment

    private func begin(_ machine: inout Machine, segment: UInt32) {
        guard machine.progress.stage == .new else { return }
        machine.progress.stage = .sections
        machine.progress.position = Engine.firstSection
        machine.progress.segments = segment
    }

    /// Counts what was read since `start`: 256 bytes, or 64 segments or entries, are a poll. False if that must be made first.
    private func count(_ machine: inout Machine, _ work: inout UInt32, _ reader: borrowing ByteReader, since start: UInt32) -> Bool {
        work &+= max(4, reader.offset &- start)
        guard work >= Engine.chunk else { return true }
        work = 0
        machine.progress.position = reader.offset
        return next(&machine)
    }

    /// Goes on to where there is nothing left to skip; false if a poll must be made first.
    @_lifetime(reader: copy reader)
    private func walk(_ machine: inout Machine, to section: UInt8, _ reader: inout ByteReader) throws(LoadError) -> Bool {
        var work: UInt32 = 0
        while machine.progress.stage == .sections {
            let start = reader.offset
            let id = try reader.byte()
            let size = try reader.u32()
            if id == section {
                _ = try reader.u32()        // how many there are
                machine.progress.stage = .segments
            } else {
                try reader.skip(size)
                // What is skipped by its length costs nothing.
                guard count(&machine, &work, reader, since: start &+ size) else { return false }
            }
        }
        while true {
            var start = reader.offset
            if machine.progress.entries > 0 {
                machine.progress.entries &-= 1
                if machine.progress.areExpressions { try reader.skipConstantExpression() } else { _ = try reader.u32() }
            } else if machine.progress.segments > 0 {
                machine.progress.segments &-= 1
                if section == Engine.dataSection {
                    start &+= try DataSegment(from: &reader).contents.count
                } else {
                    let segment = try ElementSegment(headFrom: &reader)
                    machine.progress.entries = segment.count
                    machine.progress.areExpressions = segment.itemsAreExpressions
                }
            } else {
                return true
            }
            guard count(&machine, &work, reader, since: start) else { return false }
        }
    }

    // MARK: memory.init

    mutating func memoryInit(_ machine: inout Machine, _ cell: Int) -> OperationResult {
        let fp = machine.fp
        guard let memory = currentMemory(machine) else { return .trap(.unreachable) }
        let block = currentInstance(machine)
        let code = moduleBlock(block.module)
        let bytes = bytes(of: code)
        if machine.progress.stage != .entries {
            let number = fp[cell &+ 3] & 0xffff
            var contents = ByteRange(offset: 0, count: 0)       // of a segment that was dropped
            if code.isImage {
                // What is in the cell is the image's own word: no more than a number.
                guard number < image(code).dataSegmentCount else { return .trap(.outOfBoundsMemoryAccess) }
                if !isDataDropped(fp[cell &+ 3] &>> 16, block, code) { contents = image(code).dataSegment(number, in: bytes) }
            } else if machine.progress.stage != .new || !isDataDropped(fp[cell &+ 3] &>> 16, block, code) {
                begin(&machine, segment: number)
                var reader = ByteReader(bytes, at: machine.progress.position)
                do throws(LoadError) {
                    guard try walk(&machine, to: Engine.dataSection, &reader) else { return .poll }
                    contents = try DataSegment(from: &reader).contents
                } catch {
                    preconditionFailure("module bytes changed")
                }
            }
            guard contains(memory, fp[cell], fp[cell &+ 2]),
                  UInt64(fp[cell &+ 1]) + UInt64(fp[cell &+ 2]) <= UInt64(contents.count) else { return .trap(.outOfBoundsMemoryAccess) }
            machine.progress.stage = .entries
            machine.progress.position = contents.offset &+ fp[cell &+ 1]
        }
        guard commit(memory, fp[cell], fp[cell &+ 2]) else { return .trap(.memoryExhausted) }
        enterMemory(&machine)
        while fp[cell &+ 2] > 0 {
            let part = min(fp[cell &+ 2], Engine.chunk)
            if let trap = copy(ByteRange(offset: machine.progress.position, count: part), bytes, to: memory, at: fp[cell]) { return .trap(trap) }
            machine.progress.position &+= part
            fp[cell] = fp[cell] &+ part
            fp[cell &+ 2] = fp[cell &+ 2] &- part
            if fp[cell &+ 2] > 0 && !next(&machine) { return .poll }
        }
        return .done
    }

    // MARK: table.init

    func tableInit(_ machine: inout Machine, _ w: Word) -> OperationResult {
        let fp = machine.fp
        let cell = w.a
        let block = currentInstance(machine)
        let code = moduleBlock(block.module)
        let table = table(block, UInt32(w.b))
        let number = fp[cell &+ 3] & 0xffff
        guard UInt64(fp[cell]) + UInt64(fp[cell &+ 2]) <= UInt64(table.size) else { return .trap(.outOfBoundsTableAccess) }
        if machine.progress.stage == .new && areElementsDropped(fp[cell &+ 3] &>> 16, block, code) {
            return fp[cell &+ 1] == 0 && fp[cell &+ 2] == 0 ? .done : .trap(.outOfBoundsTableAccess)
        }
        if code.isImage { return tableInit(&machine, cell, table, number, block, code) }
        begin(&machine, segment: number)
        var reader = ByteReader(bytes(of: code), at: machine.progress.position)
        do throws(LoadError) {
            guard try walk(&machine, to: Engine.elementSection, &reader) else { return .poll }
            if machine.progress.stage != .entries {
                let segment = try ElementSegment(headFrom: &reader)
                guard UInt64(fp[cell &+ 1]) + UInt64(fp[cell &+ 2]) <= UInt64(segment.count) else { return .trap(.outOfBoundsTableAccess) }
                machine.progress.stage = .entries
                machine.progress.position = reader.offset
                machine.progress.areExpressions = segment.itemsAreExpressions
                if fp[cell &+ 2] > 0 { machine.progress.entries = fp[cell &+ 1] }
                guard try walk(&machine, to: Engine.elementSection, &reader) else { return .poll }
            }
            var work: UInt32 = 0
            let elements = elements(of: table)
            let constants = constants(of: block)
            while fp[cell &+ 2] > 0 {
                let start = reader.offset
                elements[fp[cell]] = try reader.element(areExpressions: machine.progress.areExpressions, constants)
                fp[cell] = fp[cell] &+ 1
                fp[cell &+ 2] = fp[cell &+ 2] &- 1
                if fp[cell &+ 2] > 0 && !count(&machine, &work, reader, since: start) { return .poll }
            }
        } catch {
            preconditionFailure("module bytes changed")
        }
        return .done
    }

    /// The same from an image, whose segments and entries are found at once.
    private func tableInit(_ machine: inout Machine, _ cell: Int, _ table: TableWords, _ number: UInt32, _ block: InstanceBlock, _ code: ModuleBlock) -> OperationResult {
        let fp = machine.fp
        let image = image(code)
        guard number < image.elementSegmentCount, let items = image.elements(ofSegment: number, from: fp[cell &+ 1], count: fp[cell &+ 2], in: bytes(of: code)) else {
            return .trap(.outOfBoundsTableAccess)
        }
        let elements = elements(of: table)
        let constants = constants(of: block)
        var item = items
        while fp[cell &+ 2] > 0 {
            let part = min(fp[cell &+ 2], Engine.chunk / 4)
            for i in 0..<part { elements[fp[cell] &+ i] = constants.element(image[item &+ i]) }
            item &+= part
            fp[cell] = fp[cell] &+ part
            fp[cell &+ 1] = fp[cell &+ 1] &+ part
            fp[cell &+ 2] = fp[cell &+ 2] &- part
            if fp[cell &+ 2] > 0 && !next(&machine) { return .poll }
        }
        return .done
    }

    // MARK: dropped segments, by their passive numbers; those that are not passive have been from the start

    private func areElementsDropped(_ number: UInt32, _ block: InstanceBlock, _ code: ModuleBlock) -> Bool {
        number >= code.passiveElements || block.isDropped(number)
    }
    private func isDataDropped(_ number: UInt32, _ block: InstanceBlock, _ code: ModuleBlock) -> Bool {
        number >= code.passiveData || block.isDropped(code.passiveElements &+ number)
    }
    func dropElements(_ number: UInt32, of block: InstanceBlock) {
        if number < moduleBlock(block.module).passiveElements { block.setDropped(number) }
    }
    func dropData(_ number: UInt32, of block: InstanceBlock) {
        let code = moduleBlock(block.module)
        if number < code.passiveData { block.setDropped(code.passiveElements &+ number) }
    }

}

extension ByteReader {
    /// The next entry of an element segment, as tables hold it.
    @_lifetime(self: copy self)
    mutating func element(areExpressions: Bool, _ constants: InstanceConstants) throws(LoadError) -> UInt32 {
        let value = areExpressions ? try ConstantExpression.value(&self, isPacked: false, from: constants) : constants.reference(to: FunctionIndex(try u32()))
        return UInt32(truncatingIfNeeded: value)
    }
}
