// The second page: `extended:8 sub:8 b:8 c:8`. What is rare or long lives here; so will what a trait adds.

/// A second-page opcode. `d` stands for b, which is read and written where the comment says so.
public enum ExtendedOp: UInt8, CaseIterable, Sendable {
    // Memory and table management.
    case addressAdd     // d += c, an address and its offset; traps where the sum needs 33 bits
    case memorySize     // d = pages
    case memoryGrow     // d = old pages or -1, from d = delta
    case memoryFill     // cells b, b+1, b+2: address, value, count; updated as the operation proceeds, so that it can pause
    case memoryCopy     // cells b, b+1, b+2: destination, source, count
    // A passive segment's number counts the passive ones of its kind before it; 0xffff stands for one that is not passive.
    case memoryInit     // cells b…b+3: destination, source, count, data segment index │ passive number << 16
    case dataDrop       // imm16 = data segment's passive number
    case elementDrop    // imm16 = element segment's passive number
    case tableSize      // d = size of table c

    // References. b and c are reference cells, but for the result of refIsNull.
    case refNull        // b = null
    case refMove        // b = c
    case refIsNull      // cell b = (reference c is null)
    case leaveReferences // b: first result, c: how many; gives the frame's reference cells back. A return follows
    case refArguments   // b: first argument, c: how many; puts them where the callee's reference cells will be. A call follows
    case refResults     // b: first result, c: how many; takes them from where the callee left them. Follows a call
    case refSelZ        // reference b = reference b+1 if cell c is zero

    // A call through any table with any type: cell b is the window, the index lies in cell c;
    // the next word holds the rest, as `callIndirectRest a: table, imm16: type`, and is never executed by itself.
    case callIndirectWide

    // i64 with one operand: b = op c.
    case i64Clz, i64Ctz, i64Popcnt, i64Extend8S, i64Extend16S

    // Floats with one operand: b = op c.
    case f32Abs, f32Neg, f32Ceil, f32Floor, f32Trunc, f32Nearest, f32Sqrt
    case f64Abs, f64Neg, f64Ceil, f64Floor, f64Trunc, f64Nearest, f64Sqrt
    // Floats with two operands: b = b op c.
    case f32Min, f32Max, f32Copysign, f64Min, f64Max, f64Copysign
    // Conversions: b = op c.
    case i32TruncF32S, i32TruncF32U, i32TruncF64S, i32TruncF64U, i64TruncF32S, i64TruncF32U, i64TruncF64S, i64TruncF64U
    case i32TruncSatF32S, i32TruncSatF32U, i32TruncSatF64S, i32TruncSatF64U
    case i64TruncSatF32S, i64TruncSatF32U, i64TruncSatF64S, i64TruncSatF64U
    case f32ConvertI32S, f32ConvertI32U, f32ConvertI64S, f32ConvertI64U
    case f64ConvertI32S, f64ConvertI32U, f64ConvertI64S, f64ConvertI64U
    case f32DemoteF64, f64PromoteF32

    // Counts wasm instructions on the host (DESIGN.md, "What we count"): imm16 = how many this straight run holds.
    case count
}
