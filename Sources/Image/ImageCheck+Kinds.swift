// Conditions (a) to (g), of the kinds of instruction of which more is asked than limits: branches, calls, globals, tables, references.

import RegisterCode
import WasmFormat

extension ImageCheck {
    /// Looks at what else a kind of instruction asks for; gives the last word that belongs to it.
    @inline(__always)
    mutating func more(_ w: Word, _ kind: UInt32, _ function: inout CheckedFunction, at place: UInt32) throws(LoadError) -> UInt32 {
        switch kind {
        case CheckKind.float.rawValue: if !ImageCheck.hasFloats { try refuse(.opcode, at: place) }
        case CheckKind.memory.rawValue: if !hasMemory { try refuse(.index, at: place) }
        case CheckKind.zero.rawValue: if UInt32(w.a) &+ w.imm16 > function.cells { try refuse(.slot, at: place) }
        case CheckKind.branch8.rawValue: try branch(w.signedC, &function, at: place)
        case CheckKind.branch16.rawValue: try branch(w.signedImm16, &function, at: place)
        case CheckKind.constant16.rawValue: if w.imm16 &+ (w.op == .const64K ? 1 : 0) >= function.constants { try refuse(.index, at: place) }
        case CheckKind.global.rawValue: try global(w, at: place)
        case CheckKind.call.rawValue:
            let isImport = w.op == .callImport
            guard w.imm16 < (isImport ? importedFunctions : ownFunctions) else {
                try refuse(.index, at: place)
                return place
            }
            let type = isImport ? image[importTypes &+ w.imm16] : image[records &+ w.imm16 &* 4 &+ 2] & 0xffff
            try call(type, window: UInt32(w.a), &function, at: place, last: place)
        case CheckKind.callIndirect.rawValue: return try callIndirect(w, &function, at: place)
        case CheckKind.branchTable.rawValue: try branchTable(w, &function, at: place)
        case CheckKind.return.rawValue: try `return`(w, &function, at: place)
        case CheckKind.special.rawValue: try special(w, &function, at: place)
        default: break
        }
        return place
    }

    /// To any word of the body: where there are references, not to all.
    private mutating func branch(_ distance: Int32, _ function: inout CheckedFunction, at place: UInt32) throws(LoadError) {
        let target = place &+ 1 &+ UInt32(bitPattern: distance)
        if target &- function.body >= function.end &- function.body || function.hasReferences && isClosed(target) { try refuse(.branch, at: place) }
    }

    /// Own globals are named by their first cell, imported ones by their index.
    private mutating func global(_ w: Word, at place: UInt32) throws(LoadError) {
        var known: UInt32
        switch w.op {
        case .importedGlobalGet, .importedGlobalSet, .importedGlobalGet64, .importedGlobalSet64, .importedGlobalGetRef, .importedGlobalSetRef, .importedAuxStackSet:
            known = importedGlobal(w.imm16)
        default:
            // Where the second cell of a wide global is there stands 0, which is no type.
            known = w.imm16 < globalCells ? image[image.offset(of: .globals) / 4 &+ w.imm16 &* 2] & 0xffff : 0xffff
        }
        let isMutable = known &>> 8 == 1
        known &= 0xff
        let isRight: Bool
        switch w.op {
        case .globalGet, .importedGlobalGet: isRight = known == 0x7f || known == 0x7d
        case .globalSet, .importedGlobalSet: isRight = (known == 0x7f || known == 0x7d) && isMutable
        case .auxStackSet, .importedAuxStackSet: isRight = known == 0x7f && isMutable
        case .globalGet64, .importedGlobalGet64: isRight = known == 0x7e || known == 0x7c
        case .globalSet64, .importedGlobalSet64: isRight = (known == 0x7e || known == 0x7c) && isMutable
        case .globalGetRef, .importedGlobalGetRef: isRight = known == 0x70 || known == 0x6f
        default: isRight = (known == 0x70 || known == 0x6f) && isMutable
        }
        if !isRight { try refuse(.index, at: place) }
    }

    /// A call of a type: (f), and its references. `last`: the last word of the instruction.
    private mutating func call(_ number: UInt32, window: UInt32, _ function: inout CheckedFunction, at place: UInt32, last: UInt32) throws(LoadError) {
        guard number < typeCount else {
            try refuse(.index, at: place)
            return
        }
        let type = typeSummary(number)
        if window &+ max(type & 0xff, type &>> 8 & 0xff) > function.cells { try refuse(.window, at: place) }
        let arguments = type &>> 16 & 0xff
        if arguments > 0 {
            let before = Word(bits: image[place &- 1])
            let isHanded = place > function.body && before.op == .extended && before.extendedOp == .refArguments && UInt32(before.c) == arguments
            if !isHanded || !function.hasReferences { try refuse(.reference, at: place) }
        }
        function.resultsAt = last &+ 1
        function.results = type &>> 24
        // A host function puts its result there.
        if function.results > function.outgoing { try refuse(.reference, at: place) }
    }

