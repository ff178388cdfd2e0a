// What surrounds a firmware, tried on each board: start, console, exit, faults, files, memory functions, instruction counter.

import Foundation
import Testing

private let boards = ["mps2-an386", "mps2-an385"]

@Suite struct BoardTests {
    @Test("The empty firmware prints its line and exits with 0", arguments: boards)
    func emptyFirmware(board: String) throws {
        let run = try BoardRun("EmptyFirmware", on: board)
        #expect(run.output == "mote: empty\n")
        #expect(run.status == 0)
    }

    @Test("A firmware's exit status is the run's", arguments: boards)
    func exitStatus(board: String) throws {
        #expect(try BoardRun("BoardCheck", on: board, words: ["exit"]).status == 7)
    }

    @Test(
        "A fault prints one line and ends the run with 70", arguments: boards,
        [
            ("read where nothing is", "address 0x70000000"),
            ("write to flash", "address 0x00000400"),
            ("trap of Swift", "cfsr 0x00010000"),
            ("stack overflow", ": native stack overflow, sp 0x1fff"),
        ])
    func fault(board: String, fault: (word: String, line: String)) throws {
        let run = try BoardRun("BoardCheck", on: board, words: [fault.word])
        #expect(run.status == 70)
        #expect(run.lines.count == 1)
        #expect(run.output.hasPrefix("\nmote: fault 3"))
        #expect(run.output.contains(fault.line), "\(run.output)")
    }

    @Test("Without a debugger semihosting answers no, and the board neither faults nor ends", arguments: boards)
    func alone(board: String) throws {
        let run = try BoardRun("BoardCheck", on: board, environment: ["SEMIHOSTING": "off", "TIMEOUT": "2"])
        #expect(run.lines.first == "alone")
        #expect(!run.output.contains("fault"))
        #expect(run.status == 124)
    }

    @Test("A file of the host arrives whole", arguments: boards)
    func file(board: String) throws {
        // Every byte value, and longer than any buffer on the way.
        let bytes = Data((0..<70_001).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 8) })
        let file = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString) with a space, and a comma")
        try bytes.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let run = try BoardRun("BoardCheck", on: board, words: ["f", file.path])
        #expect(run.output == "file 70001 sum \(bytes.reduce(0) { $0 + Int($1) })\n")
        #expect(try BoardRun("BoardCheck", on: board, words: ["f", "/no/such/file"]).status == 4)
    }

    @Test("memcpy, memmove and memset do what loops of bytes do", arguments: boards)
    func memory(board: String) throws {
        #expect(try BoardRun("BoardCheck", on: board, words: ["memory"]).output == "memory 5576 checks\n")
    }

    @Test("The painted stack tells how deep it was", arguments: boards)
    func stack(board: String) throws {
        let run = try BoardRun("BoardCheck", on: board, words: ["paint"])
        let line = try #require(run.lines.last?.split(separator: " "))
        let depth = try #require(Int(line[1]))
        // 256 words, and a few for the frames of the functions below.
        #expect((1024...1200).contains(depth))
        #expect(line[3] == "49152")
    }

    @Test("The counter is exact to one instruction", arguments: boards, [0, 1, 3, 6, 10])
    func counter(board: String, shift: Int) throws {
        let run = try BoardRun("BoardCheck", on: board, words: ["count"], environment: ["QEMU_FLAGS": "-icount shift=\(shift)"])
        #expect(run.lines.first == "shift \(shift)")
        let counts = run.lines.compactMap { $0.wholeMatch(of: /(\d+) counted (\d+)/)?.output }
        #expect(counts.count == 13)
        for (_, executed, counted) in counts { #expect(executed == counted) }
    }

    @Test("There is no counter when time does not follow the instructions", arguments: boards)
    func noCounter(board: String) throws {
        let run = try BoardRun("BoardCheck", on: board, words: ["count"])
        #expect(run.output == "no counter\n")
        #expect(run.status == 3)
    }

    @Test("The check of firmwares finds the code of another core")
    func checkFirmware() throws {
        let elf = ".build/boards/mps2-an386/armv7em-none-none-eabi/release/BoardCheck"
        #expect(try BoardRun("tools/check-firmware", ["mps2-an386", elf]).status == 0)
        let run = try BoardRun("tools/check-firmware", ["mps2-an385", elf])
        #expect(run.status == 1)
        #expect(run.output.contains("attributes of another core"))
    }
}
