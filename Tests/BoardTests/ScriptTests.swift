// The specification's scripts on the boards: as many assertions hold there as on the host.

import Foundation
import ScriptRunner
import SpecScript
import Testing
import WasmFormat

private enum Scripts {
    /// core-2.0 of the folder that MOTE_SPEC names, else of shared/spec beside the project's.
    static let folder: URL? = {
        let corpus = ProcessInfo.processInfo.environment["MOTE_SPEC"].map { URL(fileURLWithPath: $0) }
            ?? BoardRun.root.deletingLastPathComponent().appending(path: "shared/spec")
        let folder = corpus.appending(path: "core-2.0")
        return FileManager.default.fileExists(atPath: folder.appending(path: "i32.json").path) ? folder : nil
    }()
}

@Suite(.serialized, .enabled(if: Scripts.folder != nil, "The WebAssembly test corpus is not here: run MOTE_SPEC=path/to/shared/spec make test"))
struct ScriptTests {
    static var folder: URL? { Scripts.folder }
    static let files = ["i32", "i64", "f32", "f64", "conversions", "memory", "call_indirect", "br_table", "float_misc"]

    private struct NoLines: TextSink {
        mutating func write(byte: UInt8) {}
    }

    /// A core each: M4F, M3, M7, M55, M4F with 128 KB of RAM, RISC-V.
    static let boards = ["mps2-an386", "mps2-an385", "mps2-an500", "mps3-an547", "netduinoplus2", "riscv32-virt"]
    /// With too little RAM for a script beside its modules: it lies in flash, linked there like a module. Of the suite's 90 files `data` and `imports`
    /// do not fit this board even so: they want 128 KB of linear memory.
    static let fromFlash = ["netduinoplus2"]

    @Test("A file's counts on the board are the host's", arguments: boards, files)
    func counts(board: String, file: String) throws {
        let script = try BinaryScript(contentsOf: try #require(Scripts.folder).appending(path: "\(file).json"))
        let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 20, alignment: 16)
        defer { pool.deallocate() }
        var printer = ScriptPrinter(NoLines())
        let host = try script.bytes.withUnsafeBytes { try ScriptRunner.run($0, pool: pool, operandStackBytes: 64 << 10, reporter: &printer) }

        let path = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).script")
        try Data(script.bytes).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let run: BoardRun
        if Self.fromFlash.contains(board) {
            let firmware = try GuestFirmware(path, named: "\(board)-script", for: board, traits: "default", "SpecFirmware")
            run = try firmware.run(on: board)
        } else {
            run = try BoardRun("SpecFirmware", on: board, words: [path.path])
        }
        #expect(host.failed == 0 && host.passed > 0)
        #expect(run.lines.last?.hasSuffix(": \(host.passed) passed, 0 failed, \(host.skipped) skipped") == true, "\(run.output)")
        #expect(run.status == 0)
    }

    @Test("A host that flushes subnormals, wants one NaN and rounds to zero is not seen by the guest, and finds its modes again", arguments: ["f32", "float_exprs", "f64"])
    func floatModes(file: String) throws {
        let script = try BinaryScript(contentsOf: try #require(Scripts.folder).appending(path: "\(file).json"))
        let path = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).script")
        try Data(script.bytes).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let run = try BoardRun("SpecFirmware", on: "mps2-an386", words: ["flush", path.path])
        #expect(run.lines.last?.contains(" 0 failed, ") == true && run.status == 0, "\(run.output)")
        #expect(run.lines.last?.contains(": 0 passed") == false)
    }
}
