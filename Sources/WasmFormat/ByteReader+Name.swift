// Names: a length in bytes, and UTF-8 (core specification 2.0, 5.2.4).

extension ByteReader {
    /// A name, checked to be UTF-8. The range is that of its bytes, without the length.
    ///
    /// Throws `.lengthOutOfBounds`, `.nameTooLong`, `.malformedUTF8` (at the first byte of the bad sequence).
    @inline(never) @_lifetime(self: copy self)
    package mutating func name() throws(LoadError) -> ByteRange {
        let lengthOffset = offset
        let count = try u32()
        var characters = try take(count, lengthAt: lengthOffset)
        guard count <= ImplementationLimits.nameLength else {
            throw LoadError(.nameTooLong, at: lengthOffset, number: ImplementationLimits.nameLength)
        }
        let range = ByteRange(offset: characters.offset, count: count)
        try characters.utf8()
        return range
    }

    /// Steps over characters to the end. Throws `.malformedUTF8`.
    @_lifetime(self: copy self)
    package mutating func utf8() throws(LoadError) {
        while !isAtEnd { try utf8Character() }
    }

    /// Steps over one character. The second byte's range depends on the first, so that there is no second way to
    /// write a character, no surrogate (U+D800…U+DFFF), and nothing above U+10FFFF.
    @_lifetime(self: copy self)
    private mutating func utf8Character() throws(LoadError) {
        let start = offset
        let first = try byte()
        if first < 0x80 { return }
        var lowest: UInt8 = 0x80
        var highest: UInt8 = 0xbf
        var more: UInt8
        switch first {
        case 0xc2...0xdf: more = 1
        case 0xe0...0xef:
            more = 2
            if first == 0xe0 { lowest = 0xa0 }
            if first == 0xed { highest = 0x9f }
        case 0xf0...0xf4:
            more = 3
            if first == 0xf0 { lowest = 0x90 }
            if first == 0xf4 { highest = 0x8f }
        default: throw LoadError(.malformedUTF8, at: start)
        }
        while more > 0 {
            // A character cut off by the end of the name is bad UTF-8, not a truncated module.
            guard !isAtEnd, case let next = try byte(), next >= lowest, next <= highest else {
                throw LoadError(.malformedUTF8, at: start)
            }
            lowest = 0x80
            highest = 0xbf
            more &-= 1
        }
    }
}
