// Scripts on a board: builds its firmware once, hands it each script as a file, reads its lines.

import Foundation
import ScriptRunner
import SpecScript

struct BoardTarget: SpecTarget {
    let board: String
    /// The firmware that `boards/build` made.
    private let firmware: String
    private let folder = URL(fileURLWithPath: ".build/spec")

    /// Builds `SpecFirmware`. Throws `Exit` where the current folder is not the project's, or the board is unknown.
    init(board: String) throws {
        guard FileManager.default.isExecutableFile(atPath: "boards/build") else {
            throw Exit(.usage, "--board: there is no boards/build here: run mote in the project's folder")
        }
        guard !board.contains("/"), FileManager.default.fileExists(atPath: "boards/\(board)/board.toml") else {
            let boards = ((try? FileManager.default.contentsOfDirectory(atPath: "boards")) ?? [])
                .filter { FileManager.default.fileExists(atPath: "boards/\($0)/board.toml") }.sorted()
            throw Exit(.usage, "--board: there is no board \(board): the boards are \(boards.joined(separator: ", "))")
        }
        let build = try Self.output(of: "boards/build", [board, "SpecFirmware"])
        guard build.status == 0, let last = build.text.split(separator: "\n").last else {
            throw Exit(.cannotLoad, "boards/build \(board) SpecFirmware ended with status \(build.status): run it by hand to see why")
        }
        self.board = board
        firmware = String(last)
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
            throw Exit(.cannotLoad, "\(folder.relativePath): cannot be created: check the permissions of .build")
        }
    }

    func run(_ script: BinaryScript) throws -> (lines: String, counts: ScriptCounts) {
        let file = folder.appendingPathComponent(script.name.replacing("/", with: "-").replacing(".json", with: ".script"))
        do { try Data(script.bytes).write(to: file) } catch {
            throw Exit(.cannotLoad, "\(file.relativePath): cannot be written: is the disk full?")
        }
        let run = try Self.output(of: "boards/run", [board, firmware, file.relativePath])
        // The result line is the last that begins with the script's name.
        guard let line = run.text.split(separator: "\n").last(where: { $0.hasPrefix(script.name + ": ") }),
            let counts = ScriptCounts(line: line.dropFirst(script.name.count + 2))
        else {
            throw Exit(.cannotLoad, "\(script.name): \(board) gave no result (status \(run.status)): \(run.text.suffix(200))")
        }
        return (run.text, counts)
    }

    /// Runs a program with its errors on our standard error.
    private static func output(of program: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        do { try process.run() } catch {
            throw Exit(.cannotLoad, "\(program): cannot be started: check that it is executable")
        }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}

extension ScriptCounts {
    /// Reads `N passed, N failed, N skipped`.
    init?(line: some StringProtocol) {
        let words = String(line).replacing(",", with: "").replacing("\r", with: "").split(separator: " ").map(String.init)
        guard words.count == 6, words[1] == "passed", words[3] == "failed", words[5] == "skipped",
            let passed = UInt32(words[0]), let failed = UInt32(words[2]), let skipped = UInt32(words[4])
        else { return nil }
        self.init()
        self.passed = passed
        self.failed = failed
        self.skipped = skipped
    }
}
