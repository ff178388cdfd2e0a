// Conditions (a) to (g): every word of the register code.

import RegisterCode
import WasmFormat

/// A function while its words are looked at.
private struct CheckedFunction {
    /// Words of its instructions, from the image's start; the first that a branch may lead to.
    var first: UInt32
    var end: UInt32
    var body: UInt32
    var constants: UInt32
    /// Cells that a slot can name, and those below cell 0 (a wide frame's).
    var cells: UInt32
    var below: UInt32 = 0
    /// Reference cells, and how many can be handed to a call.
    var references: UInt32 = 0
    var outgoing: UInt32 = 0
    var hasReferences = false
    /// `parameters │ results << 8 │ reference parameters << 16 │ reference results << 24`.
    var type: UInt32
    /// The word where a call's reference results may be taken, and how many they are.
    var resultsAt: UInt32 = 0
    var results: UInt32 = 0
    /// Constants from here on are in no jump table yet.
    var jumpTables: UInt32 = 0
}

/// A field's limits, by `FieldLimit`.
private typealias Limits = InlineArray<16, UInt32>

extension ImageCheck {
    // MARK: records

    mutating func code() throws(LoadError) {
        let base = block &+ image[block &+ ModuleHeader.code]
        let codeWords = image[block &+ ModuleHeader.codeWords]
        if image[base] != Word(.exit).bits || image[base &+ 1] != Word(.crossReturn).bits { try refuse(.opcode, at: base) }
        var end: UInt32 = 2
        var largest: UInt32 = 0
        for number in 0..<ownFunctions {
            let record = records &+ number &* 4
            let constants = image[record &+ 2] &>> 16
            let start = image[record] / 4
            guard image[record] & 3 == 0, constants <= 32_767, start <= codeWords, start &- constants == end, start >= constants else { throw misplaced(record) }
            if number &+ 1 < ownFunctions {
                let nextStart = image[record &+ 4] / 4
                let nextConstants = image[record &+ 6] &>> 16
                guard nextStart >= nextConstants else { throw misplaced(record &+ 4) }
                end = nextStart &- nextConstants
            } else {
                end = codeWords
            }
            guard end > start, end <= codeWords, end &- start <= 32_767 else { throw misplaced(record) }
            try function(record, first: base &+ start, end: base &+ end, constants: constants)
            largest = max(largest, image[record &+ 1] & 0xffff &+ 2)
        }
        guard end == codeWords else { throw misplaced(block &+ ModuleHeader.codeWords) }
        if image[ImageHeader.largestFrame] != largest &* 4 { try refuse(.window, at: ImageHeader.largestFrame) }
    }

    /// A function's frame is no smaller than its type, its reference cells are room for themselves and for what calls are handed.
    private mutating func function(_ record: UInt32, first: UInt32, end: UInt32, constants: UInt32) throws(LoadError) {
        let number = image[record &+ 2] & 0xffff
        guard number < typeCount else {
            try refuse(.index, at: record &+ 2)
            return
        }
        let type = typeSummary(number)
        let stack = image[record &+ 1] & 0xffff
        let referenceWords = image[record &+ 1] &>> 16
        guard referenceWords <= stack else { throw misplaced(record &+ 1) }
        var function = CheckedFunction(first: first, end: end, body: first, constants: constants, cells: stack &- referenceWords, type: type)
        if function.cells < type & 0xff || function.cells < type &>> 8 & 0xff { try refuse(.window, at: record &+ 1) }
        try prologue(&function, referenceWords)
        try words(&function)
    }

    /// The words that a function begins with, once: no branch leads back to them.
    private mutating func prologue(_ function: inout CheckedFunction, _ referenceWords: UInt32) throws(LoadError) {
        var place = function.first
        let word = Word(bits: image[place])
        if word.op == .enterReferences {
            let count = UInt32(word.a)
            let handed = max(function.type &>> 16 & 0xff, function.type &>> 24)
            if word.b != 0 || UInt32(word.c) != function.type &>> 16 & 0xff || count < handed || referenceWords < count &+ 3 {
                try refuse(.reference, at: place)
            } else {
                function.outgoing = referenceWords &- count &- 3
            }
            function.references = count
            function.hasReferences = true
            place &+= 1
        } else if referenceWords != 0 || function.type &>> 24 != 0 {
            // Results that are references would be words that nobody wrote.
            try refuse(.reference, at: place)
        }
        var next = place
        if next < function.end, Word(bits: image[next]).op == .zero {
            let zero = Word(bits: image[next])
            if UInt32(zero.a) &+ zero.imm16 > function.cells { try refuse(.slot, at: next) }
            next &+= 1
        }
        if next < function.end, Word(bits: image[next]).op == .enterFrame {
            let enter = Word(bits: image[next])
            if enter.a != 0 { try refuse(.opcode, at: next) }
            if enter.imm16 == 0 || enter.imm16 > function.cells {
                try refuse(.slot, at: next)
            } else {
                function.below = enter.imm16
                function.cells &-= enter.imm16
            }
            place = next &+ 1
        }
        guard place < function.end else {
            try refuse(.end, at: function.end &- 1)
            return
        }
        function.body = place
    }

    // MARK: words

    private mutating func limits(_ function: inout CheckedFunction) -> Limits {
        func less(_ limit: UInt32, _ by: UInt32) -> UInt32 { limit > by ? limit &- by : 0 }
        let cells = function.cells
        let constants = min(function.constants, 256)
        let references = function.references
        return [
            256, 1, cells, less(cells, 1), less(cells, 2), less(cells, 3), constants, less(constants, 1), references, less(references, 1), tables,
            hasMemory ? cells : 0, hasMemory ? less(cells, 1) : 0, ImageCheck.hasFloats ? cells : 0, ImageCheck.hasFloats ? less(cells, 1) : 0, typeCount,
        ]
    }

