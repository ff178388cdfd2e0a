// The register instruction set: one 32-bit word an instruction, `op:8 a:8 b:8 c:8` or `op:8 a:8 imm:16`.
//
//     31      24 23      16 15       8 7        0
//    ┌──────────┬──────────┬──────────┬──────────┐
//    │    c     │    b     │    a     │    op    │
//    ├──────────┴──────────┼──────────┼──────────┤
//    │        imm16        │    a     │    op    │
//    └─────────────────────┴──────────┴──────────┘
//
// `a`, `b`, `c` name 32-bit cells of the frame unless `Shape` says otherwise; 64-bit values take the cell named and the next one.
// Suffixes: `I` an 8-bit signed immediate in c (branches: b), `K` a constant of the function's pool, `64`-bit forms are i64's.

/// A first-page opcode. Closed at 256 cases, so that every byte is one and the dispatch needs no bounds check (DESIGN.md, decision 1).
public enum Op: UInt8, Sendable {
    // Control. `exit` and `crossReturn` are words 0 and 1 of every code section: a base record's return address leads there.
    case exit, crossReturn, unreachable, zero
    case jump, brZ, brNZ
    case brTable        // one of the jumps that follow: the value of a, at most imm16
    case brTableK       // one of the jumps that follow, as the table says that is the constant imm16: see `JumpTable`
    case call, callIndirect, callImport
    case callIndirectRest   // the second word of ExtendedOp.callIndirectWide
    case ret, ret1, ret64, retI, retAdd
    case retFrame           // ret, after cell 0 has gone back imm16 cells

    // Compare and branch: a with b (I: b is an immediate, K: b is a constant), c is the offset in words from the next word.
    case brI32Eq, brI32Ne, brI32LtS, brI32GeS, brI32LtU, brI32GeU
    case brI32EqI, brI32NeI, brI32LtSI, brI32GeSI, brI32LtUI, brI32GeUI
    case brI32EqK, brI32NeK, brI32LtSK, brI32GeSK, brI32LtUK, brI32GeUK
    case brI64Eq, brI64Ne, brI64LtS, brI64GeS, brI64LtU, brI64GeU
    case addBrNZ    // a += b (immediate); branch if not zero

    // Moves and constants.
    case mov, mov2, const16, constK, const64, const64K, selZ, selZ64
    case farGet, farSet, farGet64, farSet64
    case enterFrame         // cell 0 is imm16 cells further on: a wide frame, whose far locals lie below cell 0
    case globalGet, globalSet, globalGet64, globalSet64
    case importedGlobalGet, importedGlobalSet, importedGlobalGet64, importedGlobalSet64

    // i32.
    case i32Add, i32Sub, i32Mul, i32DivS, i32DivU, i32RemS, i32RemU, i32And, i32Or, i32Xor, i32Shl, i32ShrS, i32ShrU, i32Rotl, i32Rotr
    case i32AddI, i32MulI, i32AndI, i32OrI, i32XorI, i32RSubI, i32ShlI, i32ShrSI, i32ShrUI, i32RotrI
    case i32AddK, i32MulK, i32AndK, i32OrK, i32XorK
    case i32Eq, i32Ne, i32LtS, i32GeS, i32LtU, i32GeU
    case i32EqI, i32NeI, i32LtSI, i32GeSI, i32LtUI, i32GeUI
    case i32Clz, i32Ctz, i32Popcnt, i32Extend8S, i32Extend16S
    case i32MulAdd      // a += b × c
    case i32XorRotrI    // a ^= rotr(b, c)
    case i32AddShlI     // a += b << c
    case i32XorShrI     // a ^= b >> c (unsigned)
    case i32XorShlI     // a ^= b << c

    // i64.
    case i64Add, i64Sub, i64Mul, i64And, i64Or, i64Xor, i64Shl, i64ShrS, i64ShrU, i64Rotl, i64Rotr
    case i64DivS, i64DivU, i64RemS, i64RemU
    case i64AddI, i64MulI, i64AndI, i64OrI, i64XorI, i64ShlI, i64ShrSI, i64ShrUI, i64RotlI
    case i64AddK, i64MulK, i64AndK, i64OrK, i64XorK
    case i64Eq, i64Ne, i64LtS, i64GeS, i64LtU, i64GeU
    case i64EqI, i64NeI, i64LtSI, i64GeSI, i64LtUI, i64GeUI
    case i64ExtendS, i64ExtendU

    // Floats.
    case f32Add, f32Sub, f32Mul, f32Div, f32Eq, f32Ne, f32Lt, f32Le
    case f64Add, f64Sub, f64Mul, f64Div, f64Eq, f64Ne, f64Lt, f64Le

    // Linear memory. a: value, b: address cell. No suffix: c is the offset (0…255); K: the offset is a constant;
    // WI and WK: the address is b + c with wrap-around (immediate, constant); X: b + c, both cells, with wrap-around;
    // SK: (b << 2) + constant, with wrap-around; A: the address is imm16.
    case load32, load8U, store32, store8
    case load32K, load8UK, store32K, store8K
    case load32WI, load8UWI, store32WI, store8WI
    case load32WK, load8UWK, store32WK, store8WK
    case load32X, load8UX, store32X, store8X
    case load32A, load8UA, store32A, store8A
    case load32SK, store32SK
    case load8S, load16U, load16S, load64, store16, store64
    case load8SK, load16UK, load16SK, load64K, store16K, store64K
    case load8SX, load16UX, load16SX, load64X, store16X, store64X

    // References: they lie in the frame's reference cells, never in slots (DESIGN.md, decision 2 c). a is a reference cell.
    case enterReferences, refFunc, globalGetRef, globalSetRef, importedGlobalGetRef, importedGlobalSetRef
    case tableGet, tableSet, tableGrow, tableFill, tableCopy, tableInit

    // globalSet and importedGlobalSet of the aux stack's pointer, which is watched.
    case auxStackSet, importedAuxStackSet

    // The second page: the sub-opcode is in a, its operands in b and c.
    case extended

    case reserved234, reserved235, reserved236, reserved237
    case reserved238, reserved239, reserved240, reserved241, reserved242, reserved243, reserved244, reserved245, reserved246
    case reserved247, reserved248, reserved249, reserved250, reserved251, reserved252, reserved253, reserved254
}
