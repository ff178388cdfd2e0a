// Conditions (a) to (g): every word of the register code.

import RegisterCode
import WasmFormat

/// A function while its words are looked at. One after the other has the same place.
struct CheckedFunction {
    /// Words of its instructions, from the image's start; the first that a branch may lead to.
    var first: UInt32 = 0
    var end: UInt32 = 0
    var body: UInt32 = 0
    var constants: UInt32 = 0
    /// Cells that a slot can name, and those below cell 0 (a wide frame's).
    var cells: UInt32 = 0
    var below: UInt32 = 0
    /// Reference cells, and how many can be handed to a call.
    var references: UInt32 = 0
    var outgoing: UInt32 = 0
    var hasReferences = false
    /// `parameters │ results << 8 │ reference parameters << 16 │ reference results << 24`.
    var type: UInt32 = 0
    /// The word where a call's reference results may be taken, and how many they are. No word of another function is there.
    var resultsAt: UInt32 = 0
    var results: UInt32 = 0
    /// Constants from here on are in no jump table yet.
    var jumpTables: UInt32 = 0

    // What most words are held against, without another look.
    /// Cells that the frame has less than 256.
    var missing: UInt32 = 0
    /// Where the words begin to which a branch may lead: behind all of them where references forbid some.
    var targets: UInt = 0
    /// The opcodes below which every return is right: `retFrame`, the last of them, or none.
    var returns: UInt32 = 0
    /// Cells for a call without references: none where there may be some.
    var callCells: UInt32 = 0
}

extension ImageCheck {
    // MARK: records

    mutating func code() throws(LoadError) {
        let base = block &+ image[block &+ ModuleHeader.code]
        if image[base] != Word(.exit).bits || image[base &+ 1] != Word(.crossReturn).bits { try refuse(.opcode, at: base) }
        let largest = try functions(base, image[block &+ ModuleHeader.codeWords])
        if image[ImageHeader.largestFrame] != largest &* 4 { try refuse(.window, at: ImageHeader.largestFrame) }
    }

    /// All functions; gives the words of the largest frame.
    @_optimize(speed)
    private mutating func functions(_ base: UInt32, _ codeWords: UInt32) throws(LoadError) -> UInt32 {
        var largest: UInt32 = 0
        var record = records
        let last = record &+ ownFunctions &* 4
        guard record < last else {
            guard codeWords == 2 else { throw misplaced(block &+ ModuleHeader.codeWords) }
            return 0
        }
        // A function's constants, then its words: they end where the next one's constants begin.
        var function = CheckedFunction()
        var start = image[record]
        function.constants = image[record &+ 2] &>> 16
        if start & 3 != 0 || start / 4 &- function.constants != 2 || function.constants > 32_767 { throw misplaced(record) }
        start = start / 4
        repeat {
            var next = codeWords
            var nextConstants: UInt32 = 0
            if record &+ 4 < last {
                next = image[record &+ 4]
                nextConstants = image[record &+ 6] &>> 16
                if next & 3 != 0 { throw misplaced(record &+ 4) }
                next = next / 4
            }
            let words = next &- nextConstants &- start
            // No constants of the next one's lie before this one's words, nor anything behind the code: `next` is in range if it is more than them.
            guard nextConstants <= next, next <= codeWords, words &- 1 < 32_767, nextConstants <= 32_767 else { throw misplaced(record) }
            function.first = base &+ start
            function.end = function.first &+ words
            try self.function(record, &function)
            largest = max(largest, image[record &+ 1] & 0xffff)
            (start, function.constants) = (next, nextConstants)
            record &+= 4
        } while record < last
        return largest &+ 2
    }

