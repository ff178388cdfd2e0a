// What the fields of every instruction mean: the one table from which translator, disassembler and the check of images follow.

/// What a field names.
package enum Role: UInt8 {
    case unused
    case write32, write64, read32, read64, update32, update64   // cells of the frame
    case immediate8, offset8, branch8
    case constant32, constant64                                 // index into the function's pool, counted back from its code
    case window                                                 // first cell of a call's arguments and results
    case reference, referencePair, referenceCount               // reference cells; a pair is two of them
    case table, type8
    case cells3, cells4                                         // that many cells from here
    // Of the 16 bits of b and c:
    case immediate16, branch16, function16, import16, global16, importedGlobal16, constant16x32, constant16x64
    case far32, far64, count16, address16, segment16, type16, jumpTable16
    case subOpcode
}

/// The roles of an instruction's fields. A 16-bit role stands in `b`; `c` is then unused.
package struct Shape: Equatable {
    package var a: Role = .unused
    package var b: Role = .unused
    package var c: Role = .unused

    init(_ a: Role = .unused, _ b: Role = .unused, _ c: Role = .unused) { self.a = a; self.b = b; self.c = c }

    /// Whether a is a pure destination that another cell can take the place of.
    package var writesA: Bool { a == .write32 || a == .write64 }
    /// Whether b and c are one 16-bit field.
    package var hasWideField: Bool { b.rawValue >= Role.immediate16.rawValue && b != .subOpcode }
}

extension Op {
    package var isReserved: Bool { rawValue > Op.extended.rawValue }

