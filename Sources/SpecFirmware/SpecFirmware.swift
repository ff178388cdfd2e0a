// The script runner on a board: reads the file that the command line names into free RAM, through the debugger or QEMU.
//
// PLACEHOLDER: it prints the file's length. The script runner goes where the comment says so.

import Board
import BoardSupport
import Semihosting

@main
struct SpecFirmware {
    static func main() {
        var line = InlineArray<256, UInt8>(repeating: 0)
        guard let words = CommandLine.read(into: &line) else { fail("no command line: run me in QEMU or under a debugger") }
        guard let length = HostFile.read(line.span.extracting(words)) else { fail("cannot read the file into free RAM") }
        Board.write("mote: script of ")
        Board.write(length)
        Board.writeLine(" bytes")

        // The seam: run the script, the first `length` bytes of free RAM; what follows is the runner's. Exit with 1 if an assertion failed.
        mote_exit(0)
    }

    private static func fail(_ text: StaticString) -> Never {
        Board.write("mote: ")
        Board.writeLine(text)
        mote_exit(2)
    }
}
