// Runs a binary script (docs/SPEC-SCRIPTS.md) in a pool of memory: the same code on the host and on a board.

import Runtime
import WasmFormat

public enum ScriptRunner {
    /// Runs the script from its first command to its last in a fresh runtime that lies in `pool`.
    ///
    /// - Parameters:
    ///   - script: the bytes, which must stay as they are until this returns: modules run in place.
    ///   - pool: memory for the runtime, 8-byte aligned, used by nothing else meanwhile. 1 MiB runs all of core 2.0.
    ///   - operandStackBytes: for the one execution environment.
    ///   - instances: how many can be there at one time, `spectest` included; each takes 20 bytes of the pool from the start.
    /// - Throws: `ScriptError` if the script itself is at fault; what was counted until then is lost.
    @unsafe public static func run<Reporter: ScriptReporter & ~Copyable>(
        _ script: UnsafeRawBufferPointer, pool: UnsafeMutableRawBufferPointer, operandStackBytes: UInt32,
        instances: Int = ScriptFormat.instanceCount, reporter: inout Reporter
    ) throws(ScriptError) -> ScriptCounts {
        // The bytes of `spectest` are borrowed around the whole run: the runtime reads them in place.
        // Safety: the pointers are used inside the closures only, and the run ends inside.
        return unsafe try withUnsafeBytes(of: spectestModule) { module throws(ScriptError) in
            unsafe try withUnsafeBytes(of: spectestName) { name throws(ScriptError) in
                var reader = unsafe try ScriptReader(script)
                var run: ScriptRun
                do throws(LoadError) {
                    run = unsafe try ScriptRun(
                        pool: pool, operandStackBytes: operandStackBytes, instances: instances, spectest: ScriptSlice(module), name: ScriptSlice(name))
                } catch {
                    throw .poolTooSmall
                }
                reporter.began(try reader.slice())
                while try run.step(&reader, &reporter) {}
                reporter.ended(run.counts)
                return run.counts
            }
        }
    }
}

extension ScriptRun {
    /// Runs one command; false at the end of the script.
    mutating func step<Reporter: ScriptReporter & ~Copyable>(
        _ reader: inout ScriptReader, _ reporter: inout Reporter
    ) throws(ScriptError) -> Bool {
        let command = try reader.command()
        guard command != .end else { return false }
        let line = try reader.number()
        if command == .skipped {
            let assertions = try reader.number()
            let others = try reader.number()
            counts.skipped += assertions
            reporter.skipped(assertions: assertions, others: others, reason: try reader.slice())
        } else if let reason = try perform(command, &reader) {
            counts.failed += 1
            reporter.failed(ScriptFailure(line: line, command: command, reason: reason, wanted: reason.isShortage ? runtime.shortage.need : nil))
        } else if command.isAssertion {
            counts.passed += 1
        }
        return true
    }

    /// Performs a command; nil if it did what it must.
    private mutating func perform(
        _ command: ScriptCommand, _ reader: inout ScriptReader
    ) throws(ScriptError) -> ScriptFailure.Reason? {
        switch command {
        case .end, .skipped: return nil
        case .module:
            let flags = try reader.byte()
            let slot = try reader.count(to: ScriptFormat.slotCount)
            return module(try reader.module(), flags: flags, slot: slot)
        case .definition, .assertValid:
            guard let error = loadError(try reader.module()) else { return nil }
            return .load(error)
        case .register:
            let index = entry(slot: try reader.count(to: ScriptFormat.slotCount))
            let name = try reader.slice()
            guard index != Self.none else { return .noInstance }
            return register(index, as: name) ? nil : .tooMany
        case .forget:
            slots[try reader.count(to: ScriptFormat.slotCount)] = Self.none
            sweep()
            return nil
        case .action: return try action(&reader)
        case .assertReturn: return try assertReturn(&reader)
        case .assertTrap: return try assertTrap(&reader, exhaustion: false)
        case .assertExhaustion: return try assertTrap(&reader, exhaustion: true)
        case .assertUninstantiable:
            let flags = try reader.byte()
            let trap = try reader.trap()
            return assertUninstantiable(try reader.module(), flags: flags, trap: trap)
        case .assertUnlinkable: return assertUnlinkable(try reader.module())
        case .assertInvalid, .assertMalformed: return assertRejected(try reader.module())
        }
    }
}
