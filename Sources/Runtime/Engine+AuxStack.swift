// The aux stack of an instance: found when it is made, watched while it runs.
//
// Only a frame that is opened or closed can overflow or underflow. The pointer is set to other places as well: by TinyGo's scheduler and coroutines, whose
// stacks lie in heap or data; by threads; by longjmp. So a set that leaves the stack is held against the old value of the pointer:
//
//     old        new                                                            then
//     ─────────  ────────────────────────────────────────────────────────────   ──────────────────────────────────────────────
//     any        inside [bottom, start]                                         set; lower than ever: the new peak
//     outside    outside                                                        set: another stack is in use, the check sleeps
//     inside     outside, old − n or old + n, as the code before says (with     overflow if taken off, underflow if added
//                wrap-around: below 0 lie the highest addresses)
//     inside     outside, any other number: beyond the declared memory          overflow if it went down, underflow if up
//     inside     outside, any other number: in the memory                       set: a switch of stacks

import Image
import MemoryPool
import RegisterCode
import WasmFormat

extension Engine {


    /// Behind imports and globals. A stack pointer that was imported from an instance with an aux stack shares that.
    @inline(__always)
    mutating func makeAuxStack(_ block: InstanceBlock, _ code: ModuleBlock, _ bytes: Span<UInt8>, _ summary: inout ModuleSummary, _ configuration: InstanceConfiguration) throws(LoadError) {
        guard let pointer = code.auxStackPointer else { return }
        if code.isImage && pointer.rawValue >= code.importedGlobals, let cell = code.auxStackCell, image(code).isPlainGlobal(cell) {
            let start = block.words[block.globals &+ cell]
            // A stack that does not lie in the memory is none; a wrong bottom harms nobody but the guest.
            if UInt64(start) <= memory(block).size { ownAuxStack(block).set(bottom: min(image(code)[ImageHeader.auxStackBottom], start) & ~15, start: start, isChecked: configuration.checksAuxStack) }
            return
        }
        let place = try globalPlace(block, pointer.rawValue).reference
        if pointer.rawValue < code.importedGlobals, let owner = auxStack(whosePointerLiesAt: place) { return ownAuxStack(block).set(owner: owner) }
        let start = heap.regions.words(at: place, count: 1)[0]
        guard UInt64(start) <= memory(block).size else { return }
        ownAuxStack(block).set(bottom: try AuxStack.bottom(ofStackAt: start, in: bytes, summary), start: start, isChecked: configuration.checksAuxStack)
    }

    /// The words of the instance whose own global lies there and is the pointer of its aux stack.
    private func auxStack(whosePointerLiesAt place: HeapReference) -> HeapReference? {
        for number in 1..<directoryCount &+ 1 {
            guard let block = find(number), let pointer = moduleBlock(block.module).auxStackPointer, !ownAuxStack(block).isImported, !ownAuxStack(block).isNone,
                (try? globalPlace(block, pointer.rawValue))?.reference == place
            else { continue }
            return auxStackReference(block)
        }
        return nil
    }

    func enterAuxStack(_ machine: inout Machine, _ block: InstanceBlock, _ code: ModuleBlock) {
        if let stack = auxStack(block, code) {
            machine.auxStack = stack
            machine.auxStackLowest = stack.lowest
            machine.auxStackSpan = stack.start &- stack.lowest
        } else {
            // The whole of memory.
            machine.auxStackLowest = 0
            machine.auxStackSpan = .max
        }
    }

    /// A set of the pointer from inside the stack to outside of it.
    func auxStackSet(_ machine: inout Machine, _ w: Word) -> OperationResult {
        let value = machine.fp[w.a]
        let pointer = unsafe withUnsafeMutablePointer(to: &machine) { unsafe w.op == .auxStackSet ? $0.pointee.globals.advanced(by: Int(w.imm16)) : importedGlobal($0, w) }
        let old = pointer[0]
        if machine.auxStack.isChecked {
            if let isTaken = frame(machine, w.a, from: old, to: value) { return .trap(isTaken ? .auxStackOverflow : .auxStackUnderflow) }
            if let memory = currentMemory(machine), UInt64(value) > memory.size {
                return .trap(Int32(bitPattern: value &- old) < 0 ? .auxStackOverflow : .auxStackUnderflow)
            }
        }
        pointer[0] = value
        return .done
    }

    /// Whether the code just before took (true) or gave (false) a frame to get from `old` to `value`, which is in a cell; nil: it did neither.
    ///
    ///     i32AddI value = x + n         i32AddK value = x + constant         i32Sub value = x − y
    ///     and, for a frame that is aligned further, i32AndI or i32AndK behind it
    ///
    /// What these give is held against the numbers: words that belong to something else cannot deceive it.
    private func frame(_ machine: borrowing Machine, _ cell: Int, from old: UInt32, to value: UInt32) -> Bool? {
        let fp = machine.fp
        var mask = UInt32.max
        var sought = cell
        for distance in 1...5 {
            guard machine.pc.distance(from: machine.kp) >= UInt32(distance) &* 4 else { return nil }
            let w = machine.pc.advanced(by: 0 &- distance).word
            guard w.a == sought else { continue }
            switch w.op {
            case .mov: sought = w.b
            case .i32AndI: (mask, sought) = (UInt32(bitPattern: w.signedC), w.b)
            case .i32AndK: (mask, sought) = (machine.kp.constant(w.c), w.b)
            case .i32AddI, .i32AddK:
                let change = w.op == .i32AddI ? UInt32(bitPattern: w.signedC) : machine.kp.constant(w.c)
                guard (old &+ change) & mask == value else { return nil }
                return Int32(bitPattern: change) < 0
            case .i32Sub:
                // The result may have taken the place of one of them.
                let isTaken = w.c == w.a ? fp[w.b] == old : (old &- fp[w.c]) & mask == value
                return isTaken ? true : nil
            default: return nil
            }
        }
        return nil
    }
}

// MARK: called by the loop

/// The pointer is set to a place that is lower than ever, or outside of the stack. 0: the loop sets it; else a status.
@inline(never)
func auxStackLeft(_ m: UnsafeMutablePointer<Machine>, _ w: Word, _ value: UInt32) -> UInt32 {
    // Safety: `m` is the variable of whoever runs the loop.
    unsafe watchAuxStack(m, m.pointee.globals[Int(w.imm16)], value)
}

/// Sets an imported pointer. 0: done; else a status.
@inline(never)
func setImportedAuxStack(_ m: UnsafeMutablePointer<Machine>, _ w: Word, _ fp: Cells) -> UInt32 {
    // Safety: as above.
    let pointer = unsafe importedGlobal(m, w)
    let value = fp[w.a]
    if unsafe value &- m.pointee.auxStackLowest > m.pointee.auxStackSpan {
        let status = unsafe watchAuxStack(m, pointer[0], value)
        if status != 0 { return status }
    }
    pointer[0] = value
    return 0
}

@inline(never)
private func watchAuxStack(_ m: UnsafeMutablePointer<Machine>, _ old: UInt32, _ value: UInt32) -> UInt32 {
    // Safety: as above.
    let stack = unsafe m.pointee.auxStack
    let size = stack.start &- stack.bottom
    if value &- stack.bottom <= size {
        stack.lowest = value
        unsafe m.pointee.auxStackLowest = value
        unsafe m.pointee.auxStackSpan = stack.start &- value
        return 0
    }
    return old &- stack.bottom > size ? 0 : statusOperation
}
