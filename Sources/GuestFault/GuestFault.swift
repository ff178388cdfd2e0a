// The guest's part of a fault: a second line, behind Startup's.
//
//     mote: fault 3 at 0x0000012e, called from 0x00000119, cfsr 0x00008200, address 0x70000000
//     mote: the guest was at word 17 of function 3: mote inspect --at 3:17

import AppImage
import BoardSupport
import Runtime

public enum GuestFault {
    /// Prints it if a guest was running in the pool that the link placed. A firmware defines `mote_fault_hook` by this.
    ///
    /// - Parameter registers: the core's, `registerCount` of them.
    /// - Parameter stack: the words in use of the native stack, `stackCount` of them.
    @unsafe public static func write<HostType: Host & ~Copyable>(
        _: HostType.Type, _ registers: UnsafePointer<UInt32>?, _ registerCount: UInt32, _ stack: UnsafePointer<UInt32>?, _ stackCount: UInt32
    ) {
        // Safety: the handler's own pointers, with their counts; the pool's address is word 1 of the configuration.
        let known = unsafe UnsafeBufferPointer(start: UnsafeRawPointer(registers)?.assumingMemoryBound(to: UInt.self), count: registers == nil ? 0 : Int(registerCount))
        let words = unsafe UnsafeBufferPointer(start: UnsafeRawPointer(stack)?.assumingMemoryBound(to: UInt.self), count: stack == nil ? 0 : Int(stackCount))
        guard let pool = unsafe UnsafeMutableRawPointer(bitPattern: UInt(mote_configuration_words()[1])),
            let position = unsafe Runtime<HostType>.guestPosition(inPoolAt: pool, registers: Span(_unsafeElements: known), stack: Span(_unsafeElements: words))
        else { return }
        Board.write("mote: the guest was at word ")
        Board.write(position.word)
        Board.write(" of function ")
        Board.write(position.function)
        Board.write(": mote inspect --at ")
        Board.write(position.function)
        Board.write(":")
        Board.write(position.word)
        Board.writeLine()
    }
}
