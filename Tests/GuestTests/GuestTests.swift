// Every call of guests/expected.txt and of the samples' headers, on the host.

import Foundation
import Runtime
import TestGuests
import Testing
import WasmFormat

@Suite struct GuestTests {
    @Test("a guest's calls give the results of expected.txt, each on a fresh instance", arguments: try GuestFolder.expected())
    func results(of guest: GuestFolder.Guest) throws {
        let bytes = try guest.bytes()
        #expect(!guest.calls.isEmpty)
        for call in guest.calls {
            let player = try Player()
            let instance = try player.instance(of: bytes)
            let played = try #require(try player.call(call.name, call.arguments, of: instance), "\(guest) exports no \(call.name)")
            #expect(played.expectation == call.expectation, "\(guest) \(call.name) \(call.arguments)")
            if call.name == guest.printer { #expect(try played.output == guest.output(), "\(guest) printed something else") }
        }
    }

    @Test("a guest that is stepped, to its end or for some thousand instructions, gives the same", arguments: try GuestFolder.expected())
    func stepped(guest: GuestFolder.Guest) throws {
        let bytes = try guest.bytes()
        for call in guest.calls {
            let player = try Player()
            let instance = try player.instance(of: bytes)
            let played = try #require(try player.step(call.name, call.arguments, of: instance, most: 3_000))
            #expect(played.expectation == call.expectation, "\(guest) \(call.name) \(call.arguments)")
            if call.name == guest.printer { #expect(try played.output == guest.output(), "\(guest) printed something else") }
        }
    }

    @Test("every guest of the folder has expected results, and every expected output a guest")
    func complete() throws {
        let names = Set(try GuestFolder.expected().map(\.name))
        let built = try #require(
            try? FileManager.default.contentsOfDirectory(atPath: GuestFolder.modules.path), "no guests: run `make guests`"
        ).filter { $0.hasSuffix(".wasm") }.map { String($0.dropLast(5)) }
        #expect(Set(built) == names)
        let outputs = try FileManager.default.contentsOfDirectory(atPath: GuestFolder.package.appendingPathComponent("guests/expected").path)
        #expect(Set(outputs.map { String($0.dropLast(4)) }) == names)
    }
}

@Suite struct SampleTests {
    static let all = Result { try Sample.all(in: GuestFolder.samples) }

    @Test("a sample does what its header says, or is refused where it needs what this build lacks", arguments: try all.get())
    func sample(_ sample: Sample) throws {
        let player = try Player()
        guard sample.isSupported else {
            #expect(throws: LoadError.self) { try player.instance(of: sample.bytes) }
            return
        }
        if sample.instantiation == .trap {
            let error = #expect(throws: InstantiationError.self) { try Self.instance(of: sample, in: player) }
            guard case .trapped = error else {
                Issue.record("\(sample): \(String(describing: error)) instead of a trap")
                return
            }
            #expect(sample.calls.isEmpty && sample.globals.isEmpty)
            return
        }
        let first = try Self.instance(of: sample, in: player)
        for (name, value) in sample.globals { #expect(player.global(name, of: first) == value, "\(sample): global \(name)") }
        for call in sample.calls {
            let player = try Player()
            let instance = try Self.instance(of: sample, in: player)
            let fuel: UInt64? = call.expectation == .loops ? 100_000 : nil
            let played = try #require(try player.call(call.name, call.arguments, of: instance, fuel: fuel), "\(sample) exports no \(call.name)")
            #expect(played.expectation == call.expectation, "\(sample): \(call.name)\(call.arguments)")
        }
        for print in sample.prints {
            let player = try Player()
            let instance = try Self.instance(of: sample, in: player)
            let played = try #require(try player.call(print.name, print.arguments, of: instance))
            #expect(played.output == print.text, "\(sample): \(print.name)")
        }
    }

    /// A fresh instance, with one of each sample that it links.
    private static func instance(of sample: Sample, in player: Player) throws -> Instance {
        var links: [(name: String, instance: Instance)] = []
        for link in sample.links {
            let other = try #require(try all.get().first { $0.name == link.sample })
            links.append((link.module, try player.instance(of: other.bytes)))
        }
        return try player.instance(of: sample.bytes, links: links)
    }
}
