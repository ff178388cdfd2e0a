// Types in text form: `(i32, i64) -> f32`.

import Runtime
import WasmFormat

enum Signature {
    static func text(_ type: borrowing FunctionType) -> String {
        var parameters: [ValueType] = []
        for index in 0..<Int(type.parameterCount) { parameters.append(type.parameter(index)) }
        var results: [ValueType] = []
        for index in 0..<Int(type.resultCount) { results.append(type.result(index)) }
        return text(parameters, results)
    }

    /// One result stands alone; none or several are in parentheses.
    static func text(_ parameters: [ValueType], _ results: [ValueType]) -> String {
        let list = { (types: [ValueType]) in "(" + types.map(\.name).joined(separator: ", ") + ")" }
        return list(parameters) + " -> " + (results.count == 1 ? results[0].name : list(results))
    }

    static func text(_ type: TableType) -> String { "\(range(type.limits)) \(type.elementType.name)" }

    static func text(_ type: MemoryType) -> String {
        "\(range(type.limits)) pages of \(UInt32(1) << UInt32(type.pageShift)) bytes"
    }

    static func text(_ type: GlobalType) -> String { (type.isMutable ? "mut " : "") + type.valueType.name }

    private static func range(_ limits: Limits) -> String {
        limits.hasMaximum ? "\(limits.minimum)…\(limits.maximum)" : "\(limits.minimum)…"
    }
}

extension ValueType {
    var name: String {
        switch self {
        case .i32: "i32"
        case .i64: "i64"
        case .f32: "f32"
        case .f64: "f64"
        case .funcref: "funcref"
        case .externref: "externref"
        }
    }
}
