// Arithmetic: immediates and constants are folded into their users, additions of a constant wait to become an address.

import RegisterCode
import WasmFormat

extension FunctionTranslator where Index: ~Copyable {
    @_lifetime(reader: copy reader)
    mutating func numeric(_ opcode: Opcode, _ signature: NumericSignature, _ reader: inout ByteReader) throws(LoadError) {
        switch opcode {
        case .i32Eqz: try compareWithZero(.i32)
        case .i64Eqz: try compareWithZero(.i64)
        case .i32Eq, .i32Ne, .i32LtS, .i32LtU, .i32GtS, .i32GtU, .i32LeS, .i32LeU, .i32GeS, .i32GeU:
            try compare(opcode.rawValue &- Opcode.i32Eq.rawValue, .i32)
        case .i64Eq, .i64Ne, .i64LtS, .i64LtU, .i64GtS, .i64GtU, .i64LeS, .i64LeU, .i64GeS, .i64GeU:
            try compare(opcode.rawValue &- Opcode.i64Eq.rawValue, .i64)
        case .i32Add: try add(&reader)
        case .i32Sub: try subtract()
        case .i32Shl: try shift(.i32Shl, .i32ShlI)
        case .i32ShrS: try shift(.i32ShrS, .i32ShrSI)
        case .i32ShrU: try shift(.i32ShrU, .i32ShrUI)
        case .i32Rotr: try shift(.i32Rotr, .i32RotrI)
        case .i32Rotl: try rotateLeft()
        case .i32Mul: try binary32(.i32Mul, .i32MulI, .i32MulK)
        case .i32And: try binary32(.i32And, .i32AndI, .i32AndK)
        case .i32Or: try binary32(.i32Or, .i32OrI, .i32OrK)
        case .i32Xor: try exclusiveOr(&reader)
        case .i64Add: try binary64(.i64Add, .i64AddI, .i64AddK)
        case .i64Sub: try subtract64()
        case .i64Mul: try binary64(.i64Mul, .i64MulI, .i64MulK)
        case .i64And: try binary64(.i64And, .i64AndI, .i64AndK)
        case .i64Or: try binary64(.i64Or, .i64OrI, .i64OrK)
        case .i64Xor: try binary64(.i64Xor, .i64XorI, .i64XorK)
        case .i64Shl: try shift64(.i64Shl, .i64ShlI)
        case .i64ShrS: try shift64(.i64ShrS, .i64ShrSI)
        case .i64ShrU: try shift64(.i64ShrU, .i64ShrUI)
        case .i64Rotl: try shift64(.i64Rotl, .i64RotlI)
        case .i64Rotr: try rotateRight64()
        case .i32WrapI64: try wrap()
        case .i32ReinterpretF32, .i64ReinterpretF64, .f32ReinterpretI32, .f64ReinterpretI64: try reinterpret(signature)
        default:
            if let op = Self.plain(opcode) {
                try plain(op, signature, swapped: Self.isSwapped(opcode))
            } else if let sub = Self.extended(opcode) {
                try extended(sub, signature)
            } else {
                throw error(.illegalOpcode)
            }
        }
    }

    // MARK: i32

    /// Puts a result on the stack that is still to be computed when it is used.
    private mutating func pushDeferred(_ kind: EntryKind, _ base: UInt32, _ payload: UInt32) throws(LoadError) {
        try pushEntry(StackEntry(kind, .i32, cell: base, payload: payload))
    }

    /// Whether an operand's value lies in a cell that an 8-bit field can name.
    private func isNear(_ operand: Operand) -> Bool {
        (operand.entry.kind == .temporary || operand.entry.kind == .local) && operand.entry.cell < 256 && operand.entry.type != StackEntry.unknownType
    }

    private mutating func pushSum(_ operand: Operand, _ value: UInt32) throws(LoadError) {
        guard emits else { return try pushTemporary(.i32) }
        switch operand.entry.kind {
        case .constant: try pushDeferred(.constant, 0, operand.entry.payload &+ value)
        case .sum, .scaled: try pushDeferred(operand.entry.kind, UInt32(operand.entry.cell), operand.entry.payload &+ value)
        default:
            let base = try cell(of: operand)
            try pushDeferred(.sum, base, value)
        }
    }