    #if FloatingPoint
    private static var hasFloats: Bool { true }
    #else
    private static var hasFloats: Bool { false }
    #endif

    /// Every word from the body's first on. What most words need is here, the rest out of line.
    @_optimize(speed)
    private mutating func words(_ function: inout CheckedFunction) throws(LoadError) {
        let array = limits(&function)
        // A span: the array itself would be copied for each look.
        let limits = array.span
        let body = function.body
        let length = function.end &- body
        var place = body
        while place < function.end {
            let w = image[place]
            var check = instructionChecks[Int(w & 0xff)]
            if check &>> 12 == CheckKind.extended.rawValue {
                let sub = w &>> 8 & 0xff
                check = sub < UInt32(extendedChecks.count) ? extendedChecks[Int(sub)] : UInt16(CheckKind.never.rawValue &<< 12)
            }
            let check32 = UInt32(check)
            // Safety: below 16, as many as there are limits.
            let isBelow = unsafe w &>> 8 & 0xff < limits[unchecked: Int(check32 & 15)] && w &>> 16 & 0xff < limits[unchecked: Int(check32 &>> 4 & 15)]
                && w &>> 24 < limits[unchecked: Int(check32 &>> 8 & 15)]
            if !isBelow { try refuseField(w, check32, limits, at: place) }
            switch check32 &>> 12 {
            case CheckKind.plain.rawValue: break
            case CheckKind.branch8.rawValue:
                let target = place &+ 1 &+ UInt32(bitPattern: Word(bits: w).signedC)
                if target &- body >= length || function.hasReferences && isClosed(target) { try refuse(.branch, at: place) }
            case CheckKind.branch16.rawValue:
                let target = place &+ 1 &+ UInt32(bitPattern: Word(bits: w).signedImm16)
                if target &- body >= length || function.hasReferences && isClosed(target) { try refuse(.branch, at: place) }
            default: place = try more(Word(bits: w), check32 &>> 12, &function, at: place)
            }
            place &+= 1
        }
        try end(&function)
    }

    /// Whether no branch may lead to a word of a function with references: a return, whose references must have been given back just before; results
    /// that nobody left; a call whose arguments nobody handed over.
    @inline(never)
    private mutating func isClosed(_ target: UInt32) -> Bool {
        let word = Word(bits: image[target])
        if isReturn(word) || word.op == .extended && word.extendedOp == .refResults { return true }
        let before = Word(bits: image[target &- 1])
        return before.op == .extended && before.extendedOp == .refArguments
    }

    private mutating func isReturn(_ word: Word) -> Bool {
        switch word.op {
        case .ret, .ret1, .ret64, .retI, .retAdd, .retFrame: true
        default: false
        }
    }

    /// A field is not below its limit: which condition that breaks.
    @inline(never)
    private mutating func refuseField(_ w: UInt32, _ check: UInt32, _ limits: Span<UInt32>, at place: UInt32) throws(LoadError) {
        for field in 0..<3 as Range<UInt32> {
            let limit = check &>> (field &* 4) & 15
            guard w &>> (field &* 8 &+ 8) & 0xff >= limits[Int(limit)] else { continue }
            switch FieldLimit(rawValue: limit) {
            case .zero?: try refuse(.opcode, at: place)
            case .floatCell?, .floatPair?: try refuse(ImageCheck.hasFloats ? .slot : .opcode, at: place)
            case .memoryCell?, .memoryPair?: try refuse(hasMemory ? .slot : .index, at: place)
            case .reference?, .referencePair?: try refuse(.reference, at: place)
            case .constant?, .constantPair?, .table?, .type?: try refuse(.index, at: place)
            default: try refuse(.slot, at: place)
            }
        }
    }

    /// (g): nothing lies behind a function but the next one's constants.
    private mutating func end(_ function: inout CheckedFunction) throws(LoadError) {
        let last = Word(bits: image[function.end &- 1])
        if !isReturn(last) && last.op != .jump && last.op != .unreachable { try refuse(.end, at: function.end &- 1) }
    }

    // MARK: what is not so common

    /// Looks at one of the other kinds of instruction; gives the last word that belongs to it.
    @inline(never)
    private mutating func more(_ w: Word, _ kind: UInt32, _ function: inout CheckedFunction, at place: UInt32) throws(LoadError) -> UInt32 {
        switch kind {
        case CheckKind.constant16.rawValue: if w.imm16 >= function.constants { try refuse(.index, at: place) }
        case CheckKind.constantPair16.rawValue: if w.imm16 &+ 1 >= function.constants { try refuse(.index, at: place) }
        case CheckKind.far.rawValue, CheckKind.farPair.rawValue:
            // Counted from the frame's first cell.
            let cell = UInt32(bitPattern: w.signedImm16) &+ function.below
            let width: UInt32 = kind == CheckKind.far.rawValue ? 1 : 2
            let all = function.below &+ function.cells
            if cell >= all || width > all &- cell { try refuse(.slot, at: place) }
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
        case CheckKind.references.rawValue: try references(w, &function, at: place)
        default: try refuse(.opcode, at: place)
        }
        return place
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
        case .zero: if UInt32(w.a) &+ w.imm16 > function.cells { try refuse(.slot, at: place) }
        case .refFunc: if w.imm16 >= functionCount { try refuse(.index, at: place) }
        case .tableCopy: if elementType(UInt32(w.b)) != elementType(UInt32(w.c)) { try refuse(.index, at: place) }
        default: if !hasMemory { try refuse(.index, at: place) }
        }
    }
}
