// Layouts of linear memory on a board: a stack of 1 MiB costs what is used of it, and what an instance's settings take is where it is on the host.

import Foundation
import Runtime
import Testing

// In the suite that builds firmwares one after the other.
extension GuestTests {
    @Test("A stack of 1 MiB in front commits at most data (64 bytes), stack used (592) and 2 KB", arguments: ["rust", "zig"])
    func megabyteOfStack(_ layout: String) throws {
        let module = try [UInt8](Data(contentsOf: BoardRun.root.appending(path: ".build/guests/layouts/\(layout).wasm")))
        let run = try GuestFirmware(module, for: "mps2-an386", traits: "default").run(on: "mps2-an386")
        #expect(run.status == 0)
        let committed = try #require(run.output.firstMatch(of: /linear memory ([0-9]+)/).flatMap { Int($0.1) })
        #expect(committed <= 64 + 592 + 2048, "\(run.output)")
    }

    @Test("An app heap, an aux stack committed at once and a cap are laid out on the board as on the host, to the byte", arguments: ["hello", "layouts/rust", "layouts/grows", "alloc"])
    func settings(_ guest: String) throws {
        var settings = InstanceConfiguration()
        (settings.appHeapBytes, settings.auxStackBytes, settings.memoryCap) = (1000, 4096, 2 << 20)
        let module = try [UInt8](Data(contentsOf: BoardRun.root.appending(path: ".build/guests/\(guest).wasm")))
        let words = ["report", "app-heap=1000", "aux-stack=4096", "memory-cap=2097152"]
        let run = try GuestFirmware(module, for: "mps2-an386", traits: "default").run(on: "mps2-an386", words: words)
        let report = try HostRun(guest, pool: 256 * 1024, operandStack: 8192, settings: settings).report
        #expect(run.status == 0 && run.output.contains(report), "\(run.output) not \(report)")
        #expect(report.contains("app heap: 1000 bytes") == (guest == "hello" || guest == "layouts/rust") && report.contains("aux stack: "))
    }

    @Test("What an instance's settings make impossible is told in one line that names the word to change")
    func refusedSettings() throws {
        // (module (memory 2 5) (func (export "main") (result i32) (memory.grow (i32.const 1))))
        let grows: [UInt8] = [
            0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 5, 4, 1, 1, 2, 5, 7, 8, 1, 4, 0x6d, 0x61, 0x69, 0x6e, 0, 0,
            10, 8, 1, 6, 0, 0x41, 1, 0x40, 0, 0x0b,
        ]
        let firmware = try GuestFirmware(grows, for: "mps2-an386", traits: "default")
        let cases: [([String], String, String)] = [
            (["app-heap=1000"], "the module can grow its memory, and the app heap lies behind it", ": start with memory-cap="),
            (["app-heap=40", "memory-cap=2000000"], "the app heap has less than 48 bytes", ": start with another app-heap=, or a lower memory-cap="),
            (["memory-cap=65536"], "the module declares more memory than the embedder's cap", ": start with a larger memory-cap="),
            (["app-heap=300000", "memory-cap=2000000"], "no room for the app heap: ", "bytes, "),
            (["app-heap=300000", "memory-cap=2000000"], ": needs at least 300000 bytes, ", ", or start with a larger pool=, or a smaller app-heap="),
            (["pool=4096"], "no room for the operand stack: ", ", or a smaller stack="),
            (["whole", "pool=65536"], "no room for the linear memory that is committed at the start: ", ", or start with a larger pool="),
        ]
        for (words, what, remedy) in cases {
            let run = try firmware.run(on: "mps2-an386", words: words)
            let line = try #require(run.lines.first)
            #expect(run.status == 1 && line.hasPrefix("mote: exhausted") && line.contains(what) && line.contains(remedy), "\(words): \(run.output)")
        }
    }
}
