// The operand stack: validation's types and the translator's knowledge of where each value is, in one.

import RegisterCode
import WasmFormat

extension FunctionTranslator where Index: ~Copyable {
    /// Entries of the current block are deeper than its frame.
    var hasEntries: Bool { workspace.depth > frameDepth }

    mutating func pushEntry(_ entry: StackEntry) throws(LoadError) {
        guard workspace.push(entry) else { throw error(.noMemory) }
        if entry.isReference {
            referenceHeight &+= 1
            if referenceHeight > maximumReferences { maximumReferences = referenceHeight }
            guard referenceHeight &+ localReferences <= TranslationLimits.references else {
                throw limit(.tooManyReferences, TranslationLimits.references)
            }
            return
        }
        height &+= entry.cells
        if height > maximumHeight {
            maximumHeight = height
            guard height <= TranslationLimits.operandCells else { throw limit(.tooManyCells, TranslationLimits.operandCells) }
            if stackBase &+ height > 256 && !isMeasuring {
                precondition(!isWide)   // its stack was measured
                isMeasuring = true
            }
        }
    }

    /// The cell that a value pushed now would have.
    var nextHome: UInt32 { stackBase &+ height }

    mutating func pushTemporary(_ type: ValueType) throws(LoadError) {
        if type.isReference {
            try pushEntry(StackEntry(.reference, type, cell: localReferences &+ referenceHeight))
        } else {
            try pushEntry(StackEntry(.temporary, type, cell: nextHome))
        }
    }

    /// Takes the top entry, whatever its type.
    mutating func popAny() throws(LoadError) -> Operand {
        guard hasEntries else {
            guard current.isUnreachable else { throw error(.typeMismatch) }
            return Operand(entry: StackEntry(unknownTemporary: ()), home: nextHome)
        }
        let entry = workspace.load(StackEntry.self, atDepth: workspace.depth)
        workspace.drop(bytes: 8)
        if entry.isReference { referenceHeight &-= 1 } else { height &-= entry.cells }
        return Operand(entry: entry, home: nextHome)
    }

    mutating func pop(_ type: ValueType) throws(LoadError) -> Operand {
        let operand = try popAny()
        let found = operand.entry.type
        guard found == type.rawValue || found == StackEntry.unknownType else {
            throw error(.typeMismatch, detail: UInt16(type.rawValue) << 8 | UInt16(found))
        }
        return operand
    }

    /// Takes the parameters of a type, the last first.
    mutating func pop(parametersOf function: borrowing FunctionType) throws(LoadError) {
        var i = Int(function.parameterCount)
        while i > 0 {
            i &-= 1
            _ = try pop(function.parameter(i))
        }
    }

    mutating func push(resultsOf function: borrowing FunctionType) throws(LoadError) {
        for i in 0..<Int(function.resultCount) { try pushTemporary(function.result(i)) }
    }

    // MARK: having values in cells

    /// A cell below 256 that holds the operand: its own, or its home, into which it is brought.
    mutating func cell(of operand: Operand) throws(LoadError) -> UInt32 {
        let entry = operand.entry
        switch entry.kind {
        case .temporary: return UInt32(entry.cell)
        case .local where entry.cell < 256 && (entry.cells == 1 || entry.cell < 255): return UInt32(entry.cell)
        default:
            try bring(entry, into: operand.home)
            return operand.home
        }
    }

    /// Writes the value of an entry into a cell below 256.
    mutating func bring(_ entry: StackEntry, into cell: UInt32) throws(LoadError) {
        guard emits else { return }
        let is64 = entry.cells == 2
        let source = UInt32(entry.cell)
        switch entry.kind {
        case .temporary, .local:
            if source > 255 || (is64 && source > 254) {
                try emitProducer(Word(is64 ? .farGet64 : .farGet, cell, imm16: source))
            } else if source != cell {
                try emitProducer(is64 ? Word(.mov2, cell, source, source &+ 1) : Word(.mov, cell, source))
            }
        case .constant:
            let value = Int32(bitPattern: entry.payload)
            if is64 {
                if value == Int32(Int16(truncatingIfNeeded: value)) {
                    try emitProducer(Word(.const64, cell, imm16: entry.payload))
                } else {
                    try emitProducer(Word(.const64K, cell, imm16: constant64(UInt64(bitPattern: Int64(value)))))
                }
            } else if value == Int32(Int16(truncatingIfNeeded: value)) {
                try emitProducer(Word(.const16, cell, imm16: entry.payload))
            } else {
                try emitProducer(Word(.constK, cell, imm16: constant(entry.payload)))
            }
        case .pooled:
            try emitProducer(Word(.const64K, cell, imm16: entry.payload))
        case .sum:
            try emitAdd(cell, source, entry.payload)
        case .scaled:
            try emitProducer(Word(.i32ShlI, cell, source, 2))
            if entry.payload != 0 { try emitAdd(cell, cell, entry.payload) }
        case .comparison:
            try emitComparison(into: cell)
        case .reference:
            break
        }
    }

