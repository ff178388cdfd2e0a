// The memory of a board, from its linker script linker/<board>.ld: the regions of MEMORY, and the native stack.

/// What the linker knows of a board's memory.
public struct MemoryMap: Equatable, Sendable {
    public struct Region: Equatable, Sendable {
        public let name: String
        /// Whether it is RAM (`w`); otherwise flash.
        public let isWritable: Bool
        /// Address of its first byte.
        public let start: UInt64
        /// In bytes; at least 1, and the end is at most 4 GB.
        public let bytes: UInt64
        /// The line of the linker script.
        public let line: Int

        public var end: UInt64 { start + bytes }
    }

    /// The linker script, as it was given to the reader.
    public let file: String
    /// In the script's order; no two overlap.
    public let regions: [Region]
    /// `__stack_size`, in bytes.
    public let stackBytes: UInt64
    /// Its line.
    public let stackLine: Int

    public var flash: [Region] { regions.filter { !$0.isWritable } }
    public var ram: [Region] { regions.filter(\.isWritable) }

    public func region(named name: String) -> Region? { regions.first { $0.name == name } }

    /// The region that the stack, `.data` and `.bss` lie in, and the one of the firmware: linker/cortex-m.ld has their names.
    public static let mainRAM = "RAM"
    public static let mainFlash = "FLASH"

    /// Reads a linker script; `file` is for the errors. Throws `FileError` for the first thing that is wrong.
    public init(text: String, file: String) throws(FileError) {
        var reader = MemoryMapReader(tokens: try LinkerScriptTokens.read(text, file: file), file: file)
        self.file = file
        regions = try reader.regions()
        (stackBytes, stackLine) = try reader.stack()
        for (name, isWritable) in [(Self.mainFlash, false), (Self.mainRAM, true)] {
            guard let region = region(named: name) else { throw FileError(file, line: reader.memoryLine, "MEMORY has no region \(name): name the main one so") }
            guard region.isWritable == isWritable else {
                throw FileError(file, line: region.line, "\(name) has the wrong attributes: write \(isWritable ? "(rw)" : "(rx)") behind its name")
            }
        }
    }
}
