// The speed of the loop, held: guest instructions on the board for each wasm instruction, and the machine code of the dispatch.

import Foundation
import Testing

// In the suite that builds firmwares one after the other.
extension GuestTests {
    @Test("A wasm instruction takes few guest instructions, with every check and the poll", arguments: [
        ("mps2-an386", "fib", 6.0), ("mps2-an386", "sieve", 5.0), ("riscv32-virt", "fib", 7.5), ("riscv32-virt", "sieve", 8.5),
    ])
    func speed(_ board: String, _ guest: String, _ most: Double) throws {
        let run = try GuestFirmware(guest, for: board).run(on: board, words: ["bench"], environment: ["QEMU_FLAGS": "-icount shift=7"])
        let count = try #require(run.output.firstMatch(of: /run=([0-9]+)/).flatMap { Double($0.1) })
        let wasm = try HostRun(guest, pool: 1 << 20, operandStack: 8192, counting: true).instructions
        #expect(wasm > 1_000_000)
        let ratio = count / Double(wasm)
        #expect(ratio <= most, "\(guest): \(count) guest instructions for \(wasm) of wasm")
    }

    @Test("The dispatch is ldr, uxtb, tbh")
    func dispatch() throws {
        let firmware = try GuestFirmware("hello", for: "mps2-an386")
        let listing = try BoardRun("tools/dispatch", [BoardRun.root.appending(path: firmware.elf).path])
        #expect(listing.status == 0, "\(listing.output)")
    }
}
