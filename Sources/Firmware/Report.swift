// The last line: what the run took of RAM and flash, in bytes.

import AppImage
import Board
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

    func write() {
        Board.write("mote: pool ")
        Board.write(pool.peak)
        Board.write(" of ")
        Board.write(pool.size)
        Board.write(", in it operand stack ")
        Board.write(operandStack.peak)
        Board.write(" of ")
        Board.write(operandStack.size)
        Board.write(" and linear memory ")
        Board.write(linearMemory)
        Board.write("; static ")
        Board.write(mote_static_length())
        Board.write(", native stack ")
        Board.write(nativeStack)
        Board.write(" of ")
        Board.write(mote_stack_size())
        Board.write("; flash ")
        let module = (mote_app_length() &+ 3) & ~3
        Board.write(mote_flash_length() &- module)
        Board.write(" + module ")
        Board.write(module)
        Board.writeLine()
    }
}
