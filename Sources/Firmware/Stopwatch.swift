// Guest instructions of each part, where something counts them: under QEMU with -icount shift=7, when the command line says `bench`.

import BoardSupport
import Startup

/// The call alone: that its export is found and its results are printed is no part of it.
struct CallSpan {
    var start: UInt64 = 0
    var end: UInt64 = 0
}

struct Stopwatch {
    private let counter: InstructionCounter?

    init(isRunning: Bool) { counter = isRunning ? InstructionCounter() : nil }

    /// A moment; 0 without a counter.
    func now() -> UInt64 { counter?.now() ?? 0 }

    /// A moment, of a counter that may count nothing.
    static func moment() -> UInt64 { mote_counter_now() }

    /// One line for programs: `bench load=N instantiate=N run=N`, of an image also what its checksum took: ` checksum=N`.
    func write(before: UInt64, loaded: UInt64, instantiated: UInt64, call: CallSpan, checksum: (start: UInt64, end: UInt64)?) {
        guard let counter else { return }
        Board.write("bench load=")
        Board.write(counter.instructions(from: before, to: loaded))
        Board.write(" instantiate=")
        Board.write(counter.instructions(from: loaded, to: instantiated))
        Board.write(" run=")
        Board.write(counter.instructions(from: call.start, to: call.end))
        if let checksum {
            Board.write(" checksum=")
            Board.write(counter.instructions(from: checksum.start, to: checksum.end))
        }
        Board.writeLine()
    }
}
