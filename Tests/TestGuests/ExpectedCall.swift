// A call and what it must give, as guests/expected.txt and the samples' headers write it.

import Runtime

/// What a call or an instantiation does.
public enum Expectation: Equatable, Sendable {
    case results([Value])
    case trap
    /// Does not come back by itself.
    case loops
}

/// A call of an export on a fresh instance.
public struct ExpectedCall: Sendable {
    public let name: String
    public let arguments: [Value]
    public let expectation: Expectation
}

/// A line that is not of the form that its file's heading describes.
public struct NotationError: Error, CustomStringConvertible {
    public let description: String
    public init(description: String) { self.description = description }
}

/// Values as `42:i32`, `0x3f800000:f32`, `null:externref`; integers are unsigned, floats are bits.
public enum Notation {
    public static func value(_ text: Substring) throws -> Value {
        let parts = text.split(separator: ":")
        guard parts.count == 2 else { throw NotationError(description: "no value with its type: \(text)") }
        let digits = parts[0].hasPrefix("0x") ? parts[0].dropFirst(2) : parts[0]
        let radix = parts[0].hasPrefix("0x") ? 16 : 10
        let isNull = parts[0] == "null"
        switch (parts[1], isNull) {
        case ("i32", false): if let bits = UInt32(digits, radix: radix) { return .i32(bits) }
        case ("i64", false): if let bits = UInt64(digits, radix: radix) { return .i64(bits) }
        case ("f32", false): if let bits = UInt32(digits, radix: radix) { return .f32(bits) }
        case ("f64", false): if let bits = UInt64(digits, radix: radix) { return .f64(bits) }
        case ("funcref", true): return .funcref(.null)
        case ("externref", true): return .externref(.null)
        default: break
        }
        throw NotationError(description: "no value: \(text)")
    }

    /// Values separated by commas; "-" and nothing are none.
    public static func values(_ text: Substring) throws -> [Value] {
        text == "-" ? [] : try text.split(separator: ",").map { try value($0) }
    }

    static func expectation(_ text: Substring) throws -> Expectation {
        switch text {
        case "trap": .trap
        case "loops": .loops
        default: .results(try values(text))
        }
    }

    /// `name(a,b) = rest` into its three parts.
    static func call(_ text: Substring) throws -> (name: String, arguments: Substring, rest: Substring) {
        guard let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")"),
            text[close...].hasPrefix(") = ")
        else { throw NotationError(description: "no call with its result: \(text)") }
        return (String(text[..<open]), text[text.index(after: open)..<close], text[close...].dropFirst(4))
    }
}
