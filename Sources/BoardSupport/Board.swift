// The board as a firmware sees it, and text on its console without a heap. Which board it is, the link decides.

import Startup

public enum Board {
    /// One byte to the console, when it has left.
    public static func write(byte: UInt8) { mote_board_write_byte(byte) }

    public static func write(_ text: StaticString) {
        text.withUTF8Buffer { bytes in
            // Safety: the buffer is the literal's own, and the indices come from its count.
            for index in bytes.indices { unsafe write(byte: bytes[index]) }
        }
    }

    public static func write(_ text: Span<UInt8>) {
        for index in text.indices { write(byte: text[index]) }
    }

    /// Bytes of a guest's memory: seconds of the line, if they are many, so that the watchdog is fed.
    public static func write(_ bytes: RawSpan) {
        for index in 0..<bytes.byteCount {
            if index & 63 == 0 { mote_feed() }
            // Safety: the index is below the view's count.
            write(byte: unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self))
        }
    }

    /// A number in decimal digits. Nine digits at a time, so that at most two divisions are 64 bits wide.
    public static func write(_ number: UInt64) {
        let billion: UInt64 = 1_000_000_000
        guard number >= billion else { return write(UInt32(truncatingIfNeeded: number)) }
        let (high, low) = number.quotientAndRemainder(dividingBy: billion)
        write(high)
        write(UInt32(truncatingIfNeeded: low), from: 100_000_000)
    }

    public static func write(_ number: UInt32) {
        var power: UInt32 = 1
        while number / power >= 10 { power &*= 10 }
        write(number, from: power)
    }

    /// The digits from that of `power` down, zeros included.
    private static func write(_ number: UInt32, from power: UInt32) {
        var rest = number
        var power = power
        while power > 0 {
            write(byte: 0x30 &+ UInt8(truncatingIfNeeded: rest / power))
            rest %= power
            power /= 10
        }
    }

    public static func write(_ number: Int32) {
        if number < 0 { write(byte: 0x2D) }
        write(number.magnitude)
    }

    /// Eight hexadecimal digits.
    public static func write(hex number: UInt32) {
        for index in 0..<8 as Range<UInt32> {
            let digit = UInt8(truncatingIfNeeded: number &>> (28 &- 4 &* index)) & 15
            write(byte: digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
        }
    }

    public static func writeLine() { write(byte: 0x0A) }

    public static func writeLine(_ text: StaticString) {
        write(text)
        writeLine()
    }
}
