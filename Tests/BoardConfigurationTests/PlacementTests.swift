// A configuration's words and fragment, really assembled and linked with the linker scripts of the boards.

@testable import BoardConfiguration
import Foundation
import Testing

@Suite struct PlacementTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func output(_ program: String, _ arguments: [String]) throws -> String {
        let run = try Samples.run(URL(filePath: program, relativeTo: root).path, arguments, in: root)
        try #require(run.status == 0, "\(program): \(run.text)")
        return run.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static let tools: String = (try? output("tools/swift-tools", [])) ?? ""

    /// A firmware of a few bytes: a reset handler, 12 bytes of .bss, a module of 8.
    private static let firmware = """
            .section .vectors, "a"
            .word __stack_top, mote_reset
            .text
            .global mote_reset
            .type mote_reset, %function
            .thumb
        mote_reset: b mote_reset
            .section .rodata.use, "a"
            .word mote_configuration
            .section .mote_app, "a"
            .word 1, 2
            .bss
            .space 12
        """

    private func link(_ text: String, board: String) throws -> ElfSections {
        let manifest = try BoardManifest(text: String(contentsOf: Self.root.appending(path: "boards/\(board)/board.toml"), encoding: .utf8), file: "board.toml")
        let map = try MemoryMap(text: String(contentsOf: Self.root.appending(path: "linker/\(board).ld"), encoding: .utf8), file: "linker/\(board).ld")
        let placement = try Placement(StaticConfiguration(text: text, file: "app.toml"), on: manifest, map: map)
        let folder = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func file(_ name: String) -> String { folder.appending(path: name).path }
        for (name, text) in [("firmware.s", Self.firmware + "\n"), ("words.s", placement.assembly), ("words.ld", placement.linkerFragment)] {
            try Data(text.utf8).write(to: URL(filePath: file(name)))
        }
        for name in ["firmware", "words"] { _ = try Self.output("\(Self.tools)/clang", ["--target=\(manifest.targetTriple)", "-mthumb", "-c", "-o", file("\(name).o"), file("\(name).s")]) }
        _ = try Self.output("\(Self.tools)/ld.lld", ["-T", "linker/\(board).ld", "-T", file("words.ld"), "-L", "linker", "--defsym=__clock=1", "--defsym=mote_more=0", "-o", file("a.elf"), file("firmware.o"), file("words.o")])
        return try ElfSections([UInt8](Data(contentsOf: URL(filePath: file("a.elf")))), name: "a.elf")
    }

    /// The words of `mote_configuration`.
    private func words(_ elf: ElfSections) throws -> [UInt32] {
        let address = try #require(elf.symbol(named: "mote_configuration")), rodata = try #require(elf.section(named: ".rodata"))
        let bytes = elf.contents(of: rodata).dropFirst(Int(address - rodata.address)).prefix(48)
        return stride(from: 0, to: 48, by: 4).map { at in (0..<4).reduce(0) { $0 | UInt32(bytes[bytes.startIndex + at + $1]) << UInt32(8 * $1) } }
    }

    /// Allocated sections do not overlap.
    private func expectApart(_ elf: ElfSections) {
        let sections = elf.sections.filter { $0.isAllocated && $0.bytes > 0 }.sorted { $0.address < $1.address }
        for (one, next) in zip(sections, sections.dropFirst()) { #expect(UInt64(one.address) + UInt64(one.bytes) <= UInt64(next.address), "\(one.name), \(next.name)") }
    }

    @Test("Nothing set but a feature: the pool is what RAM has left, the operand stack a quarter of it, 8 KB at most") func rest() throws {
        let elf = try link("features = \"minimal\"\n", board: "stm32f4discovery")
        let words = try words(elf), stack = try #require(elf.symbol(named: "__stack_size"))
        #expect(words[0] == 0x4d43_4601 && words[3] == 0 && words[4] == 0 && words[5] == 7 && words[6] == 8192 && words[9] == .max && words[10] == 0)
        // The stack, 12 bytes of .bss, and up to 8 for alignment.
        #expect(words[1] == 0x2000_0000 + stack + 16 && words[1] + words[2] == 0x2002_0000)
        expectApart(elf)
    }

    @Test("A pool of a size and a second one lie one behind the other, never at one place") func two() throws {
        let elf = try link("pool = \"32k\"\nsecond-pool = \"16k\"\noperand-stack = \"2k\"\nnative-stack = \"12k\"\ncommit = \"whole\"\novercommit = true\n", board: "mps2-an386")
        let words = try words(elf)
        #expect(elf.symbol(named: "__stack_size") == 12288 && elf.symbol(named: "__stack_top") == 0x2000_3000)
        #expect(words[3] == 0x2000_3010 && words[4] == 16384 && words[1] == words[3] + 16384 && words[2] == 32768)
        // The second is for linear memory, the first for the rest.
        #expect(words[5] == 0x403 && words[6] == 2048 && words[10] == 3)
        #expect(elf.symbol(named: "__free_ram_start") == words[1] + words[2])
        expectApart(elf)
    }

    @Test("A pool lies in the region that is asked for, one that takes the rest ends with it") func regions() throws {
        let second = try link("second-pool = \"64k\"\nsecond-pool-region = \"CCM\"\nsecond-pool-use = [\"structures\", \"operand-stack\"]\n", board: "stm32f4discovery")
        var words = try words(second)
        #expect(words[3] == 0x1000_0000 && words[4] == 65536 && words[5] == 0x304 && words[1] >> 16 == 0x2000)
        // A quarter of the pool that it lies in, 8 KB at most.
        #expect(words[6] == 8192)
        expectApart(second)
        let rest = try link("pool-region = \"CCM\"\n", board: "stm32f4discovery")
        words = try self.words(rest)
        #expect(words[1] == 0x1000_0000 && words[2] == 65536 && words[6] == 8192)
        expectApart(rest)
    }

    @Test("An ELF that is cut short or whose headers were damaged is an error or is read, and never more") func damaged() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appending(path: "a.s").path, object = folder.appending(path: "a.o").path
        try Data((Self.firmware + "\n").utf8).write(to: URL(filePath: source))
        _ = try Self.output("\(Self.tools)/clang", ["--target=armv7em-none-none-eabi", "-mthumb", "-c", "-o", object, source])
        let whole = [UInt8](try Data(contentsOf: URL(filePath: object)))
        #expect(try ElfSections(whole, name: "a.o").section(named: ".bss")?.bytes == 12)
        var refused = 0
        for count in 0..<whole.count where (try? ElfSections(Array(whole[..<count]), name: "a.o")) == nil { refused += 1 }
        // The headers of sections lie at the end.
        #expect(refused == whole.count)
        for place in 0..<52 {
            for bit in 0..<8 {
                var bytes = whole
                bytes[place] ^= 1 << UInt8(bit)
                guard let elf = try? ElfSections(bytes, name: "a.o") else { continue }
                for section in elf.sections { _ = elf.contents(of: section) }
                _ = elf.symbol(named: "mote_reset")
            }
        }
    }
}
