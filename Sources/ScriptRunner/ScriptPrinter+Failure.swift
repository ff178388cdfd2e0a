// The words for a failure: what came, and what was expected.

import Runtime
import WasmFormat

extension TextSink where Self: ~Copyable {
    mutating func write(_ reason: ScriptFailure.Reason) {
        switch reason {
        case .load(let error): write(error)
        case .accepted: write("the module was accepted")
        case .trapped(let trap):
            write("trapped: ")
            write(trap)
        case .finished: write("came to its end without a trap")
        case .outOfFuel: write("did not end")
        case .noInstance: write("its module failed before")
        case .noExport: write("there is no such export")
        case .wrongArguments: write("the function takes other arguments")
        case .wrongResultCount(let got, let expected):
            write(UInt32(truncatingIfNeeded: got))
            write(" results, expected ")
            write(UInt32(truncatingIfNeeded: expected))
        case .wrongResult(let index, let got, let expected):
            write("result ")
            write(UInt32(truncatingIfNeeded: index))
            write(" is ")
            write(got)
            write(", expected ")
            write(expected)
        case .tooMany: write("too many instances or registered names")
        }
    }

    /// `invalid: type mismatch (at 0x0000002a)`.
    mutating func write(_ error: LoadError) {
        switch error.phase {
        case .malformed: write("malformed: ")
        case .invalid: write("invalid: ")
        case .unlinkable: write("unlinkable: ")
        case .exhausted: write("exhausted: ")
        }
        writeThing(error)
        write(" (at ")
        write(hex: UInt64(error.offset), bits: 32)
        write(")")
    }

    /// Bits and type, as `--hex` has it.
    mutating func write(_ value: Value) {
        switch value {
        case .i32(let bits):
            write(hex: UInt64(bits), bits: 32)
            write(":i32")
        case .i64(let bits):
            write(hex: bits, bits: 64)
            write(":i64")
        case .f32(let bits):
            write(hex: UInt64(bits), bits: 32)
            write(":f32")
        case .f64(let bits):
            write(hex: bits, bits: 64)
            write(":f64")
        case .funcref(let reference): write(reference.isNull ? "null:funcref" : "a function:funcref")
        case .externref(let reference):
            if let number = reference.externalNumber { write(number) } else { write("null") }
            write(":externref")
        }
    }

    mutating func write(_ pattern: ScriptPattern) {
        switch pattern {
        case .value(let value): write(value)
        case .canonicalF32: write("nan:canonical:f32")
        case .canonicalF64: write("nan:canonical:f64")
        case .arithmeticF32: write("nan:arithmetic:f32")
        case .arithmeticF64: write("nan:arithmetic:f64")
        case .anyNull: write("null")
        case .anyFuncref: write("any funcref that is not null")
        case .anyExternref: write("any externref that is not null")
        }
    }
}

extension ScriptCommand {
    /// The name in the suite's files.
    public var words: StaticString {
        switch self {
        case .end: "end"
        case .module: "module"
        case .definition: "module_definition"
        case .register: "register"
        case .forget: "forget"
        case .action: "action"
        case .assertReturn: "assert_return"
        case .assertTrap: "assert_trap"
        case .assertExhaustion: "assert_exhaustion"
        case .assertUninstantiable: "assert_uninstantiable"
        case .assertUnlinkable: "assert_unlinkable"
        case .assertInvalid: "assert_invalid"
        case .assertMalformed: "assert_malformed"
        case .assertValid: "assert_invalid_custom"
        case .skipped: "skipped"
        }
    }
}

// Builds without the texts have the numbers of `Trap` and `LoadError.Reason`.
#if Names || !hasFeature(Embedded)
extension TextSink where Self: ~Copyable {
    mutating func write(_ trap: Trap) { writeThing(trap.words) }

    mutating func writeThing(_ error: LoadError) { writeThing(error.words) }

    /// What the words name; what to do about it, behind the colon, is for users of a module.
    private mutating func writeThing(_ words: StaticString) {
        words.withUTF8Buffer { bytes in
            for index in bytes.indices {
                // Safety: the buffer is the literal's own, and the indices come from its count.
                let byte = unsafe bytes[index]
                if byte == 0x3a { return }
                write(byte: byte)
            }
        }
    }
}
#else
extension TextSink where Self: ~Copyable {
    mutating func write(_ trap: Trap) {
        write("trap ")
        write(UInt32(trap.rawValue))
    }

    mutating func writeThing(_ error: LoadError) {
        write("reason ")
        write(hex: UInt64(error.reason.rawValue), bits: 8)
    }
}
#endif
