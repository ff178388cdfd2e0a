// Blocks, branches, returns (core specification 2.0, 3.3.8).

import RegisterCode
import WasmFormat

extension FunctionTranslator where Index: ~Copyable {
    @_lifetime(reader: copy reader)
    mutating func blockType(_ reader: inout ByteReader, _ index: borrowing Index) throws(LoadError) -> BlockType {
        let at = reader.offset
        let byte = try reader.peek()
        if byte == 0x40 {
            try reader.skip(1)
            return BlockType(bits: BlockType.empty)
        }
        if byte & 0xc0 == 0x40 { return BlockType(value: try reader.valueType()) }
        let number = try reader.s33()
        guard number >= 0 else { throw LoadError(.malformedBlockType, at: at) }
        guard number < Int64(summary.types.count) else { throw LoadError(.unknownType, at: at) }
        return BlockType(bits: index.typeOffset(TypeIndex(UInt32(truncatingIfNeeded: number))))
    }

    /// Opens a block whose parameters have just been popped from the stack (or belong to no stack: the function's).
    mutating func open(_ kind: ControlFrame.Kind, _ type: BlockType, parameterCells: UInt32, parameterReferences: UInt32) throws(LoadError) {
        guard nesting < TranslationLimits.nesting else { throw limit(.nestingTooDeep, TranslationLimits.nesting) }
        if nesting > 0 { workspace.store(current, atDepth: frameDepth) }
        let skipDepth = nesting > 0 ? depth(ofFrame: ControlFrame.skipTarget(nesting)) : workspace.depth
        current = ControlFrame(kind: kind, wasLive: isLive, type: type, height: UInt16(truncatingIfNeeded: height),
                               referenceHeight: UInt16(truncatingIfNeeded: referenceHeight),
                               ordinal: UInt16(truncatingIfNeeded: ordinal), initialised: initialised, previous: frameDepth)
        ordinal &+= 2
        current.skip = UInt16(truncatingIfNeeded: (workspace.depth &+ UInt32(MemoryLayout<ControlFrame>.size) &- skipDepth) / 8)
        guard workspace.push(current) else { throw error(.noMemory) }
        frameDepth = workspace.depth
        nesting &+= 1
    }

    private mutating func openBlock(_ kind: ControlFrame.Kind, _ type: BlockType, _ bytes: Span<UInt8>) throws(LoadError) {
        guard type.isFunctionType else {
            try settleForBlock()
            return try open(kind, type, parameterCells: 0, parameterReferences: 0)
        }
        let function = try FunctionType(bytes, at: type.bits)
        try settleForBlock()
        try settle(top: UInt32(function.parameterCount))
        try pop(parametersOf: function)
        try open(kind, type, parameterCells: UInt32(function.parameterCells), parameterReferences: UInt32(function.parameterReferences))
        for i in 0..<Int(function.parameterCount) { try pushTemporary(function.parameter(i)) }
    }

    mutating func block(_ type: BlockType, _ bytes: Span<UInt8>) throws(LoadError) {
        try openBlock(.block, type, bytes)
    }

    mutating func loop(_ type: BlockType, _ bytes: Span<UInt8>) throws(LoadError) {
        try openBlock(.loop, type, bytes)
        markTarget()
        current.position = UInt16(truncatingIfNeeded: workspace.count)
    }

    mutating func `if`(_ type: BlockType, _ bytes: Span<UInt8>) throws(LoadError) {
        // What lies below is brought into place before the branch: both ways need it there.
        var pending = comparison
        var condition = Condition(word: Word(.brZ), opposite: nil, isWide: true)
        if pending.isPending && emits {
            // The comparison's own operands stay where they are.
            comparison.isPending = false
            _ = try popAny()
            try settleForBlock()
            pending.isPending = true
            comparison = pending
            try pushEntry(StackEntry(.comparison, .i32))
            condition = try self.condition(inverted: true)
        } else {
            let operand = try pop(.i32)
            let cell = try self.cell(of: operand)
            // A value in its home stays there: those that are settled now lie below it.
            try settleForBlock()
            condition = Condition(word: Word(.brZ, cell), opposite: Word(.brNZ, cell), isWide: true)
        }
        if type.isFunctionType {
            let function = try FunctionType(bytes, at: type.bits)
            try settle(top: UInt32(function.parameterCount))
        }
        var isWide = condition.isWide
        if emits {
            if !condition.isWide && isFar(ordinal &+ 1), let opposite = condition.opposite {
                try emit(opposite.with(c: 1))
                try emit(Word(.jump))
                isWide = true
            } else {
                try emit(condition.word)
            }
            endRun()
        }
        let position = emits ? workspace.count : 0
        try openBlock(.if, type, bytes)
        current.elseIsWide = isWide
        current.position = UInt16(truncatingIfNeeded: position)
    }

    /// The false branch of the current `if` leads here.
    private mutating func resolveElse() {
        let position = UInt32(current.position)
        if position != 0 && emitsFor(current) {
            let distance = workspace.count &- position
            let word = workspace[position &- 1]
            if current.elseIsWide {
                workspace[position &- 1] = word.with(imm16: distance)
            } else {
                if distance > 127 { markFar(UInt32(current.ordinal) &+ 1) }
                workspace[position &- 1] = word.with(c: distance)
            }
            markTarget()
        }
        label()
    }

    private func emitsFor(_ frame: ControlFrame) -> Bool { frame.wasLive && !isMeasuring }

