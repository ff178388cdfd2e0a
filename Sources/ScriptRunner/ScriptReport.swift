// What a run of a script tells: counts, and each failure with what came and what was expected.

import Runtime
import WasmFormat

/// The closing counts of a script.
public struct ScriptCounts: Equatable, Sendable {
    /// Assertions that held.
    public var passed: UInt32 = 0
    /// Assertions that did not hold, and modules, actions and registers that failed.
    public var failed: UInt32 = 0
    /// Assertions that the rules of FORMAT.md exclude for the features of the build.
    public var skipped: UInt32 = 0

    public init() {}

    public static func += (sum: inout ScriptCounts, more: ScriptCounts) {
        sum.passed += more.passed
        sum.failed += more.failed
        sum.skipped += more.skipped
    }
}

/// What an assertion wants of one result.
public enum ScriptPattern: Equatable {
    case value(Value)
    /// ± the canonical NaN.
    case canonicalF32, canonicalF64
    /// A NaN whose top fraction bit is set.
    case arithmeticF32, arithmeticF64
    case anyNull, anyFuncref, anyExternref
}

/// A command that did not do what it must.
public struct ScriptFailure {
    /// The line of the command in the `.wast` file.
    public let line: UInt32
    public let command: ScriptCommand
    public let reason: Reason
    /// Bytes of the pool, at least, that were not there; nil where that is not the reason.
    public let wanted: UInt64?

    public enum Reason {
        /// A module that must load or link did not.
        case load(LoadError)
        /// A module that must be rejected was not.
        case accepted
        /// It ended in another trap than the one expected, or there must be none.
        case trapped(Trap)
        /// It must trap and came to its end.
        case finished
        /// It used up `ScriptRun.fuelOfAnAction`: it hangs.
        case outOfFuel
        /// There is no instance: its module failed before.
        case noInstance
        /// The instance exports no function (or global, for `get`) of that name.
        case noExport
        /// The function takes other arguments.
        case wrongArguments
        case wrongResultCount(got: Int, expected: Int)
        case wrongResult(index: Int, got: Value, expected: ScriptPattern)
        /// More than `ScriptFormat.instanceCount` instances or `linkCount` names.
        case tooMany

        /// Whether the pool is too small.
        var isShortage: Bool {
            switch self {
            case .load(let error): error.reason == .noMemory
            case .trapped(let trap): trap == .memoryExhausted
            default: false
            }
        }
    }
}

/// Receives what happens, as it happens.
public protocol ScriptReporter: ~Copyable {
    /// The script's name, such as `core-2.0/i32.json`, before its first command.
    mutating func began(_ name: ScriptSlice)
    mutating func failed(_ failure: ScriptFailure)
    /// `assertions` and `others` (modules, actions, registers) that do not apply, and why (ASCII).
    mutating func skipped(assertions: UInt32, others: UInt32, reason: ScriptSlice)
    /// After the last command.
    mutating func ended(_ counts: ScriptCounts)
}
