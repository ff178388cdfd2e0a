// LEB128, names, bounds.

import Testing
import WasmFormat

/// Reads with a body from bytes that must be read to their end; the error's reason and offset otherwise.
private func read<Value>(
    _ bytes: [UInt8], _ body: (inout ByteReader) throws(LoadError) -> Value
) -> Result<Value, LoadError> {
    do throws(LoadError) {
        var reader = ByteReader(bytes.span)
        let value = try body(&reader)
        guard reader.isAtEnd else { throw LoadError(.sectionSizeMismatch, at: reader.offset) }
        return .success(value)
    } catch { return .failure(error) }
}

private func failure<Value>(_ result: Result<Value, LoadError>) -> LoadError? {
    if case .failure(let error) = result { return error }
    return nil
}

struct LEB128Tests {
    @Test(arguments: [
        ([0], 0), ([0x7f], 127), ([0x80, 0x01], 128), ([0x80, 0x80, 0x80, 0x80, 0x00], 0),
        ([0xff, 0xff, 0xff, 0xff, 0x0f], 4_294_967_295), ([0x80, 0x80, 0x80, 0x80, 0x08], 2_147_483_648),
        ([0xe5, 0x8e, 0x26], 624_485), ([0x81, 0x80, 0x80, 0x80, 0x00], 1), ([0xff, 0x00], 127),
    ] as [([UInt8], UInt32)])
    func `u32 reads short and padded numbers`(bytes: [UInt8], value: UInt32) {
        #expect(read(bytes) { (r) throws(LoadError) in try r.u32() } == .success(value))
    }

    @Test(arguments: [
        ([], .unexpectedEnd, 0), ([0x80], .unexpectedEnd, 1), ([0x80, 0x80, 0x80, 0x80], .unexpectedEnd, 4),
        ([0x80, 0x80, 0x80, 0x80, 0x10], .integerTooLarge, 4), ([0xff, 0xff, 0xff, 0xff, 0x1f], .integerTooLarge, 4),
        ([0xff, 0xff, 0xff, 0xff, 0x7f], .integerTooLarge, 4),
        ([0x80, 0x80, 0x80, 0x80, 0x80, 0x00], .integerRepresentationTooLong, 4),
    ] as [([UInt8], LoadError.Reason, UInt32)])
    func `u32 refuses what is cut off, too long or too large`(bytes: [UInt8], reason: LoadError.Reason, offset: UInt32) {
        #expect(failure(read(bytes) { (r) throws(LoadError) in try r.u32() }) == LoadError(reason, at: offset))
    }

