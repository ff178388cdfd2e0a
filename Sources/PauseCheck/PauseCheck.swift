// Measures host calls, polls and pauses on a board. The command line is a word and the name of a file with modules (ModuleFile.swift):
//
//     count    the instructions of a call of each module's "f", in a line each

import Board
import BoardSupport
import MPS2
import Runtime
import Semihosting

@main
struct PauseCheck {
    static func main() {
        var line = InlineArray<256, UInt8>(repeating: 0)
        guard let words = CommandLine.read(into: &line) else { mote_exit(2) }
        var end = words.lowerBound
        while end < words.upperBound, line[end] != 0x20 { end += 1 }
        guard end < words.upperBound, var file = ModuleFile(line.span.extracting(end + 1..<words.upperBound)) else { mote_exit(2) }
        guard let counter = Board.Counter() else { Guest.fail("no counter: QEMU_FLAGS=\"-icount shift=0\"") }
        switch line[words.lowerBound] {
        case UInt8(ascii: "c"): count(&file, counter)
        default: mote_exit(2)
        }
        mote_exit(0)
    }

    /// What a call takes, of each module in turn.
    private static func count(_ file: inout ModuleFile, _ counter: Board.Counter) {
        while let entry = unsafe file.next() {
            var guest = unsafe Guest(entry, in: file.pool)
            let before = counter.now()
            let outcome = guest.call()
            let after = counter.now()
            guard outcome == .finished else { Guest.fail("not finished") }
            Board.write(after &- before &- counter.overhead)
            Board.writeLine()
        }
    }
}
