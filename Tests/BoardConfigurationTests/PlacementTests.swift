// Where the linker puts a configuration's buffers: read back from ELF files that ld.lld has linked with the boards' own scripts.

@testable import BoardConfiguration
import Foundation
import Testing

@Suite("Placement")
struct PlacementTests {
    @Test("without a configuration gives the pool what is left of RAM")
    func standard() throws {
        let firmware = try LinkedFirmware("", on: "stm32f4discovery")
        #expect(try firmware.range(".stack") == 0x2000_0000..<0x2000_4000)
        #expect(try firmware.range(".data") == 0x2000_4000..<0x2000_400c)
        #expect(try firmware.range(".bss") == 0x2000_400c..<0x2000_4074)
        #expect(firmware.elf.section(named: ".mote_pool") == nil && firmware.elf.section(named: ".mote_second_pool") == nil)
        #expect(try firmware.pool() == 0x2000_4078..<0x2002_0000)
        #expect(try firmware.symbol("mote_operand_stack") == 8192)
        #expect(try firmware.symbol("__stack_size") == 16384)
        #expect(firmware.elf.symbol(named: "mote_second_pool_start") == nil)
        #expect(try firmware.words() == [0x4d43_4601, 0x2000_4078, 0x1bf88, 0, 0, 7, 8192, 0, 0, 0xffff_ffff, 0, 0])
        try firmware.expectNoOverlap()
    }

    @Test("gives a pool as many bytes as it asks for, behind .bss")
    func fixed() throws {
        let firmware = try LinkedFirmware("pool = \"96k\"", on: "mps2-an386")
        #expect(try firmware.range(".bss").upperBound == 0x2000_c074)
        #expect(try firmware.range(".mote_pool") == 0x2000_c078..<0x2002_4078)
        #expect(try firmware.pool() == 0x2000_c078..<0x2002_4078)
        #expect(try firmware.symbol("__free_ram_start") == 0x2002_4078)
        #expect(try firmware.symbol("mote_operand_stack") == 8192)
        #expect(firmware.elf.section(named: ".mote_pool")?.hasNoBytes == true)
        #expect(try firmware.words()[1...2] == [0x2000_c078, 98304])
        try firmware.expectNoOverlap()
    }

    @Test("gives the operand stack a quarter of a small pool, or what the configuration says")
    func operandStack() throws {
        let quarter = try LinkedFirmware("pool = 4088", on: "mps2-an386")
        #expect(try quarter.symbol("mote_operand_stack") == 1020)
        #expect(try quarter.words()[6] == 1020)
        let own = try LinkedFirmware("pool = 4088\noperand-stack = 600", on: "mps2-an386")
        #expect(try own.words()[6] == 600)
    }

    @Test("gives a pool without size the rest of a region of its own")
    func restOfOther() throws {
        let firmware = try LinkedFirmware("pool-region = \"CCM\"", on: "stm32f4discovery")
        #expect(try firmware.range(".mote_pool") == 0x1000_0000..<0x1001_0000)
        #expect(try firmware.pool() == 0x1000_0000..<0x1001_0000)
        #expect(try firmware.symbol("__free_ram_start") == 0x2000_4078)
        try firmware.expectNoOverlap()
    }

    @Test("has a fixed pool in a region of its own", arguments: [UInt32(1024), 65536])
    func fixedInOther(bytes: UInt32) throws {
        let firmware = try LinkedFirmware("pool = \(bytes)\npool-region = \"CCM\"", on: "stm32f4discovery")
        #expect(try firmware.pool() == 0x1000_0000..<0x1000_0000 + bytes)
        #expect(try firmware.range(".mote_pool") == firmware.pool())
        try firmware.expectNoOverlap()
    }

    @Test("has a second pool in RAM, before the pool that takes the rest")
    func secondInRAM() throws {
        let firmware = try LinkedFirmware("second-pool = 4104\nsecond-pool-use = [\"structures\"]", on: "stm32f4discovery")
        #expect(try firmware.range(".mote_second_pool") == 0x2000_4078..<0x2000_5080)
        #expect(try firmware.symbol("mote_second_pool_start") == 0x2000_4078)
        #expect(try firmware.pool() == 0x2000_5080..<0x2002_0000)
        #expect(try firmware.words()[1...5] == [0x2000_5080, 0x1af80, 0x2000_4078, 4104, 0x106])
        try firmware.expectNoOverlap()
    }

    @Test("has a second pool in RAM, before a fixed pool")
    func bothInRAM() throws {
        let firmware = try LinkedFirmware("second-pool = 4096\npool = 8192", on: "stm32f4discovery")
        #expect(try firmware.range(".mote_second_pool") == 0x2000_4078..<0x2000_5078)
        #expect(try firmware.range(".mote_pool") == 0x2000_5078..<0x2000_7078)
        #expect(try firmware.pool() == 0x2000_5078..<0x2000_7078)
        #expect(try firmware.symbol("__free_ram_start") == 0x2000_7078)
        try firmware.expectNoOverlap()
    }

