// What PauseCheck's guests import.

import Runtime
import WasmFormat

struct PauseHost: Host {
    /// How often the watchdog was fed.
    var feedings: UInt32 = 0

    static var functionCount: Int { 1 }

    static func function(_ index: Int) -> HostFunction { HostFunction("host", "add") { unsafe answer($0, PauseHost.add) } }

    /// What a host call costs is measured with it: its own instructions are the addition.
    static func add(_ host: inout PauseHost, _ caller: inout Caller, _ a: Int32, _ b: Int32) throws(Trap) -> Int32 { a &+ b }

    mutating func feedWatchdog() { feedings &+= 1 }
}
