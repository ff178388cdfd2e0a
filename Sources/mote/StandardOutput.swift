// Standard output without a buffer of its own: what a guest printed is out before it traps.

import Foundation

/// The system call; `StandardOutput.write` hides the name.
private let posixWrite = unsafe Foundation.write

enum StandardOutput {
    /// False if standard output is closed or full.
    @unsafe static func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            // Safety: the pointer and count are those of one buffer.
            let count = unsafe posixWrite(1, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            unsafe rest = rest.dropFirst(count)
        }
        return true
    }

    /// Throws `Exit` if standard output is closed or full: a result that nobody gets is no success.
    static func write(_ text: String) throws {
        var text = text
        // Safety: the bytes are the string's own, for the length of the closure.
        guard text.withUTF8({ unsafe write(UnsafeRawBufferPointer($0)) }) else {
            throw Exit(.cannotLoad, "standard output cannot be written: is it closed, or the disk full?")
        }
    }
}

/// What `--json` prints: keys are sorted, so that two runs can be compared.
extension StandardOutput {
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }

    static func write(json value: some Encodable) throws { try write(try json(value)) }
}
