// Every guest one poll at a time: what it gives, prints and leaves in memory is what one run does.

import Runtime
import TestGuests
import Testing

@Suite struct SliceTests {
    @Test("a guest gives the same results, output and memory in slices of one poll as in one run", arguments: try GuestFolder.expected())
    func slices(of guest: GuestFolder.Guest) throws {
        let bytes = try guest.bytes()
        for call in guest.calls where call.expectation != .loops {
            let whole = try Player()
            let sliced = try Player()
            let (first, second) = (try whole.instance(of: bytes), try sliced.instance(of: bytes))
            let played = try #require(try whole.call(call.name, call.arguments, of: first))
            var pauses = 0
            let pieces = try #require(
                try sliced.call(call.name, call.arguments, of: second) {
                    pauses += 1
                    return 1
                })
            #expect(pieces == played && played.expectation == call.expectation, "\(guest) \(call.name) after \(pauses) pauses")
            #expect(try whole.memory(of: first) == sliced.memory(of: second), "\(guest) \(call.name)")
        }
    }
}
