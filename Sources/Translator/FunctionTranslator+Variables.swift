// Locals and globals: a local is read where it lies, and written where its value is made.

import RegisterCode
import WasmFormat

extension FunctionTranslator where Index: ~Copyable {
    mutating func localGet(_ number: UInt32, _ local: Local) throws(LoadError) {
        if local.type.isReference {
            return try pushReference(local.type, Word(.refMove, localReferences &+ referenceHeight, local.cell))
        }
        noteRead(number, local)
        try pushEntry(StackEntry(.local, local.type, cell: local.cell))
    }

    /// `local.set`; with `keeping`, `local.tee`.
    mutating func localSet(_ number: UInt32, _ local: Local, keeping: Bool) throws(LoadError) {
        let operand = try pop(local.type)
        if local.type.isReference {
            if emits { try emit(Word(.refMove, local.cell, UInt32(operand.entry.cell))) }
            if keeping { try pushTemporary(local.type) }
            return
        }
        guard emits else {
            if keeping { try pushTemporary(local.type) }
            return
        }
        noteWrite(number)
        let cells = local.type.cells
        if local.cell &+ cells > 256 {
            let cell = try self.cell(of: operand)
            if hasReaders(of: local.cell) { try settleReaders(of: local.cell) }
            try emit(Word(cells == 2 ? .farSet64 : .farSet, cell, imm16: local.cell))
            if keeping { try pushAgain(operand, local) }
            return
        }
        if operand.entry.kind == .local && UInt32(operand.entry.cell) == local.cell {
            if keeping { try pushEntry(operand.entry) }
            return
        }
        if let made = lastProducer(of: operand.entry) {
            // The value is made where it belongs. What still wants the old value is brought away before.
            workspace.removeLast()
            producer = Self.none
            try settleReaders(of: local.cell)
            try emitProducer(made.with(a: local.cell))
            if keeping {
                teeProducer = producer
                producer = Self.none
                try pushEntry(StackEntry(.local, local.type, cell: local.cell))
            } else {
                producer = Self.none
            }
            return
        }
        try settleReaders(of: local.cell)
        try bring(operand.entry, into: local.cell)
        let made = producer
        producer = Self.none
        if keeping {
            switch operand.entry.kind {
            case .constant, .pooled: try pushEntry(operand.entry)
            default:
                teeProducer = made
                try pushEntry(StackEntry(.local, local.type, cell: local.cell))
            }
        }
    }

    private mutating func pushAgain(_ operand: Operand, _ local: Local) throws(LoadError) {
        switch operand.entry.kind {
        case .constant, .pooled: try pushEntry(operand.entry)
        case .local where UInt32(operand.entry.cell) &+ operand.entry.cells <= 256: try pushEntry(operand.entry)
        default: try pushTemporary(local.type)
        }
    }

    mutating func globalGet(_ global: GlobalIndex, _ index: borrowing Index) throws(LoadError) {
        let type = index.globalType(global).valueType
        let isImported = global.rawValue < summary.importedGlobalCount
        let cell = index.globalCell(global)
        if type.isReference {
            return try pushReference(type, Word(isImported ? .importedGlobalGetRef : .globalGetRef, localReferences &+ referenceHeight, imm16: cell))
        }
        let op: Op = switch (isImported, type.cells == 2) {
        case (false, false): .globalGet
        case (false, true): .globalGet64
        case (true, false): .importedGlobalGet
        case (true, true): .importedGlobalGet64
        }
        try emitProducer(Word(op, nextHome, imm16: cell))
        try pushTemporary(type)
    }

    mutating func globalSet(_ global: GlobalIndex, _ index: borrowing Index, at offset: UInt32) throws(LoadError) {
        let type = index.globalType(global)
        guard type.isMutable else { throw LoadError(.globalIsImmutable, at: offset, number: global.rawValue) }
        let operand = try pop(type.valueType)
        let isImported = global.rawValue < summary.importedGlobalCount
        let cell = index.globalCell(global)
        if type.valueType.isReference {
            return try emit(Word(isImported ? .importedGlobalSetRef : .globalSetRef, UInt32(operand.entry.cell), imm16: cell))
        }
        var op: Op = switch (isImported, type.valueType.cells == 2) {
        case (false, false): .globalSet
        case (false, true): .globalSet64
        case (true, false): .importedGlobalSet
        case (true, true): .importedGlobalSet64
        }
        if global == index.auxStackPointer { op = isImported ? .importedAuxStackSet : .auxStackSet }
        let value = try self.cell(of: operand)
        try emit(Word(op, value, imm16: cell))
    }

    /// `select`, without a type or with one.
    mutating func select(_ type: ValueType?) throws(LoadError) {
        let condition = try pop(.i32)
        let second: Operand
        let first: Operand
        if let type {
            second = try pop(type)
            first = try pop(type)
        } else {
            second = try popAny()
            first = try popAny()
            let a = first.entry.type
            let b = second.entry.type
            guard !first.entry.isReference && !second.entry.isReference else { throw error(.typeMismatch) }
            guard a == b || a == StackEntry.unknownType || b == StackEntry.unknownType else { throw error(.typeMismatch) }
        }
        guard let result = type ?? first.entry.valueType ?? second.entry.valueType else {
            return try pushEntry(StackEntry(unknownTemporary: ()))
        }
        if result.isReference {
            if emits {
                let cell = try self.cell(of: condition)
                try emit(Word(.refSelZ, UInt32(first.entry.cell), cell))
            }
            return try pushTemporary(result)
        }
        if emits {
            let test = try cell(of: condition)
            let other = try cell(of: second)
            if first.entry.kind != .temporary { try bring(first.entry, into: first.home) }
            try emit(Word(result.cells == 2 ? .selZ64 : .selZ, first.home, other, test))
        }
        try pushTemporary(result)
    }
}
