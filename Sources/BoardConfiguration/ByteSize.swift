// Sizes as people write and read them.

/// A number of bytes in text.
public enum ByteSize {
    /// Reads `4096`, `0x1000`, `64k`, `1M` or `2G` (1024, 1024², 1024³). Nil for anything else, and for what 64 bits do not hold.
    public static func read(_ text: some StringProtocol) -> UInt64? {
        let shift: UInt64 =
            switch text.last {
            case "k", "K": 10
            case "m", "M": 20
            case "g", "G": 30
            default: 0
            }
        let digits = shift == 0 ? String(text) : String(text.dropLast())
        let isHexadecimal = digits.hasPrefix("0x") || digits.hasPrefix("0X")
        let body = isHexadecimal ? digits.dropFirst(2) : digits[...]
        // UInt64 would take a sign.
        guard body.first?.isHexDigit == true, let number = UInt64(body, radix: isHexadecimal ? 16 : 10), number <= UInt64.max >> shift else { return nil }
        return number << shift
    }

    /// `49,152`: exact, with commas, as the documentation has sizes.
    public static func grouped(_ bytes: UInt64) -> String {
        var text = ""
        for (place, digit) in String(bytes).reversed().enumerated() {
            if place > 0 && place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// `48k`, `4M`, or the number where it is no multiple of 1024: what a configuration can hold.
    public static func short(_ bytes: UInt64) -> String {
        if bytes >= 1 << 20, bytes % (1 << 20) == 0 { return "\(bytes >> 20)M" }
        return bytes >= 1024 && bytes % 1024 == 0 ? "\(bytes >> 10)k" : "\(bytes)"
    }

    /// `0x20000000`.
    static func hexadecimal(_ number: UInt64) -> String { "0x" + padded(number) }

    /// `20000000`: eight digits at least.
    static func padded(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }
}
