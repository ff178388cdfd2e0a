// What the firmware offers to a guest: `mote.write`, which prints on the board's console.

import BoardSupport
import Runtime
import Startup
import WasmFormat

struct BoardHost: Host {
    /// Whether the guest has begun a line and not ended it: what the firmware prints then begins another.
    private(set) var isInLine = false

    static var functionCount: Int { 1 }

    mutating func feedWatchdog() { mote_feed() }

    static func function(_ index: Int) -> HostFunction {
        HostFunction("mote", "write") { unsafe answer($0, BoardHost.write) }
    }

    /// `mote.write(pointer, length)`: so many bytes of the guest's memory go to the console. Traps if they are not all inside the memory.
    static func write(_ host: inout BoardHost, _ caller: inout Caller, _ pointer: UInt32, _ length: UInt32) throws(Trap) {
        let bytes = try caller.bytes(at: pointer, count: length)
        Board.write(bytes)
        // Safety: there is a last byte.
        if length > 0 { host.isInLine = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: bytes.byteCount - 1, as: UInt8.self) != 0x0A }
    }
}
