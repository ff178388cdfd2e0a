// Scripts on a board: builds its firmware, links as many scripts into its flash as there is room for, runs it, reads its lines; again until all have run.

import BoardConfiguration
import Foundation
import ScriptRunner
import SpecScript

struct BoardTarget: SpecTarget {
    private let project: Project
    private let board: String
    /// Bytes of flash that scripts can have.
    private let room: Int
    private let folder: URL

    /// Builds `SpecFirmware`. Throws `Exit` where there is no project, or the board is unknown.
    init(board: String) throws {
        project = try Project()
        let map = try project.board(board).map
        self.board = board
        folder = project.root.appending(path: ".build/spec")
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
            throw Exit(.cannotLoad, "\(folder.path): cannot be created: check the permissions of .build")
        }
        let firmware = try Self.build(board, [], in: project)
        let elf = try FirmwareBuild.elf(project.path(firmware))
        guard let start = elf.symbol(named: "__flash_start"), let end = elf.symbol(named: "__flash_end"), let flash = map.region(named: MemoryMap.mainFlash) else {
            throw Exit(.cannotLoad, "\(firmware): has no __flash_start and __flash_end, which linker/cortex-m.ld defines")
        }
        // The bundle's magic, and what the linker aligns.
        room = Int(flash.bytes) - Int(end - start) - 16
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
            throw Exit(.cannotLoad, "\(file.path): cannot be written: is the disk full?")
        }
        let firmware = try Self.build(board, [file.path], in: project)
        let run = try Child.run(
            project.path("boards/run"), [board, firmware], in: project.root, environment: ["TIMEOUT": ProcessInfo.processInfo.environment["TIMEOUT"] ?? "300"],
            label: "running on \(board)")
        // Each piece ends with its result line.
        var next = 0
        for line in run.output.split(separator: "\n") where next < bundle.files.count {
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
            throw Exit(.cannotLoad, "\(outcomes[bundle.files[next]].name): \(board) gave no result (status \(run.status)): \(run.output.suffix(200))")
        }
    }

    /// The firmware with a module, if one is given: its path in the project.
    private static func build(_ board: String, _ module: [String], in project: Project) throws -> String {
        let build = try Child.run(project.path("boards/build"), [board, "SpecFirmware"] + module, in: project.root, label: "building SpecFirmware for \(board)")
        guard build.status == 0, let last = build.output.split(separator: "\n").last else {
            throw Exit(.cannotLoad, "SpecFirmware could not be built for \(board) (status \(build.status)); the build's own words follow", details: build.errors)
        }
        return String(last)
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
