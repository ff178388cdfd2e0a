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

    @Test("are flashed where they are loaded")
    func segments() throws {
        let elf = try Self.firmware().elf, segments = elf.segments
        #expect(segments.map(\.address) == elf.sections.filter(\.isLoaded).map(\.loadAddress))
        // Vectors, code, the configuration, the module, and the image of .data.
        #expect(segments.map(\.bytes.count) == [16, 16, 48, 12, 12])
        let read = try UF2.read(UF2.write(segments, family: 0x5755_e9b4, file: "app.uf2"), file: "app.uf2").segments
        #expect(read.count == 1 && read[0].address == 0x0800_0000)
        for segment in segments {
            let start = Int(segment.address - 0x0800_0000)
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
