// The command line that QEMU, or a debugger, gives to a firmware.

import Semihosting

public enum CommandLine {
    /// Reads it into `bytes`. The place of what follows the first word, the program's name, or nil if there is nothing.
    public static func read<let capacity: Int>(into bytes: inout InlineArray<capacity, UInt8>) -> Range<Int>? {
        var span = bytes.mutableSpan
        // Safety: the shim writes at most `capacity` bytes, and the length that it returns is below.
        let length = unsafe span.withUnsafeMutableBufferPointer { unsafe Int(mote_command_line($0.baseAddress, UInt32(capacity))) }
        guard length > 0 else { return nil }
        var start = 0
        while start < length, bytes[start] != 0x20 { start += 1 }
        start += 1
        return start < length ? start..<length : nil
    }
}
