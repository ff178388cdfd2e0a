// Stops: a timer's interrupt sets the stop word while a guest runs without end, again and again in the same run.
//
// A line: instructions and turns from the interrupt to the end of the run, the most of all trials; the instructions of a resume with fuel 16, the most of
// several: those of 16 polls, and of the way in and out.

import BoardSupport
import MPS2Interrupts
import Runtime
import Semihosting
import Startup
import WasmFormat

extension PauseCheck {
    @unsafe static func stop(_ entry: Entry, _ pool: UnsafeMutableRawBufferPointer, _ counter: InstructionCounter) {
        let word = unsafe mote_stop_word()!
        unsafe word.pointee = 0
        var configuration = Configuration()
        unsafe configuration.stopWord = UnsafePointer(word)
        // Stops a start function; other instantiations are over, or look at no stop word.
        mote_stop_after(250_000)
        var guest = unsafe Guest(entry, in: pool, configuration)
        mote_stop_never()
        // What it touches is committed first: that is done at once, however much it is.
        if !guest.hasStoppedAtStart, guest.call(fuel: 5_000) != .outOfFuel { Guest.fail("not out of fuel") }
        let turns = unsafe guest.turns() ?? UnsafePointer(word)

        var slowest: UInt64 = 0
        var mostTurns: UInt32 = 0
        for trial in 0..<200 as Range<UInt32> {
            unsafe word.pointee = 0
            unsafe mote_stop_watching(8_000 &+ trial &* 120, turns)
            // Moves the interrupt by two instructions.
            mote_spin(trial % 20 &+ 1)
            let outcome = guest.resume()
            let after = counter.now()
            guard outcome == .stopped else { Guest.fail("not stopped") }
            slowest = max(slowest, counter.instructions(from: mote_stop_moment(), to: after))
            mostTurns = unsafe max(mostTurns, turns.pointee &- mote_stop_watched())
        }
        // While the word is set nothing goes on.
        guard guest.resume() == .stopped, guest.resume(fuel: 100) == .stopped else { Guest.fail("not stopped at once") }
        unsafe word.pointee = 0

        var slice: UInt64 = 0
        for _ in 0..<64 {
            let before = counter.now()
            let outcome = guest.resume(fuel: 16)
            let after = counter.now()
            guard outcome == .outOfFuel else { Guest.fail("not out of fuel") }
            slice = max(slice, counter.instructions(from: before, to: after))
        }
        guest.cancel()
        // An instance whose start function has not ended is no instance to be called.
        if !guest.hasStoppedAtStart, guest.callG() != .finished { Guest.fail("cannot be called after it was cancelled") }
        Board.write(slowest)
        Board.write(" ")
        Board.write(mostTurns)
        Board.write(" ")
        line(slice)
    }
}
