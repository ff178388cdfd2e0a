// One instruction: its immediates are read here, what it means is done by the file of its topic.

import RegisterCode
import WasmFormat

extension FunctionTranslator where Index: ~Copyable {
    @_lifetime(reader: copy reader)
    mutating func instruction(_ reader: inout ByteReader, _ index: inout Index) throws(LoadError) {
        let opcode = try reader.opcode()
        if comparison.isPending && opcode != .brIf && opcode != .if && opcode != .i32Eqz { try settleComparison() }
        if counts { try countInstruction(opcode) }
        let bytes = reader.bytes
        switch opcode {
        case .unreachable:
            try emit(Word(.unreachable))
            becomeUnreachable()
        case .nop: break
        case .block:
            let type = try blockType(&reader, index)
            try block(type, bytes)
        case .loop:
            let type = try blockType(&reader, index)
            try loop(type, bytes)
        case .if:
            let type = try blockType(&reader, index)
            try `if`(type, bytes)
        case .else: try `else`(bytes)
        case .end: try end(bytes)
        case .br:
            let at = reader.offset
            let label = try reader.u32()
            try branch(label, at: at, bytes)
        case .brIf:
            let at = reader.offset
            let label = try reader.u32()
            try branchIf(label, at: at, bytes)
        case .brTable: try branchTable(&reader)
        case .return: try `return`(bytes)
        case .call:
            let at = reader.offset
            let function = try reader.u32()
            guard function < summary.functionCount else { throw LoadError(.unknownFunction, at: at, number: function) }
            try call(FunctionIndex(function), index, bytes)
        case .callIndirect: try callIndirect(&reader, index)
        case .drop: _ = try popAny()
        case .select: try select(nil)
        case .selectTyped:
            let at = reader.offset
            guard try reader.u32() == 1 else { throw LoadError(.invalidResultArity, at: at) }
            try select(reader.valueType())
        case .localGet, .localSet, .localTee:
            let at = reader.offset
            let number = try reader.u32()
            let local = try local(number, at: at)
            noteUse(number)
            switch opcode {
            case .localGet: try localGet(number, local)
            case .localSet: try localSet(number, local, keeping: false)
            default: try localSet(number, local, keeping: true)
            }
        case .globalGet, .globalSet:
            let at = reader.offset
            let global = try reader.u32()
            guard global < summary.globalCount else { throw LoadError(.unknownGlobal, at: at, number: global) }
            if opcode == .globalGet { try globalGet(GlobalIndex(global), index) } else { try globalSet(GlobalIndex(global), index, at: at) }
        case .tableGet, .tableSet:
            let table = try tableIndex(&reader)
            if opcode == .tableGet { try tableGet(table, index) } else { try tableSet(table, index) }
        case .memorySize:
            try memoryIndex(&reader)
            try memorySize()
        case .memoryGrow:
            try memoryIndex(&reader)
            try memoryGrow()
        case .i32Const: try pushEntry(StackEntry(.constant, .i32, payload: UInt32(bitPattern: reader.s32())))
        case .f32Const: try pushEntry(StackEntry(.constant, .f32, payload: reader.f32Bits()))
        case .i64Const: try constant64(UInt64(bitPattern: reader.s64()), .i64)
        case .f64Const: try constant64(reader.f64Bits(), .f64)
        case .refNull:
            let type = try reader.referenceType()
            try pushReference(type, Word(.refNull, localReferences &+ referenceHeight))
        case .refIsNull: try refIsNull()
        case .refFunc:
            let at = reader.offset
            let function = try reader.u32()
            guard function < summary.functionCount else { throw LoadError(.unknownFunction, at: at, number: function) }
            guard index.isDeclared(FunctionIndex(function)) else { throw LoadError(.undeclaredFunctionReference, at: at, number: function) }
            try pushReference(.funcref, Word(.refFunc, localReferences &+ referenceHeight, imm16: function))
        case .prefix: try prefixed(&reader, index)
        default:
            if let access = opcode.memoryAccess {
                try memoryAccess(opcode, access, &reader)
            } else if let signature = opcode.numericSignature {
                try numeric(opcode, signature, &reader)
            } else {
                throw error(.illegalOpcode)
            }
        }
    }

