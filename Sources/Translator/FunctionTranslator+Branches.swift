// Branches: values go where the label wants them, offsets are filled in when the label is reached.

import RegisterCode
import WasmFormat

extension FunctionTranslator where Index: ~Copyable {
    // MARK: label types

    /// How many values a label takes: a loop's parameters, any other block's results.
    func labelCount(_ frame: ControlFrame, _ bytes: Span<UInt8>) throws(LoadError) -> Int {
        try count(frame.type, parameters: frame.kind == .loop, bytes)
    }

    func count(_ type: BlockType, parameters: Bool, _ bytes: Span<UInt8>) throws(LoadError) -> Int {
        guard type.isFunctionType else { return parameters || type.singleValue == nil ? 0 : 1 }
        let function = try FunctionType(bytes, at: type.bits)
        return Int(parameters ? function.parameterCount : function.resultCount)
    }

    /// Checks the label's values on top of the stack and leaves them there, typed as the label has them.
    mutating func checkLabel(_ frame: ControlFrame, _ bytes: Span<UInt8>) throws(LoadError) {
        try check(frame.type, parameters: frame.kind == .loop, bytes)
    }

    /// Checks the label's values and leaves them as they are, also where unreachable code leaves their types open: for `br_table`,
    /// whose labels may each want another type of such a value.
    mutating func tryLabel(_ frame: ControlFrame, _ bytes: Span<UInt8>) throws(LoadError) {
        guard current.isUnreachable else { return try checkLabel(frame, bytes) }
        let state = (workspace.depth, height, referenceHeight)
        if frame.type.isFunctionType {
            let function = try FunctionType(bytes, at: frame.type.bits)
            let isLoop = frame.kind == .loop
            var i = Int(isLoop ? function.parameterCount : function.resultCount)
            while i > 0 {
                i &-= 1
                _ = try pop(isLoop ? function.parameter(i) : function.result(i))
            }
        } else if frame.kind != .loop, let value = frame.type.singleValue {
            _ = try pop(value)
        }
        workspace.restore(depth: state.0)
        height = state.1
        referenceHeight = state.2
    }

    mutating func check(_ type: BlockType, parameters: Bool, _ bytes: Span<UInt8>) throws(LoadError) {
        guard type.isFunctionType else {
            if !parameters, let value = type.singleValue { try retype(value) }
            return
        }
        let function = try FunctionType(bytes, at: type.bits)
        let count = Int(parameters ? function.parameterCount : function.resultCount)
        if !current.isUnreachable {
            // Enough real values: look at them where they are.
            var depth = workspace.depth
            var i = count
            while i > 0 {
                i &-= 1
                guard depth > frameDepth else { throw error(.typeMismatch) }
                let expected = parameters ? function.parameter(i) : function.result(i)
                let found = workspace.load(StackEntry.self, atDepth: depth).type
                guard found == expected.rawValue else {
                    throw error(.typeMismatch, detail: UInt16(expected.rawValue) << 8 | UInt16(found))
                }
                depth &-= 8
            }
            return
        }
        var i = count
        while i > 0 {
            i &-= 1
            _ = try pop(parameters ? function.parameter(i) : function.result(i))
        }
        for i in 0..<count { try pushTemporary(parameters ? function.parameter(i) : function.result(i)) }
    }

    private mutating func retype(_ value: ValueType) throws(LoadError) {
        let operand = try pop(value)
        if operand.entry.type == StackEntry.unknownType { try pushTemporary(value) } else { try pushEntry(operand.entry) }
    }

    /// The frame that `br` names: 0 is the innermost.
    func frame(_ label: UInt32, at offset: UInt32) throws(LoadError) -> (frame: ControlFrame, depth: UInt32) {
        guard label < nesting else { throw LoadError(.unknownLabel, at: offset, number: label) }
        if label == 0 { return (current, frameDepth) }
        let depth = depth(ofFrame: nesting &- 1 &- label)
        return (workspace.load(ControlFrame.self, atDepth: depth), depth)
    }

    /// Where an open block's frame lies, by its number from the function's, 0, inwards.
    func depth(ofFrame wanted: UInt32) -> UInt32 {
        var number = nesting &- 1
        var depth = frameDepth
        var (previous, skip) = (current.previous, current.skip)
        while number > wanted {
            if ControlFrame.skipTarget(number) >= wanted {
                number = ControlFrame.skipTarget(number)
                depth &-= UInt32(skip) &* 8
            } else {
                number &-= 1
                depth = previous
            }
            let frame = workspace.load(ControlFrame.self, atDepth: depth)
            (previous, skip) = (frame.previous, frame.skip)
        }
        return depth
    }

