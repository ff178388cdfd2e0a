// A part of the mutants in the build that tests use. `make test` runs all of them in a release build.

import Foundation
import Testing

@Suite struct MutationTests {
    /// The tool lies beside the test program.
    private static let tool: URL = {
        let program = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        return program.deletingLastPathComponent().appendingPathComponent("mote-mutate")
    }()

    private static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = tool
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test("a mutant ends in a load error, a result, a trap or spent fuel, and leaves the pool as it was")
    func part() throws {
        let (status, output) = try Self.run(["--every", "97"])
        #expect(status == 0, "\(output)")
        #expect(output.contains("0 crashes and hangs, 0 with something left in the pool, 0 not run"), "\(output)")
        // Each kind of ending is among them, so the run does reach the interpreter.
        for ending in ["malformed", "invalid", "unlinkable", "result", "trap", "fuel spent"] { #expect(output.contains(" \(ending)\n"), "\(output)") }
    }

    @Test("without the guests the run fails and says what makes them")
    func missing() throws {
        let (status, output) = try Self.run(["--guests", "/nowhere"])
        #expect(status == 2 && output.contains("make guests"))
    }
}