    @_lifetime(reader: copy reader)
    private mutating func add(_ reader: inout ByteReader) throws(LoadError) {
        let right = try pop(.i32)
        let left = try pop(.i32)
        var value: UInt32 = 0
        if right.entry.isConstant32(&value) { return try pushSum(left, value) }
        if left.entry.isConstant32(&value) {
            // The sum lies where the left operand would: one cell lower. Nothing may wait in the cell above that.
            if right.entry.kind == .local && isNear(right) || !emits { return try pushSum(right, value) }
            let source = try cell(of: right)
            try emitAdd(left.home, source, value)
            return try pushTemporary(.i32)
        }
        if try accumulate(left, right, &reader) { return }
        let b = try cell(of: right)
        let a = try cell(of: left)
        try emitProducer(Word(.i32Add, left.home, a, b))
        try pushTemporary(.i32)
    }

    /// x + y × z, x + (y << n): one word when x is a temporary, or a local that the sum goes back into.
    @_lifetime(reader: copy reader)
    private mutating func accumulate(_ left: Operand, _ right: Operand, _ reader: inout ByteReader) throws(LoadError) -> Bool {
        guard emits else { return false }
        var word = Word(.i32MulAdd)
        if right.entry.kind == .scaled && right.entry.payload == 0 && right.entry.cell < 256 {
            word = Word(.i32AddShlI, 0, UInt32(right.entry.cell), 2)
        } else if let made = lastProducer(of: right.entry) {
            switch made.op {
            case .i32Mul: word = Word(.i32MulAdd, 0, UInt32(made.b), UInt32(made.c))
            case .i32ShlI: word = Word(.i32AddShlI, 0, UInt32(made.b), UInt32(made.c))
            default: return false
            }
        } else {
            return false
        }
        return try update(left, with: word, &reader, takingBack: right.entry.kind == .temporary)
    }

    /// Emits a word that updates its first operand: in its home, or in the local that the next instruction sets.
    @_lifetime(reader: copy reader)
    private mutating func update(_ left: Operand, with word: Word, _ reader: inout ByteReader, takingBack: Bool) throws(LoadError) -> Bool {
        if left.entry.kind == .temporary {
            if takingBack { removeProducer() }
            try emit(word.with(a: UInt32(left.entry.cell)))
            try pushTemporary(.i32)
            return true
        }
        guard left.entry.kind == .local, left.entry.cell < 256 else { return false }
        let cell = UInt32(left.entry.cell)
        // What waits below must not read the local's old value later.
        guard !hasReaders(of: cell) else { return false }
        var next = reader
        guard next.remaining >= 2 else { return false }
        let byte = try next.byte()
        guard byte == Opcode.localSet.rawValue || byte == Opcode.localTee.rawValue else { return false }
        let number = try next.u32()
        guard number < localCount, let target = try? local(number, at: instructionOffset), target.type == .i32, target.cell == cell else { return false }
        reader = next
        if takingBack { removeProducer() }
        try emit(word.with(a: cell))
        noteWrite(number)
        countLength &+= 1
        if byte == Opcode.localTee.rawValue { try pushEntry(StackEntry(.local, .i32, cell: cell)) }
        return true
    }

    private mutating func subtract() throws(LoadError) {
        let right = try pop(.i32)
        let left = try pop(.i32)
        var value: UInt32 = 0
        if right.entry.isConstant32(&value) { return try pushSum(left, 0 &- value) }
        let b = try cell(of: right)
        if left.entry.isConstant32(&value) && Self.fitsImmediate(value) {
            try emitProducer(Word(.i32RSubI, left.home, b, value))
        } else {
            let a = try cell(of: left)
            try emitProducer(Word(.i32Sub, left.home, a, b))
        }
        try pushTemporary(.i32)
    }

