// A call of an imported host function, made from the loop: its frame stays, and where nothing moved it goes on at once.

import RegisterCode
import WasmFormat

/// The import is a function of another instance, or one of the host's that must be looked up first.
let statusUnknownThunk: UInt32 = 0x1_0000

/// Calls the host function that the instruction before `pc` names. 0: it has answered; else the loop is left: to a call between instances, to look
/// the function up, or because the answer is a trap, is pending, or memory may lie elsewhere now.
///
/// In line: 20 instructions there and back count where the whole call takes 60.
@inline(__always)
func callImported(_ m: UnsafeMutablePointer<Machine>, _ pc: CodePointer, _ fp: Cells, _ fuel: UInt32) -> UInt32 {
    // Safety: `m` is the variable of whoever runs the loop; the import's index was checked when the call was translated. The host call is there in every run.
    let w = pc.advanced(by: -1).word
    let target = unsafe Reference(bits: m.pointee.imports[Int(w.imm16)])
    let call = unsafe m.pointee.hostCall.unsafelyUnwrapped
    let slot = unsafe HostCall.slot(call, target)
    guard unsafe slot[0] == UInt(target.bits) else { return statusUnknownThunk }
    unsafe m.pointee.pc = pc
    unsafe m.pointee.fp = fp
    unsafe m.pointee.fuel = Int32(bitPattern: fuel)
    unsafe call.pointee.window = fp.advanced(by: w.a)
    unsafe unsafeBitCast(slot[4], to: HostFunction.Thunk.self)(UnsafeMutableRawPointer(call))
    return unsafe call.pointee.ending
}
