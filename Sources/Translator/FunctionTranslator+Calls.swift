// Calls: arguments are brought into their homes, where the callee's frame begins.

import RegisterCode
import WasmFormat

extension FunctionTranslator where Index: ~Copyable {
    mutating func call(_ function: FunctionIndex, _ index: borrowing Index, _ bytes: Span<UInt8>) throws(LoadError) {
        let type = try FunctionType(bytes, at: index.typeOffset(index.functionType(function)))
        try settle(top: UInt32(type.parameterCount))
        try pop(parametersOf: type)
        try passReferences(type)
        let isImport = function.rawValue < summary.importedFunctionCount
        let number = isImport ? function.rawValue : function.rawValue &- summary.importedFunctionCount
        try emit(Word(isImport ? .callImport : .call, nextHome, imm16: number))
        try takeResults(type)
    }

    @_lifetime(reader: copy reader)
    mutating func callIndirect(_ reader: inout ByteReader, _ index: borrowing Index) throws(LoadError) {
        let typeOffset = reader.offset
        let number = try reader.u32()
        let tableOffset = reader.offset
        let table = try tableIndex(&reader)
        guard number < summary.types.count else { throw LoadError(.unknownType, at: typeOffset, number: number) }
        guard index.tableType(TableIndex(table)) == .funcref else { throw LoadError(.typeMismatch, at: tableOffset) }
        let type = try FunctionType(reader.bytes, at: index.typeOffset(TypeIndex(number)))
        // The index lies above the arguments; the callee's frame may overwrite it once it has been read.
        let target = try pop(.i32)
        let cell = try self.cell(of: target)
        try settle(top: UInt32(type.parameterCount))
        try pop(parametersOf: type)
        try passReferences(type)
        if table == 0 && number < 256 {
            try emit(Word(.callIndirect, nextHome, cell, number))
        } else {
            try emit(Word(.callIndirectWide, nextHome, cell))
            try emit(Word(.callIndirectRest, table, imm16: number))
        }
        try takeResults(type)
    }

    /// References are handed over on the second stack, below the record that the call pushes.
    private mutating func passReferences(_ type: borrowing FunctionType) throws(LoadError) {
        let count = UInt32(type.parameterReferences)
        guard count > 0 else { return }
        needReferences()
        if count > maximumOutgoing { maximumOutgoing = count }
        try emit(Word(.refArguments, localReferences &+ referenceHeight, count))
    }

    private mutating func takeResults(_ type: borrowing FunctionType) throws(LoadError) {
        let count = UInt32(type.resultReferences)
        if count > 0 {
            needReferences()
            if count > maximumOutgoing { maximumOutgoing = count }
            try emit(Word(.refResults, localReferences &+ referenceHeight, count))
        }
        try push(resultsOf: type)
        producer = Self.none
    }

    /// The function has reference cells: known from its first word on, so what was translated without is translated again.
    mutating func needReferences() {
        guard emits, !usesReferences else { return }
        usesReferences = true
        needsRetry = true
    }

    // MARK: references

    /// Emits a word whose destination is the next reference cell, and pushes it.
    mutating func pushReference(_ type: ValueType, _ word: Word) throws(LoadError) {
        needReferences()
        try emit(word)
        try pushTemporary(type)
    }

    mutating func refIsNull() throws(LoadError) {
        let operand = try popAny()
        guard operand.entry.isReference || operand.entry.type == StackEntry.unknownType else { throw error(.typeMismatch) }
        try emit(Word(.refIsNull, nextHome, UInt32(operand.entry.cell)))
        try pushTemporary(.i32)
    }

    mutating func tableGet(_ table: UInt32, _ index: borrowing Index) throws(LoadError) {
        let position = try pop(.i32)
        let cell = try self.cell(of: position)
        try pushReference(index.tableType(TableIndex(table)), Word(.tableGet, localReferences &+ referenceHeight, cell, table))
    }

    mutating func tableSet(_ table: UInt32, _ index: borrowing Index) throws(LoadError) {
        let value = try pop(index.tableType(TableIndex(table)))
        let position = try pop(.i32)
        let cell = try self.cell(of: position)
        try emit(Word(.tableSet, UInt32(value.entry.cell), cell, table))
    }

    mutating func tableGrow(_ table: UInt32, _ index: borrowing Index) throws(LoadError) {
        let delta = try pop(.i32)
        let value = try pop(index.tableType(TableIndex(table)))
        if delta.entry.kind != .temporary { try bring(delta.entry, into: delta.home) }
        try emit(Word(.tableGrow, UInt32(value.entry.cell), delta.home, table))
        try pushTemporary(.i32)
    }

    mutating func tableFill(_ table: UInt32, _ index: borrowing Index) throws(LoadError) {
        // index, value, count: the two numbers lie in neighbouring cells, the reference beside them.
        try settle(top: 3)
        _ = try pop(.i32)
        let value = try pop(index.tableType(TableIndex(table)))
        let first = try pop(.i32)
        try emit(Word(.tableFill, UInt32(value.entry.cell), first.home, table))
    }
}
