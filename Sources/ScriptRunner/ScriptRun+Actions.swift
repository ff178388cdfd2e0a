// Actions: calls of exported functions and reads of exported globals, and what must come of them.

import Runtime
import WasmFormat

extension ScriptRun {
    /// How an action ended.
    enum ActionOutcome {
        /// With the results of this function, read from the execution environment.
        case called(Function)
        /// With the value of a global.
        case got(Value)
        case trapped(Trap)
        case outOfFuel
        case impossible(ScriptFailure.Reason)
    }

    /// Reads an action and performs it. The action is read to its end whatever happens.
    mutating func perform(_ reader: inout ScriptReader) throws(ScriptError) -> ActionOutcome {
        guard let kind = ScriptAction(rawValue: try reader.byte()) else { throw .unknownByte }
        let index = entry(slot: try reader.count(to: ScriptFormat.slotCount))
        let name = try reader.slice()
        var arguments = InlineArray<32, Value>(repeating: .i32(0))
        var count = 0
        if kind == .invoke {
            count = try reader.count(to: ScriptFormat.valueCount)
            for place in 0..<count { arguments[place] = try reader.argument() }
        }
        guard index != Self.none else { return .impossible(.noInstance) }
        // Safety: the name is part of the script, which outlives the run.
        let bytes = unsafe Span<UInt8>(_bytes: name.bytes.bytes)
        guard let export = try? runtime.export(bytes, of: entries[Int(index)].instance) else {
            return .impossible(.noExport)
        }
        switch (kind, export) {
        case (.get, .global(let global)):
            guard let value = try? runtime.value(of: global) else { return .impossible(.noInstance) }
            return .got(value)
        case (.invoke, .function(let function)):
            guard accepts(function, arguments.span.extracting(0..<count)) else { return .impossible(.wrongArguments) }
            guard let outcome = try? runtime.call(
                function, arguments.span.extracting(0..<count), in: environment, fuel: Self.fuelOfAnAction, host: &host)
            else { return .impossible(.noInstance) }
            switch outcome {
            case .finished: return .called(function)
            case .trapped(let trap): return .trapped(trap)
            case .outOfFuel, .stopped, .awaiting:
                try? runtime.cancel(environment)
                return .outOfFuel
            }
        default: return .impossible(.noExport)
        }
    }

    /// True if the arguments are of the function's parameter types: `call` takes that for granted.
    private func accepts(_ function: Function, _ arguments: Span<Value>) -> Bool {
        guard (try? runtime.parameterCount(of: function)) == arguments.count else { return false }
        for index in 0..<arguments.count where (try? runtime.parameterType(index, of: function)) != arguments[index].type {
            return false
        }
        return true
    }

    /// `action`: it must succeed.
    mutating func action(_ reader: inout ScriptReader) throws(ScriptError) -> ScriptFailure.Reason? {
        switch try perform(&reader) {
        case .called, .got: nil
        case .trapped(let trap): .trapped(trap)
        case .outOfFuel: .outOfFuel
        case .impossible(let reason): reason
        }
    }

    /// `assert_trap` and `assert_exhaustion`: it must end in this trap.
    mutating func assertTrap(_ reader: inout ScriptReader, exhaustion: Bool) throws(ScriptError) -> ScriptFailure.Reason? {
        let outcome = try perform(&reader)
        let wanted = exhaustion ? .callStackExhausted : try reader.trap()
        switch outcome {
        case .called, .got: return .finished
        case .trapped(let trap): return wanted.matches(trap) ? nil : .trapped(trap)
        case .outOfFuel: return .outOfFuel
        case .impossible(let reason): return reason
        }
    }

    /// `assert_return`: as many results as patterns, each matching. All patterns are read whatever happens.
    mutating func assertReturn(_ reader: inout ScriptReader) throws(ScriptError) -> ScriptFailure.Reason? {
        let outcome = try perform(&reader)
        let expected = try reader.count(to: ScriptFormat.valueCount)
        var got = 0
        var failure: ScriptFailure.Reason?
        switch outcome {
        case .called(let function): got = (try? runtime.resultCount(of: function)) ?? 0
        case .got: got = 1
        case .trapped(let trap): failure = .trapped(trap)
        case .outOfFuel: failure = .outOfFuel
        case .impossible(let reason): failure = reason
        }
        if failure == nil, got != expected { failure = .wrongResultCount(got: got, expected: expected) }
        for index in 0..<expected {
            guard failure == nil else {
                _ = try reader.matches(.i32(0))
                continue
            }
            let value: Value
            switch outcome {
            case .called(let function): value = (try? runtime.result(index, of: function, in: environment)) ?? .i32(0)
            case .got(let global): value = global
            default: value = .i32(0)  // Unreachable: `failure` is set then.
            }
            let (matches, pattern) = try reader.matches(value)
            if !matches { failure = .wrongResult(index: index, got: value, expected: pattern) }
        }
        return failure
    }
}
