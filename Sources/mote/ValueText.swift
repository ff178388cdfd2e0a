// Values as text: arguments of --invoke, and results, one a line, as `196418:i32`.

import Runtime
import WasmFormat

enum ValueText {
    /// Reads an argument of a given type; nil if it is none.
    ///
    /// Integers: decimal or `0x…`, with or without a sign, signed or unsigned range. Floats: decimal, hexadecimal
    /// (`0x1.8p3`), `inf`, `nan`, `nan:0x…` (payload). References: `null`, a number for an externref.
    static func value(_ text: String, as type: ValueType) -> Value? {
        switch type {
        case .i32: integer(text).flatMap { bits($0, UInt32.self) }.map { .i32($0) }
        case .i64: integer(text).flatMap { bits($0, UInt64.self) }.map { .i64($0) }
        case .f32:
            if let payload = nanPayload(text, bits: 23) {
                .f32(sign(text, 0x8000_0000) | 0x7f80_0000 | UInt32(payload))
            } else {
                float(text, Float.init).map { .f32($0.bitPattern) }
            }
        case .f64:
            if let payload = nanPayload(text, bits: 52) {
                .f64(sign(text, 0x8000_0000_0000_0000) | 0x7ff0_0000_0000_0000 | payload)
            } else {
                float(text, Double.init).map { .f64($0.bitPattern) }
            }
        case .funcref: text == "null" ? .funcref(.null) : nil
        case .externref:
            text == "null" ? .externref(.null) : UInt32(text).flatMap { $0 > Reference.externalNumberLimit ? nil : .externref(Reference(external: $0)) }
        }
    }

    /// The decimal form with its type; with `hex` the bits.
    static func text(_ value: Value, hex: Bool) -> String {
        switch value {
        case .i32(let bits): (hex ? hexadecimal(UInt64(bits)) : "\(Int32(bitPattern: bits))") + ":i32"
        case .i64(let bits): (hex ? hexadecimal(bits) : "\(Int64(bitPattern: bits))") + ":i64"
        case .f32(let bits): (hex ? hexadecimal(UInt64(bits)) : float(bits)) + ":f32"
        case .f64(let bits): (hex ? hexadecimal(bits) : float(bits)) + ":f64"
        case .funcref(let reference): (reference.isNull ? "null" : "function") + ":funcref"
        case .externref(let reference): (reference.externalNumber.map { "\($0)" } ?? "null") + ":externref"
        }
    }

    private static func hexadecimal(_ bits: UInt64) -> String { "0x" + String(bits, radix: 16) }

    /// The shortest decimal that reads back as the same float; a NaN with its payload unless that is the canonical one.
    private static func float(_ bits: UInt32) -> String {
        let float = Float(bitPattern: bits)
        guard float.isNaN else { return "\(float)" }
        return nan(isNegative: bits >> 31 == 1, payload: UInt64(bits & 0x7f_ffff), canonical: 0x40_0000)
    }

    private static func float(_ bits: UInt64) -> String {
        let double = Double(bitPattern: bits)
        guard double.isNaN else { return "\(double)" }
        return nan(isNegative: bits >> 63 == 1, payload: bits & 0xf_ffff_ffff_ffff, canonical: 0x8_0000_0000_0000)
    }

    private static func nan(isNegative: Bool, payload: UInt64, canonical: UInt64) -> String {
        (isNegative ? "-nan" : "nan") + (payload == canonical ? "" : ":" + hexadecimal(payload))
    }

    /// A sign and a magnitude.
    private static func integer(_ text: String) -> (isNegative: Bool, magnitude: UInt64)? {
        var digits = Substring(text)
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
        let isHexadecimal = digits.hasPrefix("0x") || digits.hasPrefix("0X")
        if isHexadecimal { digits = digits.dropFirst(2) }
        guard let first = digits.first, first != "-", first != "+" else { return nil }
        return UInt64(digits, radix: isHexadecimal ? 16 : 10).map { (isNegative, $0) }
    }

    /// Two's complement, if the number is in the signed or the unsigned range.
    private static func bits<Bits: FixedWidthInteger & UnsignedInteger>(
        _ number: (isNegative: Bool, magnitude: UInt64), _: Bits.Type
    ) -> Bits? {
        guard let magnitude = Bits(exactly: number.magnitude) else { return nil }
        guard number.isNegative else { return magnitude }
        return magnitude <= Bits(1) << (Bits.bitWidth - 1) ? 0 &- magnitude : nil
    }

    /// Swift reads decimal and hexadecimal floats, `inf` and `nan`; it takes other spellings too, which are left out.
    private static func float<Number: BinaryFloatingPoint>(_ text: String, _ read: (String) -> Number?) -> Number? {
        guard !text.contains("("), !text.lowercased().contains("snan"), !text.lowercased().contains("infinity") else { return nil }
        return read(text)
    }

    /// The payload of `nan:0x…`, which is not 0.
    private static func nanPayload(_ text: String, bits: UInt64) -> UInt64? {
        let rest = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : Substring(text)
        guard rest.hasPrefix("nan:0x"), let payload = UInt64(rest.dropFirst(6), radix: 16) else { return nil }
        return payload > 0 && payload >> bits == 0 ? payload : nil
    }

    private static func sign<Bits: BinaryInteger>(_ text: String, _ bit: Bits) -> Bits { text.hasPrefix("-") ? bit : 0 }
}
