// Every guest, saved and restored at another address at 100 points of its run: it ends as if nothing had happened.

import TestGuests
import Testing

@testable import Runtime
@testable import WasmFormat

@Suite struct SaveGuestTests {
    static let points = 100

    @Test("a guest that is saved, torn down and restored elsewhere 100 times on its way gives what it gives in one run", arguments: try GuestFolder.expected())
    func points(of guest: GuestFolder.Guest) throws {
        let bytes = try guest.bytes()
        var points = 0
        var possible: UInt64 = 0
        // The program first, which has the longest run; calls as far as the points are not reached.
        for call in guest.calls.filter({ $0.name == guest.printer }) + guest.calls where points < Self.points {
            let (polls, peak) = try measure(bytes, call)
            possible += max(polls, 1)
            let sleeper = try Sleeper(WritingHost(), pool: (Int(peak) + 1024) & ~7)
            let environment = try sleeper.environment(16 << 10)
            let instance = try sleeper.add(bytes, in: environment)
            // Spread over the run from its first instruction on; where it has fewer polls, at each.
            let slice = max(1, polls / UInt64(Self.points + 1))
            var outcome = try sleeper.call(sleeper.function(call.name, of: instance), call.arguments, in: environment, fuel: 0)
            while outcome == .outOfFuel {
                if points < 2 * Self.points {
                    try sleeper.sleep()
                    points += 1
                }
                // Handles are as good as before.
                #expect(sleeper.instance == instance && sleeper.environment0 == environment)
                outcome = try sleeper.resume(environment, fuel: points < 2 * Self.points ? slice : nil)
            }
            switch call.expectation {
            case .results(let results):
                #expect(outcome == .finished)
                let function = try sleeper.function(call.name, of: instance)
                #expect(try sleeper.results(of: function, in: environment) == results, "\(guest) \(call.name)")
            case .trap:
                guard case .trapped = outcome else {
                    Issue.record("\(guest) \(call.name): \(outcome)")
                    return
                }
            case .loops: Issue.record("an expected call that loops")
            }
            if call.name == guest.printer { #expect(try String(decoding: sleeper.host.output, as: UTF8.self) == guest.output()) }
            #expect(sleeper.isSound)
        }
        // A guest of fewer polls has fewer places where it can pause: it stood at each.
        #expect(points >= Self.points || possible < UInt64(Self.points) && points > 0, "\(guest): \(points) points, \(possible) polls")
    }

    /// Polls of a call in one run, and what it needs of a pool.
    private func measure(_ bytes: [UInt8], _ call: ExpectedCall) throws -> (polls: UInt64, peak: UInt32) {
        let sleeper = try Sleeper(WritingHost(), pool: 1 << 20)
        let environment = try sleeper.environment(16 << 10)
        let instance = try sleeper.add(bytes, in: environment)
        let fuel: UInt64 = 1 << 40
        _ = try sleeper.call(sleeper.function(call.name, of: instance), call.arguments, in: environment, fuel: fuel)
        return (fuel - (try sleeper.remainingFuel(in: environment) ?? 0), sleeper.peak)
    }
}

// What `#expect` cannot ask a runtime, which is not copyable.
extension Sleeper {
    var instance: Instance? { runtime.instance(0) }
    var environment0: ExecutionEnvironment? { runtime.environment(0) }
    var isSound: Bool { runtime.isSound }
    var peak: UInt32 { runtime.pool.peak }
    func remainingFuel(in environment: ExecutionEnvironment) throws -> UInt64? { try runtime.remainingFuel(in: environment) }
    func results(of function: Function, in environment: ExecutionEnvironment) throws -> [Value] {
        try (0..<runtime.resultCount(of: function)).map { try runtime.result($0, of: function, in: environment) }
    }
}
