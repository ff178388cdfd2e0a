// Validates a function body and translates it to register code, in one pass (core specification 2.0, 3.3 and its appendix on the algorithm).
//
//     cells:  parameters │ locals │ operand stack                                          (at most 256)
//     wide:   parameters │ far locals … │ 0: parameters │ near locals │ operand stack       (see FunctionTranslator+WideFrames)

import RegisterCode
import WasmFormat

/// What the translator must look up in the module besides what validation does.
package protocol TranslationIndex: ModuleIndex, ~Copyable {
    /// For a global of the module's own: its first cell among them. For an imported one: its index.
    func globalCell(_ global: GlobalIndex) -> UInt32
    /// The global whose sets are watched.
    var auxStackPointer: GlobalIndex? { get }
    /// How many passive segments come before a passive one; 0xffff for one that is not passive.
    func passiveNumber(ofElements segment: UInt32) -> UInt32
    func passiveNumber(ofData segment: UInt32) -> UInt32
}

/// What a translated function needs.
package struct FunctionCode {
    /// Instructions and constants, in words; the constants lie before the instructions.
    package var words: UInt32 = 0
    package var constants: UInt32 = 0
    /// Cells of the frame, parameters and results included.
    package var frameCells: UInt32 = 0
    /// Words on the second stack besides the call record; 0 for a function without references.
    package var referenceCells: UInt32 = 0
}

/// The limits of a function, each with its reason.
package enum TranslationLimits {
    /// Open blocks. Reason: `.nestingTooDeep`. Each takes 32 bytes of the translator's workspace, none of the native stack.
    package static var nesting: UInt32 { 1_024 }
    /// Cells of the operand stack. Reason: `.tooManyCells`.
    package static var operandCells: UInt32 { 240 }
    /// Cells of a function's locals, and in a wide frame of its parameters and far locals: what a 16-bit field reaches. Reason: `.tooManyCells`.
    package static var frameCells: UInt32 { 32_767 }
    /// Reference cells of a frame. Reason: `.tooManyReferences`.
    package static var references: UInt32 { 200 }
    /// Words of a function's instructions: what a 16-bit branch spans. Reason: `.codeTooLarge`.
    package static var words: UInt32 { 32_767 }
    /// Words of a function's constants. Reason: `.tooManyConstants`.
    package static var constants: UInt32 { 32_767 }
    /// Targets of a br_table. Reason: `.tooManyBranchTargets`.
    package static var branchTargets: UInt32 { 32_000 }
}

