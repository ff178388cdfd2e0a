// What the firmware offers to a guest: `mote.write`, which prints on the board's console.

import BoardSupport
import Runtime
import WasmFormat

struct BoardHost: Host {
    static var functionCount: Int { 1 }

    static func function(_ index: Int) -> HostFunction {
        HostFunction("mote", "write") { unsafe answer($0, BoardHost.write) }
    }

    /// `mote.write(pointer, length)`: so many bytes of the guest's memory go to the console. Traps if they are not all inside the memory.
    static func write(_ host: inout BoardHost, _ caller: inout Caller, _ pointer: UInt32, _ length: UInt32) throws(Trap) {
        Board.write(try caller.bytes(at: pointer, count: length))
    }
}
