// Runs a converted script in this process, with its lines as text.

import ScriptRunner
import SpecScript
import WasmFormat

enum ScriptOnHost {
    struct Lines: TextSink {
        var bytes: [UInt8] = []
        mutating func write(byte: UInt8) { bytes.append(byte) }
    }

    static func run(
        _ script: BinaryScript, poolBytes: Int = 256 << 20, operandStackBytes: UInt32 = 64 << 10
    ) throws -> (lines: String, counts: ScriptCounts) {
        let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: poolBytes, alignment: 16)
        defer { pool.deallocate() }
        var printer = ScriptPrinter(Lines())
        let counts = try script.bytes.withUnsafeBytes { bytes in
            try ScriptRunner.run(bytes, pool: pool, operandStackBytes: operandStackBytes, reporter: &printer)
        }
        return (String(decoding: printer.sink.bytes, as: UTF8.self), counts)
    }
}
