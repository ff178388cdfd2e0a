// The modules that a test sends to the board, in one file.
//
//     free RAM   │ (provider's length, module's length, provider, module) … │ pool │        lengths of 4 bytes, contents padded to 4
//
// A module that comes with a provider is linked to it as "p".

import Startup

@safe public struct ModuleFile {
    private let bytes: UnsafeRawBufferPointer
    private var at = 0
    /// All of free RAM behind the file, 8-byte aligned.
    public let pool: UnsafeMutableRawBufferPointer

    /// Nil if there is no such file.
    public init?(_ name: Span<UInt8>) {
        guard let length = HostFile.read(name) else { return nil }
        let start = Int(length &+ 7) & ~7
        // Safety: both lie in free RAM, which nothing else uses; they do not overlap, and nobody writes to the file any more.
        unsafe bytes = UnsafeRawBufferPointer(start: mote_free_ram(), count: Int(length))
        unsafe pool = UnsafeMutableRawBufferPointer(start: mote_free_ram().advanced(by: start), count: (Int(mote_free_ram_length()) - start) & ~7)
    }

    /// Where the file lies.
    public var addresses: Range<UInt> {
        let start = unsafe UInt(bitPattern: bytes.baseAddress)
        return unsafe start..<start + UInt(bytes.count)
    }

    /// The next module and its provider, which is empty if it has none.
    @unsafe public mutating func next() -> (provider: UnsafeRawBufferPointer, module: UnsafeRawBufferPointer)? {
        guard unsafe at + 8 <= bytes.count else { return nil }
        // Safety: tests write whole entries; a slice checks its bounds.
        let lengths = unsafe (Int(bytes.load(fromByteOffset: at, as: UInt32.self)), Int(bytes.load(fromByteOffset: at + 4, as: UInt32.self)))
        let module = at + 8 + (lengths.0 + 3) & ~3
        defer { at = module + (lengths.1 + 3) & ~3 }
        return unsafe (UnsafeRawBufferPointer(rebasing: bytes[at + 8..<at + 8 + lengths.0]), UnsafeRawBufferPointer(rebasing: bytes[module..<module + lengths.1]))
    }
}