@safe package struct FunctionTranslator<Index: TranslationIndex & ~Copyable>: ~Copyable {
    private let lent = LentByAddress()
    var workspace: Workspace
    let summary: ModuleSummary

    // The function.
    var type: UInt32 = 0                // offset of its type
    var parameterCells: UInt32 = 0
    var parameterCount: UInt32 = 0
    var resultCells: UInt32 = 0
    var parameterReferences: UInt32 = 0
    var localCount: UInt32 = 0
    var localRuns: UInt32 = 0
    var localCells: UInt32 = 0          // without parameters
    var localReferences: UInt32 = 0     // parameters included

    // The layout of its frame, and what passes over it have found out.
    var isWide = false
    var usesReferences = false
    var stackBase: UInt32 = 0
    /// Of a wide frame: operand cells, cells of the locals below cell 0, and of how many locals a table holds the uses or cells.
    var measuredHeight: UInt32 = 0
    var farCells: UInt32 = 0
    var placedLocals: UInt32 = 0
    var isCounting = false              // of a measuring pass: notes how often each local is used
    var farLabels: InlineArray<16, UInt32> = InlineArray(repeating: 0)
    var allFar = false
    var needsRetry = false
    var isMeasuring = false

    // The state of a pass.
    var current = ControlFrame(kind: .function, wasLive: true, type: BlockType(bits: BlockType.empty), height: 0,
                               referenceHeight: 0, ordinal: 0, initialised: 0, previous: 0)
    var frameDepth: UInt32 = 0          // of `current`, in the workspace's stack
    var nesting: UInt32 = 0
    var isLive = true
    var height: UInt32 = 0
    var maximumHeight: UInt32 = 0
    var referenceHeight: UInt32 = 0
    var maximumReferences: UInt32 = 0
    var maximumOutgoing: UInt32 = 0
    var ordinal: UInt32 = 0
    /// Position of the last word if it may be taken back or given another destination; `none` after a label.
    var producer: UInt32 = FunctionTranslator.none
    /// The same, after `local.tee` has given it a local as destination.
    var teeProducer: UInt32 = FunctionTranslator.none
    /// Position + 1 of the last returns of one word; 0 where there is none.
    var recentReturns: InlineArray<4, UInt32> = InlineArray(repeating: 0)
    var nextReturn: UInt32 = 0
    /// The last position that a branch may lead to.
    var lastTarget: UInt32 = 0
    var comparison = Comparison()
    var initialised: UInt32 = 0
    var zeroFrom: UInt32 = .max
    var zeroTo: UInt32 = 0
    var instructionOffset: UInt32 = 0

    /// Where to note which instructions the words came from, if that is asked for.
    package var notes: InstructionNotes?

    // The counting mode of host tools.
    let counts: Bool
    var countPosition: UInt32 = FunctionTranslator.none
    var countLength: UInt32 = 0

    static var none: UInt32 { .max }

    /// `start` and `top` bound the memory that the translator may use: see `Workspace`.
    @unsafe package init(start: UnsafeMutablePointer<UInt32>, top: UnsafeMutableRawPointer, summary: borrowing ModuleSummary, counting: Bool = false) {
        workspace = unsafe Workspace(start: start, top: top)
        self.summary = summary.copy()
        counts = counting
    }

    /// Translates the body that `body` reads: locals, instructions, `end`. `end` of the code: `finish()`.
    // Out of line: loading and locating have one copy of it, 800 bytes of flash less.
    @inline(never)
    package mutating func translate(_ body: ByteReader, type typeOffset: UInt32, index: inout Index) throws(LoadError) -> FunctionCode {
        type = typeOffset
        isWide = false
        usesReferences = false
        allFar = false
        isCounting = false
        farLabels = InlineArray(repeating: 0)
        var passes = 0
        while true {
            needsRetry = false
            isMeasuring = isCounting
            try pass(body, index: &index)
            if isCounting {
                isCounting = false
                isWide = true
                try placeLocals()
            } else if isMeasuring {
                isCounting = true
            } else if !needsRetry {
                break
            }
            passes &+= 1
            if passes >= 5 { allFar = true }
            precondition(passes < 8)    // wide, references and far labels are each found once; then all are far
        }
        var code = FunctionCode()
        code.frameCells = isWide ? parameterCells &+ farCells &+ stackBase &+ measuredHeight &+ 1 : stackBase &+ maximumHeight
        if code.frameCells < resultCells { code.frameCells = resultCells }
        if code.frameCells < parameterCells { code.frameCells = parameterCells }
        try finishPrologue(&code)
        code.constants = workspace.constantCount
        code.words = workspace.count &+ workspace.constantCount
        return code
    }

    /// Settles the last function's code where it stays; the next one begins behind it. Returns where.
    @unsafe package mutating func finish() -> UnsafeMutablePointer<UInt32> { unsafe workspace.close() }

    /// The next function's code starts here.
    @unsafe package mutating func begin(at start: UnsafeMutablePointer<UInt32>, top: UnsafeMutableRawPointer) {
        workspace = unsafe Workspace(start: start, top: top)
    }

    /// One pass over the body.
    private mutating func pass(_ body: ByteReader, index: inout Index) throws(LoadError) {
        workspace.reset()
        notes?.note(0, at: 0)
        var reader = body
        frameDepth = 0
        nesting = 0
        isLive = true
        height = 0
        maximumHeight = 0
        referenceHeight = 0
        maximumReferences = 0
        maximumOutgoing = 0
        ordinal = 0
        producer = Self.none
        teeProducer = Self.none
        recentReturns = InlineArray(repeating: 0)
        lastTarget = 0
        comparison.isPending = false
        zeroFrom = .max
        zeroTo = 0
        countPosition = Self.none
        instructionOffset = reader.offset
        try declareLocals(&reader)
        layOutFrame()
        initialised = parameterCount >= 32 ? .max : (1 &<< parameterCount) &- 1
        // Two words for the prologue; what is not needed is taken out at the end.
        try append(Word(.enterReferences))
        try append(Word(.zero))
        if isWide { try enterWideFrame() }
        try open(.function, BlockType(bits: type), parameterCells: 0, parameterReferences: 0)
        while nesting > 0 {
            instructionOffset = reader.offset
            notes?.note(instructionOffset, at: workspace.count)
            guard !reader.isAtEnd else { throw LoadError(.endOpcodeExpected, at: reader.end) }
            try instruction(&reader, &index)
        }
        guard reader.isAtEnd else { throw LoadError(.bodySizeMismatch, at: reader.offset) }
        guard workspace.count <= TranslationLimits.words else { throw LoadError(.codeTooLarge, at: instructionOffset, number: TranslationLimits.words) }
    }

    /// Words of the prologue that were written and taken out again: as many places the code lies lower than it was noted.
    package var removedWords: UInt32 { (usesReferences ? 0 : 1) &+ (zeroFrom < zeroTo ? 0 : 1) }

    /// The first words: reference cells and the zeroing of locals that are read before they are set.
    private mutating func finishPrologue(_ code: inout FunctionCode) throws(LoadError) {
        let zeroing = zeroFrom < zeroTo
        if zeroing {
            // In a wide frame the first may be further on than a field reaches.
            let from = zeroFrom > 255 ? 255 : zeroFrom
            workspace[1] = Word(.zero, from, imm16: zeroTo &- from)
        } else {
            workspace.remove(at: 1)
        }
        if usesReferences {
            let references = localReferences &+ maximumReferences
            workspace[0] = Word(.enterReferences, references, 0, parameterReferences)
            // The cells themselves, their count, and what a call with reference arguments needs below them.
            code.referenceCells = references &+ 1 &+ maximumOutgoing &+ 2
        } else {
            workspace.remove(at: 0)
        }
    }

    private mutating func layOutFrame() {
        if isWide {
            stackBase = parameterCells &+ localCells &- farCells
        } else {
            stackBase = parameterCells &+ localCells
            // Too many locals already: this pass only finds out how high the stack grows.
            if stackBase > 255 { isMeasuring = true }
        }
    }

    // MARK: emitting

    @inline(__always)
    func error(_ reason: LoadError.Reason, detail: UInt16 = 0) -> LoadError { LoadError(reason, at: instructionOffset, detail: detail) }

    @inline(__always)
    func limit(_ reason: LoadError.Reason, _ number: UInt32) -> LoadError { LoadError(reason, at: instructionOffset, number: number) }

    /// Whether code is written at all: not in unreachable code, and not while measuring.
    var emits: Bool { isLive && !isMeasuring }

    mutating func append(_ word: Word) throws(LoadError) {
        guard emits else { return }
        guard workspace.append(word) else { throw error(.noMemory) }
        guard workspace.count <= TranslationLimits.words else { throw limit(.codeTooLarge, TranslationLimits.words) }
    }

    /// Emits a word that is no producer.
    mutating func emit(_ word: Word) throws(LoadError) {
        producer = Self.none
        teeProducer = Self.none
        try append(word)
    }

    /// Emits a word whose destination is a, to be pushed next.
    mutating func emitProducer(_ word: Word) throws(LoadError) {
        try append(word)
        producer = emits ? workspace.count &- 1 : Self.none
        teeProducer = Self.none
    }

    /// The last word, if it made this entry and may be taken back.
    func lastProducer(of entry: StackEntry) -> Word? {
        guard emits, producer != Self.none, producer &+ 1 == workspace.count, entry.kind == .temporary else { return nil }
        let word = workspace[producer]
        // A wrapped i64 is an i32 in the low cell, but what made it writes both.
        return word.op.resultCells == entry.cells && UInt32(word.a) == UInt32(entry.cell) ? word : nil
    }

    mutating func removeProducer() {
        workspace.removeLast()
        producer = Self.none
        teeProducer = Self.none
    }

    // MARK: constants

    /// The index of a 32-bit constant in the function's pool.
    mutating func constant(_ value: UInt32) throws(LoadError) -> UInt32 {
        guard emits else { return 0 }
        var i: UInt32 = 0
        let searched = workspace.constantCount < 256 ? workspace.constantCount : 256
        while i < searched {
            if workspace.constant(i) == value { return i }
            i &+= 1
        }
        guard workspace.constantCount < TranslationLimits.constants else { throw limit(.tooManyConstants, TranslationLimits.constants) }
        guard workspace.appendConstant(value) else { throw error(.noMemory) }
        return workspace.constantCount &- 1
    }

    /// The index of a 64-bit constant: that of its high half; the low half has the next index and so lies before it in memory.
    mutating func constant64(_ value: UInt64) throws(LoadError) -> UInt32 {
        guard emits else { return 0 }
        let high = UInt32(truncatingIfNeeded: value &>> 32)
        let low = UInt32(truncatingIfNeeded: value)
        var i: UInt32 = 0
        let searched = workspace.constantCount < 256 ? workspace.constantCount : 256
        while i &+ 1 < searched {
            if workspace.constant(i) == high && workspace.constant(i &+ 1) == low { return i }
            i &+= 1
        }
        guard workspace.constantCount &+ 2 <= TranslationLimits.constants else { throw limit(.tooManyConstants, TranslationLimits.constants) }
        guard workspace.appendConstant(high), workspace.appendConstant(low) else { throw error(.noMemory) }
        return workspace.constantCount &- 2
    }
}
