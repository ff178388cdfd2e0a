// How a console waits for its byte to leave: not for ever, and not again and again.

/// Whether the last wait was in vain. Nobody else uses these bytes.
@section(".bss.mote_transmitter") private nonisolated(unsafe) var isDead = false

enum Transmitter {
    /// Looks a million times at most. A console that did not become ready is dead, half a second later at 16 MHz: for each further byte it is looked at once,
    /// until it is ready.
    static func wait(until isReady: () -> Bool) {
        // Safety: there is one core, and one console; here and below.
        var looks: UInt32 = unsafe isDead ? 0 : 1_000_000
        while !isReady() {
            guard looks > 0 else {
                unsafe isDead = true
                return
            }
            looks &-= 1
        }
        // Written only where it changes: a program may have closed its RAM to writes.
        if unsafe isDead { unsafe isDead = false }
    }
}
