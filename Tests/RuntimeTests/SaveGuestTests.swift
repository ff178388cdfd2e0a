// Every guest, saved and restored at another address at 100 points of its run: it ends as if nothing had happened.

import Packing
import RegisterCode
import TestGuests
import Testing

@testable import Image
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

    @Test("a guest that runs from its image is saved and restored 20 times on its way, with the image at another address, and checked again", arguments: try GuestFolder.expected())
    func packed(_ guest: GuestFolder.Guest) throws {
        let image = try Packing.pack(guest.bytes())
        guard let call = guest.calls.first(where: { $0.name == guest.printer }) else { return }
        let (polls, peak) = try measure(image, call)
        let sleeper = try Sleeper(WritingHost(), pool: (Int(peak) + 1024) & ~7)
        let environment = try sleeper.environment(16 << 10)
        let instance = try sleeper.add(image, in: environment)
        var outcome = try sleeper.call(sleeper.function(call.name, of: instance), call.arguments, in: environment, fuel: 0)
        var points = 0
        while outcome == .outOfFuel {
            if points < 20 { try sleeper.sleep() }
            points += 1
            outcome = try sleeper.resume(environment, fuel: points < 20 ? max(1, polls / 21) : nil)
        }
        if case .results(let results) = call.expectation {
            #expect(outcome == .finished)
            #expect(try sleeper.results(of: sleeper.function(call.name, of: instance), in: environment) == results)
        }
        #expect(try points > 0 && String(decoding: sleeper.host.output, as: UTF8.self) == guest.output())
    }

    @Test("a changed image is refused when a pool is restored, and so is one that is not safe though it is the one that was saved")
    func changedImage() throws {
        let image = try Packing.pack(GuestFolder.bytes(of: "fib", in: GuestFolder.modules))
        let sleeper = try Sleeper(WritingHost())
        let environment = try sleeper.environment()
        _ = try sleeper.add(image, in: environment)
        let saved = try sleeper.save()
        func attempt(_ saved: [UInt8], _ image: [UInt8]) -> RestoreError? {
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: image.count, alignment: 16)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
            defer { (bytes.deallocate(), buffer.deallocate()) }
            bytes.copyBytes(from: image)
            do throws(RestoreError) {
                _ = try Sleeper<WritingHost>.restored(saved, [UnsafeRawBufferPointer(bytes)], [buffer], [.all], Configuration())
                return nil
            } catch {
                return error
            }
        }
        #expect(attempt(saved, image) == nil)
        for byte in [200, image.count / 2, image.count - 1] {
            var changed = image
            changed[byte] ^= 1
            #expect(attempt(saved, changed) == .module(0))
        }
        // The last word of the code is a return: one that falls through, with the hash of the saved pool made that of these bytes.
        var unsafeImage = image
        let view = image.withUnsafeBytes { bytes in (0..<bytes.count / 4).map { bytes.load(fromByteOffset: $0 * 4, as: UInt32.self) } }
        let end = Int(view[Int(ImagePart.names.headerWord)])
        for i in 0..<4 { unsafeImage[end - 4 + i] = UInt8(truncatingIfNeeded: Word(.mov, 0, 0).bits >> UInt32(i * 8)) }
        let old = SavedSum.of(image.span)
        let new = SavedSum.of(unsafeImage.span)
        var forged = saved
        let at = try #require((0..<saved.count - 8).first { place in (0..<8).allSatisfy { saved[place + $0] == UInt8(truncatingIfNeeded: old >> UInt64($0 * 8)) } })
        for i in 0..<8 { forged[at + i] = UInt8(truncatingIfNeeded: new >> UInt64(i * 8)) }
        var sum = SavedSum()
        for word in stride(from: 0, to: forged.count - 8, by: 4) { sum.add((0..<4).reduce(0) { $0 | UInt32(forged[word + $1]) << UInt32($1 * 8) }) }
        for i in 0..<8 { forged[forged.count - 8 + i] = UInt8(truncatingIfNeeded: sum.value >> UInt64(i * 8)) }
        #expect(attempt(forged, unsafeImage) == .module(0))
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