    @Test("has a second pool in CCM, with the operand stack a quarter of it")
    func secondInCCM() throws {
        let firmware = try LinkedFirmware(
            "second-pool = 16000\nsecond-pool-region = \"CCM\"\nsecond-pool-use = [\"operand-stack\", \"structures\"]", on: "stm32f4discovery")
        #expect(try firmware.range(".mote_second_pool") == 0x1000_0000..<0x1000_3e80)
        #expect(try firmware.symbol("mote_second_pool_start") == 0x1000_0000)
        #expect(try firmware.pool() == 0x2000_4078..<0x2002_0000)
        #expect(try firmware.symbol("mote_operand_stack") == 4000)
        #expect(try firmware.words()[3...6] == [0x1000_0000, 16000, 0x304, 4000])
        try firmware.expectNoOverlap()
    }

    @Test("has both pools in CCM, or each where the other is usual")
    func pools() throws {
        let both = try LinkedFirmware("second-pool = 16384\nsecond-pool-region = \"CCM\"\npool-region = \"CCM\"", on: "stm32f4discovery")
        #expect(try both.range(".mote_second_pool") == 0x1000_0000..<0x1000_4000)
        #expect(try both.pool() == 0x1000_4000..<0x1001_0000)
        try both.expectNoOverlap()
        let crossed = try LinkedFirmware("second-pool = 16384\npool-region = \"CCM\"", on: "stm32f4discovery")
        #expect(try crossed.range(".mote_second_pool") == 0x2000_4078..<0x2000_8078)
        #expect(try crossed.pool() == 0x1000_0000..<0x1001_0000)
        #expect(try crossed.symbol("__free_ram_start") == 0x2000_8078)
        try crossed.expectNoOverlap()
    }

    @Test("never gives the operand stack less than its least", arguments: [UInt32(136), 200, 256, 264])
    func leastOperandStack(bytes: UInt32) throws {
        let firmware = try LinkedFirmware("second-pool = \(bytes)\nsecond-pool-region = \"CCM\"\nsecond-pool-use = \"operand-stack\"", on: "stm32f4discovery")
        #expect(try firmware.symbol("mote_operand_stack") == max(64, bytes / 16 * 4))
    }

    @Test("moves all of RAM for a native stack", arguments: [("mps2-an386", UInt32(1024)), ("mps2-an386", 1 << 20), ("stm32f4discovery", 8200)])
    func nativeStack(board: String, bytes: UInt32) throws {
        let firmware = try LinkedFirmware("native-stack = \(bytes)", on: board)
        #expect(try firmware.symbol("__stack_size") == bytes)
        #expect(try firmware.range(".stack") == 0x2000_0000..<0x2000_0000 + bytes)
        #expect(try firmware.symbol("__stack_limit") == 0x2000_0000 && firmware.symbol("__stack_top") == 0x2000_0000 + bytes)
        #expect(try firmware.range(".data").lowerBound == 0x2000_0000 + bytes)
        #expect(firmware.elf.section(named: ".stack")?.hasNoBytes == true)
        let start = (0x2000_0000 + bytes + 12 + 104 + 7) & ~7
        #expect(try firmware.pool() == start..<UInt32(try #require(firmware.map.region(named: "RAM")).end))
        try firmware.expectNoOverlap()
    }

    @Test("puts the module in another flash region")
    func module() throws {
        let text = "native-stack = 4096\nmodule-region = \"QSPI\"\npool = 1024\nsecond-pool = 512\nsecond-pool-region = \"CCM\""
        let firmware = try LinkedFirmware(text, on: Samples.board(), script: Samples.script, file: "sample.ld")
        let app = try #require(firmware.elf.section(named: ".app"))
        #expect(app.address == 0x9000_0000 && app.bytes == 12 && app.loadAddress == 0x9000_0000)
        #expect(firmware.elf.contents(of: app) == Array("the guest\0\0\0".utf8))
        #expect(firmware.elf.sections.count { $0.name == ".app" } == 1)
        #expect(try firmware.range(".mote_pool") == 0x2000_1078..<0x2000_1478)
        #expect(try firmware.range(".mote_second_pool") == 0x1000_0000..<0x1000_0200)
        // The image of .data then follows the constants.
        #expect(try #require(firmware.elf.section(named: ".data")).loadAddress == firmware.range(".rodata").upperBound)
        try firmware.expectNoOverlap()
    }

