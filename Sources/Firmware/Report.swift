// The last line, the only one about it: what the run took of RAM and flash, in bytes.

import AppImage
import BoardSupport
import Runtime
import Startup

struct Report {
    private var pool: (peak: UInt32, size: UInt32) = (0, 0)
    private var operandStack: (size: UInt32, peak: UInt32) = (0, 0)
    private var linearMemory: UInt32 = 0
    /// Below `main`'s frame.
    var nativeStack: UInt32 = 0

    mutating func note(_ report: PoolReport) { pool = (report.peak, report.size) }

    /// `linearMemory`: the most that was committed.
    mutating func note(_ operandStack: (size: UInt32, peak: UInt32), _ linearMemory: UInt32) {
        self.operandStack = operandStack
        self.linearMemory = linearMemory
    }

    /// `mote: RAM 15,536 bytes: pool 8,856 of 262,144 (operand stack 112 of 8,192, linear memory 256), native stack 6,680 of 49,152, static 0;
    /// flash 133,192 bytes and the module's 53`, without the commas in numbers.
    func write() {
        let statics = mote_static_length()
        Board.write("mote: RAM ")
        Board.write(pool.peak &+ nativeStack &+ statics)
        Board.write(" bytes: pool ")
        Board.write(pool.peak)
        Board.write(" of ")
        Board.write(pool.size)
        Board.write(" (operand stack ")
        Board.write(operandStack.peak)
        Board.write(" of ")
        Board.write(operandStack.size)
        Board.write(", linear memory ")
        Board.write(linearMemory)
        Board.write("), native stack ")
        Board.write(nativeStack)
        Board.write(" of ")
        Board.write(mote_stack_size())
        Board.write(", static ")
        Board.write(statics)
        Board.write("; flash ")
        // The linker rounds the module's place up to a word.
        Board.write(mote_flash_length() &- ((mote_app_length() &+ 3) & ~3))
        Board.write(" bytes and the module's ")
        Board.write(mote_app_length())
        Board.writeLine()
    }
}