    private mutating func constant64(_ bits: UInt64, _ type: ValueType) throws(LoadError) {
        let signed = Int64(bitPattern: bits)
        if signed == Int64(Int32(truncatingIfNeeded: signed)) {
            try pushEntry(StackEntry(.constant, type, payload: UInt32(truncatingIfNeeded: bits)))
        } else {
            try pushEntry(StackEntry(.pooled, type, payload: constant64(bits)))
        }
    }

    @_lifetime(reader: copy reader)
    private mutating func prefixed(_ reader: inout ByteReader, _ index: borrowing Index) throws(LoadError) {
        let opcode = try reader.prefixedOpcode(prefixAt: instructionOffset)
        if let signature = opcode.numericSignature, let sub = Self.extended(opcode) { return try extended(sub, signature) }
        switch opcode {
        case .memoryInit:
            let at = reader.offset
            let segment = try reader.u32()
            try memoryIndex(&reader)
            try dataSegment(segment, at: at)
            try bulk({ Word(.memoryInit, $0) }, segment: segment | index.passiveNumber(ofData: segment) &<< 16)
        case .dataDrop:
            let at = reader.offset
            let segment = try reader.u32()
            try dataSegment(segment, at: at)
            try emit(Word(.extended, UInt32(ExtendedOp.dataDrop.rawValue), imm16: index.passiveNumber(ofData: segment)))
        case .memoryCopy:
            try memoryIndex(&reader)
            try memoryIndex(&reader)
            try bulk { Word(.memoryCopy, $0) }
        case .memoryFill:
            try memoryIndex(&reader)
            try bulk { Word(.memoryFill, $0) }
        case .tableInit:
            let at = reader.offset
            let segment = try reader.u32()
            let table = try tableIndex(&reader)
            guard segment < summary.elements.count else { throw LoadError(.unknownElementSegment, at: at, number: segment) }
            guard index.elementType(ElementIndex(segment)) == index.tableType(TableIndex(table)) else { throw error(.typeMismatch) }
            try bulk({ Word(.tableInit, $0, table) }, segment: segment | index.passiveNumber(ofElements: segment) &<< 16)
        case .elemDrop:
            let at = reader.offset
            let segment = try reader.u32()
            guard segment < summary.elements.count else { throw LoadError(.unknownElementSegment, at: at, number: segment) }
            try emit(Word(.extended, UInt32(ExtendedOp.elementDrop.rawValue), imm16: index.passiveNumber(ofElements: segment)))
        case .tableCopy:
            let destination = try tableIndex(&reader)
            let source = try tableIndex(&reader)
            guard index.tableType(TableIndex(destination)) == index.tableType(TableIndex(source)) else { throw error(.typeMismatch) }
            try bulk { Word(.tableCopy, $0, destination, source) }
        case .tableGrow:
            let table = try tableIndex(&reader)
            try tableGrow(table, index)
        case .tableSize:
            let table = try tableIndex(&reader)
            try emit(Word(.tableSize, nextHome, table))
            try pushTemporary(.i32)
        case .tableFill:
            let table = try tableIndex(&reader)
            try tableFill(table, index)
        default: throw error(.illegalOpcode)
        }
    }

    private func dataSegment(_ segment: UInt32, at offset: UInt32) throws(LoadError) {
        guard summary.hasDataCount else { throw error(.dataCountRequired) }
        guard segment < summary.data.count else { throw LoadError(.unknownDataSegment, at: offset, number: segment) }
    }

    @_lifetime(reader: copy reader)
    func tableIndex(_ reader: inout ByteReader) throws(LoadError) -> UInt32 {
        let at = reader.offset
        let table = try reader.u32()
        guard table < summary.tableCount else { throw LoadError(.unknownTable, at: at, number: table) }
        return table
    }

    // MARK: counting mode

    /// Adds this instruction to the straight run that it belongs to.
    private mutating func countInstruction(_ opcode: Opcode) throws(LoadError) {
        guard emits else { return }
        if countPosition == Self.none {
            countPosition = workspace.count
            countLength = 0
            try emit(Word(.extended, UInt32(ExtendedOp.count.rawValue), imm16: 0))
        }
        countLength &+= 1
        if countPosition < workspace.count { workspace[countPosition] = workspace[countPosition].with(imm16: countLength) }
    }

    /// The straight run ends here: what follows may be reached from elsewhere, or not from here.
    mutating func endRun() {
        guard counts else { return }
        if countPosition != Self.none && countPosition < workspace.count {
            workspace[countPosition] = workspace[countPosition].with(imm16: countLength)
        }
        countPosition = Self.none
    }
}