    /// A function's frame is no smaller than its type, its reference cells are room for themselves and for what calls are handed.
    @inline(__always)
    private mutating func function(_ record: UInt32, _ function: inout CheckedFunction) throws(LoadError) {
        let number = image[record &+ 2] & 0xffff
        guard number < typeCount else {
            try refuse(.index, at: record &+ 2)
            return
        }
        let type = typeSummary(number)
        let stack = image[record &+ 1] & 0xffff
        let referenceWords = image[record &+ 1] &>> 16
        guard referenceWords <= stack else { throw misplaced(record &+ 1) }
        function.cells = stack &- referenceWords
        function.type = type
        if function.cells < type & 0xff || function.cells < type &>> 8 & 0xff { try refuse(.window, at: record &+ 1) }
        function.body = function.first
        function.jumpTables = 0
        (function.below, function.references, function.outgoing, function.hasReferences) = (0, 0, 0, false)
        let op = Word(bits: image[function.first]).op
        if op == .enterReferences || op == .zero || op == .enterFrame || referenceWords | type &>> 24 != 0 { try prologue(&function, referenceWords) }
        let cells = function.cells
        function.missing = cells < 256 ? 256 &- cells : 0
        if function.hasReferences {
            (function.targets, function.callCells, function.returns) = (.max, 0, 0)
        } else {
            (function.targets, function.callCells) = (UInt(bitPattern: unsafe image.address(function.body)), cells)
            function.returns = function.below == 0 ? UInt32(Op.retFrame.rawValue) : 0
        }
        // In a frame of less than two cells the sum could run over.
        if cells >= 2 { try words(&function) } else { try wordsOfSmallFrame(&function) }
        // (g): nothing lies behind a function but the next one's constants.
        let last = Word(bits: image[function.end &- 1])
        if !isReturn(last) && last.op != .jump && last.op != .unreachable { try refuse(.end, at: function.end &- 1) }
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

    #if FloatingPoint
    static var hasFloats: Bool { true }
    #else
    static var hasFloats: Bool { false }
    #endif

    /// Every word from the body's first on.
    @inline(__always)
    private mutating func words(_ function: inout CheckedFunction) throws(LoadError) {
        // Safety, here and below: the function's words, all of them inside the image.
        var next = unsafe image.address(function.body)
        while true {
            unsafe next = ImageCheck.pass(next, &function, &self)
            if unsafe next > image.address(function.end) { return }
            let w = unsafe next[-1]
            var check = instructions[UInt8(truncatingIfNeeded: w)]
            if check.kind == CheckKind.extended.rawValue { check = instructions.extended(w &>> 8 & 0xff) }
            unsafe next = try other(w, check, check.holds(w, missing: function.missing), &function, next)
        }
    }

    /// Passes the words that nothing more has to be asked about: most. Gives what is behind the first of which more is asked, or that something is wrong
    /// with; beyond the end if there is none.
    // Neither a method nor throwing, so that two more registers are free.
    @inline(never) @_optimize(speed)
    private static func pass(_ first: UnsafePointer<UInt32>, _ function: inout CheckedFunction, _ image: inout ImageCheck) -> UnsafePointer<UInt32> {
        let end = UInt(bitPattern: unsafe image.image.address(function.end))
        let table = image.instructions
        let missing = function.missing
        // The first kind of which more is asked. In frames of less than four cells the sum could run over where three or four are named.
        let more = (hasFloats ? image.hasMemory && function.cells >= 4 ? CheckKind.constant : .memory : .float).rawValue &<< 28
        // A number and not a pointer: of both the loop would have one.
        var next = UInt(bitPattern: first)
        while next != end {
            let w = unsafe UnsafePointer<UInt32>(bitPattern: next).unsafelyUnwrapped.pointee
            next &+= 4
            var check = table[UInt8(truncatingIfNeeded: w)]
            if check.holds(w, missing: missing) {
                if check.frame < more { continue }
                switch check.kind {
                case CheckKind.branch8.rawValue, CheckKind.branch16.rawValue:
                    let distance = Int(truncatingIfNeeded: check.kind == CheckKind.branch8.rawValue ? Int32(bitPattern: w) &>> 24 : Int32(bitPattern: w) &>> 16)
                    let target = next &+ UInt(bitPattern: distance &<< 2)
                    if target >= function.targets && target < end { continue }
                case CheckKind.return.rawValue: if w & 0xff < function.returns { continue }
                case CheckKind.constant.rawValue:
                    // The limits are odd for two constants, and the last ones with a memory.
                    if w &>> 24 &+ (check.limits &>> 8 & 1) < function.constants && (image.hasMemory || check.limits & 15 < FieldLimit.memoryCell.rawValue) { continue }
                case CheckKind.constant16.rawValue: if w &>> 16 &+ (check.added & 1) < function.constants { continue }
                case CheckKind.memory.rawValue: if image.hasMemory && !check.namesCells { continue }
                case CheckKind.call.rawValue, CheckKind.callIndirect.rawValue: if image.isPlainCall(w, function.callCells) { continue }
                case CheckKind.global.rawValue: if image.isPlainGlobal(w) { continue }
                case CheckKind.zero.rawValue: if w &>> 8 & 0xff &+ w &>> 16 <= function.cells { continue }
                case CheckKind.extended.rawValue:
                    check = table.extended(w &>> 8 & 0xff)
                    if check.holds(w, missing: missing) && check.frame < more { continue }
                default: break
                }
            }
            return unsafe UnsafePointer(bitPattern: next).unsafelyUnwrapped
        }
        return unsafe UnsafePointer(bitPattern: end &+ 4).unsafelyUnwrapped
    }

    /// The words of a frame of less than two cells, where the sum could run over.
    @inline(never)
    private mutating func wordsOfSmallFrame(_ function: inout CheckedFunction) throws(LoadError) {
        var next = unsafe image.address(function.body)
        while unsafe next != image.address(function.end) {
            let w = unsafe next.pointee
            var check = instructions[UInt8(truncatingIfNeeded: w)]
            if check.kind == CheckKind.extended.rawValue { check = instructions.extended(w &>> 8 & 0xff) }
            unsafe next = try other(w, check, false, &function, next + 1)
        }
    }

    /// A word of which more is asked, or that something is wrong with; gives what is behind the last word that belongs to it. `isHeld`: what the sum tells.
    @inline(never)
    private mutating func other(
        _ w: UInt32, _ check: InstructionCheck, _ isHeld: Bool, _ function: inout CheckedFunction, _ next: UnsafePointer<UInt32>
    ) throws(LoadError) -> UnsafePointer<UInt32> {
        let place = UInt32(truncatingIfNeeded: UInt(bitPattern: next) &- UInt(bitPattern: unsafe image.address(0))) / 4 &- 1
        // Of a word with a constant or of a memory the sum does not tell all, nor of what comes last.
        if !isHeld || check.kind >= CheckKind.callIndirect.rawValue || check.kind == CheckKind.constant.rawValue || check.kind == CheckKind.memory.rawValue {
            try fields(w, check, &function, at: place)
        }
        let last = try more(Word(bits: w), check.kind, &function, at: place)
        return unsafe image.address(last &+ 1)
    }

    /// Whether a word is a call that nothing is wrong with and that has no references to hand over: most of them.
    @inline(__always)
    private mutating func isPlainCall(_ w: UInt32, _ cells: UInt32) -> Bool {
        let number = w &>> 16
        let type: UInt32
        switch w & 0xff {
        case UInt32(Op.call.rawValue):
            guard number < ownFunctions else { return false }
            type = image[records &+ number &* 4 &+ 2] & 0xffff
        case UInt32(Op.callImport.rawValue):
            guard number < importedFunctions else { return false }
            type = image[importTypes &+ number]
        case UInt32(Op.callIndirect.rawValue):
            guard elementType(0) == 0x70 else { return false }
            type = w &>> 24
        default: return false
        }
        guard type < typeCount else { return false }
        let summary = typeSummary(type)
        return summary &>> 16 == 0 && w &>> 8 & 0xff &+ max(summary & 0xff, summary &>> 8) <= cells
    }

    /// Whether a word reads or writes an own global of type i32, as most of those do that name a global.
    @inline(__always)
    private mutating func isPlainGlobal(_ w: UInt32) -> Bool {
        let op = w & 0xff
        guard op == UInt32(Op.globalGet.rawValue) || op == UInt32(Op.globalSet.rawValue) || op == UInt32(Op.auxStackSet.rawValue), w &>> 16 < globalCells else { return false }
        let known = image[image.offset(of: .globals) / 4 &+ w &>> 16 &* 2] & 0xffff
        return known == 0x17f || known == 0x7f && op == UInt32(Op.globalGet.rawValue)
    }

    /// Whether no branch may lead to a word of a function with references: a return, whose references must have been given back just before; results
    /// that nobody left; a call whose arguments nobody handed over.
    @inline(never)
    mutating func isClosed(_ target: UInt32) -> Bool {
        let word = Word(bits: image[target])
        if isReturn(word) || word.op == .extended && word.extendedOp == .refResults { return true }
        let before = Word(bits: image[target &- 1])
        return before.op == .extended && before.extendedOp == .refArguments
    }

    mutating func isReturn(_ word: Word) -> Bool {
        switch word.op {
        case .ret, .ret1, .ret64, .retI, .retAdd, .retFrame: true
        default: false
        }
    }

    /// Holds each field against its limit.
    private mutating func fields(_ w: UInt32, _ check: InstructionCheck, _ function: inout CheckedFunction, at place: UInt32) throws(LoadError) {
        var limits = check.limits
        var fields = w &>> 8
        // Behind the last limit all are `any`.
        while limits != 0 {
            let limit = limits & 15
            // What must be added to stay at or below the most; less than none is more than any field.
            let (most, more): (UInt32, UInt32) = switch limit {
            case FieldLimit.any.rawValue: (256, 1)
            case FieldLimit.zero.rawValue: (1, 1)
            case FieldLimit.cell.rawValue: (function.cells, 1)
            case FieldLimit.pair.rawValue: (function.cells, 2)
            case FieldLimit.cells3.rawValue: (function.cells, 3)
            case FieldLimit.cells4.rawValue: (function.cells, 4)
            case FieldLimit.constant.rawValue: (function.constants, 1)
            case FieldLimit.constantPair.rawValue: (function.constants, 2)
            case FieldLimit.reference.rawValue: (function.references, 1)
            case FieldLimit.referencePair.rawValue: (function.references, 2)
            case FieldLimit.table.rawValue: (tables, 1)
            case FieldLimit.type.rawValue: (typeCount, 1)
            case FieldLimit.memoryCell.rawValue: (hasMemory ? function.cells : 0, 1)
            case FieldLimit.memoryPair.rawValue: (hasMemory ? function.cells : 0, 2)
            default: (0, 1)
            }
            if fields & 0xff &+ more > most { try refuseField(limit, at: place) }
            limits = limits &>> 4
            fields = fields &>> 8
        }
    }

    /// Which condition a field breaks that is not below a limit.
    @inline(never)
    private mutating func refuseField(_ limit: UInt32, at place: UInt32) throws(LoadError) {
        switch limit {
        case FieldLimit.zero.rawValue, FieldLimit.never.rawValue: try refuse(.opcode, at: place)
        case FieldLimit.memoryCell.rawValue, FieldLimit.memoryPair.rawValue: try refuse(hasMemory ? .slot : .index, at: place)
        case FieldLimit.reference.rawValue, FieldLimit.referencePair.rawValue: try refuse(.reference, at: place)
        case FieldLimit.constant.rawValue...FieldLimit.constantPair.rawValue, FieldLimit.table.rawValue...FieldLimit.type.rawValue: try refuse(.index, at: place)
        default: try refuse(.slot, at: place)
        }
    }
}
