// An image's words where they lie.

import WasmFormat

/// A view of 4-byte aligned bytes as words. Nothing is ever written through it.
///
/// Reading is not checked in a release build: who reads has held the place against the length before, and says so.
@safe package struct ImageBytes {
    private let start: UnsafePointer<UInt32>
    /// Words that are there.
    package let count: UInt32

    /// Nil if the bytes are not 4-byte aligned or too few for a header.
    @unsafe package init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, UInt(bitPattern: base) & 3 == 0, bytes.count >= Int(ImageHeader.bytes) else { return nil }
        // Safety: aligned, just checked; the bytes are the caller's to keep.
        unsafe start = base.assumingMemoryBound(to: UInt32.self)
        count = UInt32(truncatingIfNeeded: min(bytes.count, Int(ImplementationLimits.moduleSize)) / 4)
    }
    /// Bytes whose image was checked.
    @unsafe package init(checked base: UnsafeRawPointer, length: UInt32) {
        unsafe start = base.assumingMemoryBound(to: UInt32.self)
        count = length / 4
    }
    @unsafe private init(_ start: UnsafePointer<UInt32>, _ count: UInt32) {
        unsafe self.start = start
        self.count = count
    }

    @inline(__always)
    package subscript(word: UInt32) -> UInt32 {
        assert(word < count)
        // Safety: below the count: every caller has checked it.
        return unsafe start[Int(truncatingIfNeeded: word)]
    }

    /// Where a word lies, or the end.
    @unsafe @inline(__always)
    func address(_ word: UInt32) -> UnsafePointer<UInt32> {
        assert(word <= count)
        // Safety: as above.
        return unsafe start + Int(truncatingIfNeeded: word)
    }

    /// All of it as bytes.
    package var bytes: Span<UInt8> {
        @_lifetime(immortal) get {
            // Safety: whoever made the view keeps its bytes.
            let buffer = unsafe UnsafeRawBufferPointer(start: start, count: Int(count) &* 4)
            return unsafe _overrideLifetime(Span<UInt8>(_unsafeElements: buffer.bindMemory(to: UInt8.self)), copying: ())
        }
    }

    /// The first words alone.
    package func first(_ words: UInt32) -> ImageBytes {
        precondition(words <= count)
        return unsafe ImageBytes(start, words)
    }

    /// Whether the first four bytes are an image's. Any address and length will do.
    @unsafe package static func isImage(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 4 else { return false }
        // Safety: four bytes are there.
        return unsafe UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) == ImageHeader.marked
    }

    /// The checksum of everything behind the header.
    package func checksum() -> UInt32 {
        var sum = ImageSum()
        var word = ImageHeader.count
        while word < count {
            sum.add(self[word])
            word &+= 1
        }
        return sum.value
    }

    package func headerChecksum() -> UInt32 {
        var sum = ImageSum()
        sum.add(self[0])
        var word: UInt32 = 1
        while word < ImageHeader.headerChecksum {
            // Five at a time: there are 30 more.
            sum.add(self[word])
            sum.add(self[word &+ 1])
            sum.add(self[word &+ 2])
            sum.add(self[word &+ 3])
            sum.add(self[word &+ 4])
            word &+= 5
        }
        return sum.value
    }

    package func offset(of part: ImagePart) -> UInt32 { self[part.headerWord] }
}
