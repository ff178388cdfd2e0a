// The watchdog: how often it is fed by one long call of "f", and by a thousand short calls of "g". A line each: polls and feedings.

import BoardSupport
import Runtime

extension PauseCheck {
    @unsafe static func feed(_ entry: Entry, _ pool: UnsafeMutableRawBufferPointer) {
        var configuration = Configuration()
        configuration.watchdogInterval = 100
        var guest = unsafe Guest(entry, in: pool, configuration)
        let fuel: UInt64 = 1_000_000

        guard guest.call(fuel: fuel) == .finished else { Guest.fail("not finished") }
        tell(polls(of: guest, fuel), &guest)
        // Without fuel, the same.
        guard guest.call() == .finished else { Guest.fail("not finished") }
        tell(0, &guest)

        var sum: UInt64 = 0
        for _ in 0..<1_000 {
            guard guest.callG(fuel: fuel) == .finished else { Guest.fail("not finished") }
            sum &+= polls(of: guest, fuel)
        }
        tell(sum, &guest)
        for _ in 0..<1_000 where guest.callG() != .finished { Guest.fail("not finished") }
        tell(0, &guest)
    }

    private static func polls(of guest: borrowing Guest, _ fuel: UInt64) -> UInt64 {
        guard let left = try? guest.runtime.remainingFuel(in: guest.environment) else { Guest.fail("no fuel") }
        return fuel &- left
    }

    private static func tell(_ polls: UInt64, _ guest: inout Guest) {
        Board.write(polls)
        Board.write(" ")
        line(UInt64(guest.host.feedings))
        guest.host.feedings = 0
    }
}