    /// a = b + value, with wrap-around.
    mutating func emitAdd(_ a: UInt32, _ b: UInt32, _ value: UInt32) throws(LoadError) {
        if Self.fitsImmediate(value) {
            try emitProducer(Word(.i32AddI, a, b, value))
            return
        }
        let index = try constant(value)
        if index < 256 {
            try emitProducer(Word(.i32AddK, a, b, index))
        } else {
            let scratch = scratchCell()
            try emit(Word(.constK, scratch, imm16: index))
            try emitProducer(Word(.i32Add, a, b, scratch))
        }
    }

    /// A cell above all that an instruction has popped and not yet used (its operands have at most 6 cells), for the rare function whose
    /// constants cannot all be named by 8 bits.
    mutating func scratchCell() -> UInt32 {
        // A wide frame has a cell for it, above its measured stack.
        if isWide { return stackBase &+ measuredHeight }
        let cell = stackBase &+ height &+ 8
        if cell > 255 { isMeasuring = true }
        if maximumHeight < height &+ 9 { maximumHeight = height &+ 9 }
        return cell
    }

    static func fitsImmediate(_ value: UInt32) -> Bool {
        let signed = Int32(bitPattern: value)
        return signed == Int32(Int8(truncatingIfNeeded: signed))
    }

    /// Brings the entry at a depth of the workspace's stack into its home.
    private mutating func settle(atDepth depth: UInt32, home: UInt32) throws(LoadError) {
        let entry = workspace.load(StackEntry.self, atDepth: depth)
        switch entry.kind {
        case .temporary, .reference: return
        default:
            try bring(entry, into: home)
            settled(atDepth: depth, in: home)
        }
    }

    /// The entry's value is in its home now.
    private func settled(atDepth depth: UInt32, in home: UInt32) {
        var entry = workspace.load(StackEntry.self, atDepth: depth)
        entry.kind = .temporary
        entry.cell = UInt16(truncatingIfNeeded: home)
        workspace.store(entry, atDepth: depth)
    }

    /// Brings the top entries into their homes: at most `count` of them, those of the current block.
    ///
    /// Neighbouring locals of one cell each go by one word.
    mutating func settle(top count: UInt32) throws(LoadError) {
        // Walk down to the first of them, then up, so that the code reads in order.
        var depth = workspace.depth
        var cell = height
        var left = count
        while left > 0 && depth > frameDepth {
            cell &-= workspace.load(StackEntry.self, atDepth: depth).cells
            depth &-= 8
            left &-= 1
        }
        while depth < workspace.depth {
            depth &+= 8
            let entry = workspace.load(StackEntry.self, atDepth: depth)
            if entry.kind == .local, entry.cells == 1, entry.cell < 256, depth < workspace.depth, emits {
                let next = workspace.load(StackEntry.self, atDepth: depth &+ 8)
                if next.kind == .local && next.cells == 1 && next.cell < 256 {
                    try emitProducer(Word(.mov2, stackBase &+ cell, UInt32(entry.cell), UInt32(next.cell)))
                    producer = Self.none
                    settled(atDepth: depth, in: stackBase &+ cell)
                    settled(atDepth: depth &+ 8, in: stackBase &+ cell &+ 1)
                    cell &+= 2
                    depth &+= 8
                    continue
                }
            }
            try settle(atDepth: depth, home: stackBase &+ cell)
            cell &+= entry.cells
        }
    }

    /// Brings all entries of the current block into their homes but constants: what follows may run more than once, or not at all.
    mutating func settleForBlock() throws(LoadError) {
        var depth = workspace.depth
        var cell = height
        while depth > frameDepth {
            let entry = workspace.load(StackEntry.self, atDepth: depth)
            cell &-= entry.cells
            switch entry.kind {
            case .constant, .pooled, .temporary, .reference: break
            default: try settle(atDepth: depth, home: stackBase &+ cell)
            }
            depth &-= 8
        }
    }

    /// Brings those entries into their homes that would change when the local in `cell` does.
    mutating func settleReaders(of cell: UInt32) throws(LoadError) {
        var depth = workspace.depth
        var at = height
        while depth > frameDepth {
            let entry = workspace.load(StackEntry.self, atDepth: depth)
            at &-= entry.cells
            if entry.reads(local: cell) { try settle(atDepth: depth, home: stackBase &+ at) }
            depth &-= 8
        }
    }

    /// Whether an entry of the current block would change when the local in `cell` does.
    func hasReaders(of cell: UInt32) -> Bool {
        var depth = workspace.depth
        while depth > frameDepth {
            if workspace.load(StackEntry.self, atDepth: depth).reads(local: cell) { return true }
            depth &-= 8
        }
        return false
    }
}
