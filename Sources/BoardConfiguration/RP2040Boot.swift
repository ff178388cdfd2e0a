// The first 256 bytes of an RP2040's flash: the second stage of its boot, which the boot ROM runs only if its checksum is right
// (RP2040 datasheet, 2.8.1.3.1: Checksum).

public enum RP2040Boot {
    /// Bytes of code, at most.
    public static let codeBytes = 252

    /// CRC-32 with polynomial 0x04c11db7, from 0xffffffff, most significant bit first, not inverted at the end.
    public static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var remainder: UInt32 = 0xffff_ffff
        for byte in bytes {
            remainder ^= UInt32(byte) << 24
            for _ in 0..<8 { remainder = remainder << 1 ^ (remainder >> 31 == 0 ? 0 : 0x04c1_1db7) }
        }
        return remainder
    }

    /// The block for 0x10000000: `code`, zeroes, and the checksum. Throws `FileError` if the code is longer than 252 bytes.
    public static func block(_ code: [UInt8], file: String) throws(FileError) -> [UInt8] {
        guard code.count <= codeBytes else { throw FileError(file, "\(code.count) bytes of boot code: \(codeBytes) is the most; leave something out") }
        let padded = code + [UInt8](repeating: 0, count: codeBytes - code.count)
        let sum = checksum(padded)
        return padded + (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(8 * $0)) }
    }
}