    /// Changes a frame wherever it lives: the innermost one is kept in `current`.
    private mutating func update(_ frame: ControlFrame, atDepth depth: UInt32) {
        if depth == frameDepth { current = frame } else { workspace.store(frame, atDepth: depth) }
    }

    // MARK: moving values

    /// Where the first of the top `count` values is, and where it must go.
    private func firstValue(_ count: Int) -> (depth: UInt32, cell: UInt32, reference: UInt32) {
        var depth = workspace.depth
        var cell = height
        var reference = referenceHeight
        var left = count
        while left > 0 && depth > frameDepth {
            let entry = workspace.load(StackEntry.self, atDepth: depth)
            if entry.isReference { reference &-= 1 } else { cell &-= entry.cells }
            depth &-= 8
            left &-= 1
        }
        return (depth, cell, reference)
    }

    /// Whether the top `count` values are not yet where the label wants them.
    func needsTransfer(to frame: ControlFrame, _ count: Int) -> Bool {
        guard count > 0 && emits else { return false }
        let first = firstValue(count)
        if first.cell != frame.height || first.reference != frame.referenceHeight { return true }
        var depth = first.depth
        while depth < workspace.depth {
            depth &+= 8
            let kind = workspace.load(StackEntry.self, atDepth: depth).kind
            if kind != .temporary && kind != .reference { return true }
        }
        return false
    }

    /// Moves the top `count` values to the label's places; the entries stay as they are. From the first to the last:
    /// each place is at or below the value's own, so nothing is overwritten that is still wanted.
    mutating func transfer(to frame: ControlFrame, _ count: Int) throws(LoadError) {
        guard count > 0 && emits else { return }
        try transfer(count, toCell: stackBase &+ UInt32(frame.height), reference: localReferences &+ UInt32(frame.referenceHeight))
    }

    mutating func transfer(_ count: Int, toCell first: UInt32, reference firstReference: UInt32) throws(LoadError) {
        var cell = first
        var reference = firstReference
        var depth = firstValue(count).depth
        while depth < workspace.depth {
            depth &+= 8
            let entry = workspace.load(StackEntry.self, atDepth: depth)
            if entry.isReference {
                if UInt32(entry.cell) != reference { try emit(Word(.refMove, reference, UInt32(entry.cell))) }
                reference &+= 1
            } else {
                if entry.kind != .temporary || UInt32(entry.cell) != cell { try bring(entry, into: cell) }
                cell &+= entry.cells
            }
        }
        producer = Self.none
    }

    // MARK: emitting branches

    func isFar(_ ordinal: UInt32) -> Bool {
        if allFar { return true }
        guard ordinal < 512 else { return false }
        return farLabels[Int(ordinal / 32)] & (1 &<< (ordinal & 31)) != 0
    }

    /// A short branch cannot reach this label: the function is translated again.
    mutating func markFar(_ ordinal: UInt32) {
        needsRetry = true
        if ordinal < 512 { farLabels[Int(ordinal / 32)] |= 1 &<< (ordinal & 31) } else { allFar = true }
    }

    /// A branch with a 16-bit field: `jump`, `brZ`, `brNZ`.
    mutating func branch16(_ word: Word, to frame: inout ControlFrame, atDepth depth: UInt32) throws(LoadError) {
        guard emits else { return }
        try emit(word)
        point(workspace.count &- 1, to: &frame, atDepth: depth)
    }

    /// Makes the branch with a 16-bit field at `position` lead to a label: now, or when the label is reached.
    mutating func point(_ position: UInt32, to frame: inout ControlFrame, atDepth depth: UInt32) {
        let word = workspace[position]
        if frame.kind == .loop {
            workspace[position] = word.with(imm16: UInt32(frame.position) &- (position &+ 1))
        } else {
            workspace[position] = word.with(imm16: UInt32(frame.chain16))
            frame.chain16 = UInt16(truncatingIfNeeded: position &+ 1)
        }
        if word.op == .jump { frame.island = UInt16(truncatingIfNeeded: position &+ 1) }
        update(frame, atDepth: depth)
    }

    /// A branch with an 8-bit field. If the label is out of its reach, it goes to an earlier jump there, else around one of its own.
    mutating func branch8(_ word: Word, opposite: Word?, to frame: inout ControlFrame, atDepth depth: UInt32) throws(LoadError) {
        guard emits else { return }
        let position = workspace.count
        if frame.kind == .loop {
            let distance = Int32(frame.position) &- Int32(position &+ 1)
            if distance >= -128 { return try emit(word.with(c: UInt32(bitPattern: distance))) }
        } else if !isFar(UInt32(frame.ordinal)) {
            var link: UInt32 = 0
            if frame.chain8 != 0 {
                link = position &+ 1 &- UInt32(frame.chain8)
                if link > 120 {
                    markFar(UInt32(frame.ordinal))
                    link = 0
                }
            }
            try emit(word.with(c: link))
            frame.chain8 = UInt16(truncatingIfNeeded: position &+ 1)
            update(frame, atDepth: depth)
            return
        }
        if let distance = reach(UInt32(frame.island)) { return try emit(word.with(c: distance)) }
        if let opposite {
            try emit(opposite.with(c: 1))
        } else {
            // No opposite: branch over the jump that leads past the other jump.
            try emit(word.with(c: 1))
            try emit(Word(.jump, 0, imm16: 1))
        }
        try branch16(Word(.jump), to: &frame, atDepth: depth)
    }

