// Scripts on a board: builds its firmware, links as many scripts into its flash as there is room for, runs it, reads its lines; again until all have run.

import BoardConfiguration
import Foundation
import ScriptRunner
import SpecScript

struct BoardTarget: SpecTarget {
    let board: String
    /// Bytes of flash that scripts can have.
    private let room: Int
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
        self.board = board
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
            throw Exit(.cannotLoad, "\(folder.relativePath): cannot be created: check the permissions of .build")
        }
        let firmware = try Self.build(board, [])
        do {
            let elf = try ElfSections([UInt8](Data(contentsOf: URL(fileURLWithPath: firmware))), name: firmware)
            let script = "linker/\(board).ld"
            let map = try MemoryMap(text: String(contentsOfFile: script, encoding: .utf8), file: script)
            guard let start = elf.symbol(named: "__flash_start"), let end = elf.symbol(named: "__flash_end"), let flash = map.region(named: MemoryMap.mainFlash) else {
                throw Exit(.cannotLoad, "\(firmware): has no __flash_start and __flash_end, which linker/cortex-m.ld defines")
            }
            // The bundle's magic, and what the linker aligns.
            room = Int(flash.bytes) - Int(end - start) - 16
        } catch let error as FileError {
            throw Exit(.cannotLoad, error.description)
        }
    }

    /// What is linked together: pieces, and of which file each is.
    private struct Bundle {
        var scripts: [[UInt8]] = []
        var files: [Int] = []
        var bytes = 0
    }

    func run(_ files: [URL], packed: Bool, refuse: (SuiteError) -> Void, _ tell: (SpecOutcome) throws -> Void) throws {
        var outcomes: [SpecOutcome] = []
        var bundle = Bundle()
        var told = 0
        for file in files {
            guard let script = try refusing(refuse, { try ScriptPieces(contentsOf: file, limit: room - 4, packed: packed) }) else { continue }
            outcomes.append(SpecOutcome(name: script.name, skips: script.skips))
            for piece in script.pieces {
                let bytes = ScriptPieces.bundled(piece.bytes)
                guard bytes <= room else {
                    outcomes[outcomes.count - 1].lines += "\(script.name): \(piece.assertions) assertions of one module do not fit the flash, wants \(bytes) bytes\n"
                    outcomes[outcomes.count - 1].counts.failed += UInt32(piece.assertions)
                    continue
                }
                if bundle.bytes + bytes > room {
                    try run(bundle, &outcomes)
                    bundle = Bundle()
                    while told < outcomes.count - 1 {
                        try tell(Self.closed(outcomes[told]))
                        told += 1
                    }
                }
                bundle.scripts.append(piece.bytes)
                bundle.files.append(outcomes.count - 1)
                bundle.bytes += bytes
            }
        }
        try run(bundle, &outcomes)
        for outcome in outcomes[told...] { try tell(Self.closed(outcome)) }
    }

    /// With the line of all pieces' counts.
    private static func closed(_ outcome: SpecOutcome) -> SpecOutcome {
        var closed = outcome
        closed.lines += "\(outcome.name): \(outcome.counts.passed) passed, \(outcome.counts.failed) failed, \(outcome.counts.skipped) skipped\n"
        return closed
    }

    private func run(_ bundle: Bundle, _ outcomes: inout [SpecOutcome]) throws {
        guard !bundle.scripts.isEmpty else { return }
        let file = folder.appendingPathComponent("\(board).scripts")
        do { try Data(ScriptPieces.bundle(bundle.scripts)).write(to: file) } catch {
            throw Exit(.cannotLoad, "\(file.relativePath): cannot be written: is the disk full?")
        }
        let run = try Self.output(of: "boards/run", [board, Self.build(board, [file.relativePath])])
        // Each piece ends with its result line.
        var next = 0
        for line in run.text.split(separator: "\n") where next < bundle.files.count {
            let number = bundle.files[next]
            let name = outcomes[number].name
            guard line.hasPrefix(name) else { continue }
            if line.hasPrefix(name + ": "), let counts = ScriptCounts(line: line.dropFirst(name.count + 2)) {
                outcomes[number].counts += counts
                next += 1
            } else {
                outcomes[number].lines += line + "\n"
            }
        }
        guard next == bundle.files.count else {
            throw Exit(.cannotLoad, "\(outcomes[bundle.files[next]].name): \(board) gave no result (status \(run.status)): \(run.text.suffix(200))")
        }
    }

    /// The firmware with a module, if one is given.
    private static func build(_ board: String, _ module: [String]) throws -> String {
        let build = try output(of: "boards/build", [board, "SpecFirmware"] + module)
        guard build.status == 0, let last = build.text.split(separator: "\n").last else {
            throw Exit(.cannotLoad, "boards/build \(board) SpecFirmware ended with status \(build.status): run it by hand to see why")
        }
        return String(last)
    }

    /// Runs a program with its errors on our standard error.
    private static func output(of program: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["TIMEOUT": "300"]) { ours, _ in ours }
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
