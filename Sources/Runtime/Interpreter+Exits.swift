// The ways out of the loop, each a function of its own: a constant returned from an arm would be hoisted into every dispatch.

import RegisterCode
import WasmFormat

/// Keeps what the loop held in registers; kp and csp are always in the machine. `pc` stands behind the instruction.
@inline(__always)
private func keep(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) {
    // Safety: `m` is the variable of whoever runs the loop.
    unsafe m.pointee.pc = pc.advanced(by: -1)
    unsafe m.pointee.fp = fp
    unsafe m.pointee.fuel = Int32(bitPattern: fuel)
}

@inline(never) func leaveFinished(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) -> Exit {
    unsafe keep(m, pc, fp, fuel)
    return .finished
}
@inline(never) func leaveCrossReturn(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) -> Exit {
    unsafe keep(m, pc, fp, fuel)
    return .crossReturn
}
@inline(never) func leavePoll(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) -> Exit {
    unsafe keep(m, pc, fp, fuel)
    return .poll
}
/// After `callImported`.
@inline(never) func leaveImport(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32, _ status: UInt32) -> Exit {
    let w = pc.advanced(by: -1).word
    let target = unsafe Reference(bits: m.pointee.imports[Int(w.imm16)])
    guard target.isHostFunction else {
        unsafe keep(m, pc, fp, fuel)
        return .callImport
    }
    unsafe m.pointee.hostFunction = target.function
    guard status == statusUnknownThunk else { return .hostAnswered }
    unsafe keep(m, pc.advanced(by: 1), fp, fuel &- 1)
    unsafe m.pointee.hostCall.unsafelyUnwrapped.pointee.window = fp.advanced(by: w.a)
    return .hostCall
}
@inline(never) func leaveIndirect(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) -> Exit {
    unsafe keep(m, pc, fp, fuel)
    return .callIndirect
}
@inline(never) func leaveMemory(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) -> Exit {
    unsafe keep(m, pc, fp, fuel)
    return .memory
}

/// The result of an out-of-line instruction that is not done: a trap's number, or one of these.
let statusOperation: UInt32 = 0x100
let statusCallIndirect: UInt32 = 0x101

@inline(never) func leaveStatus(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32, _ status: UInt32) -> Exit {
    if status < 0x100 { return unsafe leaveTrap(m, pc, fp, fuel, status) }
    unsafe keep(m, pc, fp, fuel)
    return status == statusOperation ? .operation : .callIndirect
}
@inline(never) func leaveTrap(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32, _ trap: UInt32) -> Exit {
    unsafe keep(m, pc, fp, fuel)
    unsafe m.pointee.trap = Trap(rawValue: UInt8(truncatingIfNeeded: trap)) ?? .unreachable
    return .trapped
}
@inline(never) func trapUnreachable(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) -> Exit {
    unsafe leaveTrap(m, pc, fp, fuel, UInt32(Trap.unreachable.rawValue))
}
@inline(never) func trapStack(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) -> Exit {
    unsafe leaveTrap(m, pc, fp, fuel, UInt32(Trap.callStackExhausted.rawValue))
}
@inline(never) func trapDivideByZero(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) -> Exit {
    unsafe leaveTrap(m, pc, fp, fuel, UInt32(Trap.integerDivideByZero.rawValue))
}
@inline(never) func trapOverflow(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) -> Exit {
    unsafe leaveTrap(m, pc, fp, fuel, UInt32(Trap.integerOverflow.rawValue))
}
@inline(never) func trapUndefinedElement(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) -> Exit {
    unsafe leaveTrap(m, pc, fp, fuel, UInt32(Trap.undefinedElement.rawValue))
}
@inline(never) func trapSignature(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) -> Exit {
    unsafe leaveTrap(m, pc, fp, fuel, UInt32(Trap.indirectCallTypeMismatch.rawValue))
}
