// Guest instructions of each part, where the board can count them: under QEMU with -icount, when the command line says `bench`.

import Board
import BoardSupport

struct Stopwatch<Counter: InstructionCounting> {
    private let counter: Counter?

    init(isRunning: Bool) { counter = isRunning ? Counter() : nil }

    /// Instructions since some fixed moment, less what reading took; 0 without a counter.
    func now() -> UInt64 { counter?.now() ?? 0 }

    /// One line for programs: `bench load=N instantiate=N run=N`, of an image also what its checksum took: ` checksum=N`.
    func write(load: UInt64, instantiate: UInt64, run: UInt64, checksum: UInt64?) {
        guard let counter else { return }
        Board.write("bench load=")
        Board.write(load &- counter.overhead)
        Board.write(" instantiate=")
        Board.write(instantiate &- counter.overhead)
        Board.write(" run=")
        Board.write(run &- counter.overhead)
        if let checksum {
            Board.write(" checksum=")
            Board.write(checksum &- counter.overhead)
        }
        Board.writeLine()
    }
}
