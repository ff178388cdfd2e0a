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
@safe private struct Limits {
    /// Of all 16. A pointer: a function that is given the array itself would copy it.
    let start: UnsafeMutablePointer<UInt32>

    subscript(limit: FieldLimit) -> UInt32 {
        // Safety: as many as there are limits, here and below.
        get { unsafe start[Int(truncatingIfNeeded: limit.rawValue)] }
        nonmutating set { unsafe start[Int(truncatingIfNeeded: limit.rawValue)] = newValue }
    }

    /// Whether each field of a word is below its limit.
    @inline(__always)
    func hold(_ w: UInt32, _ check: UInt32) -> Bool {
        unsafe w &>> 8 & 0xff < start[Int(truncatingIfNeeded: check & 15)] && w &>> 16 & 0xff < start[Int(truncatingIfNeeded: check &>> 4 & 15)]
            && w &>> 24 < start[Int(truncatingIfNeeded: check &>> 8 & 15)]
    }
}

extension ImageCheck {
    // MARK: records

    mutating func code() throws(LoadError) {
        let base = block &+ image[block &+ ModuleHeader.code]
        let codeWords = image[block &+ ModuleHeader.codeWords]
        if image[base] != Word(.exit).bits || image[base &+ 1] != Word(.crossReturn).bits { try refuse(.opcode, at: base) }
        var limits = InlineArray<16, UInt32>(repeating: 0)
        let largest = try unsafe withUnsafeMutablePointer(to: &limits) { limits throws(LoadError) in
            try functions(unsafe Limits(start: UnsafeMutableRawPointer(limits).assumingMemoryBound(to: UInt32.self)), base, codeWords)
        }
        if image[ImageHeader.largestFrame] != largest &* 4 { try refuse(.window, at: ImageHeader.largestFrame) }
    }

    /// All functions; gives the words of the largest frame.
    private mutating func functions(_ limits: Limits, _ base: UInt32, _ codeWords: UInt32) throws(LoadError) -> UInt32 {
        var largest: UInt32 = 0
        var record = records
        let last = record &+ ownFunctions &* 4
        guard record < last || codeWords == 2 else { throw misplaced(block &+ ModuleHeader.codeWords) }
        if record < last, image[record] / 4 &- image[record &+ 2] &>> 16 != 2 { throw misplaced(record) }
        (limits[.any], limits[.zero], limits[.table], limits[.type]) = (256, 1, tables, typeCount)
        while record < last {
            let place = image[record]
            let start = place / 4
            let constants = image[record &+ 2] &>> 16
            guard place & 3 == 0, constants <= 32_767, start <= codeWords, start >= constants else { throw misplaced(record) }
            // It ends where the next one's constants begin.
            var end = codeWords
            if record &+ 4 < last {
                let nextStart = image[record &+ 4] / 4
                let nextConstants = image[record &+ 6] &>> 16
                guard nextStart >= nextConstants else { throw misplaced(record &+ 4) }
                end = nextStart &- nextConstants
            }
            guard end > start, end <= codeWords, end &- start <= 32_767 else { throw misplaced(record) }
            try function(record, first: base &+ start, end: base &+ end, constants: constants, limits)
            largest = max(largest, image[record &+ 1] & 0xffff &+ 2)
            record &+= 4
        }
        return largest
    }

