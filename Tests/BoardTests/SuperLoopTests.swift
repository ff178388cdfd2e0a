// The example of many guests in one loop, with bytes that really arrive.

import Foundation
import Testing

// In the suite that builds firmwares one after the other.
extension GuestTests {
    @Test("Four guests run in one loop, one of them on what the console's interrupt receives", arguments: ["mps2-an386", "mps2-an385"])
    func superLoop(board: String) throws {
        let firmware = try GuestFirmware("superloop/tasks", for: board, product: "SuperLoop")
        // In pieces, with time for the others between them.
        let typing = "(sleep 1; printf hel; sleep 1; printf 'lo\\nsto'; sleep 1; printf 'p\\n'; sleep 1) 2>/dev/null"
        let run = try BoardRun("/bin/sh", ["-c", "\(typing) | exec boards/run \(board) \(firmware.elf)"], environment: ["INPUT": "/dev/stdin", "TIMEOUT": "20"])
        let lines = run.lines.map { $0.split(separator: " ").map(String.init) }
        let interrupts = try #require(run.lines.last?.wholeMatch(of: /11 bytes received, by interrupts: (\d+)/).flatMap { Int($0.1) }, "\(run.output)")
        // Each piece interrupts at least once, each byte at most once.
        #expect((3...11).contains(interrupts))
        #expect(run.lines.filter { $0.hasPrefix("task 0") } == ["task 0: hello", "task 0: stop"])

        // The others have the same to do and the same fuel: none is ever a line ahead of the next.
        let others = lines.filter { $0.count > 2 && $0[0] == "task" && $0[1] != "0:" }
        #expect(!others.isEmpty)
        for (number, line) in others.enumerated() {
            #expect(line[1] == "\(number % 3 + 1):" && line[2] == "\((number / 3 + 1) * 1_000)", "\(line)")
        }
        let hello = try #require(lines.firstIndex { $0.last == "hello" })
        #expect(hello > 0, "nobody else ran before the first line was received")
    }
}
