// Files of the machine that runs QEMU, or the debugger.

import Semihosting
import Startup

public enum HostFile {
    /// Reads the whole file to the start of free RAM (`mote_free_ram`). Its length in bytes, or nil if there is no such file, it does not fit,
    /// or nobody answers.
    public static func read(_ name: Span<UInt8>) -> UInt32? {
        // Safety: the shim reads `count` bytes of the name.
        let handle = unsafe name.withUnsafeBufferPointer { unsafe mote_file_open($0.baseAddress, UInt32($0.count)) }
        guard handle >= 0 else { return nil }
        let length = mote_file_length(handle)
        guard length >= 0, UInt32(length) <= mote_free_ram_length() else { return nil }
        // Safety: the shim writes at most `length` bytes, which was just compared; nothing else lies in free RAM.
        guard unsafe mote_file_read(handle, mote_free_ram(), UInt32(length)) == length else { return nil }
        guard mote_file_close(handle) == 0 else { return nil }
        return UInt32(length)
    }

    /// Makes a file, which `body` writes with the function that it is given. Whether all of it was written.
    public static func write(_ name: Span<UInt8>, _ body: ((Span<UInt8>) -> Bool) -> Bool) -> Bool {
        // Safety: the shim reads `count` bytes of the name, and below of each chunk.
        let handle = unsafe name.withUnsafeBufferPointer { unsafe mote_file_create($0.baseAddress, UInt32($0.count)) }
        guard handle >= 0 else { return false }
        let isWritten = body { chunk in
            unsafe chunk.withUnsafeBufferPointer { unsafe mote_file_write(handle, $0.baseAddress, UInt32($0.count)) == 0 }
        }
        return mote_file_close(handle) == 0 && isWritten
    }
}
