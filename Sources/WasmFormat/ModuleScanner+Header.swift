// The first eight bytes, and what people load by mistake instead of a module.

extension ModuleScanner {
    /// Checks magic and version (core specification 2.0, 5.5.16): 00 61 73 6d, 01 00 00 00.
    static func header(_ reader: inout ByteReader) throws(LoadError) {
        guard !reader.isAtEnd else { throw LoadError(.emptyFile, at: 0) }
        let start = reader
        var magic: UInt32 = 0x6d73_6100
        while magic != 0 || reader.offset < 4 {
            let at = reader.offset
            guard try reader.byte() == UInt8(truncatingIfNeeded: magic) else {
                throw LoadError(isText(start) ? .textFile : .notWasm, at: at)
            }
            magic &>>= 8
        }
        let versionOffset = reader.offset
        let version = try reader.f32Bits()
        if version == 1 { return }
        // A component has version 13, layer 1.
        throw LoadError(version == 0x0001_000d ? .componentBinary : .unknownVersion, at: versionOffset)
    }

    /// Whether the first 16 bytes (or all, if fewer) are printable ASCII, or white space; behind a byte order mark, if there is one.
    private static func isText(_ start: ByteReader) -> Bool {
        var reader = start
        var mark = start
        if (try? mark.byte()) == 0xef, (try? mark.byte()) == 0xbb, (try? mark.byte()) == 0xbf { reader = mark }
        while reader.offset < 16, let byte = try? reader.byte() {
            switch byte {
            case 0x09, 0x0a, 0x0d, 0x20...0x7e: break
            default: return false
            }
        }
        return true
    }
}
