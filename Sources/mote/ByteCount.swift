// Sizes on the command line: bytes, or with k, M, G for 1024, 1024², 1024³.

import ArgumentParser

struct ByteCount: ExpressibleByArgument {
    let bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        let shift =
            switch argument.last {
            case "k", "K": 10
            case "m", "M": 20
            case "g", "G": 30
            default: 0
            }
        // The runtime counts in 32 bits; the largest size is 4 GiB less one page.
        guard let number = UInt32(shift == 0 ? argument[...] : argument.dropLast()),
            UInt64(number) << UInt64(shift) <= 0xffff_0000
        else { return nil }
        bytes = Int(number) << shift
    }

    /// What a pool can be (docs/LIMITS.md): 256 MB.
    static let largestPool = 256 << 20

    /// Throws where no pool can have this size.
    func checkedAsPool() throws {
        if bytes < 48 { throw ValidationError("--pool: a pool is 48 bytes at least; 16k is enough for small modules") }
        if bytes > Self.largestPool { throw ValidationError("--pool: a pool is 256M at most") }
    }

    var defaultValueDescription: String {
        if bytes >= 1 << 20, bytes % (1 << 20) == 0 { return "\(bytes >> 20)M" }
        return bytes >= 1024 && bytes % 1024 == 0 ? "\(bytes >> 10)k" : "\(bytes)"
    }
}