    package var shape: Shape {
        switch self {
        case .exit, .crossReturn, .unreachable, .ret: Shape()
        case .zero: Shape(.write32, .count16)
        case .jump: Shape(.unused, .branch16)
        case .brTable: Shape(.read32, .count16)
        case .brTableK: Shape(.read32, .jumpTable16)
        case .brZ, .brNZ: Shape(.read32, .branch16)
        case .call: Shape(.window, .function16)
        case .callIndirect: Shape(.window, .read32, .type8)
        case .callImport: Shape(.window, .import16)
        case .callIndirectRest: Shape(.table, .type16)
        case .ret1: Shape(.read32)
        case .ret64: Shape(.read64)
        case .retI: Shape(.unused, .immediate16)
        case .retAdd: Shape(.read32, .read32)
        case .brI32Eq, .brI32Ne, .brI32LtS, .brI32GeS, .brI32LtU, .brI32GeU: Shape(.read32, .read32, .branch8)
        case .brI32EqI, .brI32NeI, .brI32LtSI, .brI32GeSI, .brI32LtUI, .brI32GeUI: Shape(.read32, .immediate8, .branch8)
        case .brI32EqK, .brI32NeK, .brI32LtSK, .brI32GeSK, .brI32LtUK, .brI32GeUK: Shape(.read32, .constant32, .branch8)
        case .brI64Eq, .brI64Ne, .brI64LtS, .brI64GeS, .brI64LtU, .brI64GeU: Shape(.read64, .read64, .branch8)
        case .addBrNZ: Shape(.update32, .immediate8, .branch8)
        case .mov: Shape(.write32, .read32)
        case .mov2: Shape(.write64, .read32, .read32)
        case .const16: Shape(.write32, .immediate16)
        case .constK: Shape(.write32, .constant16x32)
        case .const64: Shape(.write64, .immediate16)
        case .const64K: Shape(.write64, .constant16x64)
        case .selZ: Shape(.update32, .read32, .read32)
        case .selZ64: Shape(.update64, .read64, .read32)
        case .farGet: Shape(.write32, .far32)
        case .farSet: Shape(.read32, .far32)
        case .farGet64: Shape(.write64, .far64)
        case .farSet64: Shape(.read64, .far64)
        case .enterFrame, .retFrame: Shape(.unused, .count16)
        case .globalGet: Shape(.write32, .global16)
        case .globalSet: Shape(.read32, .global16)
        case .globalGet64: Shape(.write64, .global16)
        case .globalSet64: Shape(.read64, .global16)
        case .importedGlobalGet: Shape(.write32, .importedGlobal16)
        case .importedGlobalSet: Shape(.read32, .importedGlobal16)
        case .importedGlobalGet64: Shape(.write64, .importedGlobal16)
        case .importedGlobalSet64: Shape(.read64, .importedGlobal16)
        case .i32Add, .i32Sub, .i32Mul, .i32DivS, .i32DivU, .i32RemS, .i32RemU, .i32And, .i32Or, .i32Xor,
             .i32Shl, .i32ShrS, .i32ShrU, .i32Rotl, .i32Rotr,
             .i32Eq, .i32Ne, .i32LtS, .i32GeS, .i32LtU, .i32GeU,
             .f32Add, .f32Sub, .f32Mul, .f32Div, .f32Eq, .f32Ne, .f32Lt, .f32Le: Shape(.write32, .read32, .read32)
        case .i32AddI, .i32MulI, .i32AndI, .i32OrI, .i32XorI, .i32RSubI, .i32ShlI, .i32ShrSI, .i32ShrUI, .i32RotrI,
             .i32EqI, .i32NeI, .i32LtSI, .i32GeSI, .i32LtUI, .i32GeUI: Shape(.write32, .read32, .immediate8)
        case .i32AddK, .i32MulK, .i32AndK, .i32OrK, .i32XorK: Shape(.write32, .read32, .constant32)
        case .i32Clz, .i32Ctz, .i32Popcnt, .i32Extend8S, .i32Extend16S: Shape(.write32, .read32)
        case .i32MulAdd: Shape(.update32, .read32, .read32)
        case .i32XorRotrI, .i32AddShlI, .i32XorShrI, .i32XorShlI: Shape(.update32, .read32, .immediate8)
        case .i64Add, .i64Sub, .i64Mul, .i64And, .i64Or, .i64Xor, .i64Shl, .i64ShrS, .i64ShrU, .i64Rotl, .i64Rotr,
             .i64DivS, .i64DivU, .i64RemS, .i64RemU, .f64Add, .f64Sub, .f64Mul, .f64Div: Shape(.write64, .read64, .read64)
        case .i64AddI, .i64MulI, .i64AndI, .i64OrI, .i64XorI, .i64ShlI, .i64ShrSI, .i64ShrUI, .i64RotlI: Shape(.write64, .read64, .immediate8)
        case .i64AddK, .i64MulK, .i64AndK, .i64OrK, .i64XorK: Shape(.write64, .read64, .constant64)
        case .i64Eq, .i64Ne, .i64LtS, .i64GeS, .i64LtU, .i64GeU,
             .f64Eq, .f64Ne, .f64Lt, .f64Le: Shape(.write32, .read64, .read64)
        case .i64EqI, .i64NeI, .i64LtSI, .i64GeSI, .i64LtUI, .i64GeUI: Shape(.write32, .read64, .immediate8)
        case .i64ExtendS, .i64ExtendU: Shape(.write64, .read32)
        case .load32, .load8U, .load8S, .load16U, .load16S: Shape(.write32, .read32, .offset8)
        case .load64: Shape(.write64, .read32, .offset8)
        case .store32, .store8, .store16: Shape(.read32, .read32, .offset8)
        case .store64: Shape(.read64, .read32, .offset8)
        case .load32WI, .load8UWI: Shape(.write32, .read32, .immediate8)
        case .store32WI, .store8WI: Shape(.read32, .read32, .immediate8)
        case .load32K, .load8UK, .load8SK, .load16UK, .load16SK, .load32WK, .load8UWK, .load32SK: Shape(.write32, .read32, .constant32)
        case .load64K: Shape(.write64, .read32, .constant32)
        case .store32K, .store8K, .store16K, .store32WK, .store8WK, .store32SK: Shape(.read32, .read32, .constant32)
        case .store64K: Shape(.read64, .read32, .constant32)
        case .load32X, .load8UX, .load8SX, .load16UX, .load16SX: Shape(.write32, .read32, .read32)
        case .load64X: Shape(.write64, .read32, .read32)
        case .store32X, .store8X, .store16X: Shape(.read32, .read32, .read32)
        case .store64X: Shape(.read64, .read32, .read32)
        case .load32A, .load8UA: Shape(.write32, .address16)
        case .store32A, .store8A: Shape(.read32, .address16)
        case .enterReferences: Shape(.referenceCount, .unused, .referenceCount)
        case .refFunc: Shape(.reference, .function16)
        case .globalGetRef, .globalSetRef: Shape(.reference, .global16)
        case .importedGlobalGetRef, .importedGlobalSetRef: Shape(.reference, .importedGlobal16)
        case .tableGet, .tableSet: Shape(.reference, .read32, .table)
        case .tableGrow: Shape(.reference, .update32, .table)
        case .tableFill: Shape(.reference, .update64, .table)
        case .tableCopy: Shape(.cells3, .table, .table)
        case .tableInit: Shape(.cells4, .table)
        case .extended: Shape(.subOpcode)
        case .auxStackSet: Shape(.read32, .global16)
        case .importedAuxStackSet: Shape(.read32, .importedGlobal16)
        case .reserved234, .reserved235, .reserved236, .reserved237,
             .reserved238, .reserved239, .reserved240, .reserved241, .reserved242, .reserved243, .reserved244, .reserved245, .reserved246,
             .reserved247, .reserved248, .reserved249, .reserved250, .reserved251, .reserved252, .reserved253, .reserved254: Shape()
        }
    }
}

