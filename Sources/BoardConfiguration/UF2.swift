// UF2: what a boot loader takes that looks like a disk. Blocks of 512 bytes, each with 256 bytes for an address of its own:
//
//      0  0x0a324655   4  0x9e5d5157   8  flags, 0x2000: word 28 is a family   12  address   16  256   20  number   24  of how many   28  family
//     32  256 bytes, then zeroes                                                                                   508  0x0ab16f30
//
// (github.com/microsoft/uf2)

/// Writes and reads UF2 files.
public enum UF2 {
    /// Bytes of flash and where they belong.
    public struct Segment: Equatable, Sendable {
        public let address: UInt32
        public let bytes: [UInt8]

        public init(address: UInt32, bytes: [UInt8]) {
            self.address = address
            self.bytes = bytes
        }

        /// One behind its last byte.
        var end: UInt64 { UInt64(address) + UInt64(bytes.count) }
    }

    static let blockBytes = 512
    /// Bytes of flash in a block: a page of the flash chips that boot loaders write.
    static let pageBytes = 256
    static let firstMark: UInt32 = 0x0a32_4655
    static let secondMark: UInt32 = 0x9e5d_5157
    static let lastMark: UInt32 = 0x0ab1_6f30
    static let hasFamily: UInt32 = 0x2000
    /// What erased flash holds: in a page that is not full, the rest stays as it is.
    static let filler: UInt8 = 0xff

    /// The file for these segments, in any order; `file` is for the errors. Throws `FileError` if two overlap, one ends beyond 4 GB, or there is
    /// nothing to write.
    public static func write(_ segments: [Segment], family: UInt32?, file: String) throws(FileError) -> [UInt8] {
        let pages = try pages(of: segments, file: file)
        var blocks: [UInt8] = []
        blocks.reserveCapacity(pages.count * blockBytes)
        for (number, page) in pages.enumerated() {
            let header: [UInt32] = [
                firstMark, secondMark, family == nil ? 0 : hasFamily, page.address, UInt32(pageBytes), UInt32(number), UInt32(pages.count), family ?? 0,
            ]
            for word in header { append(word, to: &blocks) }
            blocks += page.bytes
            blocks += [UInt8](repeating: 0, count: blockBytes - 32 - pageBytes - 4)
            append(lastMark, to: &blocks)
        }
        return blocks
    }

    /// Whole pages with an address each, in order. Segments that meet in a page share it.
    static func pages(of segments: [Segment], file: String) throws(FileError) -> [Segment] {
        let sorted = segments.filter { !$0.bytes.isEmpty }.sorted { $0.address < $1.address }
        guard !sorted.isEmpty else { throw FileError(file, "there are no bytes to flash: check that the firmware has sections in flash") }
        for segment in sorted where segment.end > 1 << 32 {
            throw FileError(file, "\(segment.bytes.count) bytes at \(ByteSize.hexadecimal(UInt64(segment.address))) end beyond 4 GB: check the linker script")
        }
        for (segment, next) in zip(sorted, sorted.dropFirst()) where segment.end > next.address {
            let places = "\(ByteSize.hexadecimal(UInt64(segment.address))) and \(ByteSize.hexadecimal(UInt64(next.address)))"
            throw FileError(file, "the bytes at \(places) overlap: check the regions of the linker script")
        }
        var pages: [Segment] = []
        var address: UInt32 = 0, page: [UInt8] = []
        for segment in sorted {
            for (offset, byte) in segment.bytes.enumerated() {
                let place = segment.address + UInt32(offset)
                if page.isEmpty || place & ~UInt32(pageBytes - 1) != address {
                    if !page.isEmpty { pages.append(Segment(address: address, bytes: page)) }
                    address = place & ~UInt32(pageBytes - 1)
                    page = [UInt8](repeating: filler, count: pageBytes)
                }
                page[Int(place - address)] = byte
            }
        }
        pages.append(Segment(address: address, bytes: page))
        return pages
    }

    private static func append(_ word: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
}
