// The Raspberry Pi Pico, which QEMU does not have: what its boot ROM will find in flash, read out of the linked firmware.

import BoardConfiguration
import Foundation
import Testing

@Suite struct PicoTests {
    static let flash: UInt32 = 0x1000_0000

    private static func firmware() throws -> ElfSections {
        let name = ".build/boards/pico/EmptyFirmware.elf"
        let bytes = try #require(FileManager.default.contents(atPath: BoardRun.root.appending(path: name).path), "no \(name): run `make firmwares`, or `make test`")
        return try ElfSections([UInt8](bytes), name: name)
    }

    private static func word(_ bytes: some Collection<UInt8>, _ index: Int) -> UInt32 {
        bytes.dropFirst(4 * index).prefix(4).enumerated().reduce(0) { $0 | UInt32($1.element) << UInt32(8 * $1.offset) }
    }

    @Test("The checksum is the one of the boot ROM: its value for nine digits is known")
    func knownChecksum() { #expect(RP2040Boot.checksum(Array("123456789".utf8)) == 0x0376_e6e7) }

    @Test("The second boot stage is 256 bytes with the right checksum, and jumps to the vectors behind it")
    func bootStage() throws {
        let elf = try Self.firmware()
        let segments = elf.segments.sorted { $0.address < $1.address }
        let boot = try #require(segments.first), vectors = try #require(segments.dropFirst().first)
        #expect(boot.address == Self.flash && boot.bytes.count == 256)
        let code = Array(boot.bytes.prefix(RP2040Boot.codeBytes))
        #expect(code.contains { $0 != 0 })
        let sum = RP2040Boot.checksum(code)
        #expect(Self.word(boot.bytes, 63) == sum, "the last word of Sources/Startup/RP2040.c must be 0x\(String(sum, radix: 16))")
        #expect(boot.bytes == (try RP2040Boot.block(code, file: "RP2040.c")))

        #expect(vectors.address == Self.flash + 256)
        // It names them, among its words behind the code.
        #expect((0..<63).contains { Self.word(boot.bytes, $0) == vectors.address })
        let text = try #require(elf.section(named: ".text"))
        #expect(Self.word(vectors.bytes, 0) == elf.symbol(named: "__stack_top"))
        let reset = Self.word(vectors.bytes, 1)
        #expect(reset & 1 == 1 && reset == elf.symbol(named: "mote_reset") && (text.address..<text.address + text.bytes).contains(reset))
    }

    @Test("A UF2 file of the firmware has the board's family, begins with the boot stage, and every loaded byte is in it")
    func uf2() throws {
        let elf = try Self.firmware()
        let family = try #require(manifests["pico"]?.uf2Family)
        let file = try UF2.write(elf.segments, family: family, file: "EmptyFirmware.uf2")
        let read = try UF2.read(file, file: "EmptyFirmware.uf2")
        #expect(read.family == family && family == 0xe48b_ff56)
        let flash = try #require(read.segments.first)
        #expect(read.segments.count == 1 && flash.address == Self.flash)
        for segment in elf.segments {
            let start = Int(segment.address - Self.flash)
            #expect(flash.bytes.dropFirst(start).prefix(segment.bytes.count).elementsEqual(segment.bytes))
        }
    }
}
