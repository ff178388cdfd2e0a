// Where scripts run: in this process, or in a board's firmware.

import Foundation
import ScriptRunner
import SpecScript

/// What came of a file.
struct SpecOutcome {
    /// Such as `core-2.0/i32.json`.
    let name: String
    let skips: [BinaryScript.Skip]
    /// The script runner's own: the same on the host and on a board.
    var lines = ""
    var counts = ScriptCounts()
}

protocol SpecTarget {
    /// Runs files of the suite, and tells what came of each, in their order; `refuse` is given what makes a file impossible to run.
    func run(_ files: [URL], packed: Bool, refuse: (SuiteError) -> Void, _ tell: (SpecOutcome) throws -> Void) throws
}

/// The body's result, or nil and a word to `refuse`.
func refusing<T>(_ refuse: (SuiteError) -> Void, _ body: () throws -> T) throws -> T? {
    do { return try body() } catch let error as SuiteError {
        refuse(error)
        return nil
    }
}

/// This process.
struct HostTarget: SpecTarget {
    let poolBytes: Int
    let operandStackBytes: Int

    func run(_ files: [URL], packed: Bool, refuse: (SuiteError) -> Void, _ tell: (SpecOutcome) throws -> Void) throws {
        for file in files {
            guard let script = try refusing(refuse, { try BinaryScript(contentsOf: file, packed: packed) }) else { continue }
            let (lines, counts) = try run(script)
            try tell(SpecOutcome(name: script.name, skips: script.skips, lines: lines, counts: counts))
        }
    }

    private func run(_ script: BinaryScript) throws -> (lines: String, counts: ScriptCounts) {
        let pool = Memory(count: poolBytes)
        var printer = ScriptPrinter(StringSink())
        do throws(ScriptError) {
            let counts = unsafe try script.bytes.span.withUnsafeBytes { bytes throws(ScriptError) in
                // Safety: script and pool live to the end of the call; the pool is ours alone and aligned to 16.
                unsafe try ScriptRunner.run(
                    bytes, pool: pool.bytes, operandStackBytes: UInt32(operandStackBytes), reporter: &printer)
            }
            return (printer.sink.text, counts)
        } catch {
            let line =
                error == .poolTooSmall
                ? "a pool of \(poolBytes) bytes with an operand stack of \(operandStackBytes) is too small: use a larger --pool"
                : "the script cannot be run (\(error)): this is a mistake of mote itself"
            throw Exit(.cannotLoad, "\(script.name): \(line)")
        }
    }
}
