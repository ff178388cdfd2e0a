// What the tests of a board run on it: each word of the command line is a thing to do, and then to exit or to fault.

import BoardSupport
import Semihosting
import Startup

@main
struct BoardCheck {
    static func main() {
        var line = InlineArray<256, UInt8>(repeating: 0)
        guard let words = CommandLine.read(into: &line) else {
            Board.writeLine(mote_semihosting_attached() ? "attached, nothing to do" : "alone")
            mote_exit(0)
        }
        switch line[words.lowerBound] {
        case UInt8(ascii: "e"): mote_exit(7)
        case UInt8(ascii: "r"): strayRead()
        case UInt8(ascii: "w"): writeFlash()
        case UInt8(ascii: "t"): trap(Int32(truncatingIfNeeded: words.count))
        case UInt8(ascii: "s"): overflow(1)
        case UInt8(ascii: "f"): readFile(line.span.extracting(words).extracting(droppingFirst: 2))
        case UInt8(ascii: "c"): countInstructions()
        case UInt8(ascii: "m"): checkMemory()
        case UInt8(ascii: "p"): measureStack()
        default: mote_exit(2)
        }
        mote_exit(0)
    }

    /// Prints the length of a file and the sum of its bytes.
    private static func readFile(_ name: Span<UInt8>) {
        guard let length = HostFile.read(name) else {
            Board.writeLine("no file")
            mote_exit(4)
        }
        var sum: UInt32 = 0
        // Safety: HostFile wrote this many bytes there.
        let bytes = unsafe UnsafeBufferPointer(start: mote_free_ram(), count: Int(length))
        for unsafe byte in unsafe bytes { sum &+= UInt32(byte) }
        Board.write("file ")
        Board.write(length)
        Board.write(" sum ")
        Board.write(sum)
        Board.writeLine()
    }

    private static func strayRead() {
        // Safety: none, on purpose: nothing answers at this address, and the core faults.
        Board.write(unsafe UnsafePointer<UInt32>(bitPattern: 0x7000_0000)!.pointee)
    }

    private static func writeFlash() {
        // Safety: none, on purpose: the first KB of flash is code and constants, which startup made read-only.
        unsafe UnsafeMutablePointer<UInt32>(bitPattern: UInt(bitPattern: mote_flash()) + 0x400)!.pointee = 0
    }

    /// An arithmetic overflow, which Swift turns into an undefined instruction.
    @inline(never)
    private static func trap(_ one: Int32) {
        Board.write(Int32.max - 3 + one * 4)
    }

    /// Recurses until the stack is used up. What follows the call keeps it from becoming a loop.
    @inline(never)
    private static func overflow(_ depth: UInt32) {
        if depth > 0 { overflow(depth &+ 1) }
        Board.write(depth)
    }

    /// Prints what the counter makes of loops of 2 n instructions more than the first.
    private static func countInstructions() {
        guard let counter = InstructionCounter() else {
            Board.writeLine("no counter")
            mote_exit(3)
        }
        let base = spin(1, counter)
        var turns: UInt32 = 2
        while turns <= 2_000_000 {
            Board.write(2 &* (turns &- 1))
            Board.write(" counted ")
            Board.write(spin(turns, counter) &- base)
            Board.writeLine()
            turns = turns &* 3 &+ 1
        }
        Board.write("nothing counted ")
        Board.write(counter.count {})
        Board.writeLine()
    }

    @inline(never)
    private static func spin(_ turns: UInt32, _ counter: InstructionCounter) -> UInt64 {
        let before = counter.now()
        mote_spin(turns)
        return counter.instructions(from: before, to: counter.now())
    }

    private static func measureStack() {
        mote_stack_paint()
        let depth = mote_stack_depth()
        useStack()
        Board.write("stack ")
        Board.write(mote_stack_peak() &- depth)
        Board.write(" of ")
        Board.write(mote_stack_size())
        Board.writeLine()
    }

    @inline(never)
    private static func useStack() {
        var block = InlineArray<256, UInt32>(repeating: 0x1234_5678)
        for index in block.indices { block[index] &+= UInt32(index) &* mote_stack_size() }
        Board.write("last ")
        Board.write(hex: block[Int(mote_stack_size() & 255)])
        Board.writeLine()
    }
}
