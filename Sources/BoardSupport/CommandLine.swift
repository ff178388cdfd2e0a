// The command line that QEMU, or a debugger, gives to a firmware.

import Semihosting

public enum CommandLine {
    /// Reads it into `bytes`. The place of what follows the first word, the program's name, or nil if there is nothing.
    public static func read<let capacity: Int>(into bytes: inout InlineArray<capacity, UInt8>) -> Range<Int>? {
        var span = bytes.mutableSpan
        // Safety: the shim writes at most `capacity` bytes, and the length that it returns is below.
        let length = unsafe span.withUnsafeMutableBufferPointer { unsafe Int(mote_command_line($0.baseAddress, UInt32(capacity))) }
        guard length > 0 else { return nil }
        var start = 0
        while start < length, bytes[start] != 0x20 { start += 1 }
        start += 1
        return start < length ? start..<length : nil
    }

    /// Bytes behind a word's beginning; nil if it begins otherwise.
    @inline(never)
    public static func rest(of word: Span<UInt8>, behind name: StaticString) -> Int? {
        let count = name.utf8CodeUnitCount
        guard word.count >= count else { return nil }
        for index in 0..<count {
            // Safety: below the literal's count.
            guard unsafe name.utf8Start[index] == word[index] else { return nil }
        }
        return word.count - count
    }

    /// The number behind a name with its equals sign; nil for another word, and where there are no digits or too many.
    public static func number(_ word: Span<UInt8>, _ name: StaticString) -> UInt32? {
        guard let number = number64(word, name), number <= UInt64(UInt32.max) else { return nil }
        return UInt32(truncatingIfNeeded: number)
    }

    /// The same of 64 bits.
    @inline(never)
    public static func number64(_ word: Span<UInt8>, _ name: StaticString) -> UInt64? {
        guard let digits = rest(of: word, behind: name), digits > 0 else { return nil }
        var number: UInt64 = 0
        for index in word.count - digits..<word.count {
            let byte = word[index]
            guard byte >= 0x30, byte <= 0x39, number <= .max / 10 else { return nil }
            let (tens, digit) = (number &* 10, UInt64(byte &- 0x30))
            guard tens <= .max - digit else { return nil }
            number = tens &+ digit
        }
        return number
    }
}
