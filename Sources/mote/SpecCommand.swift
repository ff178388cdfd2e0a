// `mote spec`: runs files of the specification's test suite on this machine or on a board.

import ArgumentParser
import Foundation
import ScriptRunner
import SpecScript

struct SpecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spec",
        abstract: "Runs files of the WebAssembly test suite: how anyone checks conformance on hardware of their own.",
        discussion: """
            Files are JSON, as docs/SPEC-SCRIPTS.md describes; a folder stands for all files in it. One line a file, a line for each \
            failure and for each reason to skip, and the sum at the end. Assertions are counted; a module, an action or a register \
            that fails is a failure. Skipped is only what the features of the build exclude.

            With --board the scripts run in the board's firmware, linked into its flash, in pieces where that is small: run it in the \
            project's folder. What does not fit the board fails, and is told with the bytes that it wants.

            EXAMPLES
              mote spec ../shared/spec/core-2.0
              mote spec ../shared/spec/core-2.0/i32.json ../shared/spec/core-2.0/f64.json
              mote spec ../shared/spec/core-2.0/i32.json --board mps2-an386
              mote spec ../shared/spec/core-2.0 --packed
              mote spec ../shared/spec/core-2.0 --json

            EXIT STATUS
              0 all passed, 1 an assertion failed or a file cannot be read, 2 wrong usage.
            """)

    @Argument(help: ArgumentHelp("Files and folders of the suite.", valueName: "file|folder"))
    var paths: [String]

    @Option(help: "Run on this board, one of the folders of boards/.")
    var board: String?

    @Flag(help: "Pack each valid module, and run its image; what is not valid must not be packed either.")
    var packed = false

    @Option(help: ArgumentHelp("Memory for each file's modules, on this machine.", valueName: "bytes"))
    var pool = ByteCount(bytes: 256 << 20)

    @Option(help: ArgumentHelp("Frames and values of the calls, on this machine.", valueName: "bytes"))
    var operandStack = ByteCount(bytes: 64 << 10)

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws { try pool.checkedAsPool() }

    func run() throws {
        var result = SpecResult()
        // A file that cannot be run is told at once; the others run all the same.
        let refuse: (SuiteError) -> Void = { error in
            StandardError.write(line: error.description)
            result.errors.append(error.description)
        }
        let files = try paths.flatMap { path in try refusing(refuse) { try SuiteFolder.files(at: path) } ?? [] }
        // Nothing to run: no board is built for it.
        guard !files.isEmpty else { throw ExitCode(1) }
        let target: any SpecTarget = try board.map { try BoardTarget(board: $0) }
            ?? HostTarget(poolBytes: pool.bytes & ~7, operandStackBytes: operandStack.bytes)
        try target.run(files, packed: packed, refuse: refuse) { outcome in
            result.add(outcome)
            if !json { try StandardOutput.write(outcome.lines) }
        }
        try StandardOutput.write(json ? result.json() : result.closingLine + "\n")
        if result.total.failed > 0 || !result.errors.isEmpty { throw ExitCode(1) }
    }
}
