// Values in a script: arguments, and patterns that results are matched with.

import Runtime
import WasmFormat

extension ScriptReader {
    /// One argument of an action.
    mutating func argument() throws(ScriptError) -> Value {
        switch ScriptValue(rawValue: try byte()) {
        case .i32: .i32(try word())
        case .i64: .i64(try doubleWord())
        case .f32: .f32(try word())
        case .f64: .f64(try doubleWord())
        case .funcref: .funcref(.null)
        case .externref: .externref(try externalReference())
        default: throw .unknownByte
        }
    }

    /// A host reference: 0 is null, else the host's number plus one.
    private mutating func externalReference() throws(ScriptError) -> Reference {
        let coded = try word()
        return coded == 0 ? .null : Reference(external: coded - 1)
    }

    /// Reads one pattern and tells whether `value` matches it, and (for the report) what it was; of `either`
    /// the last one.
    mutating func matches(_ value: Value) throws(ScriptError) -> (Bool, ScriptPattern) {
        let tag = try byte()
        guard tag == ScriptValue.either.rawValue else {
            let pattern = try pattern(tag)
            return (pattern.matches(value), pattern)
        }
        var any = false
        var last = ScriptPattern.anyNull
        for _ in 0..<(try count(to: ScriptFormat.valueCount)) {
            last = try pattern(try byte())
            if last.matches(value) { any = true }
        }
        return (any, last)
    }

    /// The rest of a pattern whose first byte has been read.
    private mutating func pattern(_ tag: UInt8) throws(ScriptError) -> ScriptPattern {
        switch ScriptValue(rawValue: tag) {
        case .i32: .value(.i32(try word()))
        case .i64: .value(.i64(try doubleWord()))
        case .f32: .value(.f32(try word()))
        case .f64: .value(.f64(try doubleWord()))
        case .funcref: .anyFuncref
        case .externref: .value(.externref(try externalReference()))
        case .canonicalF32: .canonicalF32
        case .arithmeticF32: .arithmeticF32
        case .canonicalF64: .canonicalF64
        case .arithmeticF64: .arithmeticF64
        case .anyNull: .anyNull
        case .anyExternref: .anyExternref
        case .either, nil: throw .unknownByte
        }
    }
}

extension ScriptPattern {
    /// FORMAT.md, "Values", third column.
    func matches(_ value: Value) -> Bool {
        switch (self, value) {
        case (.value(let wanted), _): wanted == value
        case (.canonicalF32, .f32(let bits)): bits & 0x7fff_ffff == 0x7fc0_0000
        case (.arithmeticF32, .f32(let bits)): bits & 0x7fc0_0000 == 0x7fc0_0000
        case (.canonicalF64, .f64(let bits)): bits & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000
        case (.arithmeticF64, .f64(let bits)): bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000
        case (.anyNull, .funcref(let reference)), (.anyNull, .externref(let reference)): reference.isNull
        case (.anyFuncref, .funcref(let reference)): !reference.isNull
        case (.anyExternref, .externref(let reference)): !reference.isNull
        default: false
        }
    }
}
