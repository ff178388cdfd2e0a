// What simple instructions take and give: columns of the opcode table, one byte an opcode.

/// Operands and result of a numeric instruction: one or two operands of one type, one result.
///
///     bit 5      4            3 2      1 0
///     present    two operands result   operand         (0 i32, 1 i64, 2 f32, 3 f64)
package struct NumericSignature: Equatable {
    private let packed: UInt8

    fileprivate init(_ packed: UInt8) { self.packed = packed }

    package var operandType: ValueType { Self.type(packed) }
    package var resultType: ValueType { Self.type(packed >> 2) }
    /// 1 or 2.
    package var operandCount: UInt32 { packed & 0x10 == 0 ? 1 : 2 }

    /// The value types' bytes count down from i32's.
    private static func type(_ bits: UInt8) -> ValueType {
        switch bits & 3 {
        case 0: .i32
        case 1: .i64
        case 2: .f32
        default: .f64
        }
    }
}

/// What a load or store moves.
package struct MemoryAccess: Equatable {
    /// The type of the value on the stack.
    package let valueType: ValueType
    /// log2 of the bytes in memory; also the largest alignment that the instruction may state.
    package let naturalAlignment: UInt32
    package let isStore: Bool
}

extension Opcode {
    /// The signature of a comparison, an arithmetic instruction or a conversion; nil for all others.
    package var numericSignature: NumericSignature? {
        let packed = Self.packedSignature(rawValue)
        return packed == 0 ? nil : NumericSignature(packed)
    }

    private static func packedSignature(_ opcode: UInt8) -> UInt8 {
        switch opcode {
        case 0x45: 0b10_0000                                  // i32.eqz
        case 0x46...0x4f: 0b11_0000                           // i32 comparisons
        case 0x50: 0b10_0001                                  // i64.eqz
        case 0x51...0x5a: 0b11_0001                           // i64 comparisons
        case 0x5b...0x60: 0b11_0010                           // f32 comparisons
        case 0x61...0x66: 0b11_0011                           // f64 comparisons
        case 0x67...0x69, 0xc0, 0xc1: 0b10_0000               // i32 unary
        case 0x6a...0x78: 0b11_0000                           // i32 binary
        case 0x79...0x7b, 0xc2...0xc4: 0b10_0101              // i64 unary
        case 0x7c...0x8a: 0b11_0101                           // i64 binary
        case 0x8b...0x91: 0b10_1010                           // f32 unary
        case 0x92...0x98: 0b11_1010                           // f32 binary
        case 0x99...0x9f: 0b10_1111                           // f64 unary
        case 0xa0...0xa6: 0b11_1111                           // f64 binary
        case 0xa7: 0b10_0001                                  // i64 → i32
        case 0xa8, 0xa9, 0xbc: 0b10_0010                      // f32 → i32
        case 0xaa, 0xab: 0b10_0011                            // f64 → i32
        case 0xac, 0xad: 0b10_0100                            // i32 → i64
        case 0xae, 0xaf: 0b10_0110                            // f32 → i64
        case 0xb0, 0xb1, 0xbd: 0b10_0111                      // f64 → i64
        case 0xb2, 0xb3, 0xbe: 0b10_1000                      // i32 → f32
        case 0xb4, 0xb5: 0b10_1001                            // i64 → f32
        case 0xb6: 0b10_1011                                  // f64 → f32
        case 0xb7, 0xb8: 0b10_1100                            // i32 → f64
        case 0xb9, 0xba, 0xbf: 0b10_1101                      // i64 → f64
        case 0xbb: 0b10_1110                                  // f32 → f64
        default: 0
        }
    }

    /// What a load or store moves; nil for all others.
    package var memoryAccess: MemoryAccess? {
        switch self {
        case .i32Load: Self.load(.i32, 2)
        case .i64Load: Self.load(.i64, 3)
        case .f32Load: Self.load(.f32, 2)
        case .f64Load: Self.load(.f64, 3)
        case .i32Load8S, .i32Load8U: Self.load(.i32, 0)
        case .i32Load16S, .i32Load16U: Self.load(.i32, 1)
        case .i64Load8S, .i64Load8U: Self.load(.i64, 0)
        case .i64Load16S, .i64Load16U: Self.load(.i64, 1)
        case .i64Load32S, .i64Load32U: Self.load(.i64, 2)
        case .i32Store: Self.store(.i32, 2)
        case .i64Store: Self.store(.i64, 3)
        case .f32Store: Self.store(.f32, 2)
        case .f64Store: Self.store(.f64, 3)
        case .i32Store8: Self.store(.i32, 0)
        case .i32Store16: Self.store(.i32, 1)
        case .i64Store8: Self.store(.i64, 0)
        case .i64Store16: Self.store(.i64, 1)
        case .i64Store32: Self.store(.i64, 2)
        default: nil
        }
    }

    private static func load(_ type: ValueType, _ alignment: UInt32) -> MemoryAccess {
        MemoryAccess(valueType: type, naturalAlignment: alignment, isStore: false)
    }

    private static func store(_ type: ValueType, _ alignment: UInt32) -> MemoryAccess {
        MemoryAccess(valueType: type, naturalAlignment: alignment, isStore: true)
    }
}

extension PrefixedOpcode {
    /// The signature of a saturating conversion; nil for the bulk instructions.
    package var numericSignature: NumericSignature? {
        switch self {
        case .i32TruncSatF32S, .i32TruncSatF32U: NumericSignature(0b10_0010)
        case .i32TruncSatF64S, .i32TruncSatF64U: NumericSignature(0b10_0011)
        case .i64TruncSatF32S, .i64TruncSatF32U: NumericSignature(0b10_0110)
        case .i64TruncSatF64S, .i64TruncSatF64U: NumericSignature(0b10_0111)
        default: nil
        }
    }
}
