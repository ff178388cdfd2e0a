// A core that stops while a guest runs tells where the guest was.

import Foundation
import ModuleBuilder
import Packing
import Testing

@Suite struct FaultTests {
    /// Function 1, "main": three instructions, the second of which calls the host's function that stops the core.
    private static let module: [UInt8] = {
        var builder = ModuleBuilder()
        let fault = builder.importFunction("host", "fault", [.i32])
        _ = builder.function([], [.i32], body: Code.i32(7) + Code.call(fault) + Code.i32(5), export: "main")
        return builder.bytes
    }()

    @Test("A fault in a host function has a second line with the word behind its call; without a guest there is none", arguments: ["mps2-an386", "mps2-an385"], [false, true])
    func position(board: String, packed: Bool) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).wasm")
        try Data(packed ? Packing.pack(Self.module) : Self.module).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let elf = file.path + ".elf"
        let build = try BoardRun("boards/build", [board, "FaultCheck", file.path, elf])
        defer { try? FileManager.default.removeItem(atPath: elf) }
        try #require(build.status == 0, "\(build.output)")
        let run = try BoardRun("boards/run", [board, elf])
        #expect(run.status == 70 && run.lines.count == 2, "\(run.output)")
        #expect(run.lines.first?.hasPrefix("mote: fault 3 at 0x") == true)
        // Word 0 takes the argument, word 1 is the call.
        #expect(run.lines.last == "mote: the guest was at word 2 of function 1: mote inspect --at 1:2")
        let alone = try BoardRun("boards/run", [board, elf, "alone"])
        #expect(alone.status == 70 && alone.lines.count == 1, "\(alone.output)")
    }
}
