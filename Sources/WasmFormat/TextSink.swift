// Text without a heap: whatever takes a byte at a time takes words and numbers.

/// Takes text, a byte at a time: a console, a buffer, a string.
public protocol TextSink: ~Copyable {
    mutating func write(byte: UInt8)
}

extension TextSink where Self: ~Copyable {
    public mutating func write(_ text: StaticString) {
        text.withUTF8Buffer { bytes in
            // Safety: the buffer is the literal's own, and the indices come from its count.
            for index in bytes.indices { unsafe write(byte: bytes[index]) }
        }
    }

    /// Decimal digits.
    public mutating func write(_ number: UInt32) {
        if number >= 10 { write(number / 10) }
        write(byte: 0x30 &+ UInt8(truncatingIfNeeded: number % 10))
    }

    /// Decimal digits of a number of 64 bits.
    public mutating func write(number: UInt64) {
        if number >= 10 { write(number: number / 10) }
        write(byte: 0x30 &+ UInt8(truncatingIfNeeded: number % 10))
    }

    /// `0x` and as many hexadecimal digits as `bits` needs.
    public mutating func write(hex number: UInt64, bits: UInt64) {
        write("0x")
        var shift = bits
        while shift > 0 {
            shift &-= 4
            write(digit: UInt8(truncatingIfNeeded: number &>> shift) & 15)
        }
    }

    /// `0x` and hexadecimal digits, without zeros before them.
    public mutating func write(hex number: UInt32) {
        write("0x")
        var shift: UInt32 = 28
        while shift > 0 && number &>> shift == 0 { shift &-= 4 }
        write(digit: UInt8(truncatingIfNeeded: number &>> shift) & 15)
        while shift > 0 {
            shift &-= 4
            write(digit: UInt8(truncatingIfNeeded: number &>> shift) & 15)
        }
    }

    private mutating func write(digit: UInt8) { write(byte: digit < 10 ? 0x30 &+ digit : 0x57 &+ digit) }

    /// A name of a module, on one line: control characters as `\x0a`.
    package mutating func write(_ range: ByteRange, of bytes: Span<UInt8>) {
        for index in Int(range.offset)..<Int(range.end) {
            let byte = bytes[index]
            if byte >= 0x20 && byte != 0x7f {
                write(byte: byte)
            } else {
                write("\\x")
                write(digit: byte >> 4)
                write(digit: byte & 15)
            }
        }
    }
}
