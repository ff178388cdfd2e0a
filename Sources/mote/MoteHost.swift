// What `mote run` offers to a guest: `mote.write`, which prints.

import Runtime
import WasmFormat

/// The host of `mote run`.
struct MoteHost: Host {
    static var functionCount: Int { 1 }

    static func function(_ index: Int) -> HostFunction {
        HostFunction("mote", "write") { unsafe answer($0, MoteHost.write) }
    }

    /// `mote.write(pointer, length)`: so many bytes of the guest's memory go to standard output, at once.
    /// Traps if they are not all inside the memory.
    static func write(_ host: inout MoteHost, _ caller: inout Caller, _ pointer: UInt32, _ length: UInt32) throws(Trap) {
        let bytes = try caller.bytes(at: pointer, count: length)
        // Safety: the view is the guest's memory, checked by `bytes(at:count:)`, and nothing else runs meanwhile.
        let isWritten = unsafe bytes.withUnsafeBytes { unsafe StandardOutput.write($0) }
        guard isWritten else { throw .host }
    }
}
