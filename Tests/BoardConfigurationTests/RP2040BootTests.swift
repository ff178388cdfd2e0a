// The boot block of an RP2040, and the checksum that its ROM computes.

@testable import BoardConfiguration
import Testing

@Suite("The RP2040's boot block")
struct RP2040BootTests {
    /// The first is the check value that every catalogue has for CRC-32/MPEG-2; the second follows from the definition.
    @Test("has the checksum CRC-32/MPEG-2", arguments: [("123456789", UInt32(0x0376_e6e7)), ("", 0xffff_ffff)])
    func checksum(text: String, sum: UInt32) {
        #expect(RP2040Boot.checksum(Array(text.utf8)) == sum)
    }

    @Test("is the code, zeroes and the checksum, which checks to 0 from the most significant byte", arguments: [0, 1, 251, 252])
    func block(count: Int) throws {
        let code = (0..<count).map { UInt8($0 ^ 0x5a) }
        let block = try RP2040Boot.block(code, file: "boot2.bin")
        #expect(block.count == 256)
        #expect(Array(block.prefix(count)) == code)
        #expect(block[count..<252].allSatisfy { $0 == 0 })
        // The ROM compares a little-endian word; with its bytes turned round, a CRC over all is 0.
        let turned: [UInt8] = Array(block.prefix(252)) + Array(block.suffix(4).reversed())
        #expect(RP2040Boot.checksum(turned) == 0)
    }

    @Test("changes with every bit of the code")
    func bits() throws {
        let code = [UInt8](repeating: 0xa5, count: 40), sum = try RP2040Boot.block(code, file: "boot2.bin").suffix(4)
        for bit in 0..<code.count * 8 {
            var other = code
            other[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(try RP2040Boot.block(other, file: "boot2.bin").suffix(4) != sum)
        }
    }

    @Test("is refused for code that is too long")
    func tooLong() {
        let code = [UInt8](repeating: 1, count: 253)
        #expect(Samples.refusal { _ = try RP2040Boot.block(code, file: "boot2.bin") } == "boot2.bin: 253 bytes of boot code: 252 is the most; leave something out")
    }
}
