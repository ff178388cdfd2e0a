// A core that stops while a guest runs tells where the guest was.

import Foundation
import ModuleBuilder
import Packing
import Testing

// One after the other: they share the folder of a board's build.
@Suite(.serialized) struct FaultTests {
    /// A core each: v6-M without an MPU, v7-M, v8-M with a limit of the stack, RISC-V. The last three are FAULT_BOARDS of the Makefile.
    private static let boards = ["mps2-an386", "mps2-an385", "microbit", "mps2-an505", "riscv32-virt"]

    /// Function 1, "main": three instructions, the second of which calls the host's function that stops the core.
    private static func module(_ number: Int32) -> [UInt8] {
        var builder = ModuleBuilder()
        let fault = builder.importFunction("host", "fault", [.i32])
        _ = builder.function([], [.i32], body: Code.i32(number) + Code.call(fault) + Code.i32(5), export: "main")
        return builder.bytes
    }

    /// The firmware with a module, for as long as `body` takes.
    private func withFirmware(_ module: [UInt8], for board: String, _ body: (_ elf: String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).wasm")
        try Data(module).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let elf = file.path + ".elf"
        let build = try BoardRun("boards/build", [board, "FaultCheck", file.path, elf])
        defer { try? FileManager.default.removeItem(atPath: elf) }
        try #require(build.status == 0, "\(build.output)")
        try body(elf)
    }

    /// As the core numbers it: all of Arm's are a HardFault; RISC-V has illegal instructions apart.
    private func number(_ board: String) -> Int { board == "riscv32-virt" ? 2 : 3 }

    @Test("A fault in a host function has a second line with the word behind its call; without a guest there is none", arguments: boards, [false, true])
    func position(board: String, packed: Bool) throws {
        try withFirmware(packed ? Packing.pack(Self.module(7)) : Self.module(7), for: board) { elf in try position(board, elf) }
    }

    private func position(_ board: String, _ elf: String) throws {
        let run = try BoardRun("boards/run", [board, elf])
        #expect(run.status == 70 && run.lines.count == 2, "\(run.output)")
        #expect(run.lines.first?.hasPrefix("mote: fault \(number(board)) at 0x") == true)
        // Word 0 takes the argument, word 1 is the call.
        #expect(run.lines.last == "mote: the guest was at word 2 of function 1: mote inspect --at 1:2")
        let alone = try BoardRun("boards/run", [board, elf, "alone"])
        #expect(alone.status == 70 && alone.lines.count == 1, "\(alone.output)")
    }

    @Test("A fault while the handler looks for the guest ends the run too, with a line of its own", arguments: boards)
    func faultInHook(board: String) throws {
        try withFirmware(Self.module(0), for: board) { elf in
            let run = try BoardRun("boards/run", [board, elf])
            #expect(run.status == 70 && run.lines.count == 2, "\(run.output)")
            #expect(run.lines.first?.hasPrefix("mote: fault \(number(board)) at 0x") == true)
            #expect(run.lines.last?.hasPrefix("mote: fault ") == true && run.lines.first != run.lines.last, "\(run.output)")
        }
    }

    @Test("Without a debugger a fault's lines come, and then the board stands still: no lock-up, which QEMU would end with", arguments: boards)
    func alone(board: String) throws {
        try withFirmware(Self.module(7), for: board) { elf in
            let run = try BoardRun("boards/run", [board, elf], environment: ["SEMIHOSTING": "off", "TIMEOUT": "1"])
            #expect(run.status == 124 && run.lines.filter { $0.hasPrefix("mote: ") }.count == 2, "\(run.status) \(run.output)")
        }
    }
}