extension ExtendedOp {
    /// The roles of b and c (a is the sub-opcode).
    package var shape: Shape {
        switch self {
        case .addressAdd: Shape(.subOpcode, .update32, .read32)
        case .memorySize: Shape(.subOpcode, .write32)
        case .memoryGrow: Shape(.subOpcode, .update32)
        case .memoryFill, .memoryCopy: Shape(.subOpcode, .cells3)
        case .memoryInit: Shape(.subOpcode, .cells4)
        case .dataDrop, .elementDrop: Shape(.subOpcode, .segment16)
        case .tableSize: Shape(.subOpcode, .write32, .table)
        case .refNull: Shape(.subOpcode, .reference)
        case .refMove: Shape(.subOpcode, .reference, .reference)
        case .refIsNull: Shape(.subOpcode, .write32, .reference)
        case .leaveReferences, .refArguments, .refResults: Shape(.subOpcode, .reference, .referenceCount)
        case .refSelZ: Shape(.subOpcode, .referencePair, .read32)
        case .callIndirectWide: Shape(.subOpcode, .window, .read32)
        case .i64Clz, .i64Ctz, .i64Popcnt, .i64Extend8S, .i64Extend16S,
             .f64Abs, .f64Neg, .f64Ceil, .f64Floor, .f64Trunc, .f64Nearest, .f64Sqrt: Shape(.subOpcode, .write64, .read64)
        case .f32Abs, .f32Neg, .f32Ceil, .f32Floor, .f32Trunc, .f32Nearest, .f32Sqrt: Shape(.subOpcode, .write32, .read32)
        case .f32Min, .f32Max, .f32Copysign: Shape(.subOpcode, .update32, .read32)
        case .f64Min, .f64Max, .f64Copysign: Shape(.subOpcode, .update64, .read64)
        case .i32TruncF32S, .i32TruncF32U, .i32TruncSatF32S, .i32TruncSatF32U, .f32ConvertI32S, .f32ConvertI32U: Shape(.subOpcode, .write32, .read32)
        case .i32TruncF64S, .i32TruncF64U, .i32TruncSatF64S, .i32TruncSatF64U,
             .f32ConvertI64S, .f32ConvertI64U, .f32DemoteF64: Shape(.subOpcode, .write32, .read64)
        case .i64TruncF32S, .i64TruncF32U, .i64TruncSatF32S, .i64TruncSatF32U,
             .f64ConvertI32S, .f64ConvertI32U, .f64PromoteF32: Shape(.subOpcode, .write64, .read32)
        case .i64TruncF64S, .i64TruncF64U, .i64TruncSatF64S, .i64TruncSatF64U, .f64ConvertI64S, .f64ConvertI64U: Shape(.subOpcode, .write64, .read64)
        case .count: Shape(.subOpcode, .count16)
        }
    }
}