    private mutating func callIndirect(_ w: Word, _ function: inout CheckedFunction, at place: UInt32) throws(LoadError) -> UInt32 {
        if w.op == .callIndirect {
            if elementType(0) != 0x70 { try refuse(.index, at: place) }
            try call(UInt32(w.c), window: UInt32(w.a), &function, at: place, last: place)
            return place
        }
        guard place &+ 1 < function.end, case let rest = Word(bits: image[place &+ 1]), rest.op == .callIndirectRest else {
            try refuse(.opcode, at: place)
            return place
        }
        if elementType(UInt32(rest.a)) != 0x70 { try refuse(.index, at: place &+ 1) }
        try call(rest.imm16, window: UInt32(w.b), &function, at: place, last: place &+ 1)
        return place &+ 1
    }

    /// Behind it are jumps, one for each way: they are looked at as they come. A table of jumps lies among the constants, and no two share one.
    private mutating func branchTable(_ w: Word, _ function: inout CheckedFunction, at place: UInt32) throws(LoadError) {
        var jumps = w.imm16 &+ 1
        if w.op == .brTableK {
            guard w.imm16 < function.constants else {
                try refuse(.index, at: place)
                return
            }
            let header = JumpTable(bits: image[function.first &- 1 &- w.imm16])
            guard header.words <= w.imm16, w.imm16 &- header.words >= function.jumpTables else {
                try refuse(.index, at: place)
                return
            }
            function.jumpTables = w.imm16 &+ 1
            jumps = header.jumps
            let table = (function.first &- w.imm16) &* 4
            for value in 0...header.last {
                let byte = image[(table &+ value) / 4] &>> (value & 3 &* 8) & 0xff
                if byte >= jumps { try refuse(.branch, at: place) }
            }
        }
        guard jumps < function.end &- place else {
            try refuse(.branch, at: place)
            return
        }
        for jump in place &+ 1..<place &+ 1 &+ jumps where Word(bits: image[jump]).op != .jump { try refuse(.branch, at: jump) }
    }

    private mutating func `return`(_ w: Word, _ function: inout CheckedFunction, at place: UInt32) throws(LoadError) {
        switch w.op {
        case .retFrame: if function.below != w.imm16 || function.below == 0 { try refuse(.slot, at: place) }
        case .ret: if function.below != 0 { try refuse(.slot, at: place) }
        // They put a value into the frame's first cells.
        default: if function.below != 0 || function.cells < (w.op == .ret64 ? 2 : 1) { try refuse(.slot, at: place) }
        }
        if function.hasReferences {
            let before = Word(bits: image[place &- 1])
            if place == function.body || before.op != .extended || before.extendedOp != .leaveReferences { try refuse(.reference, at: place) }
        }
    }

    private mutating func references(_ w: Word, _ function: inout CheckedFunction, at place: UInt32) throws(LoadError) {
        let count = UInt32(w.c)
        if !function.hasReferences || UInt32(w.b) &+ count > function.references { try refuse(.reference, at: place) }
        switch w.extendedOp {
        case .leaveReferences?:
            let isLast = place &+ 1 >= function.end || !isReturn(Word(bits: image[place &+ 1]))
            if isLast || count != function.type &>> 24 { try refuse(.reference, at: place) }
        case .refArguments?: if count > function.outgoing { try refuse(.reference, at: place) }
        default: if function.resultsAt != place || function.results != count { try refuse(.reference, at: place) }
        }
    }

    private mutating func special(_ w: Word, _ function: inout CheckedFunction, at place: UInt32) throws(LoadError) {
        switch w.op {
        case .brI32EqK, .brI32NeK, .brI32LtSK, .brI32GeSK, .brI32LtUK, .brI32GeUK: try branch(w.signedC, &function, at: place)
        case .farGet, .farSet, .farGet64, .farSet64:
            // Counted from the frame's first cell.
            let cell = UInt32(bitPattern: w.signedImm16) &+ function.below
            let width: UInt32 = w.op == .farGet || w.op == .farSet ? 1 : 2
            let all = function.below &+ function.cells
            if cell >= all || width > all &- cell { try refuse(.slot, at: place) }
        case .refFunc: if w.imm16 >= functionCount { try refuse(.index, at: place) }
        case .tableCopy: if elementType(UInt32(w.b)) != elementType(UInt32(w.c)) { try refuse(.index, at: place) }
        default: try references(w, &function, at: place)
        }
    }
}
