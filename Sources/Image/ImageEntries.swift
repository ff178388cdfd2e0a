// Entries of a checked image that are found without reading what comes before them.

import WasmFormat

extension ImageBytes {
    // MARK: exports, which ascend by name

    /// The export of a name: a binary search.
    package func export(named name: ByteRange, in nameBytes: Span<UInt8>, _ bytes: Span<UInt8>) throws(LoadError) -> (kind: ExternalKind, index: UInt32)? {
        let exports = offset(of: .exports)
        var low: UInt32 = 0
        var high = self[ImageHeader.exports]
        while low < high {
            let middle = (low &+ high) / 2
            var reader = ByteReader(bytes, at: exports &+ middle &* 12)
            let entry = try ExportEntry(packedFrom: &reader)
            let order = compare(entry.name, bytes, name, nameBytes)
            if order == 0 { return (entry.kind, entry.index) }
            if order < 0 { low = middle &+ 1 } else { high = middle }
        }
        return nil
    }

    /// Negative, zero or positive, as the first name lies before, is, or lies behind the second: byte by byte, then the shorter one first.
    private func compare(_ a: ByteRange, _ aBytes: Span<UInt8>, _ b: ByteRange, _ bBytes: Span<UInt8>) -> Int {
        for i in 0..<Int(min(a.count, b.count)) {
            let difference = Int(aBytes[Int(a.offset) &+ i]) &- Int(bBytes[Int(b.offset) &+ i])
            if difference != 0 { return difference }
        }
        return Int(a.count) &- Int(b.count)
    }

    /// Whether an own global begins as a value that stands in the image.
    package func isPlainGlobal(_ cell: UInt32) -> Bool { self[offset(of: .globals) / 4 &+ cell &* 2] & 0xff_0000 == 0 }

    /// The constant at a multiple of 4 bytes, if it is a value that stands in the image.
    @inline(__always)
    package func value(at offset: UInt32) -> UInt64? {
        let word = offset / 4
        let head = self[word]
        guard head & 0xff_0000 == 0 else { return nil }
        return UInt64(self[word &+ 1]) | (head &>> 24 != 0 ? UInt64(self[word &+ 3]) &<< 32 : 0)
    }

    /// The memory, if there is one.
    package var memoryType: MemoryType {
        let record = offset(of: .memory) / 4
        let head = self[record]
        return MemoryType(limits: Limits(minimum: self[record &+ 1], maximum: head & 0xff00 != 0 ? self[record &+ 2] : nil), pageShift: UInt8(truncatingIfNeeded: head))
    }

    // MARK: segments

    @inline(__always)
    package func elementRecord(_ number: UInt32) -> UInt32 { offset(of: .elementSegments) / 4 &+ number &* 4 }

    /// The record of a data segment below the count, or where the last one ends.
    @inline(__always)
    package func dataRecord(_ number: UInt32) -> UInt32 { offset(of: .dataSegments) / 4 &+ number &* 4 }

    package var elementSegmentCount: UInt32 { self[ImageHeader.segments] & 0xffff }
    package var dataSegmentCount: UInt32 { self[ImageHeader.segments] &>> 16 }

    /// What a data segment below the count holds.
    package func dataSegment(_ number: UInt32, in bytes: Span<UInt8>) -> ByteRange {
        let record = offset(of: .dataSegments) / 4 &+ number &* 4
        return ByteRange(offset: self[record &+ 2], count: self[record &+ 3])
    }

    /// The word where entry `first` of an element segment below the count lies, if there are `count` entries from there on.
    package func elements(ofSegment number: UInt32, from first: UInt32, count: UInt32, in bytes: Span<UInt8>) -> UInt32? {
        let record = offset(of: .elementSegments) / 4 &+ number &* 4
        let entries = self[record &+ 3]
        guard first <= entries, count <= entries &- first else { return nil }
        return self[record &+ 2] / 4 &+ first
    }

    // MARK: names of functions

    /// Where the name of a function, imports counted, lies; nil if it has none here.
    package func name(ofFunction function: UInt32) -> ByteRange? {
        let block = offset(of: .block) / 4
        let types = self[block &+ ModuleHeader.types]
        let own = function &- types &>> 16
        guard own < self[block &+ ModuleHeader.functions] & 0xffff else { return nil }
        let record = block &+ ModuleHeader.count &+ types & 0xffff &+ types &>> 16 &+ own &* 4
        let place = self[record &+ 3]
        return place == 0 ? nil : ByteRange(offset: place &+ 4, count: self[place / 4])
    }
}
