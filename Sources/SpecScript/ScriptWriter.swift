// Appends the pieces of a binary script.

import ScriptRunner

struct ScriptWriter {
    private(set) var bytes: [UInt8] = []

    /// The header and the script's name.
    init(name: String) {
        word(ScriptFormat.magic)
        bytes += [ScriptFormat.version, 0, 0, 0]
        self.name(Name(name))
    }

    /// Without a header.
    init() {}

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func command(_ command: ScriptCommand, line: UInt32) {
        byte(command.rawValue)
        if command != .end { number(Int(line)) }
    }

    /// An unsigned LEB128.
    mutating func number(_ value: Int) {
        var rest = value
        while rest >= 0x80 {
            byte(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        byte(UInt8(rest))
    }

    mutating func word(_ value: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { byte(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func doubleWord(_ value: UInt64) {
        word(UInt32(truncatingIfNeeded: value))
        word(UInt32(truncatingIfNeeded: value >> 32))
    }

    mutating func slice(_ value: some Collection<UInt8>) {
        number(value.count)
        bytes += value
    }

    /// A slice whose bytes begin at a multiple of four from the script's start.
    mutating func module(_ value: [UInt8]) {
        number(value.count)
        while bytes.count % ScriptFormat.moduleAlignment != 0 { byte(0) }
        bytes += value
    }

    /// Bytes, and zeros up to a multiple of four.
    mutating func append(_ value: [UInt8]) {
        bytes += value
        while bytes.count % 4 != 0 { byte(0) }
    }

    /// Takes back what was written behind the first `count` bytes.
    mutating func truncate(to count: Int) { bytes.removeSubrange(count...) }

    mutating func name(_ name: Name) { slice(name.bytes) }
}
