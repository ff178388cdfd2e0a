// References: they lie beside the call record on the second stack, where no slot can name them.
//
//     csp ─▶ │ n │ cell n−1 │ … │ cell 1 │ cell 0 │ record w0 │ w1 │        (a function that has n reference cells)
//
// Arguments and results are handed over where the callee's first cells are or will be: just below the record.

import RegisterCode
import WasmFormat

/// The reference cells of the running function.
@safe struct ReferenceCells {
    /// The call record: cell i lies i + 1 words below it.
    let record: Cells

    /// Safety: the function began with `enterReferences`, which put the count at csp.
    @inline(__always) init(_ m: UnsafeMutablePointer<Machine>) {
        let csp = unsafe m.pointee.csp
        record = csp.advanced(by: Int(csp[0]) &+ 1)
    }

    subscript(cell: Int) -> UInt32 {
        get { record[-1 &- cell] }
        nonmutating set { record[-1 &- cell] = newValue }
    }
}

/// The moves among reference cells; none of them can fail.
@inline(never)
func moveReferences(_ m: UnsafeMutablePointer<Machine>, _ sub: ExtendedOp, _ w: Word, _ fp: Cells) {
    let cells = unsafe ReferenceCells(m)
    let csp = unsafe m.pointee.csp
    switch sub {
    case .refNull: cells[w.b] = 0
    case .refMove: cells[w.b] = cells[w.c]
    case .refIsNull: fp[w.b] = cells[w.c] == 0 ? 1 : 0
    case .refSelZ: if fp[w.c] == 0 { cells[w.b] = cells[w.b &+ 1] }
    case .leaveReferences:
        // Results go to the first cells, from the first to the last: they never lie lower.
        for i in 0..<w.c { cells[i] = cells[w.b &+ i] }
        unsafe m.pointee.csp = cells.record
    case .refArguments:
        // Behind the two words of the record that the call is about to push.
        for i in 0..<w.c { csp[-3 &- i] = cells[w.b &+ i] }
    default:
        // .refResults: the record has been popped, what the callee left lies below where it was.
        for i in 0..<w.c { cells[w.b &+ i] = csp[-3 &- i] }
    }
}

/// The first-page instructions on references and tables. 0: done; else a trap's number or a status.
@inline(never)
func references(_ m: UnsafeMutablePointer<Machine>, _ w: Word, _ fp: Cells) -> UInt32 {
    if w.op == .enterReferences {
        // The room was checked with the frame, when the function was called. Parameters are in place already.
        let record = unsafe m.pointee.csp
        let csp = record.advanced(by: -1 &- w.a)
        csp[0] = UInt32(w.a)
        // The callee's type says how many of the first cells are parameters: c has that number.
        var i = w.c
        while i < w.a {
            record[-1 &- i] = 0
            i &+= 1
        }
        unsafe m.pointee.csp = csp
        return 0
    }
    switch w.op {
    case .refFunc:
        let cells = unsafe ReferenceCells(m)
        let number = w.imm16
        let instance = unsafe m.pointee.instance
        if unsafe number < m.pointee.importCount {
            cells[w.a] = instance[InstanceBlock.Header.count &+ number]
        } else {
            cells[w.a] = unsafe m.pointee.tag | number
        }
    case .globalGetRef: unsafe ReferenceCells(m)[w.a] = unsafe m.pointee.globals[Int(w.imm16)]
    case .globalSetRef: unsafe m.pointee.globals[Int(w.imm16)] = unsafe ReferenceCells(m)[w.a]
    case .importedGlobalGetRef: unsafe ReferenceCells(m)[w.a] = unsafe importedGlobal(m, w)[0]
    case .importedGlobalSetRef: unsafe importedGlobal(m, w)[0] = unsafe ReferenceCells(m)[w.a]
    case .importedAuxStackSet: return unsafe setImportedAuxStack(m, w, fp)
    default: return statusOperation
    }
    return 0
}

/// The cells of an imported global, wherever its owner keeps them.
@inline(never)
func importedGlobal(_ m: UnsafeMutablePointer<Machine>, _ w: Word) -> Cells {
    let instance = unsafe m.pointee.instance
    let reference = HeapReference(bits: instance[instance[InstanceBlock.Header.importedGlobals] &+ w.imm16])
    // Safety: linking put the reference there; the owner lives as long as this instance does.
    return unsafe Cells(m.pointee.regions.address(reference).assumingMemoryBound(to: UInt32.self))
}