    mutating func `else`(_ bytes: Span<UInt8>) throws(LoadError) {
        guard current.kind == .if else { throw error(.endOpcodeExpected) }
        try closeValues(bytes)
        if emits {
            var frame = current
            try branch16(Word(.jump), to: &frame, atDepth: frameDepth)
        }
        resolveElse()
        clear()
        current.kind = .else
        current.position = 0
        current.isUnreachable = false
        isLive = current.wasLive
        initialised = current.initialised
        if current.type.isFunctionType {
            let function = try FunctionType(bytes, at: current.type.bits)
            for i in 0..<Int(function.parameterCount) { try pushTemporary(function.parameter(i)) }
        }
    }

    /// The values at a block's end: the right number, of the right types, in their places.
    private mutating func closeValues(_ bytes: Span<UInt8>) throws(LoadError) {
        let count = try self.count(current.type, parameters: false, bytes)
        try check(current.type, parameters: false, bytes)
        if current.kind != .function { try settle(top: UInt32(count)) }
        guard workspace.depth &- frameDepth == UInt32(count) &* 8 else { throw error(.typeMismatch) }
    }

    /// Forgets the entries of the current block.
    mutating func clear() {
        workspace.setDepth(frameDepth)
        height = UInt32(current.height)
        referenceHeight = UInt32(current.referenceHeight)
        comparison.isPending = false
    }

    mutating func end(_ bytes: Span<UInt8>) throws(LoadError) {
        try closeValues(bytes)
        if current.kind == .if {
            // No else: the false way leaves the parameters as the results.
            if current.type.isFunctionType {
                let function = try FunctionType(bytes, at: current.type.bits)
                guard function.parameterCount == function.resultCount else { throw error(.typeMismatch) }
                for i in 0..<Int(function.resultCount) where function.parameter(i) != function.result(i) { throw error(.typeMismatch) }
            } else if current.type.singleValue != nil {
                throw error(.typeMismatch)
            }
            if current.position != 0, emitsFor(current), shareReturn(behind: UInt32(current.position)) { current.position = 0 }
            resolveElse()
        }
        if current.kind == .function { try emitReturn(bytes) }
        clear()
        var closed = current
        workspace.drop(bytes: MemoryLayout<ControlFrame>.size)
        nesting &-= 1
        frameDepth = closed.previous
        isLive = closed.wasLive
        initialised = closed.initialised
        if nesting > 0 { current = workspace.load(ControlFrame.self, atDepth: frameDepth) } else { return }
        if closed.kind != .loop && emits {
            shareLastReturn(&closed)
            try resolve(closed)
        } else {
            label()
        }
        if closed.type.isFunctionType {
            try push(resultsOf: FunctionType(bytes, at: closed.type.bits))
        } else if let value = closed.type.singleValue {
            try pushTemporary(value)
        }
    }

    /// What follows cannot be reached: the stack is polymorphic until the block ends.
    mutating func becomeUnreachable() {
        clear()
        current.isUnreachable = true
        isLive = false
        endRun()
    }

    // MARK: branches

    mutating func branch(_ label: UInt32, at offset: UInt32, _ bytes: Span<UInt8>) throws(LoadError) {
        var (frame, depth) = try self.frame(label, at: offset)
        try checkLabel(frame, bytes)
        if frame.kind == .function {
            try emitReturn(bytes)
        } else {
            try transfer(to: frame, labelCount(frame, bytes))
            try branch16(Word(.jump), to: &frame, atDepth: depth)
        }
        becomeUnreachable()
    }

    mutating func branchIf(_ number: UInt32, at offset: UInt32, _ bytes: Span<UInt8>) throws(LoadError) {
        var (frame, depth) = try self.frame(number, at: offset)
        // A comparison's operands lie above the label's values; the condition is made before they are looked at.
        let isReturn = frame.kind == .function
        let count = try labelCount(frame, bytes)
        if count == 0 && !isReturn {
            let condition = try self.condition(inverted: false)
            try checkLabel(frame, bytes)
            if condition.isWide {
                try branch16(condition.word, to: &frame, atDepth: depth)
            } else {
                try branch8(condition.word, opposite: condition.opposite, to: &frame, atDepth: depth)
            }
        } else {
            if comparison.isPending && count > 16 { try settleComparison() }
            let over = try self.condition(inverted: true)
            try checkLabel(frame, bytes)
            if !isReturn && !needsTransfer(to: frame, count), let direct = over.opposite {
                if over.isWide {
                    try branch16(direct, to: &frame, atDepth: depth)
                } else {
                    try branch8(direct, opposite: over.word, to: &frame, atDepth: depth)
                }
            } else if emits {
                try emit(over.word)
                let position = workspace.count
                endRun()
                if isReturn {
                    try emitReturn(bytes, keeping: true)
                } else {
                    try transfer(to: frame, count)
                    try branch16(Word(.jump), to: &frame, atDepth: depth)
                }
                if isReturn, shareReturn(behind: position) { return label() }
                let distance = workspace.count &- position
                let word = workspace[position &- 1]
                if over.isWide {
                    workspace[position &- 1] = word.with(imm16: distance)
                } else if distance <= 127 {
                    workspace[position &- 1] = word.with(c: distance)
                } else {
                    throw limit(.codeTooLarge, 127)
                }
                markTarget()
            }
        }
        label()
    }
}
