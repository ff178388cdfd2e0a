// A board that runs while the test talks to it: its console both ways, and a switch that starts it anew without emptying its flash.

import Foundation
import ModuleSender
import Testing

final class BoardSession {
    private let process = Process()
    private let toBoard = Pipe()
    private let fromBoard = Pipe()
    private let folder = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString)")
    /// The console's text; frames are not in it.
    private(set) var text = ""
    private var reader = Sender([])

    init(_ elf: String, on board: String, seconds: Int) throws {
        signal(SIGPIPE, SIG_IGN)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let monitor = folder.appending(path: "monitor").path
        for end in [".in", ".out"] { try #require(mkfifo(monitor + end, 0o600) == 0) }
        process.executableURL = URL(filePath: "boards/run", relativeTo: BoardRun.root)
        process.arguments = [board, elf]
        let flags = "-chardev pipe,id=switch,path=\(monitor) -mon chardev=switch,mode=readline"
        process.environment = ProcessInfo.processInfo.environment.merging(["INPUT": "/dev/stdin", "TIMEOUT": "\(seconds)", "QEMU_FLAGS": flags]) { $1 }
        process.currentDirectoryURL = BoardRun.root
        (process.standardInput, process.standardOutput) = (toBoard, fromBoard)
        try process.run()
    }

    deinit {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// As its reset button: RAM and flash stay as they are, and the firmware begins anew.
    /// - Parameter words: what it says then.
    func restart(_ words: String) throws {
        let place = text.count
        try tellMonitor("system_reset\n")
        try wait(for: words, after: place)
    }

    private func tellMonitor(_ line: String) throws {
        let monitor = try FileHandle(forWritingTo: folder.appending(path: "monitor.in"))
        try monitor.write(contentsOf: Data(line.utf8))
        try monitor.close()
    }

    func write(_ bytes: [UInt8]) throws { try toBoard.fileHandleForWriting.write(contentsOf: Data(bytes)) }

    /// The bytes that have come, after at most so many milliseconds; none if that passed, or the board has ended.
    private func read(milliseconds: Int32) -> [UInt8] {
        var asked = pollfd(fd: fromBoard.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&asked, 1, milliseconds) > 0 else { return [] }
        return [UInt8](fromBoard.fileHandleForReading.availableData)
    }

    /// Waits until the console has said this `times` more, or so often behind its first characters; half a minute at most.
    func wait(for words: String, times: Int = 1, after place: Int? = nil, _ location: SourceLocation = #_sourceLocation) throws {
        let start = place ?? text.count
        let deadline = ContinuousClock.now + .seconds(30)
        while text.dropFirst(start).ranges(of: words).count < times {
            try #require(ContinuousClock.now < deadline, "the board did not say '\(words)': \(text.suffix(600))", sourceLocation: location)
            for byte in read(milliseconds: 100) {
                if case .text(let byte) = reader.receive(byte) { text.append(Character(UnicodeScalar(byte))) }
            }
        }
    }

    /// Sends a module, up to an offset.
    func send(_ module: [UInt8], upTo end: Int = .max) throws -> (step: SenderStep, resent: Int, frames: Int) {
        // QEMU asks its UART whether it takes bytes when something wakes QEMU's loop, which the UART's start does not. An empty line of the monitor does.
        try tellMonitor("\n")
        var sender = Sender(module)
        var step = SenderStep.send(sender.begin())
        var frames = 0
        while case .send(let bytes) = step {
            guard sender.acknowledged < end else { return (step, sender.resent, frames) }
            try write(bytes)
            frames += 1
            step = .wait
            let deadline = ContinuousClock.now + .seconds(3)
            while step == .wait {
                guard ContinuousClock.now < deadline else {
                    step = sender.timeOut()
                    break
                }
                for byte in read(milliseconds: 100) {
                    switch sender.receive(byte) {
                    case .wait: break
                    case .text(let byte): text.append(Character(UnicodeScalar(byte)))
                    case let next: step = next
                    }
                }
            }
        }
        return (step, sender.resent, frames)
    }
}