    /// A function's frame is no smaller than its type, its reference cells are room for themselves and for what calls are handed.
    @inline(__always)
    private mutating func function(_ record: UInt32, first: UInt32, end: UInt32, constants: UInt32, _ limits: Limits) throws(LoadError) {
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
        switch Word(bits: image[first]).op {
        case .enterReferences, .zero, .enterFrame: try prologue(&function, referenceWords)
        default: if referenceWords != 0 || type &>> 24 != 0 { try prologue(&function, referenceWords) }
        }
        setLimits(limits, of: function)
        try words(&function, limits)
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

    /// The limits that a function changes.
    @inline(__always)
    private mutating func setLimits(_ limits: Limits, of function: CheckedFunction) {
        func less(_ limit: UInt32, _ by: UInt32) -> UInt32 { limit > by ? limit &- by : 0 }
        let cells = function.cells
        let pairs = less(cells, 1)
        (limits[.cell], limits[.pair], limits[.cells3], limits[.cells4]) = (cells, pairs, less(cells, 2), less(cells, 3))
        (limits[.constant], limits[.constantPair]) = (function.constants, less(function.constants, 1))
        (limits[.reference], limits[.referencePair]) = (function.references, less(function.references, 1))
        if hasMemory { (limits[.memoryCell], limits[.memoryPair]) = (cells, pairs) }
        if ImageCheck.hasFloats { (limits[.floatCell], limits[.floatPair]) = (cells, pairs) }
    }

    #if FloatingPoint
    private static var hasFloats: Bool { true }
    #else
    private static var hasFloats: Bool { false }
    #endif

    /// Every word from the body's first on. What most words need is here, the rest out of line.
    @inline(never) @_optimize(speed)
    private mutating func words(_ function: inout CheckedFunction, _ limits: Limits) throws(LoadError) {
        // Safety, here and below: the function's words, all of them inside the image.
        let body = unsafe image.address(function.body)
        let end = unsafe image.address(function.end)
        let isOpen = !function.hasReferences
        // Where every return is right but `retFrame`, the last of them: there is room for two cells.
        let returns = isOpen && function.below == 0 && function.cells >= 2 ? UInt32(Op.retFrame.rawValue) : 0
        var next = unsafe body
        while unsafe next != end {
            let w = unsafe next.pointee
            unsafe next += 1
            let op = w & 0xff
            // Of the second page every field holds here.
            var check = UInt32(instructionChecks[Int(truncatingIfNeeded: op)])
            if limits.hold(w, check) {
                if check < 1 &<< 12 { continue }
                // A branch that leads to any word of the body: where there are references, not to all.
                if check < 3 &<< 12 && isOpen {
                    let distance = Int(truncatingIfNeeded: check < 2 &<< 12 ? Int32(bitPattern: w) &>> 24 : Int32(bitPattern: w) &>> 16)
                    let target = UInt(bitPattern: next) &+ UInt(bitPattern: distance &<< 2)
                    if target &- UInt(bitPattern: body) < UInt(bitPattern: end) &- UInt(bitPattern: body) { continue }
                }
                if check &>> 12 == CheckKind.return.rawValue && op < returns { continue }
                if check &>> 12 == CheckKind.extended.rawValue {
                    check = ImageCheck.extendedCheck(w)
                    if !limits.hold(w, check) { check |= ImageCheck.notHeld }
                    if check < 1 &<< 12 { continue }
                }
            } else {
                check |= ImageCheck.notHeld
            }
            let place = function.body &+ UInt32(truncatingIfNeeded: UInt(bitPattern: next) &- UInt(bitPattern: body)) / 4 &- 1
            unsafe next = image.address(try other(w, check, &function, limits, at: place) &+ 1)
        }
        try self.end(&function)
    }

    /// Beside a check: the limits that it names do not hold.
    private static var notHeld: UInt32 { 1 &<< 16 }

    /// The check of a word of the second page.
    @inline(__always)
    private static func extendedCheck(_ w: UInt32) -> UInt32 {
        let sub = w &>> 8 & 0xff
        return sub < UInt32(extendedChecks.count) ? UInt32(extendedChecks[Int(truncatingIfNeeded: sub)]) : CheckKind.never.rawValue &<< 12
    }

    /// A word that is no plain one, or that something is wrong with; gives the last word that belongs to it.
    @inline(never)
    private mutating func other(_ w: UInt32, _ check: UInt32, _ function: inout CheckedFunction, _ limits: Limits, at place: UInt32) throws(LoadError) -> UInt32 {
        if check &>> 12 == CheckKind.call.rawValue && !function.hasReferences && isPlainCall(w, function.cells) { return place }
        if check & ImageCheck.notHeld != 0 { try refuseField(w, check, limits, at: place) }
        return try more(Word(bits: w), check &>> 12 & 15, &function, at: place)
    }

    /// Whether a word is a call that nothing is wrong with and that has no references to hand over: most of them.
    private mutating func isPlainCall(_ w: UInt32, _ cells: UInt32) -> Bool {
        let number = w &>> 16
        let type: UInt32
        if w & 0xff == UInt32(Op.call.rawValue) {
            guard number < ownFunctions else { return false }
            type = image[records &+ number &* 4 &+ 2] & 0xffff
        } else {
            guard number < importedFunctions else { return false }
            type = image[importTypes &+ number]
        }
        guard type < typeCount else { return false }
        let summary = typeSummary(type)
        return summary &>> 16 == 0 && w &>> 8 & 0xff &+ max(summary & 0xff, summary &>> 8) <= cells
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
    private mutating func refuseField(_ w: UInt32, _ check: UInt32, _ limits: Limits, at place: UInt32) throws(LoadError) {
        for field in 0..<3 as Range<UInt32> {
            // All 16 are limits.
            guard let limit = FieldLimit(rawValue: check &>> (field &* 4) & 15), w &>> (field &* 8 &+ 8) & 0xff >= limits[limit] else { continue }
            switch limit {
            case .zero: try refuse(.opcode, at: place)
            case .floatCell, .floatPair: try refuse(ImageCheck.hasFloats ? .slot : .opcode, at: place)
            case .memoryCell, .memoryPair: try refuse(hasMemory ? .slot : .index, at: place)
            case .reference, .referencePair: try refuse(.reference, at: place)
            case .constant, .constantPair, .table, .type: try refuse(.index, at: place)
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
    @inline(__always)
    private mutating func more(_ w: Word, _ kind: UInt32, _ function: inout CheckedFunction, at place: UInt32) throws(LoadError) -> UInt32 {
        switch kind {
        case CheckKind.plain.rawValue: break
        case CheckKind.branch8.rawValue, CheckKind.branch16.rawValue:
            let target = place &+ 1 &+ UInt32(bitPattern: kind == CheckKind.branch8.rawValue ? w.signedC : w.signedImm16)
            if target &- function.body >= function.end &- function.body || function.hasReferences && isClosed(target) { try refuse(.branch, at: place) }
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
