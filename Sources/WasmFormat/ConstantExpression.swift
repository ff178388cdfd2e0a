// Constant expressions: what initialises globals and places segments (core specification 2.0, 3.3.10; extended-const).

/// One instruction of a constant expression.
package enum ConstantInstruction {
    /// A number: its bits, an i32's or f32's zero-extended.
    case number(ValueType, bits: UInt64)
    case refNull(ValueType)
    case refFunc(FunctionIndex)
    case globalGet(GlobalIndex)
    /// Add, subtract or multiply two i32 or two i64.
    case arithmetic(ValueType, ConstantOperation)
    case end
}

package enum ConstantOperation {
    case add
    case subtract
    case multiply
}

/// Constant expressions of a module; they are read where they lie, each time they are needed.
package enum ConstantExpression {}

extension ByteReader {
    /// One instruction of a constant expression; `.constantExpressionRequired` for any other instruction.
    @inline(never) @_lifetime(self: copy self)
    package mutating func constantInstruction() throws(LoadError) -> ConstantInstruction {
        let at = offset
        switch try opcode() {
        case .end: return .end
        case .i32Const: return .number(.i32, bits: UInt64(UInt32(bitPattern: try s32())))
        case .i64Const: return .number(.i64, bits: UInt64(bitPattern: try s64()))
        case .f32Const: return .number(.f32, bits: UInt64(try f32Bits()))
        case .f64Const: return .number(.f64, bits: try f64Bits())
        case .refNull: return .refNull(try referenceType())
        case .refFunc: return .refFunc(FunctionIndex(try u32()))
        case .globalGet: return .globalGet(GlobalIndex(try u32()))
        case .i32Add: return .arithmetic(.i32, .add)
        case .i32Sub: return .arithmetic(.i32, .subtract)
        case .i32Mul: return .arithmetic(.i32, .multiply)
        case .i64Add: return .arithmetic(.i64, .add)
        case .i64Sub: return .arithmetic(.i64, .subtract)
        case .i64Mul: return .arithmetic(.i64, .multiply)
        default: throw LoadError(.constantExpressionRequired, at: at)
        }
    }

    /// Steps over a constant expression, its `end` included; checks that it can be decoded and is not too long, no more.
    @inline(never) @_lifetime(self: copy self)
    package mutating func skipConstantExpression() throws(LoadError) {
        let start = offset
        while true {
            let instruction = try constantInstruction()
            guard offset &- start <= ImplementationLimits.constantExpressionLength else {
                throw LoadError(.constantExpressionTooLong, at: start, number: ImplementationLimits.constantExpressionLength)
            }
            if case .end = instruction { return }
        }
    }
}
