// The reader of ELF files: what it finds in a linked firmware, and that nothing damaged makes it crash.

@testable import BoardConfiguration
import Testing

@Suite("The sections of a firmware")
struct ElfSectionsTests {
    private static func firmware() throws -> LinkedFirmware {
        try LinkedFirmware("pool = 8192\nsecond-pool = 512\nsecond-pool-region = \"CCM\"", on: "stm32f4discovery")
    }

    /// Reads all that can be asked of a file, so that a bound which is missing shows.
    private static func readAll(_ bytes: [UInt8]) throws {
        let elf = try ElfSections(bytes, name: "app.elf")
        for section in elf.sections { #expect(elf.contents(of: section).count == (section.hasNoBytes ? 0 : Int(section.bytes))) }
        for name in ["mote_pool_start", "mote_configuration", "none", ""] { _ = elf.symbol(named: name) }
        _ = elf.segments
    }

    @Test("are what the linker made")
    func sections() throws {
        let elf = try Self.firmware().elf
        let vectors = try #require(elf.section(named: ".vectors"))
        #expect(vectors.address == 0x0800_0000 && vectors.bytes == 16 && vectors.isAllocated && vectors.isLoaded && !vectors.hasNoBytes)
        let data = try #require(elf.section(named: ".data"))
        #expect(data.address == 0x2000_4000 && data.bytes == 12 && data.isLoaded)
        #expect(elf.contents(of: data) == [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0])
        #expect(elf.symbol(named: "__data_load") == data.loadAddress && data.loadAddress > 0x0800_0000 && data.loadAddress < 0x0800_0200)
        let bss = try #require(elf.section(named: ".bss"))
        #expect(bss.bytes == 104 && bss.hasNoBytes && bss.isAllocated && !bss.isLoaded && elf.contents(of: bss).isEmpty)
        let names = try #require(elf.section(named: ".strtab"))
        #expect(!names.isAllocated && !names.isLoaded)
        #expect(elf.section(named: ".none") == nil && elf.section(named: "") == nil)
    }

    @Test("have symbols, found by the whole name")
    func symbols() throws {
        let elf = try Self.firmware().elf
        #expect(elf.symbol(named: "mote_reset") == elf.section(named: ".text")?.address)
        #expect(elf.symbol(named: "__stack_top") == 0x2000_4000)
        #expect(elf.symbol(named: "counters") == elf.section(named: ".bss")?.address)
        for name in ["mote_rese", "ote_reset", "mote_reset_", ""] { #expect(elf.symbol(named: name) == nil) }
    }

    private func range(_ name: String, _ elf: ElfSections) throws -> Range<Int> {
        let section = try #require(elf.section(named: name))
        return Int(section.offset)..<Int(section.offset) + Int(section.bytes)
    }

    @Test("have no symbol whose name has no end in its table")
    func endlessName() throws {
        let firmware = try Self.firmware(), names = try range(".strtab", firmware.elf)
        let last = String(decoding: firmware.bytes[names].dropLast().split(separator: 0).last ?? [], as: UTF8.self)
        try #require(firmware.elf.symbol(named: last) != nil)
        // The table without its last byte, the zero that ends the name; it is still in the file.
        var bytes = firmware.bytes
        let number = try #require(firmware.elf.sections.firstIndex { $0.name == ".strtab" }) + 1
        let headers = (0..<4).reduce(0) { $0 | Int(bytes[32 + $1]) << (8 * $1) }
        bytes[headers + number * 40 + 20] = UInt8(truncatingIfNeeded: names.count - 1)
        bytes[headers + number * 40 + 21] = UInt8(truncatingIfNeeded: (names.count - 1) >> 8)
        #expect(try ElfSections(bytes, name: "app.elf").symbol(named: last) == nil)
    }

    @Test("have every symbol of the table, the last one too")
    func everySymbol() throws {
        let firmware = try Self.firmware(), table = try #require(firmware.elf.symbolTable)
        func word(_ offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(firmware.bytes[offset + $1]) << UInt32(8 * $1) } }
        try #require(try table.entries == range(".symtab", firmware.elf) && table.names == range(".strtab", firmware.elf))
        var values: [String: [UInt32]] = [:]
        for entry in stride(from: table.entries.lowerBound + 16, to: table.entries.upperBound, by: 16) {
            let name = firmware.bytes[(table.names.lowerBound + Int(word(entry)))...].prefix { $0 != 0 }
            values[String(decoding: name, as: UTF8.self), default: []].append(word(entry + 4))
        }
        #expect(values.count > 20 && values["mote_second_pool_end"] == [0x1000_0200])
        // The first of those that have a name in common, as Arm's $d.
        for (name, its) in values { #expect(firmware.elf.symbol(named: name) == its.first, "\(name)") }
    }

    @Test("may end with the file, not one byte behind it")
    func sizes() throws {
        let bytes = try Self.firmware().bytes
        func word(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }
        var changedSections = 0
        for header in stride(from: word(32) + 40, to: bytes.count, by: 40) where word(header + 4) != 8 {
            for more in [0, 1] {
                var changed = bytes
                let size = bytes.count - word(header + 16) + more
                for place in 0..<4 { changed[header + 20 + place] = UInt8(truncatingIfNeeded: size >> (8 * place)) }
                #expect(Samples.refusal { try Self.readAll(changed) } == (more == 0 ? "no error" : "app.elf: is damaged or cut off: build it again"))
            }
            changedSections += 1
        }
        #expect(changedSections >= 8)
    }

    @Test("are flashed where they are loaded")
    func segments() throws {
        let elf = try Self.firmware().elf, segments = elf.segments
        try #require(segments.map(\.address) == elf.sections.filter(\.isLoaded).map(\.loadAddress))
        // Vectors, code, the configuration, the module, and the image of .data.
        #expect(segments.map(\.bytes.count) == [16, 16, 48, 12, 12])
        let read = try UF2.read(UF2.write(segments, family: 0x5755_e9b4, file: "app.uf2"), file: "app.uf2").segments
        try #require(read.map(\.address) == [0x0800_0000])
        for segment in segments {
            let start = Int(segment.address) - 0x0800_0000
            try #require(start >= 0 && start + segment.bytes.count <= read[0].bytes.count)
            #expect(Array(read[0].bytes[start..<start + segment.bytes.count]) == segment.bytes)
        }
    }

    @Test("are refused where the file is none of ours", arguments: [
        (0, UInt8(0), "app.elf: is no ELF file: give the firmware that the build made"),
        (4, 2, "app.elf: is no 32-bit little-endian ELF file: build it for a board"),
        (5, 2, "app.elf: is no 32-bit little-endian ELF file: build it for a board"),
        (42, 8, "app.elf: is damaged: its program headers are too short; build it again"),
        (46, 39, "app.elf: is damaged: its section headers are too short; build it again"),
        (50, 200, "app.elf: is damaged: it has no section names; build it again"),
        (35, 0x7f, "app.elf: is damaged or cut off: build it again"),
        (31, 0x7f, "app.elf: is damaged or cut off: build it again"),
    ])
    func refused(offset: Int, value: UInt8, message: String) throws {
        var bytes = try Self.firmware().bytes
        bytes[offset] = value
        #expect(Samples.refusal { try Self.readAll(bytes) } == message)
    }

    /// The linker puts section headers last: without one byte of them there is no table.
    @Test("are refused where the file is cut off, at any place")
    func truncations() throws {
        let bytes = try Self.firmware().bytes
        #expect(bytes.count < 20_000, "so many bytes take long to cut off everywhere")
        for count in 0..<bytes.count { #expect(throws: FileError.self) { try Self.readAll(Array(bytes.prefix(count))) } }
        try Self.readAll(bytes)
    }

    @Test("are read or refused with any byte of the headers changed, and never crash")
    func flips() throws {
        let firmware = try Self.firmware(), bytes = firmware.bytes
        func word(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }
        func half(_ offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
        let table = try #require(firmware.elf.symbolTable).entries
        let headers = Array(0..<52) + Array(word(28)..<word(28) + half(42) * half(44)) + Array(word(32)..<word(32) + half(46) * half(48)) + Array(table)
        var refused = 0, read = 0
        for offset in headers {
            for change in [UInt8(0x01), 0x80, 0xff] {
                var changed = bytes
                changed[offset] ^= change
                do {
                    try Self.readAll(changed)
                    read += 1
                } catch is FileError { refused += 1 }
            }
        }
        #expect(refused > 100 && read > 100 && refused + read == headers.count * 3)
    }

    @Test("can be none, and stripped")
    func none() throws {
        var bytes = try Self.firmware().bytes
        // No section headers, no program headers.
        for offset in [44, 45, 48, 49] { bytes[offset] = 0 }
        let elf = try ElfSections(bytes, name: "app.elf")
        #expect(elf.sections.isEmpty && elf.segments.isEmpty && elf.symbol(named: "mote_reset") == nil)
        #expect(throws: FileError.self) { try ElfSections([], name: "app.elf") }
    }
}
