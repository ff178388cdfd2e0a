// Loads and stores that are not inside the window: in the app heap, out of bounds, never touched, or at its very end.

import RegisterCode
import WasmFormat

/// What a load or store does, read off its instruction.
private struct Access {
    var address: UInt64         // with the offset
    var bytes: UInt32
    var isStore: Bool
    var isSigned: Bool

    init?(_ w: Word, _ fp: Cells, _ kp: CodePointer) {
        isSigned = false
        // Only the forms that have a base cell may read it: in the last one its bits are part of the address.
        switch w.op {
        case .load32, .store32, .load8U, .store8, .load8S, .load16U, .load16S, .store16, .load64, .store64: address = UInt64(fp[w.b]) + UInt64(w.offset8)
        case .load32K, .store32K, .load8UK, .store8K, .load8SK, .load16UK, .load16SK, .store16K, .load64K, .store64K: address = UInt64(fp[w.b]) + UInt64(kp.constant(w.c))
        case .load32WI, .store32WI, .load8UWI, .store8WI: address = UInt64(fp[w.b] &+ UInt32(bitPattern: w.signedC))
        case .load32WK, .store32WK, .load8UWK, .store8WK: address = UInt64(fp[w.b] &+ kp.constant(w.c))
        case .load32X, .store32X, .load8UX, .store8X, .load8SX, .load16UX, .load16SX, .store16X, .load64X, .store64X: address = UInt64(fp[w.b] &+ fp[w.c])
        case .load32SK, .store32SK: address = UInt64(fp[w.b] &<< 2 &+ kp.constant(w.c))
        case .load32A, .store32A, .load8UA, .store8A: address = UInt64(w.imm16)
        default: return nil
        }
        switch w.op {
        case .load32, .load32K, .load32WI, .load32WK, .load32X, .load32SK, .load32A: (bytes, isStore) = (4, false)
        case .store32, .store32K, .store32WI, .store32WK, .store32X, .store32SK, .store32A: (bytes, isStore) = (4, true)
        case .load8U, .load8UK, .load8UWI, .load8UWK, .load8UX, .load8UA: (bytes, isStore) = (1, false)
        case .load8S, .load8SK, .load8SX: (bytes, isStore, isSigned) = (1, false, true)
        case .store8, .store8K, .store8WI, .store8WK, .store8X, .store8A: (bytes, isStore) = (1, true)
        case .load16U, .load16UK, .load16UX: (bytes, isStore) = (2, false)
        case .load16S, .load16SK, .load16SX: (bytes, isStore, isSigned) = (2, false, true)
        case .store16, .store16K, .store16X: (bytes, isStore) = (2, true)
        case .load64, .load64K, .load64X: (bytes, isStore) = (8, false)
        default: (bytes, isStore) = (8, true)
        }
    }
}

extension Engine {
    /// Does the load at pc, or commits the memory that the store at pc needs. Returns a trap if there is one.
    mutating func access(_ machine: inout Machine) -> Trap? {
        let w = machine.pc.word
        guard let access = Access(w, machine.fp, machine.kp), let memory = currentMemory(machine) else { return .outOfBoundsMemoryAccess }
        let address = UInt32(truncatingIfNeeded: access.address)
        guard access.address == UInt64(address), contains(memory, address, access.bytes) else { return .outOfBoundsMemoryAccess }
        if access.isStore, let place = unsafe placeInAppHeap(memory, address, access.bytes) {
            for i in 0..<access.bytes {
                let cell = machine.fp[i < 4 ? w.a : w.a &+ 1]
                // Safety: inside the app heap.
                unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: cell &>> (i & 3 &* 8)), toByteOffset: Int(i), as: UInt8.self)
            }
            machine.pc = machine.pc.advanced(by: 1)
            return nil
        }
        if access.isStore {
            // The instruction is executed again, and then finds its memory.
            guard commit(memory, address, access.bytes) else { return .memoryExhausted }
            enterMemory(&machine)
            return nil
        }
        var value: UInt64 = 0
        for i in 0..<access.bytes {
            value |= UInt64(read(memory, address &+ i)) &<< UInt64(i &* 8)
        }
        if access.isSigned {
            let unused = 64 &- UInt64(access.bytes) &* 8
            value = UInt64(bitPattern: Int64(bitPattern: value &<< unused) &>> Int64(unused))
        }
        machine.fp[w.a] = UInt32(truncatingIfNeeded: value)
        if access.bytes == 8 { machine.fp[w.a &+ 1] = UInt32(truncatingIfNeeded: value &>> 32) }
        machine.pc = machine.pc.advanced(by: 1)
        return nil
    }
}
