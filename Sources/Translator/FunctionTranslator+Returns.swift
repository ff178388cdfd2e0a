// Returns: results go to the frame's first cells. A return that is one word is shared by the branches that can reach it.

import RegisterCode
import WasmFormat

extension FunctionTranslator where Index: ~Copyable {
    mutating func `return`(_ bytes: Span<UInt8>) throws(LoadError) {
        try check(BlockType(bits: type), parameters: false, bytes)
        try emitReturn(bytes)
        becomeUnreachable()
    }

    /// Moves the results, on top of the stack, to the frame's first cells and returns. `keeping`: the entries must stay as they are.
    mutating func emitReturn(_ bytes: Span<UInt8>, keeping: Bool = false) throws(LoadError) {
        guard emits else { return }
        let function = try FunctionType(bytes, at: type)
        let count = Int(function.resultCount)
        let references = UInt32(function.resultReferences)
        let values = count &- Int(references)
        if isWide { return try emitWideReturn(count, isSingle: count == 1 && values == 1, references: references, keeping: keeping) }
        if values == 0 { return try emitReturn(Word(.ret), references: references) }
        if count == 1 {
            let entry = workspace.load(StackEntry.self, atDepth: workspace.depth)
            if entry.kind == .constant && entry.cells == 1 {
                let value = Int32(bitPattern: entry.payload)
                if value == Int32(Int16(truncatingIfNeeded: value)) { return try emitReturn(Word(.retI, 0, imm16: entry.payload), references: references) }
            }
            if !keeping, let made = lastProducer(of: entry), made.op == .i32Add {
                removeProducer()
                return try emitReturn(Word(.retAdd, UInt32(made.b), UInt32(made.c)), references: references)
            }
            let cell = try self.cell(of: Operand(entry: entry, home: nextHome &- entry.cells))
            return try emitReturn(Word(entry.cells == 2 ? .ret64 : .ret1, cell), references: references)
        }
        // Several: the first cells are parameters and locals, which later results may still be read from.
        if keeping { try settleKeeping(count) } else { try settle(top: UInt32(count)) }
        try transferHomes(count)
        try leaveReferences(references)
        try emit(Word(.ret))
    }

    /// Gives the reference cells back, right before the return. Results that are references go to the first ones, where the caller looks for them.
    private mutating func leaveReferences(_ results: UInt32) throws(LoadError) {
        if usesReferences { try emit(Word(.leaveReferences, localReferences &+ referenceHeight &- results, results)) }
    }

    mutating func emitReturn(_ word: Word, references: UInt32) throws(LoadError) {
        try leaveReferences(references)
        try emit(word)
        recentReturns[Int(nextReturn)] = workspace.count
        nextReturn = (nextReturn &+ 1) & 3
    }

    /// The branch before `position` leads over nothing but a return, which is the last word: makes it lead to an equal return that was emitted
    /// before, if there is one in its reach, and takes the last one away. False if all stays as it is.
    mutating func shareReturn(behind position: UInt32) -> Bool {
        // References are given back by a word of their own; in the counting mode each way has its words to count.
        guard !counts, !usesReferences, position > 0, workspace.count == position &+ 1, lastTarget < position else { return false }
        let branch = workspace[position &- 1]
        guard let opposite = branch.op.oppositeBranch else { return false }
        let word = workspace[position]
        for i in 0..<4 {
            let candidate = recentReturns[i]
            guard candidate != 0, candidate <= position, workspace[candidate &- 1] == word else { continue }
            let distance = candidate &- 1 &- position
            let inverted = branch.with(op: opposite)
            if branch.op == .brZ || branch.op == .brNZ {
                workspace[position &- 1] = inverted.with(imm16: distance)
            } else if distance >= 0 &- 128 {
                workspace[position &- 1] = inverted.with(c: distance)
            } else {
                continue
            }
            workspace.removeLast()
            for j in 0..<4 where recentReturns[j] == position &+ 1 { recentReturns[j] = 0 }
            return true
        }
        return false
    }

    /// A block ends with a return that one of its branches leads around: the branch may lead to an earlier one instead.
    mutating func shareLastReturn(_ frame: inout ControlFrame) {
        let head = workspace.count &- 1
        guard head > 0 else { return }
        let branch = workspace[head &- 1]
        if UInt32(frame.chain8) == head {
            guard shareReturn(behind: head) else { return }
            frame.chain8 = branch.offset8 == 0 ? 0 : UInt16(truncatingIfNeeded: head &- branch.offset8)
        } else if UInt32(frame.chain16) == head {
            guard shareReturn(behind: head) else { return }
            frame.chain16 = UInt16(truncatingIfNeeded: branch.imm16)
        }
    }

    /// Brings the top values into their homes in code only; the entries go on saying where they were.
    mutating func settleKeeping(_ count: Int) throws(LoadError) {
        try eachTop(count, toHomes: true)
    }

    /// From their homes to the frame's first cells.
    mutating func transferHomes(_ count: Int) throws(LoadError) { try eachTop(count, toHomes: false) }

    private mutating func eachTop(_ count: Int, toHomes: Bool) throws(LoadError) {
        var depth = workspace.depth
        var home = nextHome
        for _ in 0..<count {
            home &-= workspace.load(StackEntry.self, atDepth: depth).cells
            depth &-= 8
        }
        var cell: UInt32 = 0
        for _ in 0..<count {
            depth &+= 8
            let entry = workspace.load(StackEntry.self, atDepth: depth)
            guard !entry.isReference else { continue }
            if toHomes {
                if entry.kind != .temporary { try bring(entry, into: home) }
            } else if isWide {
                try emit(Word(entry.cells == 2 ? .farSet64 : .farSet, home, imm16: cell &- parameterCells &- farCells))
            } else if home != cell {
                try emit(entry.cells == 2 ? Word(.mov2, cell, home, home &+ 1) : Word(.mov, cell, home))
            }
            home &+= entry.cells
            cell &+= entry.cells
        }
    }
}
