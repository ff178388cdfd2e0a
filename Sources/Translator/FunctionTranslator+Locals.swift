// Locals: runs of one type, so that fifty thousand of them take no more room than one.

import RegisterCode
import WasmFormat

/// Locals of one type that follow each other. 8 bytes at the bottom of the workspace's stack.
struct LocalRun: BitwiseCopyable {
    var first: UInt16
    /// Cell of the first among the parameters' or the other locals' cells; for references, its reference cell.
    var cell: UInt16
    var type: UInt8
    var isParameter: Bool
    var unused: UInt16 = 0
}

/// A local as instructions name it.
struct Local {
    var type: ValueType
    /// Cell of the frame, or reference cell. Far locals of a wide frame lie below cell 0: as 16 bits with a sign, so beyond all others.
    var cell: UInt32
}

extension FunctionTranslator where Index: ~Copyable {
    @_lifetime(reader: copy reader)
    mutating func declareLocals(_ reader: inout ByteReader) throws(LoadError) {
        let function = try FunctionType(reader.bytes, at: type)
        parameterCount = UInt32(function.parameterCount)
        parameterCells = UInt32(function.parameterCells)
        resultCells = UInt32(function.resultCells)
        parameterReferences = UInt32(function.parameterReferences)
        localCount = 0
        localRuns = 0
        localCells = 0
        localReferences = 0
        var cells: UInt32 = 0
        for i in 0..<Int(function.parameterCount) {
            try declare(function.parameter(i), count: 1, cells: &cells, isParameter: true)
        }
        cells = 0
        let groups = try reader.u32()
        guard groups <= reader.remaining else { throw LoadError(.lengthOutOfBounds, at: reader.offset) }
        // More than an index can name is malformed, whatever this runtime's own limit is.
        var scan = reader
        var total: UInt64 = 0
        for _ in 0..<groups {
            let at = scan.offset
            total += UInt64(try scan.u32())
            _ = try scan.valueType()
            if total > UInt64(UInt32.max) { throw LoadError(.localCountTooLarge, at: at) }
        }
        for _ in 0..<groups {
            let at = reader.offset
            let count = try reader.u32()
            let type = try reader.valueType()
            guard count <= ImplementationLimits.locals &- localCount else {
                throw LoadError(.tooManyLocals, at: at, number: ImplementationLimits.locals)
            }
            if count > 0 { try declare(type, count: count, cells: &cells, isParameter: false) }
        }
        localCells = cells
        try reserveLocalTable()
        if localReferences > 0 || function.resultReferences > 0 { usesReferences = true }
    }

    private mutating func declare(_ type: ValueType, count: UInt32, cells: inout UInt32, isParameter: Bool) throws(LoadError) {
        let isReference = type.isReference
        var merged = false
        if localRuns > 0 {
            let last = workspace.load(LocalRun.self, atDepth: localRuns &* 8)
            merged = last.type == type.rawValue && last.isParameter == isParameter
        }
        if !merged {
            let run = LocalRun(first: UInt16(truncatingIfNeeded: localCount),
                               cell: UInt16(truncatingIfNeeded: isReference ? localReferences : cells),
                               type: type.rawValue, isParameter: isParameter)
            guard workspace.push(run) else { throw error(.noMemory) }
            localRuns &+= 1
        }
        localCount &+= count
        if isReference { localReferences &+= count } else { cells &+= count &* type.cells }
        guard cells <= TranslationLimits.frameCells else { throw limit(.tooManyCells, TranslationLimits.frameCells) }
        guard localReferences <= TranslationLimits.references else { throw limit(.tooManyReferences, TranslationLimits.references) }
    }

    func local(_ number: UInt32, at offset: UInt32) throws(LoadError) -> Local {
        guard number < localCount else { throw LoadError(.unknownLocal, at: offset, number: number) }
        var low: UInt32 = 0
        var high = localRuns
        while high &- low > 1 {
            let middle = (low &+ high) / 2
            if workspace.load(LocalRun.self, atDepth: (middle &+ 1) &* 8).first <= number { low = middle } else { high = middle }
        }
        let run = workspace.load(LocalRun.self, atDepth: (low &+ 1) &* 8)
        guard let type = ValueType(rawValue: run.type) else { throw error(.typeMismatch) }
        let nth = number &- UInt32(run.first)
        if type.isReference { return Local(type: type, cell: UInt32(run.cell) &+ nth) }
        let cell = UInt32(run.cell) &+ nth &* type.cells
        if run.isParameter { return Local(type: type, cell: cell) }
        return Local(type: type, cell: isWide ? wideCell(number, cell) : parameterCells &+ cell)
    }

    /// A local is read: unless it has surely been set, it must be zeroed on entry.
    mutating func noteRead(_ number: UInt32, _ local: Local) {
        guard emits, number >= parameterCount else { return }
        if number < 32 && initialised & (1 &<< number) != 0 { return }
        // The frame is zeroed before cell 0 moves on.
        let cell = isWide ? parameterCells &+ farCells &+ Self.signed(local.cell) : local.cell
        if cell < zeroFrom { zeroFrom = cell }
        let end = cell &+ local.type.cells
        if end > zeroTo { zeroTo = end }
    }

    mutating func noteWrite(_ number: UInt32) {
        if number < 32 { initialised |= 1 &<< number }
    }
}
