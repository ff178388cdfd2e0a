// `mote send`: puts a module into a board's flash, over its console, while the old one runs.

import ArgumentParser
import Foundation
import ModuleSender
import ModuleStore

struct SendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Sends a module to a board whose firmware has a store of modules, over its console.",
        discussion: """
            The board goes on with the old module until the new one is whole in its flash. Cut off at any time, it keeps the old one; the same \
            command then goes on where it was, or begins anew. docs/STORE.md has the protocol.

            EXAMPLES
              mote send app.mote --to /dev/ttyACM0
              mote send app.mote --to /dev/ttyACM0 --speed 57600
              mote send app.mote --to - <from >to        over two pipes

            EXIT STATUS
              0 the module is installed, 1 it is not, 2 wrong usage.
            """)

    @Argument(help: ArgumentHelp("The module, or an image of it.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("The board's serial port; - is standard input and output.", valueName: "device"))
    var to: String

    @Option(help: ArgumentHelp("Bits a second, where the device is a serial port.", valueName: "baud"))
    var speed = 115_200

    @Option(help: ArgumentHelp("Milliseconds to wait for an answer before a frame is sent again.", valueName: "ms"))
    var wait = 1_000

    @Flag(help: "Print JSON.")
    var json = false

    private struct Report: Encodable {
        let file: String
        let bytes: Int
        let checksum: String
        let slot: UInt8
        let installation: UInt32
        let resent: Int
        let seconds: Double
    }

    func run() throws {
        guard wait > 0, wait <= 600_000 else { throw Exit(.usage, "--wait: \(wait) is no time to wait: use 1 to 600000 milliseconds") }
        let module = try Memory(file: file)
        let bytes = module.span.indices.map { module.span[$0] }
        guard bytes.starts(with: [0, 0x61, 0x73, 0x6d]) || ImageDescription.isImage(module.span) else {
            throw Exit(.cannotLoad, "\(file): is no module: send a .wasm, or the image that mote pack makes of one")
        }
        let line = try SerialLine(to, speed: speed)
        let began = ContinuousClock.now
        var sender = Sender(bytes)
        var progress = Progress(total: bytes.count)
        var step = SenderStep.send(sender.begin())
        while true {
            switch step {
            case .send(let frame):
                guard line.write(frame, milliseconds: wait) else { throw Exit(.cannotLoad, "\(to): cannot be written: is the board still there?") }
                step = try next(&sender, line)
            case .wait, .text: step = try next(&sender, line)
            case .installed(let slot, let installation):
                progress.show(bytes.count)
                progress.end()
                let took = ContinuousClock.now - began
                let seconds = Double(took.components.seconds) + (Double(took.components.attoseconds) / 1e16).rounded() / 100
                return try tell(Report(
                    file: file, bytes: bytes.count, checksum: "0x" + String(sender.checksum, radix: 16), slot: slot, installation: installation, resent: sender.resent,
                    seconds: seconds))
            case .failed(let error):
                progress.end()
                throw Exit(.cannotLoad, "\(file): is not installed: \(error)")
            }
            progress.show(sender.acknowledged)
        }
    }

    /// What is to be done after the bytes that come, or after the time that nothing comes.
    private func next(_ sender: inout Sender, _ line: SerialLine) throws -> SenderStep {
        let deadline = ContinuousClock.now + .milliseconds(wait)
        while true {
            switch line.read(until: deadline) {
            case .byte(let byte):
                switch sender.receive(byte) {
                // A guest that prints without end must not put the end of the wait off.
                case .wait, .text: if ContinuousClock.now >= deadline { return sender.timeOut() }
                case let step: return step
                }
            case .timeOut: return sender.timeOut()
            case .closed: throw Exit(.cannotLoad, "\(to): was closed from the other end: is the board still there?")
            }
        }
    }

    /// Standard output is the line, if that is what was asked for.
    private func tell(_ report: Report) throws {
        let text: String
        if json {
            text = try StandardOutput.json(report)
        } else {
            text = "\(report.file): \(report.bytes) bytes in slot \(report.slot), installation \(report.installation), after \(report.seconds) s, \(report.resent) frames sent again\n"
        }
        if to == "-" { FileHandle.standardError.write(Data(text.utf8)) } else { try StandardOutput.write(text) }
    }

    /// How far it is, on standard error: on a terminal in one line, else a line for each tenth.
    private struct Progress {
        let total: Int
        private let isTerminal = isatty(2) == 1
        private var shown = -1

        init(total: Int) { self.total = total }

        mutating func show(_ bytes: Int) {
            let part = total == 0 ? 100 : bytes * 100 / total
            guard isTerminal ? part != shown : part / 10 > shown / 10 || shown < 0 else { return }
            shown = part
            write((isTerminal ? "\r" : "") + "sent \(bytes) of \(total) bytes, \(part) %" + (isTerminal ? "" : "\n"))
        }

        func end() { if isTerminal, shown >= 0 { write("\n") } }

        private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
    }
}
