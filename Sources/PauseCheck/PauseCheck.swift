// Measures host calls, polls and pauses on a board. The command line is a word and the name of a file with modules (ModuleFile):
//
//     count    the instructions of a call of each module's "f"
//     polls    the instructions of runs of "f" with fuel 1 to 40
//     stop     how long runs of "f" without end go on after a timer's interrupt (PauseCheck+Stop.swift)
//     feed     how often the watchdog is fed (PauseCheck+Feed.swift)
//     twins    two runtimes in turn (PauseCheck+Twins.swift)

import BoardSupport
import Runtime
import Semihosting

@main
struct PauseCheck {
    static func main() {
        var line = InlineArray<256, UInt8>(repeating: 0)
        guard let words = CommandLine.read(into: &line) else { mote_exit(2) }
        var end = words.lowerBound
        while end < words.upperBound, line[end] != 0x20 { end += 1 }
        guard end < words.upperBound, var file = ModuleFile(line.span.extracting(end + 1..<words.upperBound)) else { mote_exit(2) }
        guard let counter = InstructionCounter() else { Guest.fail("no counter: QEMU_FLAGS=\"-icount shift=7\"") }
        switch line[words.lowerBound] {
        case UInt8(ascii: "c"): while let entry = unsafe file.next() { unsafe count(entry, file.pool, counter) }
        case UInt8(ascii: "p"): while let entry = unsafe file.next() { unsafe countPolls(entry, file.pool, counter) }
        case UInt8(ascii: "s"): while let entry = unsafe file.next() { unsafe stop(entry, file.pool, counter) }
        case UInt8(ascii: "f"): while let entry = unsafe file.next() { unsafe feed(entry, file.pool) }
        case UInt8(ascii: "t"): while let entry = unsafe file.next() { unsafe runTwins(entry, file.pool) }
        default: mote_exit(2)
        }
        mote_exit(0)
    }

    typealias Entry = (provider: UnsafeRawBufferPointer, module: UnsafeRawBufferPointer)

    @unsafe private static func count(_ entry: Entry, _ pool: UnsafeMutableRawBufferPointer, _ counter: InstructionCounter) {
        var guest = unsafe Guest(entry, in: pool)
        let before = counter.now()
        let outcome = guest.call()
        let after = counter.now()
        guard outcome == .finished else { Guest.fail("not finished") }
        line(counter.instructions(from: before, to: after))
    }

    @unsafe private static func countPolls(_ entry: Entry, _ pool: UnsafeMutableRawBufferPointer, _ counter: InstructionCounter) {
        var guest = unsafe Guest(entry, in: pool)
        for fuel in 1...40 as ClosedRange<UInt64> {
            let before = counter.now()
            let outcome = guest.call(fuel: fuel)
            let after = counter.now()
            guard outcome == .outOfFuel else { Guest.fail("not out of fuel") }
            guest.cancel()
            line(counter.instructions(from: before, to: after))
        }
    }

    static func line(_ number: UInt64) {
        Board.write(number)
        Board.writeLine()
    }
}
