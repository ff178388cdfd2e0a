// The whole of core-2.0 on four boards, from .wasm and from images: the committed table docs/SUITE.md, held.

import Foundation
import Testing

// In the suite that runs scripts, one after the other: they share the firmware's file.
extension ScriptTests {
    private static let table = BoardRun.root.appending(path: "docs/SUITE.md")
    /// Two that hold all of it, and two with less RAM, the smallest that loads .wasm among them.
    private static let whole = ["mps2-an386", "mps2-an505"]
    private static let small = [("microbit", ram: "16 KB"), ("lm3s6965evb", ram: "64 KB")]
    private static let assertions = 26_135

    /// What came of a file on a board.
    private struct Result {
        var passed = 0
        var failed = 0
        /// What it wanted and did not get; empty where all of it passed.
        var wants = ""
    }

    /// One run of the suite, by file.
    private static func run(on board: String, packed: Bool) throws -> [(file: String, result: Result)] {
        let folder = try #require(folder)
        let run = try BoardRun(".build/debug/mote", ["spec", folder.path, "--board", board] + (packed ? ["--packed"] : []), environment: ["TIMEOUT": "300"])
        var results: [(file: String, result: Result)] = []
        var lines: [Substring] = []
        for line in run.lines {
            guard let counts = line.wholeMatch(of: #/core-2\.0/(.+)\.json: (\d+) passed, (\d+) failed, 0 skipped/#) else {
                lines.append(line)
                continue
            }
            let failed = Int(counts.3) ?? -1
            results.append((String(counts.1), Result(passed: Int(counts.2) ?? -1, failed: failed, wants: failed == 0 ? "" : wants(lines))))
            lines = []
        }
        try #require(run.status == (results.contains { $0.result.failed != 0 } ? 1 : 0), "\(run.output.suffix(1000))")
        return results
    }

    /// The most that the failures of a file wanted.
    private static func wants(_ lines: [Substring]) -> String {
        func most(_ lines: [Substring]) -> Int? { lines.compactMap { $0.firstMatch(of: #/wants (\d+) bytes/#).flatMap { Int($0.1) } }.max() }
        if let bytes = most(lines.filter { !$0.contains("flash") }) { return "\(bytes) of the pool" }
        if let bytes = most(lines) { return "\(bytes) of flash" }
        if lines.contains(where: { $0.contains("too many modules") }) { return "more than 40 modules" }
        if lines.contains(where: { $0.contains("call stack exhausted") }) { return "a larger operand stack" }
        return ""
    }

    /// What came of all files on a board that is too small for some.
    private struct Small {
        let board: String
        let ram: String
        let wasm: [(file: String, result: Result)]
        let images: [(file: String, result: Result)]
    }

    @Test("All of core-2.0 holds on mps2-an386 and mps2-an505, on microbit and lm3s6965evb what fits: at least 15,000 assertions, from .wasm and from images")
    func suite() throws {
        for board in Self.whole {
            for packed in [false, true] {
                let results = try Self.run(on: board, packed: packed)
                #expect(results.reduce(0) { $0 + $1.result.passed } == Self.assertions, "\(board), packed: \(packed)")
                #expect(results.allSatisfy { $0.result.failed == 0 })
            }
        }
        let all = try Self.run(on: Self.whole[1], packed: false)
        let small = try Self.small.map { board, ram in
            Small(board: board, ram: ram, wasm: try Self.run(on: board, packed: false), images: try Self.run(on: board, packed: true))
        }
        for board in small {
            for results in [board.wasm, board.images] {
                try #require(results.map(\.file) == all.map(\.file))
                #expect(results.reduce(0) { $0 + $1.result.passed } >= 15_000)
                for (file, result) in results where result.failed > 0 { #expect(!result.wants.isEmpty, "\(board.board), \(file): failed, and not for want of memory") }
            }
        }
        let text = Self.text(all, small)
        if ProcessInfo.processInfo.environment["WRITE_TABLES"] != nil { try text.write(to: Self.table, atomically: true, encoding: .utf8) }
        let written = try String(contentsOf: Self.table, encoding: .utf8)
        #expect(written == text, "docs/SUITE.md says otherwise: run `make suite` if that is meant")
    }

    private static func text(_ all: [(file: String, result: Result)], _ small: [Small]) -> String {
        func sum(_ results: [(file: String, result: Result)]) -> Int { results.reduce(0) { $0 + $1.result.passed } }
        var text = """
            # The suite on boards

            Written by `make suite`; do not edit. Assertions of the official suite, core-2.0, that hold on each board in QEMU, of \(assertions). The scripts are linked into flash, in
            pieces where it is small (`mote spec FOLDER --board BOARD`, with `--packed` from images). `Tests/BoardTests/SuiteTests.swift` holds the table.

            | board | RAM | from .wasm | from images |
            | --- | --- | ---: | ---: |
            | mps2-an386 | 4 MB | \(assertions) | \(assertions) |
            | mps2-an505 | 2 MB | \(assertions) | \(assertions) |

            """
        for board in small { text += "| \(board.board) | \(board.ram) | \(sum(board.wasm)) | \(sum(board.images)) |\n" }
        text += """

            ## What did not fit

            Files of which not all assertions hold, and the most that one of their modules wanted, in bytes at least (how much more register code would have come is not known where the room
            for it ends), or what else was too little. A module that does not fit takes the assertions on it with it; a store that finds no memory changes the results of those behind it.

            """
        for board in small {
            text += "\n### \(board.board)\n\n| file | assertions | from .wasm | wanted | from images | wanted |\n| --- | ---: | ---: | --- | ---: | --- |\n"
            for index in all.indices where board.wasm[index].result.failed > 0 || board.images[index].result.failed > 0 {
                let (first, second) = (board.wasm[index].result, board.images[index].result)
                text += "| \(all[index].file) | \(all[index].result.passed) | \(first.passed) | \(first.wants) | \(second.passed) | \(second.wants) |\n"
            }
        }
        return text
    }
}
