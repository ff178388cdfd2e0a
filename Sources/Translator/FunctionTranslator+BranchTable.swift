// `br_table`: one jump for each value, or, where many values share their labels, one for each label and a table of bytes that says which.

import RegisterCode
import WasmFormat

/// The labels that a `br_table` names, by their number of blocks outwards.
private struct LabelSet {
    private var bits: InlineArray<32, UInt32> = InlineArray(repeating: 0)
    private(set) var count: UInt32 = 0

    static var limit: UInt32 { 1_024 }

    /// False if it was there.
    mutating func insert(_ label: UInt32) -> Bool {
        let bit: UInt32 = 1 &<< (label & 31)
        guard bits[Int(label / 32)] & bit == 0 else { return false }
        bits[Int(label / 32)] |= bit
        count &+= 1
        return true
    }

    /// How many labels of the set are below this one.
    func rank(_ label: UInt32) -> UInt32 {
        var sum = (bits[Int(label / 32)] & ((1 &<< (label & 31)) &- 1)).nonzeroBitCount
        for i in 0..<Int(label / 32) { sum &+= bits[i].nonzeroBitCount }
        return UInt32(sum)
    }

    /// The first label of the set from `label` on.
    func next(from label: UInt32) -> UInt32 {
        var label = label
        while label < Self.limit && bits[Int(label / 32)] & (1 &<< (label & 31)) == 0 { label &+= 1 }
        return label
    }
}

extension FunctionTranslator where Index: ~Copyable {
    @_lifetime(reader: copy reader)
    @inline(never)      // or its set of labels would lie in the frame of whoever translates an instruction
    mutating func branchTable(_ reader: inout ByteReader) throws(LoadError) {
        let bytes = reader.bytes
        let countOffset = reader.offset
        let last = try reader.u32()
        guard last <= reader.remaining else { throw LoadError(.lengthOutOfBounds, at: countOffset) }
        guard last <= TranslationLimits.branchTargets else { throw LoadError(.tooManyBranchTargets, at: countOffset, number: TranslationLimits.branchTargets) }
        let operand = try pop(.i32)
        let cell = try self.cell(of: operand)
        // The default label comes last and says how many values there are.
        var scan = reader
        for _ in 0..<last { _ = try scan.u32() }
        let defaultOffset = scan.offset
        let count = try labelCount(frame(scan.u32(), at: defaultOffset).frame, bytes)
        // Values must lie in their homes: every way out moves them from there. The index must survive that.
        if count > 0 { try settle(top: UInt32(count)) }
        let entries = reader
        var labels = LabelSet()
        for _ in 0...last {
            let at = reader.offset
            let number = try reader.u32()
            let target = try frame(number, at: at).frame
            guard labels.insert(number) else { continue }
            guard try labelCount(target, bytes) == count else { throw LoadError(.typeMismatch, at: at) }
            // Each label sees the values as they are, also where unreachable code leaves their types open.
            try tryLabel(target, bytes)
        }
        if emits {
            if labels.count <= JumpTable.maximumJumps && labels.count &+ last / 4 &+ 4 < last {
                try emitSharedJumps(cell, last, labels, entries, count, bytes)
            } else {
                try emitJumps(cell, last, entries, count, bytes)
            }
        }
        becomeUnreachable()
    }

    /// A jump for each value.
    private mutating func emitJumps(_ cell: UInt32, _ last: UInt32, _ entries: ByteReader, _ count: Int, _ bytes: Span<UInt8>) throws(LoadError) {
        try emit(Word(.brTable, cell, imm16: last))
        let table = workspace.count
        for _ in 0...last { try append(Word(.jump)) }
        var reader = entries
        var sharedReturn: UInt32 = 0
        for i in 0...last { try fillIn(table &+ i, label: reader.u32(), count, &sharedReturn, bytes) }
    }

    /// A jump for each label, and the table among the constants.
    private mutating func emitSharedJumps(_ cell: UInt32, _ last: UInt32, _ labels: LabelSet, _ entries: ByteReader,
                                          _ count: Int, _ bytes: Span<UInt8>) throws(LoadError) {
        let header = JumpTable(last: last, jumps: labels.count)
        guard workspace.constantCount &+ header.words < TranslationLimits.constants else { throw limit(.tooManyConstants, TranslationLimits.constants) }
        for _ in 0..<header.words {
            guard workspace.appendConstant(0) else { throw error(.noMemory) }
        }
        var reader = entries
        for i in 0...last { workspace.setConstantByte(i, labels.rank(try reader.u32())) }
        guard workspace.appendConstant(header.bits) else { throw error(.noMemory) }
        try emit(Word(.brTableK, cell, imm16: workspace.constantCount &- 1))
        let table = workspace.count
        for _ in 0..<labels.count { try append(Word(.jump)) }
        var label: UInt32 = 0
        var sharedReturn: UInt32 = 0
        for i in 0..<labels.count {
            label = labels.next(from: label)
            try fillIn(table &+ i, label: label, count, &sharedReturn, bytes)
            label &+= 1
        }
    }

    @inline(never)
    /// Makes the jump at `position` lead to a label, by way of words of its own where values must be moved;
    /// all returns share theirs.
    private mutating func fillIn(_ position: UInt32, label: UInt32, _ count: Int, _ sharedReturn: inout UInt32, _ bytes: Span<UInt8>) throws(LoadError) {
        var (target, depth) = try frame(label, at: instructionOffset)
        if target.kind == .function {
            if sharedReturn == 0 {
                markTarget()
                sharedReturn = workspace.count
                try emitReturn(bytes, keeping: true)
            }
            workspace[position] = Word(.jump, 0, imm16: sharedReturn &- (position &+ 1))
        } else if needsTransfer(to: target, count) {
            workspace[position] = Word(.jump, 0, imm16: workspace.count &- (position &+ 1))
            markTarget()
            try transfer(to: target, count)
            try branch16(Word(.jump), to: &target, atDepth: depth)
        } else {
            point(position, to: &target, atDepth: depth)
        }
    }
}
