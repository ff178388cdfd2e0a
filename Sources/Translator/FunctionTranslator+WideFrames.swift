// Frames of more than 256 cells. What an 8-bit field cannot name lies below cell 0, which the function's first word moves up:
//
//     before and after │ 0 … parameters, results │ far locals … │ parameters │ near locals │ operand stack │ scratch │
//     in between                                                │ 0 …                                       at most 255 │
//
// So a call's window is where it is in any other function. The locals that are used most are near: a pass of its own counts the uses.

import RegisterCode
import WasmFormat

extension FunctionTranslator where Index: ~Copyable {
    /// Locals that are counted, each with 2 bytes in the workspace; those behind them are far. A bound, too, on the time that a
    /// few bytes of wasm can make the loader spend.
    static var countedLocals: UInt32 { 2_048 }

    /// The sign of a 16-bit cell, extended.
    static func signed(_ cell: UInt32) -> UInt32 { UInt32(bitPattern: Int32(Int16(truncatingIfNeeded: cell))) }

    /// Keeps room for the table behind the runs of locals: of uses while they are counted, of cells once they are known.
    mutating func reserveLocalTable() throws(LoadError) {
        guard isCounting || isWide else { return }
        let others = localCount &- parameterCount
        placedLocals = others < Self.countedLocals ? others : Self.countedLocals
        guard workspace.reserve(bytes: (placedLocals &+ 3) / 4 &* 8, clearing: isCounting) else { throw error(.noMemory) }
    }

    private func tableDepth(_ local: UInt32) -> UInt32 { localRuns &* 8 &+ local &* 2 &+ 2 }

    mutating func noteUse(_ number: UInt32) {
        guard isCounting, number >= parameterCount, number &- parameterCount < placedLocals else { return }
        let depth = tableDepth(number &- parameterCount)
        let uses = workspace.load(UInt16.self, atDepth: depth)
        if uses < .max { workspace.store(uses &+ 1, atDepth: depth) }
    }

    /// Cells of a local that is no parameter; 0 for a reference. `run` is where to begin looking; locals are asked for in order.
    private func cells(_ local: UInt32, _ run: inout UInt32) -> UInt32 {
        let number = parameterCount &+ local
        while run &+ 1 < localRuns, UInt32(workspace.load(LocalRun.self, atDepth: (run &+ 2) &* 8).first) <= number { run &+= 1 }
        guard let type = ValueType(rawValue: workspace.load(LocalRun.self, atDepth: (run &+ 1) &* 8).type), !type.isReference else { return 0 }
        return type.cells
    }

    /// Gives each local its cell: the table's uses become cells. As many near ones as there is room, those with most uses first.
    @inline(never)      // or its histogram would lie in the frame of whoever translates
    mutating func placeLocals() throws(LoadError) {
        measuredHeight = maximumHeight
        guard parameterCells &+ measuredHeight <= 255 else { throw limit(.tooManyCells, 255) }
        let room = 255 &- parameterCells &- measuredHeight
        // Cells by number of uses, to find from which number on all are near.
        var histogram: InlineArray<64, UInt32> = InlineArray(repeating: 0)
        var run: UInt32 = 0
        for local in 0..<placedLocals { histogram[bucket(local)] &+= cells(local, &run) }
        var least = 64
        var used: UInt32 = 0
        while least > 0 && used &+ histogram[least &- 1] <= room {
            least &-= 1
            used &+= histogram[least]
        }
        // Of those with one use less, as many as still go in.
        var left = room &- used
        run = 0
        used = 0
        let far: UInt16 = .max
        for local in 0..<placedLocals {
            let count = cells(local, &run)
            let uses = bucket(local)
            let isNear = uses >= least || (uses &+ 1 == least && count <= left)
            if isNear && uses < least { left &-= count }
            workspace.store(isNear ? UInt16(truncatingIfNeeded: parameterCells &+ used) : far, atDepth: tableDepth(local))
            if isNear { used &+= count }
        }
        farCells = localCells &- used
        guard parameterCells &+ farCells <= TranslationLimits.frameCells else { throw limit(.tooManyCells, TranslationLimits.frameCells) }
        run = 0
        used = 0
        for local in 0..<placedLocals where workspace.load(UInt16.self, atDepth: tableDepth(local)) == far {
            workspace.store(UInt16(truncatingIfNeeded: used &- farCells), atDepth: tableDepth(local))
            used &+= cells(local, &run)
        }
    }

    private func bucket(_ local: UInt32) -> Int {
        let uses = workspace.load(UInt16.self, atDepth: tableDepth(local))
        return uses < 63 ? Int(uses) : 63
    }

    /// The cell of a local that is no parameter; `cell`: its place among their cells.
    func wideCell(_ number: UInt32, _ cell: UInt32) -> UInt32 {
        let local = number &- parameterCount
        if local < placedLocals { return UInt32(workspace.load(UInt16.self, atDepth: tableDepth(local))) }
        // Behind the table: the last of the far ones, in their own order.
        return (cell &- localCells) & 0xffff
    }

    /// Moves cell 0 up and brings the parameters near.
    mutating func enterWideFrame() throws(LoadError) {
        let below = parameterCells &+ farCells
        try emit(Word(.enterFrame, 0, imm16: below))
        var cell: UInt32 = 0
        while cell < parameterCells {
            let pair = cell &+ 1 < parameterCells
            try emit(Word(pair ? .farGet64 : .farGet, cell, imm16: cell &- below))
            cell &+= 2
        }
    }

    /// Moves the results to the frame's first cells and returns. `keeping`: the entries must stay as they are.
    mutating func emitWideReturn(_ count: Int, isSingle: Bool, references: UInt32, keeping: Bool) throws(LoadError) {
        let below = parameterCells &+ farCells
        if isSingle {
            let entry = workspace.load(StackEntry.self, atDepth: workspace.depth)
            let cell = try self.cell(of: Operand(entry: entry, home: nextHome &- entry.cells))
            try emit(Word(entry.cells == 2 ? .farSet64 : .farSet, cell, imm16: 0 &- below))
        } else if count > 0 {
            if keeping { try settleKeeping(count) } else { try settle(top: UInt32(count)) }
            try transferHomes(count)
        }
        try emitReturn(Word(.retFrame, 0, imm16: below), references: references)
    }
}
