// Runs the built `mote` as a user does.

import Foundation
import Testing

struct Tool {
    let status: Int32
    let output: String
    let errors: String

    /// Lines of the errors, without an empty last one.
    var errorLines: [Substring] { errors.split(separator: "\n") }

    /// The tool lies beside the test program.
    private static let path: URL = {
        let program = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        return program.deletingLastPathComponent().appendingPathComponent("mote")
    }()

    /// Where `make guests` puts the example modules; the environment's MOTE_GUESTS names another folder.
    static let guests = ProcessInfo.processInfo.environment["MOTE_GUESTS"].map { URL(fileURLWithPath: $0) }
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(".build/guests")

    init(_ arguments: String..., output: String? = nil) throws { try self.init(arguments, output: output) }

    /// `output` is a file that standard output goes to.
    init(_ arguments: [String], output file: String? = nil) throws {
        let process = Process()
        process.executableURL = Self.path
        process.arguments = arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = try file.map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0)) } ?? output
        process.standardError = errors
        try process.run()
        if file != nil { try output.fileHandleForWriting.close() }
        // What a test prints fits into a pipe's buffer, so that one can be read after the other.
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let errorText = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        self.output = String(decoding: text, as: UTF8.self)
        self.errors = String(decoding: errorText, as: UTF8.self)
        status = process.terminationStatus
    }
}

/// A file with these bytes for the length of a closure.
func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("mote-\(UUID().uuidString).wasm")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
}
