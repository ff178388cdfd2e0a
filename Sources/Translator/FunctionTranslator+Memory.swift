// Loads, stores and the bulk instructions: addresses fold into their users.

import RegisterCode
import WasmFormat

/// The forms of one load or store; `nil` where there is no such opcode.
private struct MemoryForms {
    var offset: Op
    var pool: Op
    var sum: Op                 // register + register
    var immediate: Op?          // register + immediate, with wrap-around
    var constant: Op?           // register + constant, with wrap-around
    var scaled: Op?             // (register << 2) + constant, with wrap-around
    var absolute: Op?

    static func of(bytes: UInt32, isSigned: Bool, isStore: Bool) -> MemoryForms {
        switch (bytes, isStore) {
        case (4, false): MemoryForms(offset: .load32, pool: .load32K, sum: .load32X, immediate: .load32WI, constant: .load32WK, scaled: .load32SK, absolute: .load32A)
        case (4, true): MemoryForms(offset: .store32, pool: .store32K, sum: .store32X, immediate: .store32WI, constant: .store32WK, scaled: .store32SK, absolute: .store32A)
        case (1, false): isSigned ? MemoryForms(offset: .load8S, pool: .load8SK, sum: .load8SX)
            : MemoryForms(offset: .load8U, pool: .load8UK, sum: .load8UX, immediate: .load8UWI, constant: .load8UWK, absolute: .load8UA)
        case (1, true): MemoryForms(offset: .store8, pool: .store8K, sum: .store8X, immediate: .store8WI, constant: .store8WK, absolute: .store8A)
        case (2, false): isSigned ? MemoryForms(offset: .load16S, pool: .load16SK, sum: .load16SX)
            : MemoryForms(offset: .load16U, pool: .load16UK, sum: .load16UX)
        case (2, true): MemoryForms(offset: .store16, pool: .store16K, sum: .store16X)
        case (_, false): MemoryForms(offset: .load64, pool: .load64K, sum: .load64X)
        case (_, true): MemoryForms(offset: .store64, pool: .store64K, sum: .store64X)
        }
    }
}

extension FunctionTranslator where Index: ~Copyable {
    @_lifetime(reader: copy reader)
    mutating func memoryAccess(_ opcode: Opcode, _ access: MemoryAccess, _ reader: inout ByteReader) throws(LoadError) {
        let alignmentOffset = reader.offset
        let alignment = try reader.u32()
        guard alignment < 32 else { throw LoadError(.malformedMemoryAccessFlags, at: alignmentOffset) }
        guard alignment <= access.naturalAlignment else { throw LoadError(.alignmentTooLarge, at: alignmentOffset) }
        let offset = try reader.u32()
        guard summary.memoryCount > 0 else { throw error(.unknownMemory) }
        let bytes: UInt32 = 1 &<< access.naturalAlignment
        if access.isStore { return try store(bytes, access.valueType, offset) }
        let isSigned = switch opcode {
        case .i32Load8S, .i32Load16S, .i64Load8S, .i64Load16S, .i64Load32S: true
        default: false
        }
        try load(bytes, isSigned, access.valueType, offset)
    }

    private mutating func load(_ bytes: UInt32, _ isSigned: Bool, _ type: ValueType, _ offset: UInt32) throws(LoadError) {
        let address = try pop(.i32)
        let forms = MemoryForms.of(bytes: bytes, isSigned: isSigned, isStore: false)
        try access(forms, value: address.home, address, offset, isLoad: true)
        // Narrow i64 loads fill the low cell; the high one follows.
        if type == .i64 && bytes < 8 { try emitProducer(Word(isSigned ? .i64ExtendS : .i64ExtendU, address.home, address.home)) }
        try pushTemporary(type)
    }

