// Types in text form, as the core writes them: `(i32, i64) -> f32`.

import Runtime
import WasmFormat

enum Signature {
    static func text(_ type: borrowing FunctionType) -> String {
        var sink = StringSink()
        sink.write(type)
        return sink.text
    }

    /// For what is no function type of a module. One result stands alone; none or several are in parentheses.
    static func text(_ parameters: [ValueType], _ results: [ValueType]) -> String {
        let list = { (types: [ValueType]) in "(" + types.map(\.name).joined(separator: ", ") + ")" }
        return list(parameters) + " -> " + (results.count == 1 ? results[0].name : list(results))
    }

    static func text(_ type: TableType) -> String { StringSink.text { $0.write(type) } }
    static func text(_ type: MemoryType) -> String { StringSink.text { $0.write(type) } }
    static func text(_ type: GlobalType) -> String { StringSink.text { $0.write(type) } }
}

extension ValueType {
    var name: String { "\(words)" }
}
