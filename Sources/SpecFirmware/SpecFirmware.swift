// The script runner on a board: the script, or a bundle of some, is the file that the command line names, else it lies in flash, linked there like a module; a file is read
// through the debugger or QEMU. It runs in the rest of free RAM. Its lines are those of `mote spec` on the host; the status is 0, 1 if an assertion failed, 2 if there was
// nothing to run.
//
//     free RAM   │ script, if it is a file │ pool: runtime, modules, instances, memories … │
//
// Words of its command line:
//
//     flush           subnormals flushed to zero, one NaN, other rounding: as a host may have set them, and a guest must not see
//     stack=BYTES     frames and values of the calls; else a quarter of the pool, 16 KB at most
//     FILE            the last one: a script

import AppImage
import BoardSupport
import FloatControl
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
    static func main() {
        var line = InlineArray<256, UInt8>(repeating: 0)
        let words = Words(&line)
        let isFile = words.file != nil || mote_app_length() == 0
        let script: UnsafeRawBufferPointer
        var used = 0
        if isFile {
            guard let file = words.file else { fail("no script: link one into flash, or run me in QEMU or under a debugger with a file's name") }
            guard let length = HostFile.read(line.span.extracting(file)) else { fail("cannot read the file into free RAM") }
            // Safety: HostFile wrote this many bytes there, and nobody writes to them any more.
            unsafe script = UnsafeRawBufferPointer(start: mote_free_ram(), count: Int(length))
            used = (Int(length) + 7) & ~7
        } else {
            // Safety: the linker script keeps the script in flash, 4-byte aligned; nothing writes there.
            unsafe script = UnsafeRawBufferPointer(start: mote_app_bytes(), count: Int(mote_app_length()))
        }
        // The pool begins at the next multiple of eight and takes the rest.
        let poolBytes = (Int(mote_free_ram_length()) - used) & ~7
        guard poolBytes > 0 else { fail("the script leaves no RAM for its modules") }
        // Safety: free RAM, which is 8-byte aligned and nothing else uses; it does not overlap the script.
        let pool = unsafe UnsafeMutableRawBufferPointer(start: mote_free_ram()?.advanced(by: used), count: poolBytes)
        var printer = ScriptPrinter(Console())
        if words.flushes { mote_set_float_control(mote_float_control() | Self.flushing) }
        let control = mote_float_control()
        let stack = words.operandStackBytes ?? min(UInt32(poolBytes / 16 * 4), 16 * 1024)
        // A small pool holds few instances, and has no room to keep places for many.
        let instances = poolBytes < 64 << 10 ? 40 : ScriptFormat.instanceCount
        var hasFailed = false
        do throws(ScriptError) {
            // Safety: as above.
            var scripts = unsafe ScriptBundle(script)
            while let script = unsafe try scripts.next() {
                let counts = unsafe try ScriptRunner.run(script, pool: pool, operandStackBytes: stack, instances: instances, reporter: &printer)
                if counts.failed > 0 { hasFailed = true }
            }
            // What comparisons and exceptions leave there does not count.
            guard mote_float_control() & mote_float_modes() == control & mote_float_modes() else { fail("a run has not left the float control as it was") }
            mote_exit(hasFailed ? 1 : 0)
        } catch {
            switch error {
            case .poolTooSmall: fail("free RAM holds no runtime beside the script")
            case .notAScript: fail("this is no script of this version: mote spec --board makes them")
            case .truncated, .unknownByte, .tooMany: fail("the script is damaged: mote spec --board makes them")
            }
        }
    }

    /// FPSCR: AHP, DN, FZ, and rounding towards zero.
    private static var flushing: UInt32 { 1 << 26 | 1 << 25 | 1 << 24 | 3 << 22 }

    private static func fail(_ text: StaticString) -> Never {
        Board.write("mote: ")
        Board.writeLine(text)
        mote_exit(2)
    }
}

/// The command line.
private struct Words {
    var flushes = false
    var operandStackBytes: UInt32?
    /// Where the file's name lies in the line.
    var file: Range<Int>?

    init(_ line: inout InlineArray<256, UInt8>) {
        guard let words = CommandLine.read(into: &line) else { return }
        var start = words.lowerBound
        while start < words.upperBound {
            var end = start
            while end < words.upperBound, line[end] != 0x20 { end += 1 }
            let word = line.span.extracting(start..<end)
            if CommandLine.rest(of: word, behind: "flush") == 0 {
                flushes = true
            } else if let bytes = CommandLine.number(word, "stack=") {
                operandStackBytes = bytes
            } else {
                // A name may hold spaces.
                file = start..<words.upperBound
                return
            }
            start = end + 1
        }
    }
}
