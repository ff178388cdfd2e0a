// Several scripts behind each other, so that a board runs them all at one start.
//
//     "MSPB"  (length: 4 bytes, script, zeros up to a multiple of four) …

/// Goes through the scripts of a bundle; what is none is taken for a script by itself.
@safe public struct ScriptBundle {
    private let bytes: UnsafeRawBufferPointer
    private var at: Int
    private let isBundle: Bool

    /// The bytes, which begin at a multiple of four, must stay for the life of this and of what it returns.
    @unsafe public init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = bytes
        // Safety: four bytes are there.
        isBundle = unsafe bytes.count >= 4 && bytes.loadUnaligned(as: UInt32.self) == ScriptFormat.bundleMagic
        at = isBundle ? 4 : 0
    }

    /// The next script; nil behind the last one. Throws where the bundle is cut off.
    @unsafe public mutating func next() throws(ScriptError) -> UnsafeRawBufferPointer? {
        let left = unsafe bytes.count - at
        guard left > 0 else { return nil }
        guard isBundle else {
            at += left
            return unsafe bytes
        }
        guard left >= 4 else { throw .truncated }
        // Safety: four bytes are there.
        let length = unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)
        guard length <= UInt32(truncatingIfNeeded: left - 4) else { throw .truncated }
        let start = at + 4
        at = min(start + (Int(length) + 3) & ~3, at + left)
        return unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(length)])
    }
}
