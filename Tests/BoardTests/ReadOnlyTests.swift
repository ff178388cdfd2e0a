// Modules on a board whose MPU lets nobody write to them, nor to anything but stack, pool and peripherals.

import Foundation
import Packing
import TestGuests
import Testing
import WasmFormat

@Suite struct ReadOnlyTests {
    private static let board = "mps2-an386"

    /// What a guest prints and gives, as ReadOnlyCheck writes it.
    private func expected(_ guest: GuestFolder.Guest) throws -> String {
        let call = try #require(guest.calls.first { $0.name == guest.printer && $0.arguments.isEmpty })
        guard case .results(let results) = call.expectation else { return try guest.output() }
        return try guest.output() + results.map { if case .i32(let bits) = $0 { "\(bits)\n" } else { "not an i32\n" } }.joined()
    }

    @Test("Every guest runs, as .wasm and as an image, each loaded twice from the same bytes and at two addresses, where only stack and pool can be written")
    func everyGuest() throws {
        let guests = try GuestFolder.expected()
        try #require(guests.count == 22)
        var entries: [(provider: [UInt8], module: [UInt8])] = []
        var output = ""
        for guest in guests {
            let wasm = try guest.bytes()
            let image = try Packing.pack(wasm)
            // The image comes twice in the file.
            entries += [(wasm, image), (image, [])]
            output += String(repeating: try expected(guest), count: 6)
        }
        let file = try ModuleFile(entries)
        let run = try BoardRun("ReadOnlyCheck", on: Self.board, words: [file.path], environment: ["TIMEOUT": "300"])
        #expect(run.status == 0)
        #expect(run.output == output)
    }

    @Test("A write anywhere else faults, with its address", arguments: [("file", "address 0x2000c"), ("instructions", "address 0x00000400"), ("behind the file", "address 0x2000c")])
    func fault(_ place: String, address: String) throws {
        let file = try ModuleFile([Self.empty])
        let run = try BoardRun("ReadOnlyCheck", on: Self.board, words: [file.path, place])
        #expect(run.status == 70)
        #expect(run.lines.count == 1 && run.output.hasPrefix("\nmote: fault 3") && run.output.contains(address) && run.output.contains("cfsr 0x00000082"), "\(run.output)")
    }

    @Test("A write to the pool does not")
    func pool() throws {
        let file = try ModuleFile([Self.empty])
        let run = try BoardRun("ReadOnlyCheck", on: Self.board, words: [file.path, "pool"])
        #expect(run.status == 0 && run.output == "written\n", "\(run.output)")
    }

    private static let empty: [UInt8] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
}
