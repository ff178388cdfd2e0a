// From a linked firmware to its picture.

extension MemoryPicture {
    /// The regions of a board with what a firmware has in each. `pool` is what lies in the pool, by address; without it the pool is one part.
    /// Throws `FileError` where a section lies in no region.
    public init(of elf: ElfSections, named file: String, map: MemoryMap, pool: [Part] = []) throws(FileError) {
        var parts: [String: [Part]] = [:]
        for section in elf.sections where section.isAllocated && section.bytes > 0 {
            try Self.add(Self.partName(section.name), at: section.address, section.bytes, pool, to: &parts, map, file)
            if section.isLoaded, section.loadAddress != section.address {
                try Self.add(Self.partName(section.name) + " image", at: section.loadAddress, section.bytes, [], to: &parts, map, file)
            }
        }
        // Without a section of its own the pool is what is left, which the linker fragment's symbols tell.
        if elf.section(named: ".mote_pool") == nil, let start = elf.symbol(named: "mote_pool_start"), let bytes = elf.symbol(named: "mote_pool_length"), bytes > 0 {
            try Self.add("pool", at: start, bytes, pool, to: &parts, map, file)
        }
        try self.init(map.regions.map { Region($0.name, at: $0.start, bytes: $0.bytes, parts: parts[$0.name] ?? []) }, file: file)
    }

    private static func add(
        _ name: String, at start: UInt32, _ bytes: UInt32, _ pool: [Part], to parts: inout [String: [Part]], _ map: MemoryMap, _ file: String
    ) throws(FileError) {
        guard let region = map.regions.first(where: { $0.start <= UInt64(start) && UInt64(start) < $0.end }) else {
            throw FileError(file, "\(name) at \(ByteSize.hexadecimal(UInt64(start))) lies in no region of \(map.file): link it with this board's script")
        }
        parts[region.name, default: []].append(Part(name, at: UInt64(start), bytes: UInt64(bytes), children: name == "pool" ? pool : []))
    }

    /// Sections as people call them; .data and .bss keep their names.
    private static func partName(_ section: String) -> String {
        switch section {
        case ".vectors", ".text", ".rodata", ".stack": String(section.dropFirst())
        case ".app": "module"
        case ".mote_pool": "pool"
        case ".mote_second_pool": "second pool"
        default: section
        }
    }
}
