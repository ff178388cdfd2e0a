// A stretch of a module's bytes, as numbers.

/// A place and a length in a module, in bytes. Made by a reader, so it lies inside the module that was read.
package struct ByteRange: Equatable {
    /// First byte, counted from the start of the module.
    package let offset: UInt32
    package let count: UInt32

    /// The first byte that is no longer in the range.
    package var end: UInt32 { offset &+ count }

    package init(offset: UInt32, count: UInt32) {
        self.offset = offset
        self.count = count
    }

    /// Whether the bytes of two ranges are the same, each in its own module. Linear in `count`.
    package func isEqual(in bytes: Span<UInt8>, to other: ByteRange, in otherBytes: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var i = Int(truncatingIfNeeded: offset)
        var j = Int(truncatingIfNeeded: other.offset)
        let stop = i &+ Int(truncatingIfNeeded: count)
        while i < stop {
            if bytes[i] != otherBytes[j] { return false }
            i &+= 1
            j &+= 1
        }
        return true
    }
}
