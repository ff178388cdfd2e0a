// The script runner on a board: reads the script that the command line names, through the debugger or QEMU, and runs it in the rest of
// free RAM. Its lines are those of `mote spec` on the host; the status is 0, 1 if an assertion failed, 2 if there was nothing to run.
//
//     free RAM   │ script │ pool: runtime, modules, instances, memories … │

import Board
import BoardSupport
import ScriptRunner
import Semihosting
import Startup
import WasmFormat

/// The board's console, as the runner's printer writes to it.
struct Console: TextSink {
    mutating func write(byte: UInt8) { Board.write(byte: byte) }
}

@main
struct SpecFirmware {
    /// Frames and values of the calls, in bytes.
    private static var operandStackBytes: UInt32 { 16 * 1024 }

    static func main() {
        var line = InlineArray<256, UInt8>(repeating: 0)
        guard let words = CommandLine.read(into: &line) else { fail("no command line: run me in QEMU or under a debugger") }
        guard let length = HostFile.read(line.span.extracting(words)) else { fail("cannot read the file into free RAM") }
        let start = unsafe mote_free_ram()
        let scriptBytes = Int(length)
        // The pool begins at the next multiple of eight and takes the rest.
        let poolStart = (scriptBytes + 7) & ~7
        let poolBytes = Int(mote_free_ram_length()) - poolStart
        guard poolBytes > 0 else { fail("the script leaves no RAM for its modules") }
        // Safety: both lie in free RAM, which nothing else uses; they do not overlap, and nobody writes to the script any more.
        let script = unsafe UnsafeRawBufferPointer(start: start, count: scriptBytes)
        let pool = unsafe UnsafeMutableRawBufferPointer(start: start?.advanced(by: poolStart), count: poolBytes & ~7)
        var printer = ScriptPrinter(Console())
        do throws(ScriptError) {
            // Safety: as above; free RAM is 8-byte aligned.
            let counts = unsafe try ScriptRunner.run(script, pool: pool, operandStackBytes: operandStackBytes, reporter: &printer)
            mote_exit(counts.failed == 0 ? 0 : 1)
        } catch {
            switch error {
            case .poolTooSmall: fail("free RAM holds no runtime beside the script")
            case .notAScript: fail("the file is no script of this version: mote spec --board makes them")
            case .truncated, .unknownByte, .tooMany: fail("the script is damaged: mote spec --board makes them")
            }
        }
    }

    private static func fail(_ text: StaticString) -> Never {
        Board.write("mote: ")
        Board.writeLine(text)
        mote_exit(2)
    }
}
