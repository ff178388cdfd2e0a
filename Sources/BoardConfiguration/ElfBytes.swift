// The bytes of an ELF file, each access checked against its end.

struct ElfBytes: Sendable {
    let bytes: [UInt8]
    /// For the errors.
    let name: String

    /// No section of ours has a longer name; a file that has would be read again and again.
    private static let longestName = 1024

    private var damaged: FileError { FileError(name, "is damaged or cut off: build it again") }

    func byte(_ offset: Int) throws(FileError) -> UInt8 {
        guard offset >= 0, offset < bytes.count else { throw damaged }
        return bytes[offset]
    }

    func half(_ offset: Int) throws(FileError) -> UInt16 {
        guard offset >= 0, bytes.count >= 2, offset <= bytes.count - 2 else { throw damaged }
        return UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    }

    func word(_ offset: Int) throws(FileError) -> UInt32 {
        guard offset >= 0, bytes.count >= 4, offset <= bytes.count - 4 else { throw damaged }
        return UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16 | UInt32(bytes[offset + 3]) << 24
    }

    /// The places of a table's entries; the parameters are where the ELF header has its offset, size of an entry and count.
    func table(offset: Int, entryBytes: Int, count: Int, least: Int, what: String) throws(FileError) -> [Int] {
        let start = Int(try word(offset)), stride = Int(try half(entryBytes)), entries = Int(try half(count))
        if entries == 0 { return [] }
        guard stride >= least else { throw FileError(name, "is damaged: its \(what) are too short; build it again") }
        guard start <= bytes.count, entries * stride <= bytes.count - start else { throw damaged }
        return (0..<entries).map { start + $0 * stride }
    }

    /// Where a section's bytes are; its header is at `header`.
    func range(ofSection header: Int) throws(FileError) -> Range<Int> {
        let start = Int(try word(header + 16)), count = Int(try word(header + 20))
        guard start <= bytes.count, count <= bytes.count - start else { throw damaged }
        return start..<start + count
    }

    /// A name that ends with a zero byte inside `range`.
    func string(at offset: Int, in range: Range<Int>) throws(FileError) -> String {
        guard offset < range.count else { throw damaged }
        let part = bytes[range.lowerBound + offset..<min(range.upperBound, range.lowerBound + offset + Self.longestName)]
        guard let end = part.firstIndex(of: 0) else { throw damaged }
        return String(decoding: part[..<end], as: UTF8.self)
    }

    /// Whether exactly this name is there.
    func isString(_ name: [UInt8], at offset: Int, in range: Range<Int>) -> Bool {
        guard offset < range.count, name.count < range.count - offset else { return false }
        let start = range.lowerBound + offset
        return bytes[start + name.count] == 0 && bytes[start..<start + name.count].elementsEqual(name)
    }

    /// Where the program headers load an address; nil if none of them has all these bytes.
    func loadAddress(of address: UInt32, size: UInt32, _ programHeaders: [Int]) throws(FileError) -> UInt32? {
        for header in programHeaders where try word(header) == 1 {
            let virtual = try word(header + 8), bytes = try word(header + 20)
            // An empty section at a segment's end is in none.
            if address >= virtual, address - virtual < bytes, size <= bytes - (address - virtual) { return try word(header + 12) &+ (address - virtual) }
        }
        return nil
    }
}
