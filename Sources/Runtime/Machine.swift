// What the interpreter's loop works on: machine addresses, made when a run is entered and after whatever may move memory.
//
//     operand stack's block:  frame │ frame │ frame ···                ··· record │ record │ record
//                             ▲ fp: cells, windows overlap              ▲ csp: grows down
//
//     call record, 8 bytes:   w0 = caller's pc − kp in bytes (22 bits) │ window (bits 24…31)
//                             w1 = caller's kp − code base in bytes
//     between instances:      4 │ 0, the base record │ caller's instance │ callee's reference results │ callee's aux stack pointer │ w0 │ w1

import RegisterCode
import WasmFormat

/// The cells of a frame. Which slots an instruction may name was proved by the Translator: every one lies in its frame,
/// and every frame was checked to fit its block when it was entered.
@safe struct Cells {
    let start: UnsafeMutablePointer<UInt32>

    @inline(__always) @unsafe init(_ start: UnsafeMutablePointer<UInt32>) { unsafe self.start = start }

    @inline(__always) subscript(cell: Int) -> UInt32 {
        // Safety: see the type.
        get { unsafe start[cell] }
        nonmutating set { unsafe start[cell] = newValue }
    }
    @inline(__always) func i64(_ cell: Int) -> UInt64 {
        // Safety: see the type. A pair of cells is 4-byte aligned.
        // As bytes: a conversion from UInt32 is a call in builds for size, and every call costs the loop a register.
        unsafe UnsafeRawPointer(start + cell).loadUnaligned(as: UInt64.self)
    }
    @inline(__always) func setI64(_ cell: Int, _ value: UInt64) {
        // Safety: see the type.
        unsafe UnsafeMutableRawPointer(start + cell).storeBytes(of: value, as: UInt64.self)
    }
    @inline(__always) func advanced(by cells: Int) -> Cells { unsafe Cells(start + cells) }
    @inline(__always) func moved(bytes: Int) -> Cells {
        // Safety: a call record's distance between two frames of the same block.
        unsafe Cells((UnsafeMutableRawPointer(start) + bytes).assumingMemoryBound(to: UInt32.self))
    }
    @inline(__always) var address: UInt { unsafe UInt(bitPattern: start) }
}

/// A place in register code. What it may point to was proved by the Translator: branches stay in their function, which ends
/// in an instruction that does not fall through.
@safe struct CodePointer {
    let start: UnsafePointer<UInt32>

    @inline(__always) @unsafe init(_ start: UnsafePointer<UInt32>) { unsafe self.start = start }

    @inline(__always) var word: Word { unsafe Word(bits: start.pointee) }
    @inline(__always) func advanced(by words: Int) -> CodePointer { unsafe CodePointer(start + words) }
    @inline(__always) func moved(bytes: Int) -> CodePointer {
        unsafe CodePointer((UnsafeRawPointer(start) + bytes).assumingMemoryBound(to: UInt32.self))
    }
    /// The function's constant of an index; `self` is where its code starts.
    @inline(__always) func constant(_ index: Int) -> UInt32 { unsafe start[-1 &- index] }
    /// A 64-bit constant: the high half has the index, the low half the next one.
    @inline(__always) func constant64(_ index: Int) -> UInt64 {
        unsafe UnsafeRawPointer(start - 2 - index).loadUnaligned(as: UInt64.self)
    }
    @inline(__always) func byte(_ offset: Int) -> Int { unsafe Int(UnsafeRawPointer(start).load(fromByteOffset: offset, as: UInt8.self)) }
    @inline(__always) var address: UInt { unsafe UInt(bitPattern: start) }
    @inline(__always) func distance(from other: CodePointer) -> UInt32 { UInt32(truncatingIfNeeded: address &- other.address) }
}

/// Why the loop was left.
enum Exit: UInt32 {
    case finished           // the base record's return address
    case trapped            // `trap` says why
    case callImport         // pc is at the instruction
    case callIndirect       // through a table, to anything but a function of this instance
    case crossReturn        // back to a caller in another instance
    case poll               // the slice of fuel is used up; pc is at the instruction, which is executed again
    case memory             // an access that is not inside the window; pc is at the instruction
    case operation          // an instruction that the loop leaves to the runtime; pc is at it
    case hostCall           // a host function must answer
    case hostAnswered       // it has: with a trap, or memory may have moved
    case outOfFuel
    case stopped            // the embedder's stop word
    case watchdog           // the host's turn to feed it
}

/// The state of a run. Native, on the stack of whoever runs it; nothing in the pool points to it.
@safe struct Machine {
    var pc: CodePointer
    var fp: Cells
    var kp: CodePointer
    var csp: Cells
    /// The first byte of linear memory's window, at guest address `low`.
    var base: UnsafeMutableRawPointer
    var low: UInt32
    /// An address whose distance from `low` is below this can be read with an offset up to 255 and 8 bytes.
    var limit: UInt32
    /// Polls left in the slice.
    var fuel: Int32

    // The running instance.
    var codeBase: CodePointer
    var functions: UnsafePointer<FunctionRecord>
    /// What its imported functions are: references.
    var imports: UnsafePointer<UInt32>
    var functionCount: UInt32
    var importCount: UInt32
    var types: UnsafePointer<UInt32>
    var globals: Cells
    /// Generation and number of the instance, as function references have them in their upper half.
    var tag: UInt32
    var elements: UnsafeMutablePointer<UInt32>
    var tableSize: UInt32
    var windowLength: UInt32
    /// Of the aux stack: the lowest place reached, and from there to its start. A set of its pointer to these needs no look.
    var auxStackLowest: UInt32
    var auxStackSpan: UInt32
    var auxStack: AuxStackWords
    var instance: Words
    var instanceReference: HeapReference
    /// What references count from.
    var regions: RegionTable

    var trap: Trap
    /// What thunks of this run are given.
    var hostCall: UnsafeMutablePointer<HostCall>?
    /// The host function that must answer.
    var hostFunction: UInt32
    /// How far a bulk instruction that was paused has come.
    var progress = BulkProgress()
    /// Wasm instructions executed, where the Translator put counters in (host tools).
    var instructionCount: UInt64
}

/// What a module keeps of each of its functions. 16 bytes.
struct FunctionRecord: BitwiseCopyable {
    /// Where its instructions start, in bytes from the module's code base. Its constants lie before.
    var start: UInt32
    /// Words that it takes of the operand stack's block besides its call record, and how many of these are reference cells.
    var stackWords: UInt16
    var referenceWords: UInt16
    var type: UInt16
    /// Words of its constants; the top bit says that `ref.func` may name it.
    var constants: UInt16
    /// Where its body lies in the module.
    var body: UInt32
}
