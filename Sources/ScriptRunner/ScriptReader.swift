// A cursor over a script's bytes. It trusts nothing: a script may be cut off or of another version.

/// What is wrong with the script itself (never with a module in it).
public enum ScriptError: UInt8, Error, Equatable, Sendable {
    /// It does not begin with "MSPS" and this version.
    case notAScript = 1
    /// It ends inside a command.
    case truncated = 2
    /// A byte that has no meaning where it stands.
    case unknownByte = 3
    /// More slots, values, names or instances than `ScriptFormat` allows.
    case tooMany = 4
    /// The pool is too small for `spectest` and the operand stack.
    case poolTooSmall = 5
}

/// Reads a script from front to back.
@safe struct ScriptReader {
    private let bytes: UnsafeRawBufferPointer
    private let end: Int
    /// Bytes from the start of the script.
    private(set) var position: Int

    /// The bytes, which begin at a multiple of four, must stay where they are for the life of the reader and of what it returns.
    @unsafe init(_ bytes: UnsafeRawBufferPointer) throws(ScriptError) {
        unsafe self.bytes = bytes
        end = bytes.count
        position = 0
        guard try word() == ScriptFormat.magic, try byte() == ScriptFormat.version else { throw .notAScript }
        for _ in 5..<ScriptFormat.headerBytes where try byte() != 0 { throw .notAScript }
    }

    mutating func byte() throws(ScriptError) -> UInt8 {
        guard position < end else { throw .truncated }
        // Safety: `position` is below `end`, checked in the line above.
        let value = unsafe bytes[position]
        position += 1
        return value
    }

    /// Four bytes, little-endian, at any alignment.
    mutating func word() throws(ScriptError) -> UInt32 {
        var value: UInt32 = 0
        var shift: UInt32 = 0
        while shift < 32 {
            value |= UInt32(try byte()) &<< shift
            shift &+= 8
        }
        return value
    }

    /// Eight bytes, little-endian, at any alignment.
    mutating func doubleWord() throws(ScriptError) -> UInt64 {
        let low = try word()
        return UInt64(low) | UInt64(try word()) &<< 32
    }

    /// An unsigned LEB128 of at most 32 bits.
    mutating func number() throws(ScriptError) -> UInt32 {
        var value: UInt32 = 0
        var shift: UInt32 = 0
        while true {
            let next = try byte()
            guard shift < 28 || (shift == 28 && next < 16) else { throw .unknownByte }
            value |= UInt32(next & 0x7f) &<< shift
            if next < 0x80 { return value }
            shift &+= 7
        }
    }

    /// A number that is at most `limit`.
    mutating func count(to limit: Int) throws(ScriptError) -> Int {
        let value = try number()
        guard value <= UInt32(limit) else { throw .tooMany }
        return Int(value)
    }

    /// A length and as many bytes, where they lie in the script.
    mutating func slice() throws(ScriptError) -> ScriptSlice {
        try slice(of: try number())
    }

    /// A module: as a slice, but its bytes begin at a multiple of four.
    mutating func module() throws(ScriptError) -> ScriptSlice {
        let length = try number()
        while position % ScriptFormat.moduleAlignment != 0 { guard try byte() == 0 else { throw .unknownByte } }
        return try slice(of: length)
    }

    private mutating func slice(of length: UInt32) throws(ScriptError) -> ScriptSlice {
        guard length <= UInt32(truncatingIfNeeded: end - position) else { throw .truncated }
        let start = position
        position += Int(length)
        // Safety: start + length is at most `end`, checked above.
        return unsafe ScriptSlice(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
    }

    mutating func command() throws(ScriptError) -> ScriptCommand {
        guard let command = ScriptCommand(rawValue: try byte()) else { throw .unknownByte }
        return command
    }

    mutating func trap() throws(ScriptError) -> ScriptTrap {
        guard let trap = ScriptTrap(rawValue: try byte()) else { throw .unknownByte }
        return trap
    }
}

/// Some bytes of the script: a name or a module. As long-lived as the script.
@safe public struct ScriptSlice {
    @unsafe public let bytes: UnsafeRawBufferPointer

    public let count: Int

    @unsafe init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = bytes
        count = bytes.count
    }

    public subscript(_ index: Int) -> UInt8 {
        precondition(index >= 0 && index < count)
        // Safety: checked in the line above.
        return unsafe bytes[index]
    }
}
