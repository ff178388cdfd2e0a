// Compares memcpy, memmove and memset with bytewise loops, at every alignment and at lengths around each of their steps.

import BoardSupport
import Semihosting
import Startup

extension BoardCheck {
    static func checkMemory() {
        // Safety: free RAM belongs to nobody, is far longer than the 192 bytes that are used of it, and every offset below plus every
        // length stays under 96.
        let wanted = unsafe UnsafeMutableRawPointer(mote_free_ram()!)
        let got = unsafe wanted + 96
        var checks: UInt32 = 0
        for length in 0...40 {
            for to in 0..<8 {
                for from in 0..<8 {
                    // Overlapping, `from` above or below `to`.
                    unsafe fill(wanted)
                    unsafe fill(got)
                    unsafe move(wanted, to, from, length)
                    unsafe (got + to).copyMemory(from: got + from, byteCount: length)
                    unsafe compare(wanted, got)
                    // Apart.
                    unsafe move(wanted, to, from + 48, length)
                    unsafe (got + to).copyMemory(from: got + from + 48, byteCount: length)
                    unsafe compare(wanted, got)
                    checks &+= 2
                }
                unsafe set(wanted, to, UInt8(length) &+ 0x80, length)
                unsafe (got + to).initializeMemory(as: UInt8.self, repeating: UInt8(length) &+ 0x80, count: length)
                unsafe compare(wanted, got)
                checks &+= 1
            }
        }
        Board.write("memory ")
        Board.write(checks)
        Board.writeLine(" checks")
    }

    private static func fill(_ bytes: UnsafeMutableRawPointer) {
        // Safety: 96 bytes, see the caller. The same holds for what follows.
        for index in 0..<96 { unsafe store(UInt8(truncatingIfNeeded: index &* 7 &+ 3), bytes + index) }
    }

    private static func move(_ bytes: UnsafeMutableRawPointer, _ to: Int, _ from: Int, _ length: Int) {
        if to <= from {
            for index in 0..<length { unsafe store((bytes + from + index).load(as: UInt8.self), bytes + to + index) }
        } else {
            for index in (0..<length).reversed() { unsafe store((bytes + from + index).load(as: UInt8.self), bytes + to + index) }
        }
    }

    private static func set(_ bytes: UnsafeMutableRawPointer, _ to: Int, _ value: UInt8, _ length: Int) {
        for index in 0..<length { unsafe store(value, bytes + to + index) }
    }

    /// Never inlined, so that the loops above stay loops of bytes.
    @inline(never)
    private static func store(_ byte: UInt8, _ address: UnsafeMutableRawPointer) {
        unsafe address.storeBytes(of: byte, as: UInt8.self)
    }

    private static func compare(_ wanted: UnsafeMutableRawPointer, _ got: UnsafeMutableRawPointer) {
        for index in 0..<96 where unsafe (wanted + index).load(as: UInt8.self) != (got + index).load(as: UInt8.self) {
            Board.writeLine("memory differs")
            mote_exit(1)
        }
    }
}
