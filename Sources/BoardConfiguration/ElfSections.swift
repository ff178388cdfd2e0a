// The sections and symbols of a linked firmware: as much of ELF32, little-endian, as sizes and pictures need. Nothing of the file is believed.

/// What a firmware's ELF has.
public struct ElfSections: Sendable {
    public struct Section: Equatable, Sendable {
        public let name: String
        /// Where it lies when the firmware runs.
        public let address: UInt32
        public let bytes: UInt32
        /// Where its bytes are loaded: for .data in flash. The address where no program header says otherwise.
        public let loadAddress: UInt32
        /// Whether it takes memory of the device.
        public let isAllocated: Bool
        /// Whether it has no bytes in the file: .bss, the stack, pools.
        public let hasNoBytes: Bool
        /// Where its bytes are in the file.
        let offset: UInt32

        /// Whether it takes flash.
        public var isLoaded: Bool { isAllocated && !hasNoBytes && bytes > 0 }
    }

    /// In the file's order, the empty first one left out.
    public let sections: [Section]
    let symbolTable: SymbolTable?
    private let file: ElfBytes

    /// Reads `bytes`; `name` is for the errors. Throws `FileError` for a file that is no ELF of a 32-bit device, or is damaged.
    public init(_ bytes: [UInt8], name: String) throws(FileError) {
        file = ElfBytes(bytes: bytes, name: name)
        guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { throw FileError(name, "is no ELF file: give the firmware that the build made") }
        guard try file.byte(4) == 1, try file.byte(5) == 1 else { throw FileError(name, "is no 32-bit little-endian ELF file: build it for a board") }
        let programHeaders = try file.table(offset: 28, entryBytes: 42, count: 44, least: 32, what: "program headers")
        let headers = try file.table(offset: 32, entryBytes: 46, count: 48, least: 40, what: "section headers")
        let names = Int(try file.half(50))
        guard headers.isEmpty || names < headers.count else { throw FileError(name, "is damaged: it has no section names; build it again") }
        var sections: [Section] = []
        var symbols: SymbolTable?
        for (number, header) in headers.enumerated() where number > 0 {
            let type = try file.word(header + 4), address = try file.word(header + 12), size = try file.word(header + 20)
            let section = Section(
                name: try file.string(at: Int(try file.word(header)), in: try file.range(ofSection: headers[names])),
                address: address, bytes: size,
                loadAddress: try file.loadAddress(of: address, size: size, programHeaders) ?? address,
                isAllocated: try file.word(header + 8) & 2 != 0, hasNoBytes: type == 8, offset: try file.word(header + 16))
            if !section.hasNoBytes { _ = try file.range(ofSection: header) }
            sections.append(section)
            if type == 2, symbols == nil {
                let strings = Int(try file.word(header + 24))
                guard strings < headers.count else { throw FileError(name, "is damaged: its symbols have no names; build it again") }
                symbols = SymbolTable(entries: try file.range(ofSection: header), names: try file.range(ofSection: headers[strings]))
            }
        }
        self.sections = sections
        symbolTable = symbols
    }

    public func section(named name: String) -> Section? { sections.first { $0.name == name } }

    /// The section's bytes in the file; none of one that has none.
    public func contents(of section: Section) -> [UInt8] {
        if section.hasNoBytes { return [] }
        // That it lies in the file was checked when it was read.
        return Array(file.bytes[Int(section.offset)..<Int(section.offset) + Int(section.bytes)])
    }

    /// The value of a symbol; nil if there is none, or the file was stripped. Reads through the table: for a few symbols.
    public func symbol(named name: String) -> UInt32? {
        guard let table = symbolTable else { return nil }
        let wanted = Array(name.utf8)
        for entry in stride(from: table.entries.lowerBound, to: table.entries.upperBound - 15, by: 16) {
            guard let start = try? file.word(entry), let isUndefined = try? file.half(entry + 14) == 0, !isUndefined else { continue }
            if file.isString(wanted, at: Int(start), in: table.names) { return try? file.word(entry + 4) }
        }
        return nil
    }

    /// What a boot loader writes: every loaded section at its load address.
    public var segments: [UF2.Segment] {
        sections.filter(\.isLoaded).map { UF2.Segment(address: $0.loadAddress, bytes: contents(of: $0)) }
    }
}

/// Ranges in the file.
struct SymbolTable {
    let entries: Range<Int>
    let names: Range<Int>
}
