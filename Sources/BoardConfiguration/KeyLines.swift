// Which line of a TOML file a key is on: TOMLKit tells the place of a syntax error only.

import TOMLKit

enum KeyLines {
    /// The first name of every key and table header at the top of valid TOML, with the line where it is first, counted from 1.
    static func find(in text: String) -> [String: Int] {
        var scan = Scan(bytes: Array(text.utf8))
        var lines: [String: Int] = [:]
        scan.skipMark()
        while scan.skipToKey() {
            let line = scan.line, name = scan.key()
            if lines[name] == nil { lines[name] = line }
            scan.skipValue()
        }
        return lines
    }
}

private struct Scan {
    let bytes: [UInt8]
    private var place = 0
    private(set) var line = 1

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var byte: UInt8? { place < bytes.count ? bytes[place] : nil }
    private func isAt(_ text: String) -> Bool { place < bytes.count && bytes[place...].starts(with: text.utf8) }

    private mutating func advance() {
        if byte == UInt8(ascii: "\n") { line += 1 }
        place += 1
    }

    /// The byte order mark that some editors begin a file with.
    mutating func skipMark() { if bytes.starts(with: [0xef, 0xbb, 0xbf]) { place = 3 } }

    private mutating func skipComment() { while let byte, byte != UInt8(ascii: "\n") { advance() } }

    /// To the next statement: behind blank lines and comments, and into the brackets of a header. False at the end.
    mutating func skipToKey() -> Bool {
        while let byte {
            if byte == UInt8(ascii: "#") { skipComment() } else if byte <= 0x20 || byte == UInt8(ascii: "[") { advance() } else { return true }
        }
        return false
    }

    /// The first part of a key: bare, or what quotes mean. A key that is written with escapes is the same key, and would else be set without a line.
    mutating func key() -> String {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            let start = place
            skipString()
            let quoted = String(decoding: bytes[start..<min(place, bytes.count)], as: UTF8.self)
            return (try? TOMLTable(string: quoted + " = 0"))?.keys.first ?? quoted
        }
        let start = place
        while let byte, byte > 0x20, !".=]".utf8.contains(byte) { advance() }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    /// To the end of the statement: a newline outside brackets and strings.
    mutating func skipValue() {
        var depth = 0
        while let byte {
            switch byte {
            case UInt8(ascii: "#"): skipComment()
            case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString()
            case UInt8(ascii: "\n") where depth <= 0: return
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1; advance()
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1; advance()
            default: advance()
            }
        }
    }

    private mutating func skipString() {
        let isLiteral = byte == UInt8(ascii: "'"), isLong = isAt("\"\"\"") || isAt("'''")
        for _ in 0..<(isLong ? 3 : 1) { advance() }
        while byte != nil {
            if !isLiteral && isAt("\\") {
                advance()
                if byte != nil { advance() }
                continue
            }
            if isLong ? isAt(isLiteral ? "'''" : "\"\"\"") : isAt(isLiteral ? "'" : "\"") { break }
            advance()
        }
        // A long string may end with up to two quotes of its own.
        let quote = isLiteral ? UInt8(ascii: "'") : UInt8(ascii: "\"")
        var left = isLong ? 5 : 1
        while left > 0, byte == quote {
            advance()
            left -= 1
        }
    }
}