    private mutating func binary32(_ op: Op, _ immediate: Op, _ pool: Op) throws(LoadError) {
        var right = try pop(.i32)
        var left = try pop(.i32)
        let home = left.home
        var value: UInt32 = 0
        if left.entry.kind == .constant && right.entry.kind != .constant {
            let other = left
            left = right
            right = other
        }
        if right.entry.isConstant32(&value) {
            if Self.fitsImmediate(value) {
                let a = try cell(of: left)
                try emitProducer(Word(immediate, home, a, value))
                return try pushTemporary(.i32)
            }
            let index = try constant(value)
            if index < 256 {
                let a = try cell(of: left)
                try emitProducer(Word(pool, home, a, index))
                return try pushTemporary(.i32)
            }
        }
        let b = try cell(of: right)
        let a = try cell(of: left)
        try emitProducer(Word(op, home, a, b))
        try pushTemporary(.i32)
    }

    @_lifetime(reader: copy reader)
    private mutating func exclusiveOr(_ reader: inout ByteReader) throws(LoadError) {
        // x ^ rotr(y, n), x ^ (y >> n), x ^ (y << n): hashes live on them.
        if emits, workspace.depth >= frameDepth &+ 16 {
            let top = workspace.load(StackEntry.self, atDepth: workspace.depth)
            if let made = lastProducer(of: top), top.type == ValueType.i32.rawValue {
                var op: Op?
                switch made.op {
                case .i32RotrI: op = .i32XorRotrI
                case .i32ShrUI: op = .i32XorShrI
                case .i32ShlI: op = .i32XorShlI
                default: break
                }
                if let op {
                    let right = try pop(.i32)
                    let left = try pop(.i32)
                    if try update(left, with: Word(op, 0, UInt32(made.b), UInt32(made.c)), &reader, takingBack: true) { return }
                    let a = try cell(of: left)
                    try emitProducer(Word(.i32Xor, left.home, a, UInt32(right.entry.cell)))
                    return try pushTemporary(.i32)
                }
            }
        }
        try binary32(.i32Xor, .i32XorI, .i32XorK)
    }

    private mutating func shift(_ op: Op, _ immediate: Op) throws(LoadError) {
        let right = try pop(.i32)
        let left = try pop(.i32)
        var value: UInt32 = 0
        if right.entry.isConstant32(&value) {
            if op == .i32Shl && value == 2 && isNear(left) && emits {
                return try pushDeferred(.scaled, UInt32(left.entry.cell), 0)
            }
            let a = try cell(of: left)
            try emitProducer(Word(immediate, left.home, a, value & 31))
        } else {
            let b = try cell(of: right)
            let a = try cell(of: left)
            try emitProducer(Word(op, left.home, a, b))
        }
        try pushTemporary(.i32)
    }

    private mutating func rotateLeft() throws(LoadError) {
        let right = try pop(.i32)
        let left = try pop(.i32)
        var value: UInt32 = 0
        if right.entry.isConstant32(&value) {
            let a = try cell(of: left)
            try emitProducer(Word(.i32RotrI, left.home, a, (0 &- value) & 31))
        } else {
            let b = try cell(of: right)
            let a = try cell(of: left)
            try emitProducer(Word(.i32Rotl, left.home, a, b))
        }
        try pushTemporary(.i32)
    }

    /// The low cell of an i64 is its low half: nothing to do where it has one.
    private mutating func wrap() throws(LoadError) {
        let operand = try pop(.i64)
        switch operand.entry.kind {
        case .constant: try pushDeferred(.constant, 0, operand.entry.payload)
        case .pooled: try pushDeferred(.constant, 0, emits ? workspace.constant(operand.entry.payload &+ 1) : 0)
        case .local where emits: try pushDeferred(.local, UInt32(operand.entry.cell), 0)
        default: try pushTemporary(.i32)
        }
    }

    private mutating func reinterpret(_ signature: NumericSignature) throws(LoadError) {
        let operand = try pop(signature.operandType)
        var entry = operand.entry
        guard entry.type != StackEntry.unknownType else { return try pushTemporary(signature.resultType) }
        if entry.kind == .sum || entry.kind == .scaled {
            _ = try cell(of: operand)
            return try pushTemporary(signature.resultType)
        }
        entry.type = signature.resultType.rawValue
        try pushEntry(entry)
    }

    // MARK: i64