    @Test func `every u32, s32, s33 and s64 round-trips, at every legal length`() {
        var numbers: [Int64] = [0, 1, -1]
        for bit in 0..<63 { for delta: Int64 in -1...1 { numbers += [(1 << bit) + delta, -((1 << bit) + delta)] } }
        numbers += [.min, .min + 1, .max]
        for number in numbers {
            for length in 1...11 {
                var bytes: [UInt8] = []
                var rest = number
                for place in 0..<length {
                    bytes.append(UInt8(truncatingIfNeeded: rest & 0x7f) | (place == length - 1 ? 0 : 0x80))
                    rest >>= 7
                }
                // The encoding states the number exactly if the rest is all sign, and the last byte has the sign.
                let exact = rest == (bytes.last! & 0x40 == 0 ? 0 : -1)
                guard exact else { continue }
                let s32 = read(bytes) { (r) throws(LoadError) in try r.s32() }
                let s33 = read(bytes) { (r) throws(LoadError) in try r.s33() }
                let s64 = read(bytes) { (r) throws(LoadError) in try r.s64() }
                let u32 = read(bytes) { (r) throws(LoadError) in try r.u32() }
                if let small = Int32(exactly: number), length <= 5 { #expect(s32 == .success(small)) }
                else { #expect(failure(s32) != nil, "\(bytes)") }
                if number >= -(1 << 32), number < 1 << 32, length <= 5 { #expect(s33 == .success(number)) }
                else { #expect(failure(s33) != nil, "\(bytes)") }
                if length <= 10 { #expect(s64 == .success(number)) } else { #expect(failure(s64) != nil) }
                if number >= 0, length <= 5 {
                    if let small = UInt32(exactly: number) { #expect(u32 == .success(small)) }
                    else { #expect(failure(u32) != nil) }
                }
            }
        }
    }

    @Test(arguments: [
        ([0x80, 0x80, 0x80, 0x80, 0x70], .integerTooLarge), ([0xff, 0xff, 0xff, 0xff, 0x0f], .integerTooLarge),
        ([0x80, 0x80, 0x80, 0x80, 0x1f], .integerTooLarge), ([0xff, 0xff, 0xff, 0xff, 0x4f], .integerTooLarge),
        ([0x80, 0x80, 0x80, 0x80, 0x80, 0x00], .integerRepresentationTooLong),
    ] as [([UInt8], LoadError.Reason)])
    func `s32 refuses a last byte whose unused bits are not the sign`(bytes: [UInt8], reason: LoadError.Reason) {
        #expect(failure(read(bytes) { (r) throws(LoadError) in try r.s32() }) == LoadError(reason, at: 4))
    }

    @Test func `s64 refuses a last byte whose unused bits are not the sign`() {
        let nine = [UInt8](repeating: 0x80, count: 9)
        for last in UInt8(0)...0x7f {
            let result = read(nine + [last]) { (r) throws(LoadError) in try r.s64() }
            switch last {
            case 0: #expect(result == .success(0))
            case 0x7f: #expect(result == .success(.min))
            default: #expect(failure(result) == LoadError(.integerTooLarge, at: 9))
            }
        }
        #expect(failure(read(nine + [0x80, 0]) { (r) throws(LoadError) in try r.s64() })
            == LoadError(.integerRepresentationTooLong, at: 9))
    }

    @Test func `s33 reads the largest type index and the block types`() {
        #expect(read([0x40]) { (r) throws(LoadError) in try r.s33() } == .success(-64))
        #expect(read([0x7f]) { (r) throws(LoadError) in try r.s33() } == .success(-1))
        #expect(read([0xff, 0xff, 0xff, 0xff, 0x0f]) { (r) throws(LoadError) in try r.s33() } == .success(4_294_967_295))
        #expect(read([0x80, 0x80, 0x80, 0x80, 0x70]) { (r) throws(LoadError) in try r.s33() } == .success(-4_294_967_296))
        #expect(failure(read([0xff, 0xff, 0xff, 0xff, 0x1f]) { (r) throws(LoadError) in try r.s33() })
            == LoadError(.integerTooLarge, at: 4))
    }
}

struct ByteReaderTests {
    @Test func `a reader of a part cannot leave it`() throws {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        var reader = ByteReader(bytes.span, in: ByteRange(offset: 2, count: 3))
        #expect(try reader.byte() == 3)
        #expect(throws: LoadError(.unexpectedEnd, at: 5)) { () throws in
            var copy = ByteReader(bytes.span, in: ByteRange(offset: 3, count: 2)); _ = try copy.f32Bits()
        }
        try reader.skip(2)
        #expect(reader.isAtEnd && reader.offset == 5)
    }

    @Test func `ranges beyond the module are cut off, whatever their numbers`() {
        let bytes: [UInt8] = [1, 2, 3]
        for offset: UInt32 in [0, 2, 3, 4, 1 << 31, .max] {
            for count: UInt32 in [0, 1, 3, 4, 1 << 31, .max] {
                let reader = ByteReader(bytes.span, in: ByteRange(offset: offset, count: count))
                #expect(reader.offset <= 3 && reader.end <= 3 && reader.offset <= reader.end)
                #expect(reader.remaining <= count)
            }
        }
    }

    @Test func `lengths near 2³² are compared, not added`() {
        let bytes: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]
        #expect(failure(read(bytes) { (r) throws(LoadError) in try r.name() }) == LoadError(.lengthOutOfBounds, at: 0))
        #expect(failure(read(bytes) { (r) throws(LoadError) in try r.skip(.max) }) == LoadError(.unexpectedEnd, at: 7))
    }

    @Test func `floats are read lowest byte first`() {
        #expect(read([1, 2, 3, 0x84]) { (r) throws(LoadError) in try r.f32Bits() } == .success(0x8403_0201))
        #expect(read([1, 2, 3, 4, 5, 6, 7, 0x88]) { (r) throws(LoadError) in try r.f64Bits() } == .success(0x8807_0605_0403_0201))
    }

    /// The standard library as the oracle: all sequences of one, two and three bytes, and the edges of four.
    @Test func `names are UTF-8 exactly where Swift says so`() {
        func agrees(_ characters: [UInt8]) -> Bool {
            let ours = failure(read(leb(UInt64(characters.count)) + characters) { (r) throws(LoadError) in try r.name() })
            let valid = String(validating: characters, as: UTF8.self) != nil
            return valid ? ours == nil : ours?.reason == .malformedUTF8
        }
        for a in UInt8.min...UInt8.max {
            #expect(agrees([a]))
            for b in UInt8.min...UInt8.max where !agrees([a, b]) { Issue.record("\(a) \(b)") }
        }
        let edges: [UInt8] = [0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff]
        for a in UInt8(0xc0)...0xff { for b in edges { for c in edges {
            if !agrees([a, b, c]) { Issue.record("\(a) \(b) \(c)") }
            for d in edges where !agrees([a, b, c, d]) || !agrees([0x41, a, b, c, d, 0x42]) { Issue.record("\(a) \(b) \(c) \(d)") }
        } } }
    }
}
