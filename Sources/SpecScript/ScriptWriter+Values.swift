// Writes arguments and patterns (FORMAT.md, "Values").

import ScriptRunner

/// A value that this build's scripts cannot hold; the reason for a skip.
struct UnsupportedValue: Error {
    let type: String
}

extension ScriptWriter {
    mutating func argument(_ value: SuiteFile.Value) throws {
        switch (value.type, value.value) {
        case ("externref", "null"), ("nullexternref", _):
            byte(ScriptValue.externref.rawValue)
            word(0)
        case ("funcref", "null"), ("nullfuncref", _): byte(ScriptValue.funcref.rawValue)
        default: try exact(value)
        }
    }

    mutating func pattern(_ value: SuiteFile.Value) throws {
        switch (value.type, value.value) {
        case ("either", _):
            byte(ScriptValue.either.rawValue)
            number(value.values?.count ?? 0)
            for value in value.values ?? [] { try pattern(value) }
        case ("f32", "nan:canonical"): byte(ScriptValue.canonicalF32.rawValue)
        case ("f32", "nan:arithmetic"): byte(ScriptValue.arithmeticF32.rawValue)
        case ("f64", "nan:canonical"): byte(ScriptValue.canonicalF64.rawValue)
        case ("f64", "nan:arithmetic"): byte(ScriptValue.arithmeticF64.rawValue)
        case (_, "null"), ("refnull", _): byte(ScriptValue.anyNull.rawValue)
        case ("funcref", nil): byte(ScriptValue.funcref.rawValue)
        case ("externref", nil): byte(ScriptValue.anyExternref.rawValue)
        default: try exact(value)
        }
    }

    private mutating func exact(_ value: SuiteFile.Value) throws {
        switch value.type {
        case "i32", "f32":
            byte(value.type == "i32" ? ScriptValue.i32.rawValue : ScriptValue.f32.rawValue)
            word(try Self.decimal(value))
        case "i64", "f64":
            byte(value.type == "i64" ? ScriptValue.i64.rawValue : ScriptValue.f64.rawValue)
            doubleWord(try Self.decimal(value))
        case "externref":
            byte(ScriptValue.externref.rawValue)
            let number: UInt32 = try Self.decimal(value)
            guard number < .max else { throw UnsupportedValue(type: value.type) }
            word(number + 1)
        default: throw UnsupportedValue(type: value.type)
        }
    }

    private static func decimal<Number: FixedWidthInteger>(_ value: SuiteFile.Value) throws -> Number {
        guard let text = value.value, let number = Number(text) else { throw UnsupportedValue(type: value.type) }
        return number
    }
}