    @Test("leaves the module with the firmware where that is its region", arguments: ["", "module-region = \"FLASH\""])
    func moduleWithFirmware(text: String) throws {
        let firmware = try LinkedFirmware(text, on: Samples.board(), script: Samples.script, file: "sample.ld")
        #expect(try firmware.range(".app").lowerBound == firmware.range(".rodata").upperBound)
        try firmware.expectNoOverlap()
    }

    @Test("is linked for RISC-V too")
    func riscV() throws {
        let firmware = try LinkedFirmware("pool = \"64k\"\nsecond-pool = \"8k\"\nnative-stack = \"16k\"\naux-stack = 77", on: "riscv32-virt")
        #expect(try firmware.range(".stack") == 0x8040_0000..<0x8040_4000)
        #expect(try firmware.range(".mote_pool").count == 65536)
        #expect(try firmware.range(".mote_second_pool").count == 8192)
        #expect(try firmware.words()[1...4] == [firmware.symbol("mote_pool_start"), 65536, firmware.symbol("mote_second_pool_start"), 8192])
        #expect(try firmware.words()[7] == 77)
        try firmware.expectNoOverlap()
    }

    @Test("aligns RISC-V's stack to 16, also where the size is not")
    func riscVStack() throws {
        let firmware = try LinkedFirmware("native-stack = 8200", on: "riscv32-virt")
        #expect(try firmware.symbol("__stack_top") == 0x8040_2010)
        #expect(try firmware.symbol("__stack_size") == 8208)
        try firmware.expectNoOverlap()
    }

    @Test("has at most 256 MB of a large region")
    func largest() throws {
        let script = Samples.script.replacing("LENGTH = 64K", with: "LENGTH = 1024M").replacing("org = 0x10000000, len = 16K", with: "org = 0xa0000000, len = 1024M")
        for region in ["RAM", "CCM"] {
            let firmware = try LinkedFirmware("pool-region = \"\(region)\"", on: Samples.board(), script: script, file: "large.ld")
            #expect(try firmware.pool().count == 256 << 20)
        }
    }

    @Test("ends at a whole word where a region does not")
    func oddEnd() throws {
        let script = Samples.script.replacing("len = 16K", with: "len = 1003").replacing("LENGTH = 64K", with: "LENGTH = 65533")
        let other = try LinkedFirmware("pool-region = \"CCM\"", on: Samples.board(), script: script, file: "odd.ld")
        #expect(try other.pool() == 0x1000_0000..<0x1000_03e8)
        let rest = try LinkedFirmware("", on: Samples.board(), script: script, file: "odd.ld")
        #expect(try rest.pool() == 0x2000_2078..<0x2000_fff8)
    }

    /// The folders that have a manifest.
    private static let boards = ((try? FileManager.default.contentsOfDirectory(atPath: Samples.root.appending(path: "boards").path)) ?? [])
        .filter { FileManager.default.fileExists(atPath: Samples.root.appending(path: "boards/\($0)/board.toml").path) }.sorted()

    @Test("is linked for every board")
    func everyBoard() throws {
        #expect(Self.boards.count >= 13)
        for board in Self.boards {
            let firmware = try LinkedFirmware("pool = 1024\nsecond-pool = 512\nnative-stack = 2048", on: board)
            let pool = try firmware.pool(), second = try firmware.range(".mote_second_pool"), ram = try #require(firmware.map.region(named: "RAM"))
            #expect(try firmware.symbol("__stack_top") == UInt32(ram.start) + 2048, "\(board)")
            #expect(second.count == 512 && pool.count == 1024 && second.upperBound == pool.lowerBound, "\(board)")
            #expect(try firmware.words()[1...4] == [pool.lowerBound, 1024, second.lowerBound, 512], "\(board)")
            #expect(try firmware.symbol("__free_ram_start") == pool.upperBound, "\(board)")
            try firmware.expectNoOverlap()
        }
    }

    @Test("is refused where it does not fit")
    func refused() throws {
        let map = try Samples.map(), board = try Samples.board()
        let message = Samples.refusal { _ = try Placement(Samples.configuration("pool = \"60k\""), on: board, map: map) }
        #expect(message.hasPrefix("app.toml:1: pool: RAM has 65,536 bytes, and these take 69,632: "))
    }

    @Test("has no name that ends the comment it is in")
    func comments() throws {
        let manifest = try BoardManifest(text: Samples.manifest.replacing("ARM MPS2 AN386", with: "one */ two"), file: "board.toml")
        let configuration = try StaticConfiguration(text: "", file: "a */ b.toml")
        let placement = try Placement(configuration, on: manifest, map: Samples.map())
        for text in [placement.assembly, placement.linkerFragment] {
            let line = try #require(text.split(separator: "\n").first)
            #expect(line.hasPrefix("/* ") && line.hasSuffix(" */") && line.ranges(of: "*/").count == 1)
        }
    }
}
