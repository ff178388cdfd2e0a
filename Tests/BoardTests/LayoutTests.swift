// A guest linked as Rust and Zig do, on a board: a stack of 1 MiB costs what is used of it.

import Foundation
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
}