    private mutating func subtract64() throws(LoadError) {
        let right = try pop(.i64)
        let left = try pop(.i64)
        var value: UInt32 = 0
        if right.entry.isConstant32(&value) && Self.fitsImmediate(0 &- value) && value != 0x8000_0000 {
            let a = try cell(of: left)
            try emitProducer(Word(.i64AddI, left.home, a, 0 &- value))
        } else {
            let b = try cell(of: right)
            let a = try cell(of: left)
            try emitProducer(Word(.i64Sub, left.home, a, b))
        }
        try pushTemporary(.i64)
    }

    private mutating func binary64(_ op: Op, _ immediate: Op, _ pool: Op) throws(LoadError) {
        var right = try pop(.i64)
        var left = try pop(.i64)
        let home = left.home
        if left.entry.kind == .constant || left.entry.kind == .pooled {
            let other = left
            left = right
            right = other
        }
        if right.entry.kind == .constant && Self.fitsImmediate(right.entry.payload) {
            let a = try cell(of: left)
            try emitProducer(Word(immediate, home, a, right.entry.payload))
            return try pushTemporary(.i64)
        }
        if right.entry.kind == .constant || right.entry.kind == .pooled {
            let index = right.entry.kind == .pooled ? right.entry.payload : try constant64(UInt64(bitPattern: Int64(Int32(bitPattern: right.entry.payload))))
            if index < 256 {
                let a = try cell(of: left)
                try emitProducer(Word(pool, home, a, index))
                return try pushTemporary(.i64)
            }
        }
        let b = try cell(of: right)
        let a = try cell(of: left)
        try emitProducer(Word(op, home, a, b))
        try pushTemporary(.i64)
    }

    private mutating func shift64(_ op: Op, _ immediate: Op) throws(LoadError) {
        let right = try pop(.i64)
        let left = try pop(.i64)
        if right.entry.kind == .constant {
            let a = try cell(of: left)
            try emitProducer(Word(immediate, left.home, a, right.entry.payload & 63))
        } else {
            let b = try cell(of: right)
            let a = try cell(of: left)
            try emitProducer(Word(op, left.home, a, b))
        }
        try pushTemporary(.i64)
    }

    private mutating func rotateRight64() throws(LoadError) {
        let right = try pop(.i64)
        let left = try pop(.i64)
        if right.entry.kind == .constant {
            let a = try cell(of: left)
            try emitProducer(Word(.i64RotlI, left.home, a, (0 &- right.entry.payload) & 63))
        } else {
            let b = try cell(of: right)
            let a = try cell(of: left)
            try emitProducer(Word(.i64Rotr, left.home, a, b))
        }
        try pushTemporary(.i64)
    }

    // MARK: the rest

    /// One word: result, one or two operands in cells.
    private mutating func plain(_ op: Op, _ signature: NumericSignature, swapped: Bool) throws(LoadError) {
        if signature.operandCount == 2 {
            let right = try pop(signature.operandType)
            let left = try pop(signature.operandType)
            let b = try cell(of: right)
            let a = try cell(of: left)
            try emitProducer(swapped ? Word(op, left.home, b, a) : Word(op, left.home, a, b))
        } else {
            let operand = try pop(signature.operandType)
            let a = try cell(of: operand)
            try emitProducer(Word(op, operand.home, a))
        }
        try pushTemporary(signature.resultType)
    }

    /// One word of the second page: b = op c, or b = b op c.
    mutating func extended(_ sub: ExtendedOp, _ signature: NumericSignature) throws(LoadError) {
        if signature.operandCount == 2 {
            let right = try pop(signature.operandType)
            let left = try pop(signature.operandType)
            let c = try cell(of: right)
            if left.entry.kind != .temporary { try bring(left.entry, into: left.home) }
            try emit(Word(sub, left.home, c))
        } else {
            let operand = try pop(signature.operandType)
            let c = try cell(of: operand)
            try emit(Word(sub, operand.home, c))
        }
        try pushTemporary(signature.resultType)
    }

    static func isSwapped(_ opcode: Opcode) -> Bool {
        opcode == .f32Gt || opcode == .f32Ge || opcode == .f64Gt || opcode == .f64Ge
    }
}
