// The words of a linker script, with the lines they are on. As much of the language as a memory map needs.

struct LinkerScriptToken: Equatable {
    let text: String
    let line: Int
}

enum LinkerScriptTokens {
    /// Splits `text` at blanks and signs; comments are left out. Throws `FileError` for a comment without end.
    static func read(_ text: String, file: String) throws(FileError) -> [LinkerScriptToken] {
        let bytes = Array(text.utf8)
        var tokens: [LinkerScriptToken] = []
        var line = 1, place = 0
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\n") { line += 1 }
            if byte == UInt8(ascii: "/"), place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "*") {
                let start = line
                place += 2
                while place + 1 < bytes.count, bytes[place] != UInt8(ascii: "*") || bytes[place + 1] != UInt8(ascii: "/") {
                    if bytes[place] == UInt8(ascii: "\n") { line += 1 }
                    place += 1
                }
                guard place + 1 < bytes.count else { throw FileError(file, line: start, "a comment without end: add */") }
                place += 2
            } else if isWord(byte) {
                let start = place
                while place < bytes.count, isWord(bytes[place]) { place += 1 }
                tokens.append(LinkerScriptToken(text: String(decoding: bytes[start..<place], as: UTF8.self), line: line))
            } else {
                if byte > 0x20 { tokens.append(LinkerScriptToken(text: String(decoding: [byte], as: UTF8.self), line: line)) }
                place += 1
            }
        }
        return tokens
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
    }
}
