// A firmware without instructions, really assembled and linked: with the board's script and a configuration's fragment.

@testable import BoardConfiguration
import Foundation
import Testing

struct LinkedFirmware {
    let map: MemoryMap
    let configuration: StaticConfiguration
    /// The file's bytes, and what was read of them.
    let bytes: [UInt8]
    let elf: ElfSections

    /// The folder of clang and ld.lld.
    private static let tools: String? = try? Samples.run("/bin/sh", [Samples.root.appending(path: "tools/swift-tools").path]).text.trimmingCharacters(in: .whitespacesAndNewlines)

    /// What the firmware has by itself: 16 bytes of vectors, 16 of code, 12 of .data, 101 of .bss, and a module of 9.
    private static let source = """
            .section .vectors, "a", %progbits
            .long __stack_top, mote_reset, 0, 0
            .section .text.mote_reset, "ax", %progbits
            .global mote_reset
            .type mote_reset, %object
        mote_reset:
            .long mote_configuration, values, counters, module
            .section .data.values, "aw", %progbits
            .balign 4
        values:
            .long 1, 2, 3
            .section .bss.counters, "aw", %nobits
        counters:
            .space 101
            .section .mote_app, "a", %progbits
        module:
            .ascii "the guest"

        """
    /// What the Pico's script has before the vectors.
    private static let bootStage = """
            .section .boot2, "ax", %progbits
            .global mote_rp2040_boot
        mote_rp2040_boot:
            .space 256

        """

    /// Links for a board of the repository.
    init(_ text: String, on board: String) throws {
        let manifest = try BoardManifest(text: String(contentsOf: Samples.root.appending(path: "boards/\(board)/board.toml"), encoding: .utf8), file: "boards/\(board)/board.toml")
        try self.init(text, on: manifest, script: String(contentsOf: Samples.root.appending(path: "linker/\(board).ld"), encoding: .utf8), file: "linker/\(board).ld")
    }

    /// Links for a board with the memory of `script`.
    init(_ text: String, on manifest: BoardManifest, script: String, file: String) throws {
        let map = try MemoryMap(text: script, file: file), configuration = try Samples.configuration(text)
        let placement = try Placement(configuration, on: manifest, map: map)
        let tools = try #require(Self.tools), source = script.contains("mote_rp2040_boot") ? Self.source + Self.bootStage : Self.source
        bytes = try Samples.inFolder { folder in
            for (name, text) in [("board.ld", script), ("app.ld", placement.linkerFragment), ("app.s", placement.assembly), ("firmware.s", source)] {
                try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
            }
            for name in ["app", "firmware"] {
                let result = try Samples.run(tools + "/clang", ["-target", manifest.targetTriple, "-c", "\(name).s", "-o", "\(name).o"], in: folder)
                try #require(result.status == 0 && result.text.isEmpty, "\(result.text)")
            }
            // --nmagic: a file that is not padded to pages, so that tests can cut it off at every byte.
            let result = try Samples.run(
                tools + "/ld.lld",
                ["--nmagic", "-T", "board.ld", "-T", "app.ld", "-L", Samples.root.appending(path: "linker").path, "-nostdlib", "-static", "--gc-sections", "-o", "app.elf",
                 "firmware.o", "app.o"],
                in: folder)
            try #require(result.status == 0 && result.text.isEmpty, "\(result.text)\(placement.linkerFragment)")
            return try Array(Data(contentsOf: folder.appending(path: "app.elf")))
        }
        self.map = map
        self.configuration = configuration
        elf = try ElfSections(bytes, name: "app.elf")
    }

    /// A symbol's value.
    func symbol(_ name: String) throws -> UInt32 { try #require(elf.symbol(named: name), "no symbol \(name)") }

    /// Where a section lies.
    func range(_ name: String) throws -> Range<UInt32> {
        let section = try #require(elf.section(named: name), "no section \(name)")
        return section.address..<section.address + section.bytes
    }

    /// The pool, as the symbols tell it.
    func pool() throws -> Range<UInt32> {
        let start = try symbol("mote_pool_start")
        return start..<start + (try symbol("mote_pool_length"))
    }

    /// The words of `mote_configuration`, out of flash.
    func words() throws -> [UInt32] {
        let section = try #require(elf.section(named: ".rodata")), start = Int(try symbol("mote_configuration") - section.address)
        let bytes = elf.contents(of: section)
        return ConfigurationWord.allCases.map { word in
            (0..<4).reduce(0) { $0 | UInt32(bytes[start + word.rawValue * 4 + $1]) << UInt32(8 * $1) }
        }
    }

    /// Expects that all lies in regions, no two over each other: sections, images of sections, and a pool that is the rest.
    func expectNoOverlap() throws {
        var ranges: [(name: String, range: Range<UInt64>)] = []
        func add(_ name: String, _ start: UInt32, _ bytes: UInt32) { ranges.append((name, UInt64(start)..<UInt64(start) + UInt64(bytes))) }
        for section in elf.sections where section.isAllocated && section.bytes > 0 {
            add(section.name, section.address, section.bytes)
            if section.isLoaded && section.loadAddress != section.address { add("\(section.name)'s image", section.loadAddress, section.bytes) }
        }
        if elf.section(named: ".mote_pool") == nil { add("the rest", try pool().lowerBound, UInt32(try pool().count)) }
        for (number, one) in ranges.enumerated() {
            #expect(map.regions.contains { $0.start <= one.range.lowerBound && one.range.upperBound <= $0.end }, "\(one.name) is in no region")
            for other in ranges[(number + 1)...] { #expect(!one.range.overlaps(other.range), "\(one.name) and \(other.name) overlap") }
        }
    }
}
