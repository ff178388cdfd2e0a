// Runs a program of the project or the toolchain, and says what it is doing if that takes long.

import Foundation

enum Child {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Runs a program with an empty standard input. After a second it says so on standard error: `label`, the program's own last line of errors, and
    /// on a terminal the seconds, until it ends. Throws `Exit` if it cannot be started.
    static func run(_ program: String, _ arguments: [String], in folder: URL, environment: [String: String] = [:], label: String? = nil) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        // Errors go to a file: two pipes could fill up while the other is read, and the progress reads along.
        let log = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: log) }
        let output = Pipe()
        guard FileManager.default.createFile(atPath: log.path, contents: nil), let errors = FileHandle(forWritingAtPath: log.path) else {
            throw Exit(.cannotLoad, "\(log.path): cannot be written: is the disk full?")
        }
        process.standardOutput = output
        process.standardError = errors
        do { try process.run() } catch { throw Exit(.cannotLoad, "\(program): cannot be started: is it there, with permission to run?") }
        let progress = label.map { Progress($0, log: log) }
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        progress?.end()
        return Outcome(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: FileManager.default.contents(atPath: log.path) ?? Data(), as: UTF8.self))
    }

    /// Becomes another program, which has our terminal and ends with its own status. Returns only by throwing `Exit`.
    static func become(_ program: String, _ arguments: [String], in folder: URL, environment: [String: String] = [:]) throws -> Never {
        guard FileManager.default.changeCurrentDirectoryPath(folder.path) else { throw Exit(.cannotLoad, "\(folder.path): cannot be entered") }
        for (name, value) in environment { unsafe setenv(name, value, 1) }
        // Safety: a list of strings of the C library's, ended by nil, which live until the program does.
        var words = unsafe ([program] + arguments).map { unsafe strdup($0) }
        unsafe words.append(nil)
        _ = unsafe execv(program, words)
        throw Exit(.cannotLoad, "\(program): cannot be started: is it there, with permission to run?")
    }

    /// Whether the shell finds a program.
    static func isInstalled(_ program: String) -> Bool {
        if program.contains("/") { return FileManager.default.isExecutableFile(atPath: program) }
        return (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }
}

/// A line on standard error while a program runs.
private final class Progress: @unchecked Sendable {
    private let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "progress"))
    private let isTerminal = isatty(2) == 1
    private let start = Date()
    // Used on the timer's queue alone.
    private var wasTold = false

    init(_ label: String, log: URL) {
        timer.schedule(deadline: .now() + 1, repeating: 1)
        timer.setEventHandler { [self] in
            if isTerminal {
                let line = (FileManager.default.contents(atPath: log.path) ?? Data()).split(separator: UInt8(ascii: "\n")).last.map { String(decoding: $0.prefix(60), as: UTF8.self) }
                write("\r\u{1b}[K\(label): \(Int(Date().timeIntervalSince(start))) s\(line.map { "  \($0)" } ?? "")")
            } else if !wasTold {
                write("\(label) …\n")
            }
            wasTold = true
        }
        timer.resume()
    }

    func end() {
        let ended = DispatchSemaphore(value: 0)
        timer.setCancelHandler { ended.signal() }
        timer.cancel()
        ended.wait()
        if isTerminal && wasTold { write("\r\u{1b}[K") }
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
