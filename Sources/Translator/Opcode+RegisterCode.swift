// The numeric instructions that become one word without further thought: the join of the two opcode tables.

import RegisterCode
import WasmFormat

extension FunctionTranslator where Index: ~Copyable {
    static func plain(_ opcode: Opcode) -> Op? {
        switch opcode {
        case .i32DivS: .i32DivS
        case .i32DivU: .i32DivU
        case .i32RemS: .i32RemS
        case .i32RemU: .i32RemU
        case .i32Clz: .i32Clz
        case .i32Ctz: .i32Ctz
        case .i32Popcnt: .i32Popcnt
        case .i32Extend8S: .i32Extend8S
        case .i32Extend16S: .i32Extend16S
        case .i64DivS: .i64DivS
        case .i64DivU: .i64DivU
        case .i64RemS: .i64RemS
        case .i64RemU: .i64RemU
        case .i64ExtendI32S, .i64Extend32S: .i64ExtendS
        case .i64ExtendI32U: .i64ExtendU
        #if FloatingPoint
        case .f32Add: .f32Add
        case .f32Sub: .f32Sub
        case .f32Mul: .f32Mul
        case .f32Div: .f32Div
        case .f32Eq: .f32Eq
        case .f32Ne: .f32Ne
        case .f32Lt, .f32Gt: .f32Lt
        case .f32Le, .f32Ge: .f32Le
        case .f64Add: .f64Add
        case .f64Sub: .f64Sub
        case .f64Mul: .f64Mul
        case .f64Div: .f64Div
        case .f64Eq: .f64Eq
        case .f64Ne: .f64Ne
        case .f64Lt, .f64Gt: .f64Lt
        case .f64Le, .f64Ge: .f64Le
        #endif
        default: nil
        }
    }

    static func extended(_ opcode: Opcode) -> ExtendedOp? {
        switch opcode {
        case .i64Clz: .i64Clz
        case .i64Ctz: .i64Ctz
        case .i64Popcnt: .i64Popcnt
        case .i64Extend8S: .i64Extend8S
        case .i64Extend16S: .i64Extend16S
        #if FloatingPoint
        case .f32Abs: .f32Abs
        case .f32Neg: .f32Neg
        case .f32Ceil: .f32Ceil
        case .f32Floor: .f32Floor
        case .f32Trunc: .f32Trunc
        case .f32Nearest: .f32Nearest
        case .f32Sqrt: .f32Sqrt
        case .f64Abs: .f64Abs
        case .f64Neg: .f64Neg
        case .f64Ceil: .f64Ceil
        case .f64Floor: .f64Floor
        case .f64Trunc: .f64Trunc
        case .f64Nearest: .f64Nearest
        case .f64Sqrt: .f64Sqrt
        case .f32Min: .f32Min
        case .f32Max: .f32Max
        case .f32Copysign: .f32Copysign
        case .f64Min: .f64Min
        case .f64Max: .f64Max
        case .f64Copysign: .f64Copysign
        case .i32TruncF32S: .i32TruncF32S
        case .i32TruncF32U: .i32TruncF32U
        case .i32TruncF64S: .i32TruncF64S
        case .i32TruncF64U: .i32TruncF64U
        case .i64TruncF32S: .i64TruncF32S
        case .i64TruncF32U: .i64TruncF32U
        case .i64TruncF64S: .i64TruncF64S
        case .i64TruncF64U: .i64TruncF64U
        case .f32ConvertI32S: .f32ConvertI32S
        case .f32ConvertI32U: .f32ConvertI32U
        case .f32ConvertI64S: .f32ConvertI64S
        case .f32ConvertI64U: .f32ConvertI64U
        case .f32DemoteF64: .f32DemoteF64
        case .f64ConvertI32S: .f64ConvertI32S
        case .f64ConvertI32U: .f64ConvertI32U
        case .f64ConvertI64S: .f64ConvertI64S
        case .f64ConvertI64U: .f64ConvertI64U
        case .f64PromoteF32: .f64PromoteF32
        #endif
        default: nil
        }
    }

    static func extended(_ opcode: PrefixedOpcode) -> ExtendedOp? {
        switch opcode {
        #if FloatingPoint
        case .i32TruncSatF32S: .i32TruncSatF32S
        case .i32TruncSatF32U: .i32TruncSatF32U
        case .i32TruncSatF64S: .i32TruncSatF64S
        case .i32TruncSatF64U: .i32TruncSatF64U
        case .i64TruncSatF32S: .i64TruncSatF32S
        case .i64TruncSatF32U: .i64TruncSatF32U
        case .i64TruncSatF64S: .i64TruncSatF64S
        case .i64TruncSatF64U: .i64TruncSatF64U
        #endif
        default: nil
        }
    }
}
