// Types in text form: `(i32, i64) -> f32`, `1…8 funcref`, `2… pages of 65536 bytes`, `mut i32`. Firmware without words leaves this file out.

#if Names || !hasFeature(Embedded)
extension ValueType {
    /// As the specification writes it.
    public var words: StaticString {
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

extension ExternalKind {
    package var words: StaticString {
        switch self {
        case .function: "function"
        case .table: "table"
        case .memory: "memory"
        case .global: "global"
        }
    }
}

extension TextSink where Self: ~Copyable {
    /// One result stands alone; none or several are in parentheses.
    package mutating func write(_ type: borrowing FunctionType) {
        write("(")
        for number in 0..<Int(type.parameterCount) {
            if number > 0 { write(", ") }
            write(type.parameter(number).words)
        }
        write(type.resultCount == 1 ? ") -> " : ") -> (")
        for number in 0..<Int(type.resultCount) {
            if number > 0 { write(", ") }
            write(type.result(number).words)
        }
        if type.resultCount != 1 { write(")") }
    }

    package mutating func write(_ type: TableType) {
        write(type.limits)
        write(" ")
        write(type.elementType.words)
    }

    package mutating func write(_ type: MemoryType) {
        write(type.limits)
        write(" pages of ")
        write(UInt32(1) &<< UInt32(type.pageShift))
        write(" bytes")
    }

    package mutating func write(_ type: GlobalType) {
        if type.isMutable { write("mut ") }
        write(type.valueType.words)
    }

    private mutating func write(_ limits: Limits) {
        write(limits.minimum)
        write("…")
        if limits.hasMaximum { write(limits.maximum) }
    }
}
#endif
