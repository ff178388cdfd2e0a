// Floats in cells, and the float instructions of the second page: what the trait FloatingPoint adds to the interpreter.
#if FloatingPoint

import FloatMath
import RegisterCode
import WasmFormat

extension Cells {
    @inline(__always) func f32(_ cell: Int) -> Float { Float(bitPattern: self[cell]) }
    @inline(__always) func setF32(_ cell: Int, _ value: Float) { self[cell] = value.bitPattern }
    @inline(__always) func f64(_ cell: Int) -> Double { Double(bitPattern: i64(cell)) }
    @inline(__always) func setF64(_ cell: Int, _ value: Double) { setI64(cell, value.bitPattern) }
}

/// The float instructions of the second page, all but the four operations in integer code: bit for bit the same on every core.
@inline(never)
func floating(_ sub: ExtendedOp, _ w: Word, _ fp: Cells) -> UInt32 {
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
#endif