    /// The 8-bit distance from a branch that is emitted next back to `position` - 1; nil if that is 0 or too far. Not in the counting
    /// mode, where every way has words of its own to count.
    func reach(_ position: UInt32) -> UInt32? {
        guard position != 0, !counts else { return nil }
        let back = workspace.count &+ 2 &- position
        return back <= 128 ? 0 &- back : nil
    }

    /// Fills in the forward branches to a label that is here.
    mutating func resolve(_ frame: ControlFrame) throws(LoadError) {
        let here = workspace.count
        if frame.chain8 != 0 || frame.chain16 != 0 { markTarget() }
        var position = UInt32(frame.chain16)
        while position != 0 {
            let word = workspace[position &- 1]
            workspace[position &- 1] = word.with(imm16: here &- position)
            position = word.imm16
        }
        position = UInt32(frame.chain8)
        while position != 0 {
            let word = workspace[position &- 1]
            if here &- position > 127 { markFar(UInt32(frame.ordinal)) }
            workspace[position &- 1] = word.with(c: here &- position)
            position = word.offset8 == 0 ? 0 : position &- word.offset8
        }
        label()
    }

    /// A branch leads to what is emitted next.
    mutating func markTarget() {
        lastTarget = workspace.count
        label()
    }

    /// Other code can come here: what was emitted last is settled.
    mutating func label() {
        producer = Self.none
        teeProducer = Self.none
        endRun()
    }

    // MARK: conditions

    /// A popped condition as the word that branches if it holds (or not), its offset still open.
    struct Condition {
        var word: Word
        var opposite: Word?
        /// Its field has 16 bits.
        var isWide: Bool
    }

    /// Pops an i32 and makes a branch of it. A comparison on top, or an addition to a local that `local.tee` kept, goes in.
    mutating func condition(inverted: Bool, conditional: Bool = true) throws(LoadError) -> Condition {
        if comparison.isPending && emits {
            let pending = comparison
            if let condition = try fused(pending, inverted: inverted) {
                _ = try popAny()
                comparison.isPending = false
                return condition
            }
            try settleComparison()
        }
        let tee = teeProducer
        let operand = try pop(.i32)
        if emits, !inverted, tee != Self.none, tee &+ 1 == workspace.count, operand.entry.kind == .local {
            let word = workspace[tee]
            if word.op == .i32AddI && word.a == word.b && word.a == Int(operand.entry.cell) {
                workspace.removeLast()
                return Condition(word: Word(.addBrNZ, UInt32(word.a), UInt32(bitPattern: word.signedC)), opposite: nil, isWide: false)
            }
        }
        let cell = try self.cell(of: operand)
        return Condition(word: Word(inverted ? .brZ : .brNZ, cell), opposite: Word(inverted ? .brNZ : .brZ, cell), isWide: true)
    }

    private mutating func fused(_ pending: Comparison, inverted: Bool) throws(LoadError) -> Condition? {
        let condition = inverted ? pending.condition.opposite : pending.condition
        var value: UInt32 = 0
        var base = Op.brI32Eq
        var right: UInt32 = 0
        if pending.is64 {
            guard pending.right.entry.kind != .constant else { return nil }
            base = .brI64Eq
            right = try cell(of: pending.right)
        } else if pending.right.entry.isConstant32(&value) {
            if value == 0 && (condition == .equal || condition == .notEqual) {
                let left = try cell(of: pending.left)
                let zero = condition == .equal
                return Condition(word: Word(zero ? .brZ : .brNZ, left), opposite: Word(zero ? .brNZ : .brZ, left), isWide: true)
            }
            if Self.fitsImmediate(value) {
                base = .brI32EqI
                right = value
            } else {
                let index = try constant(value)
                if index < 256 {
                    base = .brI32EqK
                    right = index
                } else {
                    right = try cell(of: pending.right)
                }
            }
        } else {
            right = try cell(of: pending.right)
        }
        let left = try cell(of: pending.left)
        return Condition(word: Word(Self.op(base, plus: condition.rawValue), left, right),
                         opposite: Word(Self.op(base, plus: condition.opposite.rawValue), left, right), isWide: false)
    }
}
