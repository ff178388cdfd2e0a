// The second page: what needs nothing but the frame is done here; what can move memory or pause is left to the runtime.

import RegisterCode
import WasmFormat

/// Executes one second-page instruction. 0: done. Else a trap's number, or a status (`Interpreter+Exits.swift`).
@inline(never)
func extended(_ m: UnsafeMutablePointer<Machine>, _ w: Word, _ fp: Cells) -> UInt32 {
    guard let sub = w.extendedOp else { return UInt32(Trap.unreachable.rawValue) }
    switch sub {
    case .memorySize, .memoryGrow, .memoryFill, .memoryCopy, .memoryInit, .dataDrop, .elementDrop, .tableSize: return statusOperation
    case .addressAdd:
        let (sum, carry) = fp[w.b].addingReportingOverflow(fp[w.c])
        if carry { return UInt32(Trap.outOfBoundsMemoryAccess.rawValue) }
        fp[w.b] = sum
    case .callIndirectWide: return statusCallIndirect
    case .refNull, .refMove, .refIsNull, .leaveReferences, .refArguments, .refResults, .refSelZ: unsafe moveReferences(m, sub, w, fp)
    case .i64Clz: fp.setI64(w.b, UInt64(truncatingIfNeeded: fp[w.c &+ 1] == 0 ? 32 &+ fp[w.c].leadingZeroBitCount : fp[w.c &+ 1].leadingZeroBitCount))
    case .i64Ctz: fp.setI64(w.b, UInt64(truncatingIfNeeded: fp[w.c] == 0 ? 32 &+ fp[w.c &+ 1].trailingZeroBitCount : fp[w.c].trailingZeroBitCount))
    case .i64Popcnt: fp.setI64(w.b, UInt64(bitCount(fp[w.c]) &+ bitCount(fp[w.c &+ 1])))
    case .i64Extend8S: fp.setI64(w.b, UInt64(bitPattern: Int64(Int8(truncatingIfNeeded: fp[w.c]))))
    case .i64Extend16S: fp.setI64(w.b, UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: fp[w.c]))))
    case .count: unsafe m.pointee.instructionCount &+= UInt64(w.imm16)
    #if FloatingPoint
    default: return floating(sub, w, fp)
    #else
    default: return UInt32(Trap.unreachable.rawValue)
    #endif
    }
    return 0
}
