// Modules that come over the console into real flash (as QEMU models its controller), while another one runs from there.

import Foundation
import ModuleBuilder
import ModuleSender
import ModuleStore
import Packing
import Testing

// In the suite that builds firmwares one after the other.
extension GuestTests {
    /// An image that says a word now and then, without end; so many bytes of it are never looked at.
    func talker(_ word: String, ballast: Int) throws -> [UInt8] {
        var module = ModuleBuilder()
        let write = module.importFunction("mote", "write", [.i32, .i32])
        module.memory(1)
        let text = Array((word + "\n").utf8)
        module.data(at: 64, text)
        module.passiveData((0..<ballast).map { UInt8(truncatingIfNeeded: $0 &* 89 ^ $0 >> 8) })
        let speak = Code.i32(64) + Code.i32(Int32(text.count)) + Code.call(write)
        let isDue = Code.localGet(0) + Code.i32(1) + Code.i32Add + Code.localTee(0) + Code.i32(0x7FFF) + [0x71] + Code.i32Eqz
        module.function([], [], locals: [(1, .i32)], body: Code.loop(nil, isDue + Code.if(nil, speak) + Code.br(0)), export: "main")
        return try Packing.pack(module.bytes)
    }

    func loader(_ own: [UInt8]?, linking object: String = "") throws -> String {
        let elf = ".build/guests/firmware/microbit-loader-\(own == nil ? "empty" : "own")\(object.isEmpty ? "" : "-more").elf"
        let file = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).mote")
        try Data(own ?? []).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let build = try BoardRun("boards/build", ["microbit", "SlotLoader", file.path, elf], environment: ["TRAITS": "minimal", "LINK_INPUTS": object])
        try #require(build.status == 0, "\(build.output)")
        return elf
    }

    @Test("On the micro:bit modules are installed in both slots in turn while the old one runs; it runs on after half a transfer, and after a restart the newest runs")
    func install() throws {
        let board = try BoardSession(loader(talker("own", ballast: 0)), on: "microbit", seconds: 300)
        try board.wait(for: "mote: no module in the slots: the firmware's own\nown\n", after: 0)

        // Half a transfer: the old one runs on. The other half goes on where it was.
        let one = try talker("one", ballast: 5_000)
        let half = try board.send(one, upTo: 2_000)
        #expect(half.frames == 2 + 32)
        try board.wait(for: "own\n", times: 3)
        let rest = try board.send(one)
        #expect(rest.step == .installed(slot: 0, sequence: 1) && rest.frames == 3 + (one.count - 2_048 + 63) / 64 && half.resent + rest.resent == 0)
        try board.wait(for: "mote: slot 0, installation 1, \(one.count) bytes\none\n", after: 0)
        let place = board.text.count
        try board.wait(for: "one\n", times: 3)
        #expect(!board.text.dropFirst(place).contains("own"))

        // The other slot; then the first one again, which the controller has to erase.
        let two = try talker("two", ballast: 9_000)
        #expect(try board.send(two).step == .installed(slot: 1, sequence: 2))
        try board.wait(for: "mote: slot 1, installation 2, \(two.count) bytes\ntwo\n", after: 0)
        let three = try talker("three", ballast: 300)
        #expect(try board.send(three).step == .installed(slot: 0, sequence: 3))
        try board.wait(for: "mote: slot 0, installation 3, \(three.count) bytes\nthree\n", after: 0)

        // Without power in the middle of a transfer, and what had come is noise: the newest runs.
        _ = try board.send(one, upTo: 1_500)
        try board.restart("mote: slot 0, installation 3, \(three.count) bytes\nthree\n")
        try board.write((0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) })
        try board.wait(for: "three\n", times: 2)
        #expect(try board.send(one).step == .installed(slot: 1, sequence: 4))
        try board.wait(for: "mote: slot 1, installation 4, \(one.count) bytes\none\n", after: 0)
        try board.restart("mote: slot 1, installation 4, \(one.count) bytes\none\n")
    }

    @Test("A firmware without a module waits for one; what does not fit is refused, and what does not start gives way to the module before")
    func refusals() throws {
        let board = try BoardSession(loader(nil), on: "microbit", seconds: 300)
        try board.wait(for: "mote: no module: send one with mote send\n", after: 0)
        let large = [UInt8](repeating: 1, count: 16_353)
        #expect(try board.send(large).step == .failed(.store(.tooLarge(bytes: 16_353, capacity: 16_352))))
        // Whole, but no module; and there is none before it.
        #expect(try board.send(Array(large.dropFirst())).step == .installed(slot: 0, sequence: 1))
        try board.wait(for: "mote: this module does not start, and is withdrawn\nmote: no module: send one with mote send\n", after: 0)
        let good = try talker("good", ballast: 0)
        let installed = try board.send(good).step
        guard case .installed(let slot, let sequence) = installed else {
            Issue.record("\(installed)")
            return
        }
        try board.wait(for: "good\n", times: 2)
        let place = board.text.count
        #expect(try board.send([1, 2, 3]).step == .installed(slot: 1 - slot, sequence: sequence + 1))
        try board.wait(for: "is withdrawn\nmote: slot \(slot), installation \(sequence), \(good.count) bytes\ngood\n", after: place)
    }
}
