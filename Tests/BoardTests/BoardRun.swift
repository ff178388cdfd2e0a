// Starts the board firmwares that `make firmwares` built, in QEMU.

import Foundation
import Testing

/// What a run of a firmware left: its console and its exit status.
struct BoardRun {
    var output: String
    var status: Int32

    var lines: [Substring] { output.split(separator: "\n") }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// - Parameters:
    ///   - words: the firmware's command line.
    ///   - environment: what `boards/run` reads: QEMU_FLAGS, TIMEOUT, SEMIHOSTING.
    init(_ product: String, on board: String, words: [String] = [], environment: [String: String] = [:]) throws {
        let elf = Self.root.appending(path: ".build/boards/\(board)/\(product).elf").path
        try #require(FileManager.default.fileExists(atPath: elf), "no \(product) for \(board): run `make firmwares`, or `make test`")
        try self.init("boards/run", [board, elf] + words, environment: environment)
    }

    /// Runs a script of this project, or a program by its absolute path.
    init(_ script: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = URL(filePath: script, relativeTo: Self.root)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = Self.root
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        // QEMU's own word on lm3s6965evb, whose timers have no clock until they are started.
        output = String(decoding: bytes, as: UTF8.self).replacing("Timer with period zero, disabling\n", with: "")
        status = process.terminationStatus
    }
}
