// What is wrong with a file that a person wrote, in one line: where, what, and what to do.

/// An error in a board's manifest, a linker script, a configuration or a file of bytes.
public struct FileError: Error, Equatable, CustomStringConvertible {
    /// As it was given to the reader.
    public let file: String
    /// Counted from 1; nil for a file that has no lines, or is wrong as a whole.
    public let line: Int?
    /// The thing, and after a colon the remedy.
    public let message: String

    public init(_ file: String, line: Int? = nil, _ message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    /// `file:line: message`, which editors jump to.
    public var description: String { line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)" }
}