    private mutating func store(_ bytes: UInt32, _ type: ValueType, _ offset: UInt32) throws(LoadError) {
        let value = try pop(type)
        let address = try pop(.i32)
        let forms = MemoryForms.of(bytes: bytes, isSigned: false, isStore: true)
        // An address that was just added up must be taken back before the value is brought, which must not go over its second summand.
        let made = lastProducer(of: address.entry)
        if let made, made.op == .i32Add, offset == 0, value.entry.kind != .temporary, made.b != value.home, made.c != value.home {
            removeProducer()
            let cell = try self.cell(of: value)
            return try emit(Word(forms.sum, cell, UInt32(made.b), UInt32(made.c)))
        }
        let cell = try self.cell(of: value)
        try access(forms, value: cell, address, offset, isLoad: false)
    }

    private mutating func access(_ forms: MemoryForms, value: UInt32, _ address: Operand, _ offset: UInt32, isLoad: Bool) throws(LoadError) {
        guard emits else { return }
        let word = try accessWord(forms, value, address, offset)
        if isLoad { try emitProducer(word) } else { try emit(word) }
    }

    private mutating func accessWord(_ forms: MemoryForms, _ value: UInt32, _ address: Operand, _ offset: UInt32) throws(LoadError) -> Word {
        let entry = address.entry
        if entry.kind == .constant, let absolute = forms.absolute, entry.payload <= 0xffff, offset <= 0xffff &- entry.payload {
            return Word(absolute, value, imm16: entry.payload &+ offset)
        }
        if offset == 0 && entry.cell < 256 {
            let base = UInt32(entry.cell)
            if entry.kind == .sum {
                if let immediate = forms.immediate, Self.fitsImmediate(entry.payload) { return Word(immediate, value, base, entry.payload) }
                if let op = forms.constant, let index = try nearConstant(entry.payload) { return Word(op, value, base, index) }
            }
            if entry.kind == .scaled, let op = forms.scaled, let index = try nearConstant(entry.payload) { return Word(op, value, base, index) }
            if let made = lastProducer(of: entry), made.op == .i32Add {
                removeProducer()
                return Word(forms.sum, value, UInt32(made.b), UInt32(made.c))
            }
        }
        var cell = try self.cell(of: address)
        if offset < 256 { return Word(forms.offset, value, cell, offset) }
        if let index = try nearConstant(offset) { return Word(forms.pool, value, cell, index) }
        // More than 256 constants: the offset is added by an instruction of its own, which traps where the sum needs 33 bits.
        let scratch = scratchCell()
        try emit(Word(.constK, scratch, imm16: constant(offset)))
        if cell != address.home {
            try emit(Word(.mov, address.home, cell))
            cell = address.home
        }
        try emit(Word(.addressAdd, cell, scratch))
        return Word(forms.offset, value, cell, 0)
    }

    /// A constant whose index fits 8 bits.
    private mutating func nearConstant(_ value: UInt32) throws(LoadError) -> UInt32? {
        let index = try constant(value)
        return index < 256 ? index : nil
    }

    // MARK: size, growth, bulk

    @_lifetime(reader: copy reader)
    mutating func memoryIndex(_ reader: inout ByteReader) throws(LoadError) {
        let at = reader.offset
        guard try reader.byte() == 0 else { throw LoadError(.zeroByteExpected, at: at) }
        guard summary.memoryCount > 0 else { throw error(.unknownMemory) }
    }

    mutating func memorySize() throws(LoadError) {
        try emit(Word(.memorySize, nextHome))
        try pushTemporary(.i32)
    }

    mutating func memoryGrow() throws(LoadError) {
        let delta = try pop(.i32)
        try bring(delta.entry, into: delta.home)
        try emit(Word(.memoryGrow, delta.home))
        try pushTemporary(.i32)
    }

    /// An instruction whose three i32 operands must lie in their homes, where it keeps its progress.
    mutating func bulk(_ word: (UInt32) -> Word, segment: UInt32? = nil) throws(LoadError) {
        try settle(top: 3)
        _ = try pop(.i32)
        _ = try pop(.i32)
        let first = try pop(.i32)
        if let segment {
            // The segment is a fourth operand: its index, and its number among the passive ones << 16.
            for _ in 0..<3 { try pushTemporary(.i32) }
            try pushEntry(StackEntry(.constant, .i32, payload: segment))
            try settle(top: 1)
            for _ in 0..<4 { _ = try popAny() }
        }
        try emit(word(first.home))
    }
}
