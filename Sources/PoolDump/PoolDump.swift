// A runtime's buffers as a debugger dumped them, or as `save` wrote them, read on the host. The bytes are hostile: everything is checked, nothing is trusted,
// and every walk ends because its place only goes forward, or is counted.
//
// Layouts: RegionTable+Root.swift, RegionTable.swift, SavedPool.swift of the Runtime, and docs/SAVE.md.

/// Why bytes are no dump.
public enum DumpError: Error, Equatable, Sendable {
    /// No runtime begins anywhere in them.
    case noRuntime
    /// It is of a runtime of another layout version.
    case layout(UInt32)
    /// They end inside the table of regions.
    case truncated
}

public struct PoolDump: Sendable {
    public static let layoutVersion: UInt32 = 3
    static let mark: UInt32 = 0x4554_4f4d
    static let savedMark: UInt32 = 0x5354_4f4d

    /// A pool, or a loaded module.
    public struct Region: Sendable {
        /// Bytes that were noted, and those of them that are there: of a module an image's alone, if it was given.
        public let length: Int
        public let bytes: DumpBytes
        /// The module's block, and what tells it from the module before.
        public let module: UInt32
        public let generation: UInt32
        public let uses: UInt8
        /// Of a saved module.
        public let hash: UInt64?
    }

    public let isSaved: Bool
    public let codeNumber: UInt32
    public let features: UInt8
    public let poolCount: Int
    public let regions: [Region]
    let directory: UInt32
    let directoryCount: Int
    let firstEnvironment: UInt32

    /// Of one file with the first buffer, which may hold the others as well where they lie behind it in memory, of files with the other buffers, and of images that
    /// were loaded: their blocks lie in no buffer.
    public init(_ file: [UInt8], others: [[UInt8]] = [], images: [[UInt8]] = []) throws(DumpError) {
        let bytes = DumpBytes(file)
        isSaved = bytes.word(0) == Self.savedMark
        if isSaved, let version = bytes.word(4), version != Self.layoutVersion { throw .layout(version) }
        let start = isSaved ? 16 : try Self.start(in: bytes)
        guard bytes.word(start) == Self.mark else { throw .noRuntime }
        guard let layout = bytes.word(start + 4), let code = bytes.word(start + 8), let directory = bytes.word(start + 12), let instances = bytes.word(start + 16),
            let environments = bytes.word(start + 20)
        else { throw .truncated }
        guard layout & 0xff == Self.layoutVersion else { throw .layout(layout & 0xff) }
        codeNumber = code
        features = UInt8(layout >> 24)
        poolCount = Int(layout >> 8 & 0xff)
        self.directory = directory
        directoryCount = Int(instances & 0xff)
        firstEnvironment = environments
        regions = try Self.regions(bytes, start, count: Int(layout >> 16 & 0xff), pools: poolCount, isSaved: isSaved, others, images)
    }

    /// Where the first buffer begins in a dump of memory.
    private static func start(in bytes: DumpBytes) throws(DumpError) -> Int {
        for offset in stride(from: 0, to: bytes.count, by: 8) where bytes.word(offset) == mark {
            guard let layout = bytes.word(offset + 4), layout >> 8 & 0xff >= 1, layout >> 16 & 0xff > layout >> 8 & 0xff, layout >> 16 & 0xff <= 64 else { continue }
            return offset
        }
        throw .noRuntime
    }

    private static func regions(_ bytes: DumpBytes, _ start: Int, count: Int, pools: Int, isSaved: Bool, _ others: [[UInt8]], _ images: [[UInt8]]) throws(DumpError) -> [Region] {
        let tableBytes = (36 + count * 20 + 7) & ~7
        var next = start + tableBytes
        if isSaved {
            guard let hosts = bytes.word(12) else { throw .truncated }
            next += Int(hosts) * 8
        }
        let firstBase = bytes.pair(start + 28) ?? 0
        var regions: [Region] = []
        for number in 0..<count {
            let entry = start + 36 + number * 20
            guard let base = bytes.pair(entry), let length = bytes.word(entry + 8), let module = bytes.word(entry + 12), let state = bytes.word(entry + 16) else {
                throw .truncated
            }
            var contents = DumpBytes([])
            if number < pools {
                if isSaved || number == 0 {
                    contents = bytes.part(next, isSaved ? Int(length) & ~7 : Int(length))
                    next += Int(length) & ~7
                } else if number <= others.count {
                    contents = DumpBytes(others[number - 1]).part(0, Int(length))
                } else if base >= firstBase, base - firstBase <= UInt64(bytes.count) {
                    contents = bytes.part(start + tableBytes + Int(base - firstBase), Int(length))
                }
            } else if Self.isInImage(module, number) {
                let image = images.first { DumpBytes($0).word(12) == length && $0.count >= Int(length) && (!isSaved || hash(Array($0[..<Int(length)])) == base) }
                contents = DumpBytes(image ?? []).part(0, Int(length))
            }
            regions.append(
                Region(
                    length: Int(length), bytes: contents, module: number < pools ? 0 : module, generation: state & 0xff_ffff, uses: UInt8(state >> 24),
                    hash: isSaved && number >= pools ? base : nil))
        }
        return regions
    }

    /// Whether a module's block lies in its own bytes, as an image's does.
    static func isInImage(_ block: UInt32, _ region: Int) -> Bool { block != 0 && Int(block >> 26) == region }

    /// Words that the dump has of its pools: what blocks of one kind have together is no more, for blocks do not overlap.
    var wordCount: Int { regions.prefix(poolCount).reduce(0) { $0 + $1.bytes.count / 4 } }

    /// The hash that `save` notes of a module.
    public static func hash(_ module: [UInt8]) -> UInt64 {
        var sum: UInt64 = 0xcbf2_9ce4_8422_2325
        for at in stride(from: 0, to: module.count, by: 4) {
            var word: UInt64 = 0
            for i in 0..<min(4, module.count - at) { word |= UInt64(module[at + i]) << UInt64(i * 8) }
            sum = (sum ^ word) &* 0x100_0000_01b3
        }
        return sum
    }

    // MARK: references

    /// A block in use: its words.
    struct Block {
        let bytes: DumpBytes
        var words: Int { bytes.count / 4 }
        func word(_ index: Int) -> UInt32? { index < 0 || index > 1 << 28 ? nil : bytes.word(index * 4) }
    }

    /// The block that a reference names; nil where its header does not say so.
    func block(_ reference: UInt32) -> Block? {
        let region = Int(reference >> 26)
        guard reference != 0, region < poolCount, region < regions.count else { return nil }
        let pool = PoolView(regions[region].bytes, length: regions[region].length)
        let offset = Int(reference & 0x03ff_ffff) * 4
        guard offset & 7 == 0, offset >= 8, let header = pool.header(offset / 8 - 1), !header.isFree, header.units >= 2 else { return nil }
        let count = header.units * 8 - 4
        guard offset + count <= regions[region].bytes.count else { return nil }
        return Block(bytes: regions[region].bytes.part(offset, count))
    }

    /// Words at a reference inside some block.
    func part(_ reference: UInt32, words: Int) -> Block? {
        let region = Int(reference >> 26)
        guard reference != 0, region < poolCount, region < regions.count else { return nil }
        let part = regions[region].bytes.part(Int(reference & 0x03ff_ffff) * 4, words * 4)
        return part.count == words * 4 ? Block(bytes: part) : nil
    }

    /// A block's bytes in the pool, header included.
    func blockBytes(_ block: Block?) -> Int { block.map { ($0.bytes.count + 4 + 7) & ~7 } ?? 0 }
}
