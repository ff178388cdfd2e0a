// Runs the newest module of the two slots in flash, and takes a new one from the console meanwhile: `mote send` brings it.
//
//     flash    │ this firmware │ its own module, for empty slots │ … │ slot 0 │ slot 1 │
//     pool     all of free RAM: one runtime at a time; the next module begins with an empty one
//
// The guest runs in slices of fuel; between two of them the console is looked at. docs/STORE.md has the protocol and the numbers.

import AppImage
import BoardSupport
import ModuleStore
import NRFFlash
import Runtime
import Semihosting
import Slots
import Startup
import WasmFormat

/// What guests import: a print.
struct ConsoleHost: Host {
    static var functionCount: Int { 1 }
    static func function(_ index: Int) -> HostFunction { HostFunction("mote", "write") { unsafe answer($0, ConsoleHost.write) } }

    static func write(_ host: inout ConsoleHost, _ caller: inout Caller, _ pointer: UInt32, _ length: UInt32) throws(Trap) {
        Board.write(try caller.bytes(at: pointer, count: length))
    }
}

@main
struct SlotLoader {
    /// Fuel of a turn, in polls. The nRF51 keeps six bytes that nobody reads, half a millisecond of the line.
    static var slice: UInt64 { 32 }
    static var operandStackBytes: UInt32 { 1_024 }

    static func main() {
        var line = LoaderLine()
        while true {
            guard let module = line.store.newest() else {
                announce(nil)
                // Safety: the linker script keeps the embedded module in flash, 4-byte aligned; nothing writes there.
                let own = unsafe UnsafeRawBufferPointer(start: mote_app_bytes(), count: Int(mote_app_length()))
                if unsafe own.isEmpty || run(own, &line) == .notStarted { line.waitForModule() }
                continue
            }
            line.store.hold(module.slot)
            announce(module)
            // Safety: flash is memory, slots are 4-byte aligned, and the store does not change one that is in use.
            let bytes = unsafe UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: UInt(module.address)), count: Int(module.length))
            let end = unsafe run(bytes, &line)
            line.store.release(module.slot)
            if end == .notStarted { withdraw(module.slot, &line) }
        }
    }

    private static func announce(_ module: StoredModule?) {
        guard let module else {
            return Board.writeLine(mote_app_length() > 0 ? "mote: no module in the slots: the firmware's own" : "mote: no module: send one with mote send")
        }
        Board.write("mote: slot ")
        Board.write(UInt32(module.slot.rawValue))
        Board.write(", installation ")
        Board.write(module.sequence)
        Board.write(", ")
        Board.write(module.length)
        Board.writeLine(" bytes")
    }

    /// So that the module before it runs, now and after the next start.
    private static func withdraw(_ slot: Slot, _ line: inout LoaderLine) {
        do throws(StoreError) {
            try line.store.withdraw(slot)
            Board.writeLine("mote: this module does not start, and is withdrawn")
        } catch {
            // Else it would be tried without end.
            Board.writeLine("mote: this module does not start, and flash does not take its mark: send another")
            line.waitForModule()
        }
    }
}
