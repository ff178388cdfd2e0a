// The console's two halves and the store: what the loader does between two slices of the guest.

import BoardSupport
import ModuleStore
import NRFFlash
import Slots
import Startup

struct LoaderLine: ~Copyable {
    var store: ModuleStore<NRFFlash>
    private var receiver = Receiver()
    /// Turns since a byte came, within a frame.
    private var silence: UInt32 = 0

    /// Bytes of one turn: so much the longest frame has, with every byte escaped. Then it is the guest's turn, whatever comes.
    private static var bytesOfTurn: UInt32 { 150 }
    /// How often the console is looked at for the next byte of a frame: some milliseconds at 16 MHz.
    private static var looks: UInt32 { 4_000 }
    /// Turns without a byte until a frame is given up: some hundred milliseconds.
    private static var patience: UInt32 { 500 }

    init() {
        let (start, length) = (mote_slots_start(), mote_slot_length())
        store = ModuleStore(flash: NRFFlash(pageBytes: 1_024), first: start, second: start &+ length, slotBytes: length)
    }

    /// Takes what the console has received. Whether a new module lies in the store. Feeds the watchdog: nothing lasts between two turns but a slice of
    /// the guest, or the start of a module.
    mutating func turn() -> Bool {
        mote_feed()
        var bytes: UInt32 = 0
        while bytes < Self.bytesOfTurn, let byte = nextByte() {
            (bytes, silence) = (bytes &+ 1, 0)
            switch receiver.receive(byte, &store) {
            // Guests of this firmware read no console.
            case .byte, .nothing: break
            case .answer: Board.write(receiver.answer)
            case .installed:
                Board.write(receiver.answer)
                return true
            }
        }
        if bytes == 0, receiver.isInFrame {
            silence &+= 1
            if silence > Self.patience { receiver.abandonFrame() }
        }
        return false
    }

    /// Nothing runs.
    mutating func waitForModule() {
        while !turn() {}
    }

    /// Within a frame the next byte is waited for, but not for long.
    private func nextByte() -> UInt8? {
        var looks: UInt32 = receiver.isInFrame ? Self.looks : 1
        while looks > 0 {
            let byte = mote_board_read_byte()
            if byte >= 0 { return UInt8(truncatingIfNeeded: byte) }
            looks &-= 1
        }
        return nil
    }
}
