// The second page: what needs nothing but the frame is done here; what can move memory or pause is left to the runtime.

import FloatMath
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
    default: return floating(sub, w, fp)
    }
    return 0
}

/// The float instructions of the second page, all but the four operations in integer code: bit for bit the same on every core.
@inline(never)
private func floating(_ sub: ExtendedOp, _ w: Word, _ fp: Cells) -> UInt32 {
    switch sub {
    case .f32Abs: fp[w.b] = fp[w.c] & 0x7fff_ffff
    case .f32Neg: fp[w.b] = fp[w.c] ^ 0x8000_0000
    case .f32Ceil: fp[w.b] = FloatMath.round(fp[w.c], .ceil)
    case .f32Floor: fp[w.b] = FloatMath.round(fp[w.c], .floor)
    case .f32Trunc: fp[w.b] = FloatMath.round(fp[w.c], .trunc)
    case .f32Nearest: fp[w.b] = FloatMath.round(fp[w.c], .nearest)
    case .f32Sqrt: fp[w.b] = FloatMath.sqrt(fp[w.c])
    case .f32Min: fp[w.b] = FloatMath.min(fp[w.b], fp[w.c])
    case .f32Max: fp[w.b] = FloatMath.max(fp[w.b], fp[w.c])
    case .f32Copysign: fp[w.b] = fp[w.b] & 0x7fff_ffff | fp[w.c] & 0x8000_0000
    case .f64Abs:
        let high = fp[w.c &+ 1]
        fp[w.b] = fp[w.c]
        fp[w.b &+ 1] = high & 0x7fff_ffff
    case .f64Neg:
        let high = fp[w.c &+ 1]
        fp[w.b] = fp[w.c]
        fp[w.b &+ 1] = high ^ 0x8000_0000
    case .f64Ceil: fp.setI64(w.b, FloatMath.round(fp.i64(w.c), .ceil))
    case .f64Floor: fp.setI64(w.b, FloatMath.round(fp.i64(w.c), .floor))
    case .f64Trunc: fp.setI64(w.b, FloatMath.round(fp.i64(w.c), .trunc))
    case .f64Nearest: fp.setI64(w.b, FloatMath.round(fp.i64(w.c), .nearest))
    case .f64Sqrt: fp.setI64(w.b, FloatMath.sqrt(fp.i64(w.c)))
    case .f64Min: fp.setI64(w.b, FloatMath.min(fp.i64(w.b), fp.i64(w.c)))
    case .f64Max: fp.setI64(w.b, FloatMath.max(fp.i64(w.b), fp.i64(w.c)))
    case .f64Copysign: fp[w.b &+ 1] = fp[w.b &+ 1] & 0x7fff_ffff | fp[w.c &+ 1] & 0x8000_0000
    case .i32TruncF32S: return narrow(fp, w, FloatMath.truncate(fp[w.c], to: .i32))
    case .i32TruncF32U: return narrow(fp, w, FloatMath.truncate(fp[w.c], to: .u32))
    case .i32TruncF64S: return narrow(fp, w, FloatMath.truncate(fp.i64(w.c), to: .i32))
    case .i32TruncF64U: return narrow(fp, w, FloatMath.truncate(fp.i64(w.c), to: .u32))
    case .i64TruncF32S: return wide(fp, w, FloatMath.truncate(fp[w.c], to: .i64))
    case .i64TruncF32U: return wide(fp, w, FloatMath.truncate(fp[w.c], to: .u64))
    case .i64TruncF64S: return wide(fp, w, FloatMath.truncate(fp.i64(w.c), to: .i64))
    case .i64TruncF64U: return wide(fp, w, FloatMath.truncate(fp.i64(w.c), to: .u64))
    case .i32TruncSatF32S: fp[w.b] = UInt32(truncatingIfNeeded: FloatMath.truncateSaturating(fp[w.c], to: .i32))
    case .i32TruncSatF32U: fp[w.b] = UInt32(truncatingIfNeeded: FloatMath.truncateSaturating(fp[w.c], to: .u32))
    case .i32TruncSatF64S: fp[w.b] = UInt32(truncatingIfNeeded: FloatMath.truncateSaturating(fp.i64(w.c), to: .i32))
    case .i32TruncSatF64U: fp[w.b] = UInt32(truncatingIfNeeded: FloatMath.truncateSaturating(fp.i64(w.c), to: .u32))
    case .i64TruncSatF32S: fp.setI64(w.b, FloatMath.truncateSaturating(fp[w.c], to: .i64))
    case .i64TruncSatF32U: fp.setI64(w.b, FloatMath.truncateSaturating(fp[w.c], to: .u64))
    case .i64TruncSatF64S: fp.setI64(w.b, FloatMath.truncateSaturating(fp.i64(w.c), to: .i64))
    case .i64TruncSatF64U: fp.setI64(w.b, FloatMath.truncateSaturating(fp.i64(w.c), to: .u64))
    case .f32ConvertI32S: fp[w.b] = FloatMath.f32(Int32(bitPattern: fp[w.c]))
    case .f32ConvertI32U: fp[w.b] = FloatMath.f32(fp[w.c])
    case .f32ConvertI64S: fp[w.b] = FloatMath.f32(Int64(bitPattern: fp.i64(w.c)))
    case .f32ConvertI64U: fp[w.b] = FloatMath.f32(fp.i64(w.c))
    case .f64ConvertI32S: fp.setI64(w.b, FloatMath.f64(Int32(bitPattern: fp[w.c])))
    case .f64ConvertI32U: fp.setI64(w.b, FloatMath.f64(fp[w.c]))
    case .f64ConvertI64S: fp.setI64(w.b, FloatMath.f64(Int64(bitPattern: fp.i64(w.c))))
    case .f64ConvertI64U: fp.setI64(w.b, FloatMath.f64(fp.i64(w.c)))
    case .f32DemoteF64: fp[w.b] = FloatMath.demote(fp.i64(w.c))
    case .f64PromoteF32: fp.setI64(w.b, FloatMath.promote(fp[w.c]))
    default: return UInt32(Trap.unreachable.rawValue)
    }
    return 0
}

private func narrow(_ fp: Cells, _ w: Word, _ result: FloatMath.Truncation) -> UInt32 {
    switch result {
    case .value(let value): fp[w.b] = UInt32(truncatingIfNeeded: value)
    case .invalid: return UInt32(Trap.invalidConversionToInteger.rawValue)
    case .overflow: return UInt32(Trap.integerOverflow.rawValue)
    }
    return 0
}

private func wide(_ fp: Cells, _ w: Word, _ result: FloatMath.Truncation) -> UInt32 {
    switch result {
    case .value(let value): fp.setI64(w.b, value)
    case .invalid: return UInt32(Trap.invalidConversionToInteger.rawValue)
    case .overflow: return UInt32(Trap.integerOverflow.rawValue)
    }
    return 0
}
