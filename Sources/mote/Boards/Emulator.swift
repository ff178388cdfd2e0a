// One run of a firmware in QEMU, and the numbers that it prints.

import BoardConfiguration
import Foundation

extension FirmwareBuild {
    /// What boards/run takes to start it with these words. Throws `Exit` where they are too long: the firmware would read none of them, and call main.
    func commandLine(_ words: [String]) throws -> [String] {
        let bytes = ([URL(fileURLWithPath: path).lastPathComponent] + words).reduce(-1) { $0 + 1 + $1.utf8.count }
        guard bytes <= 255 else { throw Exit(.usage, "--invoke: the firmware's command line has room for 255 bytes, this takes \(bytes): use a shorter name, of the module's file too, or fewer arguments") }
        return [board.name, path] + words
    }
}

struct Emulator {
    let firmware: FirmwareBuild
    /// Of results that the call gives.
    let resultCount: Int
    /// Seconds.
    let timeout: UInt32

    static func checkMachine(_ board: Board) throws {
        guard board.manifest.qemuMachine != nil else { throw Exit(.usage, "--board: QEMU has no machine for \(board.name): flash it instead (mote flash), or use another board") }
    }

    struct Run {
        let status: Int32
        /// Lines that are neither numbers nor an error: what the guest printed and gave.
        let output: String
        /// Bits of the results.
        var results: [UInt64] = []
        /// Guest instructions; nil where nothing was counted.
        var load: UInt64?
        var instantiate: UInt64?
        var call: UInt64?
        /// Bytes.
        var pool: UInt64 = 0
        var poolSize: UInt64 = 0
        var operandStack: UInt64 = 0
        var nativeStack: UInt64 = 0
        var linearMemory: UInt64 = 0
    }

    /// - Parameter counting: instructions, by QEMU's -icount; a run is then slower.
    func run(_ words: [String], counting: Bool, label: String) throws -> Run {
        let child = try Child.run(
            firmware.project.path("boards/run"), try firmware.commandLine(words + (counting ? ["bench"] : [])), in: firmware.project.root,
            environment: ["TIMEOUT": "\(timeout)"].merging(counting ? ["QEMU_FLAGS": "-icount shift=7"] : [:]) { $1 }, label: label)
        let text = child.output.replacing("\r", with: "")
        guard child.status != 124 else { throw Exit(.cannotLoad, "\(firmware.board.name): no end after \(timeout) seconds: use a larger --timeout") }
        // The last line that begins so is the firmware's own: a guest may have printed others.
        guard let place = text.range(of: "mote: RAM ", options: .backwards),
            let report = text[place.lowerBound...].prefixMatch(
                of: /mote: RAM \d+ bytes: pool (\d+) of (\d+) \(operand stack (\d+) of \d+, linear memory (\d+)\), native stack (\d+) of/)
        else { return Run(status: child.status, output: text + child.errors) }
        var run = Run(status: child.status, output: String(text[..<place.lowerBound]))
        func number(_ digits: Substring) -> UInt64 { UInt64(digits) ?? 0 }
        (run.pool, run.poolSize) = (number(report.1), number(report.2))
        (run.operandStack, run.linearMemory, run.nativeStack) = (number(report.3), number(report.4), number(report.5))
        var lines = text[..<place.lowerBound].split(separator: "\n", omittingEmptySubsequences: true)
        if counting, let line = lines.last, let counts = line.wholeMatch(of: /bench load=(\d+) instantiate=(\d+) run=(\d+)( checksum=\d+)?/) {
            (run.load, run.instantiate, run.call) = (UInt64(counts.1), UInt64(counts.2), UInt64(counts.3))
            lines.removeLast()
        }
        if child.status == 0 {
            run.results = lines.suffix(resultCount).compactMap(Self.bits)
            guard run.results.count == resultCount else { throw Exit(.cannotLoad, "\(firmware.board.name): the results could not be read: \(text.suffix(200))") }
        }
        return run
    }

    /// The bits of a result line: `-1:i32`, `0x3f800000:f32`, `null:funcref`.
    private static func bits(_ line: Substring) -> UInt64? {
        let parts = line.split(separator: ":")
        guard parts.count == 2 else { return nil }
        switch parts[1] {
        case "i32": return Int64(parts[0]).map { UInt64(UInt32(truncatingIfNeeded: $0)) }
        case "i64": return Int64(parts[0]).map { UInt64(bitPattern: $0) }
        case "f32", "f64": return UInt64(parts[0].dropFirst(2), radix: 16)
        default: return UInt64(parts[0]) ?? 0
        }
    }
}
