// What every register instruction does, in a line: the last column of docs/INSTRUCTIONS.md. Held against the table of instructions by a test: each has a
// line that says something of each of its fields, and of no other. Signs: cells, pairs and constants stand for what is in them.

/// In the order of their numbers: the first page, an empty line, the second page.
let instructionMeanings = """
    exit: the run ends
    crossReturn: back to the caller in another instance
    unreachable: trap unreachable
    zero: cells a … a + d − 1 := 0
    jump: go d
    brZ: if a = 0, go d
    brNZ: if a ≠ 0, go d
    brTable: go min(a, d), to one of the d + 1 jumps that follow
    brTableK: go byte min(a, last) of the jump table d, to one of the jumps that follow
    call: call own function d, arguments and results from cell a on
    callIndirect: call what table 0 has at b, of type c, arguments and results from cell a on
    callImport: call imported function d, arguments and results from cell a on
    callIndirectRest: the second word of callIndirectWide: table a, type d; by itself, trap unreachable
    ret: return
    ret1: cell 0 := a; return
    ret64: cells 0, 1 := a; return
    retI: cell 0 := d; return
    retAdd: cell 0 := a + b; return
    retFrame: cell 0 goes back d cells; return
    brI32Eq: if a = b, go c
    brI32Ne: if a ≠ b, go c
    brI32LtS: if a < b, signed, go c
    brI32GeS: if a ≥ b, signed, go c
    brI32LtU: if a < b, unsigned, go c
    brI32GeU: if a ≥ b, unsigned, go c
    brI32EqI: if a = b, go c
    brI32NeI: if a ≠ b, go c
    brI32LtSI: if a < b, signed, go c
    brI32GeSI: if a ≥ b, signed, go c
    brI32LtUI: if a < b, unsigned, go c
    brI32GeUI: if a ≥ b, unsigned, go c
    brI32EqK: if a = b, go c
    brI32NeK: if a ≠ b, go c
    brI32LtSK: if a < b, signed, go c
    brI32GeSK: if a ≥ b, signed, go c
    brI32LtUK: if a < b, unsigned, go c
    brI32GeUK: if a ≥ b, unsigned, go c
    brI64Eq: if a = b, go c
    brI64Ne: if a ≠ b, go c
    brI64LtS: if a < b, signed, go c
    brI64GeS: if a ≥ b, signed, go c
    brI64LtU: if a < b, unsigned, go c
    brI64GeU: if a ≥ b, unsigned, go c
    addBrNZ: a := a + b; if a ≠ 0, go c
    mov: a := b
    mov2: cells a, a + 1 := b, c, both read before
    const16: a := d
    constK: a := d
    const64: a := d
    const64K: a := d
    selZ: if c = 0, a := b
    selZ64: if c = 0, a := b
    farGet: a := d
    farSet: d := a
    farGet64: a := d
    farSet64: d := a
    enterFrame: cell 0 goes on d cells
    globalGet: a := d
    globalSet: d := a
    globalGet64: a := d
    globalSet64: d := a
    importedGlobalGet: a := d
    importedGlobalSet: d := a
    importedGlobalGet64: a := d
    importedGlobalSet64: d := a
    i32Add: a := b + c
    i32Sub: a := b − c
    i32Mul: a := b × c
    i32DivS: a := b / c, signed, toward 0; traps integerDivideByZero, integerOverflow (−2³¹ / −1)
    i32DivU: a := b / c, unsigned, toward 0; trap integerDivideByZero
    i32RemS: a := b − c × (b / c), signed (−2³¹ by −1: 0); trap integerDivideByZero
    i32RemU: a := b mod c, unsigned; trap integerDivideByZero
    i32And: a := b and c
    i32Or: a := b or c
    i32Xor: a := b xor c
    i32Shl: a := b << c mod 32
    i32ShrS: a := b >> c mod 32, signed
    i32ShrU: a := b >> c mod 32, unsigned
    i32Rotl: a := b rotated left by c mod 32
    i32Rotr: a := b rotated right by c mod 32
    i32AddI: a := b + c
    i32MulI: a := b × c
    i32AndI: a := b and c
    i32OrI: a := b or c
    i32XorI: a := b xor c
    i32RSubI: a := c − b
    i32ShlI: a := b << c mod 32
    i32ShrSI: a := b >> c mod 32, signed
    i32ShrUI: a := b >> c mod 32, unsigned
    i32RotrI: a := b rotated right by c mod 32
    i32AddK: a := b + c
    i32MulK: a := b × c
    i32AndK: a := b and c
    i32OrK: a := b or c
    i32XorK: a := b xor c
    i32Eq: a := 1 if b = c, else 0
    i32Ne: a := 1 if b ≠ c, else 0
    i32LtS: a := 1 if b < c, signed, else 0
    i32GeS: a := 1 if b ≥ c, signed, else 0
    i32LtU: a := 1 if b < c, unsigned, else 0
    i32GeU: a := 1 if b ≥ c, unsigned, else 0
    i32EqI: a := 1 if b = c, else 0
    i32NeI: a := 1 if b ≠ c, else 0
    i32LtSI: a := 1 if b < c, signed, else 0
    i32GeSI: a := 1 if b ≥ c, signed, else 0
    i32LtUI: a := 1 if b < c, unsigned, else 0
    i32GeUI: a := 1 if b ≥ c, unsigned, else 0
    i32Clz: a := leading zero bits of b, 0 … 32
    i32Ctz: a := trailing zero bits of b, 0 … 32
    i32Popcnt: a := one bits of b
    i32Extend8S: a := the lowest 8 bits of b, sign extended
    i32Extend16S: a := the lowest 16 bits of b, sign extended
    i32MulAdd: a := a + b × c
    i32XorRotrI: a := a xor (b rotated right by c mod 32)
    i32AddShlI: a := a + (b << c mod 32)
    i32XorShrI: a := a xor (b >> c mod 32), unsigned
    i32XorShlI: a := a xor (b << c mod 32)
    i64Add: a := b + c
    i64Sub: a := b − c
    i64Mul: a := b × c
    i64And: a := b and c
    i64Or: a := b or c
    i64Xor: a := b xor c
    i64Shl: a := b << c mod 64
    i64ShrS: a := b >> c mod 64, signed
    i64ShrU: a := b >> c mod 64, unsigned
    i64Rotl: a := b rotated left by c mod 64
    i64Rotr: a := b rotated right by c mod 64
    i64DivS: a := b / c, signed, toward 0; traps integerDivideByZero, integerOverflow (−2⁶³ / −1)
    i64DivU: a := b / c, unsigned, toward 0; trap integerDivideByZero
    i64RemS: a := b − c × (b / c), signed (−2⁶³ by −1: 0); trap integerDivideByZero
    i64RemU: a := b mod c, unsigned; trap integerDivideByZero
    i64AddI: a := b + c
    i64MulI: a := b × c
    i64AndI: a := b and c
    i64OrI: a := b or c
    i64XorI: a := b xor c
    i64ShlI: a := b << c mod 64
    i64ShrSI: a := b >> c mod 64, signed
    i64ShrUI: a := b >> c mod 64, unsigned
    i64RotlI: a := b rotated left by c mod 64
    i64AddK: a := b + c
    i64MulK: a := b × c
    i64AndK: a := b and c
    i64OrK: a := b or c
    i64XorK: a := b xor c
    i64Eq: a := 1 if b = c, else 0
    i64Ne: a := 1 if b ≠ c, else 0
    i64LtS: a := 1 if b < c, signed, else 0
    i64GeS: a := 1 if b ≥ c, signed, else 0
    i64LtU: a := 1 if b < c, unsigned, else 0
    i64GeU: a := 1 if b ≥ c, unsigned, else 0
    i64EqI: a := 1 if b = c, else 0
    i64NeI: a := 1 if b ≠ c, else 0
    i64LtSI: a := 1 if b < c, signed, else 0
    i64GeSI: a := 1 if b ≥ c, signed, else 0
    i64LtUI: a := 1 if b < c, unsigned, else 0
    i64GeUI: a := 1 if b ≥ c, unsigned, else 0
    i64ExtendS: a := b, sign extended
    i64ExtendU: a := b, high half 0
    f32Add: a := b + c
    f32Sub: a := b − c
    f32Mul: a := b × c
    f32Div: a := b / c
    f32Eq: a := 1 if b = c, else 0
    f32Ne: a := 1 if b ≠ c, else 0
    f32Lt: a := 1 if b < c, else 0
    f32Le: a := 1 if b ≤ c, else 0
    f64Add: a := b + c
    f64Sub: a := b − c
    f64Mul: a := b × c
    f64Div: a := b / c
    f64Eq: a := 1 if b = c, else 0
    f64Ne: a := 1 if b ≠ c, else 0
    f64Lt: a := 1 if b < c, else 0
    f64Le: a := 1 if b ≤ c, else 0
    load32: a := mem32[b + c]
    load8U: a := mem8[b + c], high bits 0
    store32: mem32[b + c] := a
    store8: mem8[b + c] := the lowest 8 bits of a
    load32K: a := mem32[b + c]
    load8UK: a := mem8[b + c], high bits 0
    store32K: mem32[b + c] := a
    store8K: mem8[b + c] := the lowest 8 bits of a
    load32WI: a := mem32[(b + c) mod 2³²]
    load8UWI: a := mem8[(b + c) mod 2³²], high bits 0
    store32WI: mem32[(b + c) mod 2³²] := a
    store8WI: mem8[(b + c) mod 2³²] := the lowest 8 bits of a
    load32WK: a := mem32[(b + c) mod 2³²]
    load8UWK: a := mem8[(b + c) mod 2³²], high bits 0
    store32WK: mem32[(b + c) mod 2³²] := a
    store8WK: mem8[(b + c) mod 2³²] := the lowest 8 bits of a
    load32X: a := mem32[(b + c) mod 2³²]
    load8UX: a := mem8[(b + c) mod 2³²], high bits 0
    store32X: mem32[(b + c) mod 2³²] := a
    store8X: mem8[(b + c) mod 2³²] := the lowest 8 bits of a
    load32A: a := mem32[d]
    load8UA: a := mem8[d], high bits 0
    store32A: mem32[d] := a
    store8A: mem8[d] := the lowest 8 bits of a
    load32SK: a := mem32[((b << 2) + c) mod 2³²]
    store32SK: mem32[((b << 2) + c) mod 2³²] := a
    load8S: a := mem8[b + c], sign extended
    load16U: a := mem16[b + c], high bits 0
    load16S: a := mem16[b + c], sign extended
    load64: a := mem64[b + c]
    store16: mem16[b + c] := the lowest 16 bits of a
    store64: mem64[b + c] := a
    load8SK: a := mem8[b + c], sign extended
    load16UK: a := mem16[b + c], high bits 0
    load16SK: a := mem16[b + c], sign extended
    load64K: a := mem64[b + c]
    store16K: mem16[b + c] := the lowest 16 bits of a
    store64K: mem64[b + c] := a
    load8SX: a := mem8[(b + c) mod 2³²], sign extended
    load16UX: a := mem16[(b + c) mod 2³²], high bits 0
    load16SX: a := mem16[(b + c) mod 2³²], sign extended
    load64X: a := mem64[(b + c) mod 2³²]
    store16X: mem16[(b + c) mod 2³²] := the lowest 16 bits of a
    store64X: mem64[(b + c) mod 2³²] := a
    enterReferences: the function has a reference cells, the first c of them its parameters, the others null
    refFunc: a := the function of index d, imported ones first
    globalGetRef: a := d
    globalSetRef: d := a
    importedGlobalGetRef: a := d
    importedGlobalSetRef: d := a
    tableGet: a := table c at b; trap outOfBoundsTableAccess
    tableSet: table c at b := a; trap outOfBoundsTableAccess
    tableGrow: table c grows by b elements, all a; b := its old size, or −1 if it cannot
    tableFill: b: index, count. Table c from the index on := a, so many; trap outOfBoundsTableAccess
    tableCopy: cells a …: to, from, count. Table b from `to` on := table c from `from` on; trap outOfBoundsTableAccess
    tableInit: cells a …: to, from, count, index of the element segment:16 and its number among the passive ones:16 (65,535: none). Table b from `to` on := its elements; trap outOfBoundsTableAccess
    auxStackSet: d := a, the aux stack's pointer
    importedAuxStackSet: d := a, the aux stack's pointer
    extended: the second page

    addressAdd: b := b + c; trap outOfBoundsMemoryAccess if that needs 33 bits
    memorySize: b := pages of memory
    memoryGrow: memory grows by b pages of zeros; b := its old pages, or −1 if it cannot
    memoryFill: cells b …: to, value, count. Bytes from `to` on := the lowest 8 bits of the value; trap outOfBoundsMemoryAccess
    memoryCopy: cells b …: to, from, count. Bytes from `to` on := bytes from `from` on; trap outOfBoundsMemoryAccess
    memoryInit: cells b …: to, from, count, index of the data segment:16 and its number among the passive ones:16 (65,535: none). Bytes from `to` on := its bytes from `from` on; trap outOfBoundsMemoryAccess
    dataDrop: the passive data segment d is dropped
    elementDrop: the passive element segment d is dropped
    tableSize: b := elements of table c
    refNull: b := null
    refMove: b := c
    refIsNull: b := 1 if c is null, else 0
    leaveReferences: the first c reference cells := those from b on, the first one first; all are given back. Right before the return
    refArguments: the first c reference cells of the callee := those from b on. Right before the call
    refResults: those from b on := the first c reference cells of the callee. Right behind the call
    refSelZ: if c = 0, reference cell b := b + 1
    callIndirectWide: call what the table has at c, arguments and results from cell b on; table and type are in the next word, callIndirectRest
    i64Clz: b := leading zero bits of c, 0 … 64
    i64Ctz: b := trailing zero bits of c, 0 … 64
    i64Popcnt: b := one bits of c
    i64Extend8S: b := the lowest 8 bits of c, sign extended
    i64Extend16S: b := the lowest 16 bits of c, sign extended
    f32Abs: b := c, the sign cleared
    f32Neg: b := c, the sign turned
    f32Ceil: b := c, up to an integer
    f32Floor: b := c, down to an integer
    f32Trunc: b := c, toward 0 to an integer
    f32Nearest: b := c, to the nearest integer, ties to even
    f32Sqrt: b := √c
    f64Abs: b := c, the sign cleared
    f64Neg: b := c, the sign turned
    f64Ceil: b := c, up to an integer
    f64Floor: b := c, down to an integer
    f64Trunc: b := c, toward 0 to an integer
    f64Nearest: b := c, to the nearest integer, ties to even
    f64Sqrt: b := √c
    f32Min: b := the smaller of b and c, −0 below +0, NaN if one is
    f32Max: b := the larger of b and c, −0 below +0, NaN if one is
    f32Copysign: b := b with the sign of c
    f64Min: b := the smaller of b and c, −0 below +0, NaN if one is
    f64Max: b := the larger of b and c, −0 below +0, NaN if one is
    f64Copysign: b := b with the sign of c
    i32TruncF32S: b := c, toward 0, signed; traps invalidConversionToInteger (NaN), integerOverflow
    i32TruncF32U: b := c, toward 0, unsigned; traps invalidConversionToInteger (NaN), integerOverflow
    i32TruncF64S: b := c, toward 0, signed; traps invalidConversionToInteger (NaN), integerOverflow
    i32TruncF64U: b := c, toward 0, unsigned; traps invalidConversionToInteger (NaN), integerOverflow
    i64TruncF32S: b := c, toward 0, signed; traps invalidConversionToInteger (NaN), integerOverflow
    i64TruncF32U: b := c, toward 0, unsigned; traps invalidConversionToInteger (NaN), integerOverflow
    i64TruncF64S: b := c, toward 0, signed; traps invalidConversionToInteger (NaN), integerOverflow
    i64TruncF64U: b := c, toward 0, unsigned; traps invalidConversionToInteger (NaN), integerOverflow
    i32TruncSatF32S: b := c, toward 0, signed, or the nearest that there is; NaN: 0
    i32TruncSatF32U: b := c, toward 0, unsigned, or the nearest that there is; NaN: 0
    i32TruncSatF64S: b := c, toward 0, signed, or the nearest that there is; NaN: 0
    i32TruncSatF64U: b := c, toward 0, unsigned, or the nearest that there is; NaN: 0
    i64TruncSatF32S: b := c, toward 0, signed, or the nearest that there is; NaN: 0
    i64TruncSatF32U: b := c, toward 0, unsigned, or the nearest that there is; NaN: 0
    i64TruncSatF64S: b := c, toward 0, signed, or the nearest that there is; NaN: 0
    i64TruncSatF64U: b := c, toward 0, unsigned, or the nearest that there is; NaN: 0
    f32ConvertI32S: b := c, signed, as f32, to nearest, ties to even
    f32ConvertI32U: b := c, unsigned, as f32, to nearest, ties to even
    f32ConvertI64S: b := c, signed, as f32, to nearest, ties to even
    f32ConvertI64U: b := c, unsigned, as f32, to nearest, ties to even
    f64ConvertI32S: b := c, signed, as f64
    f64ConvertI32U: b := c, unsigned, as f64
    f64ConvertI64S: b := c, signed, as f64, to nearest, ties to even
    f64ConvertI64U: b := c, unsigned, as f64, to nearest, ties to even
    f32DemoteF64: b := c as f32, to nearest, ties to even
    f64PromoteF32: b := c as f64
    count: counts d wasm instructions, in host tools; no image has it
    """
