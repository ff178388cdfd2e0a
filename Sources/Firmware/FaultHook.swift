// What Startup calls behind the line of a fault.

import GuestFault
import Startup

@c(mote_fault_hook) func tellGuest(_ registers: UnsafePointer<UInt32>?, _ registerCount: UInt32, _ stack: UnsafePointer<UInt32>?, _ stackCount: UInt32) {
    // Safety: the handler's own words.
    unsafe GuestFault.write(BoardHost.self, registers, registerCount, stack, stackCount)
}
