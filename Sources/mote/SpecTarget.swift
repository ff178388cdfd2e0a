// Where scripts run: in this process, or in a board's firmware.

import Foundation
import ScriptRunner
import SpecScript

protocol SpecTarget {
    /// Runs a script. The lines are the script runner's own: the same on the host and on a board.
    func run(_ script: BinaryScript) throws -> (lines: String, counts: ScriptCounts)
}

/// This process.
struct HostTarget: SpecTarget {
    let poolBytes: Int
    let operandStackBytes: Int

    func run(_ script: BinaryScript) throws -> (lines: String, counts: ScriptCounts) {
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
