// One line for a module that does not load, or that trapped: the thing, the place, and what to do about it. A trap's frames follow.
//
//     mote: unlinkable at 0x0000002a: import env.led, a function: (i32) -> (): an import is missing: give …
//     mote: trap: integer divide by zero: …
//       at 0x5c in function 3 "div"
//       at 0x71 in function 4 "main"

import BoardSupport
import Runtime
import WasmFormat

enum ErrorLine {
    /// Returns the status to exit with. `shortage` is the runtime's, nil where there is none yet.
    @inline(never)
    static func write(_ error: LoadError, _ shortage: Shortage?) -> Int32 {
        begin(error)
        return end(error, shortage)
    }

    /// For what instantiation threw, which may be about an import. Returns the status to exit with.
    @inline(never)
    static func write(_ error: LoadError, linking module: Module, in runtime: borrowing Runtime<BoardHost>) -> Int32 {
        begin(error)
        if error.phase == .unlinkable { writeImport(at: error.offset, of: module, in: runtime) }
        return end(error, runtime.shortage)
    }

    private static func begin(_ error: LoadError) {
        Board.write("mote: ")
        Board.write(error.phase.name)
        if error.offset > 0 || error.phase == .unlinkable {
            Board.write(" at 0x")
            Board.write(hex: error.offset)
        }
        Board.write(": ")
    }

    private static func end(_ error: LoadError, _ shortage: Shortage?) -> Int32 {
        if let table = error.table {
            Board.write("table ")
            Board.write(table)
            Board.write(": ")
        }
        writeWords(error)
        if error.reason == .noMemory, let shortage { write(shortage) }
        writeWord(for: error)
        Board.writeLine()
        return Status.cannotLoad
    }

    /// What else can be changed: the word of the command line.
    private static func writeWord(for error: LoadError) {
        switch (error.reason, error.thing) {
        case (.noMemory, .operandStack): Board.write(", or a smaller stack=")
        case (.noMemory, .appHeap): Board.write(", or a smaller app-heap=")
        case (.appHeapNeedsCap, _): Board.write(": start with memory-cap=")
        case (.appHeapSize, _): Board.write(": start with another app-heap=, or a lower memory-cap=")
        case (.memoryAboveCap, _): Board.write(": start with a larger memory-cap=")
        default: break
        }
    }

    /// What is needed, what is free, and the setting to change.
    private static func write(_ shortage: Shortage) {
        Board.write(": needs at least ")
        Board.write(shortage.need)
        Board.write(" bytes, ")
        Board.write(shortage.free)
        Board.write(" are free, the largest free block is ")
        Board.write(shortage.largestFree)
        Board.write(": raise pool in the configuration, or start with a larger pool=")
    }

    /// The line of a run that trapped or paused, and its backtrace. Returns the status to exit with.
    @inline(never)
    static func write(_ trap: Trap, of environment: ExecutionEnvironment, _ runtime: inout Runtime<BoardHost>) -> Int32 {
        // Before looking for places, which takes from the pool too.
        let shortage = runtime.shortage
        Board.write("mote: trap: ")
        writeWords(trap)
        if trap == .memoryExhausted { write(shortage) }
        if trap == .callStackExhausted { Board.write(": start with a larger stack=") }
        Board.writeLine()
        var console = Console()
        // The environment is there.
        try? runtime.writeBacktrace(of: environment, to: &console)
        return Status.trap
    }
}

/// The board's console, as the core writes to it.
struct Console: TextSink {
    mutating func write(byte: UInt8) { Board.write(byte: byte) }
}

extension LoadError.Phase {
    var name: StaticString {
        switch self {
        case .malformed: "malformed"
        case .invalid: "invalid"
        case .unlinkable: "unlinkable"
        case .exhausted: "exhausted"
        }
    }
}
