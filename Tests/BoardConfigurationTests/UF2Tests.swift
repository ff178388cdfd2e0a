// UF2 files: what is written is read back, and nothing else is taken for one.

@testable import BoardConfiguration
import Testing

@Suite("A UF2 file")
struct UF2Tests {
    /// `count` bytes, none of which is the filler.
    private static func bytes(_ count: Int, from first: Int = 0) -> [UInt8] { (0..<count).map { UInt8((first + $0) % 251) } }
    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) } }
    private static func filler(_ count: Int) -> [UInt8] { [UInt8](repeating: 0xff, count: count) }

    private static func write(_ segments: [UF2.Segment], family: UInt32? = nil) throws -> [UInt8] { try UF2.write(segments, family: family, file: "app.uf2") }

    @Test("is blocks as the format has them")
    func layout() throws {
        let file = try Self.write([UF2.Segment(address: 0x1000_0000, bytes: Self.bytes(300))], family: 0xe48b_ff56)
        try #require(file.count == 1024)
        for block in 0..<2 {
            let start = block * 512
            #expect(Array(file[start..<start + 8]) == [0x55, 0x46, 0x32, 0x0a, 0x57, 0x51, 0x5d, 0x9e])
            #expect(Self.word(file, start + 8) == 0x2000)
            let address: UInt32 = 0x1000_0000 + UInt32(block) * 256
            #expect(Self.word(file, start + 12) == address)
            #expect(Self.word(file, start + 16) == 256)
            #expect(Self.word(file, start + 20) == UInt32(block))
            #expect(Self.word(file, start + 24) == 2)
            #expect(Self.word(file, start + 28) == 0xe48b_ff56)
            #expect(file[start + 288..<start + 508].allSatisfy { $0 == 0 })
            #expect(Array(file[start + 508..<start + 512]) == [0x30, 0x6f, 0xb1, 0x0a])
        }
        #expect(Array(file[32..<288]) == Self.bytes(256))
        let last: [UInt8] = Self.bytes(44, from: 256) + Self.filler(212)
        #expect(Array(file[544..<800]) == last)
    }

    @Test("without a family has no flag")
    func noFamily() throws {
        let file = try Self.write([UF2.Segment(address: 0, bytes: [1])])
        #expect(Self.word(file, 8) == 0 && Self.word(file, 28) == 0)
        #expect(try UF2.read(file, file: "app.uf2").family == nil)
    }

    @Test("is read back, in whole pages", arguments: [1, 255, 256, 257, 512, 1000], [UInt32(0), 4, 255, 0x2000_0100])
    func roundTrip(count: Int, address: UInt32) throws {
        let content = Self.bytes(count)
        let (segments, family) = try UF2.read(Self.write([UF2.Segment(address: address, bytes: content)], family: 7), file: "app.uf2")
        let before = Int(address % 256), pages = (before + count + 255) / 256
        #expect(family == 7)
        let whole: [UInt8] = Self.filler(before) + content + Self.filler(pages * 256 - before - count)
        #expect(segments == [UF2.Segment(address: address - UInt32(before), bytes: whole)])
    }

    @Test("has no blocks for a gap, and one for what meets in a page")
    func gaps() throws {
        // Given in the wrong order; the first two share the page at 0x100, and the empty one is none.
        let file = try Self.write([
            UF2.Segment(address: 0x1_0000, bytes: Self.bytes(256)), UF2.Segment(address: 0x1f0, bytes: [3, 4]), UF2.Segment(address: 0x100, bytes: [1, 2]),
            UF2.Segment(address: 0x102, bytes: []),
        ])
        #expect(file.count == 1024)
        let shared: [UInt8] = [1, 2] + Self.filler(238) + [3, 4] + Self.filler(14)
        let segments = try UF2.read(file, file: "app.uf2").segments
        #expect(segments == [UF2.Segment(address: 0x100, bytes: shared), UF2.Segment(address: 0x1_0000, bytes: Self.bytes(256))])
    }

    @Test("may have segments that touch")
    func touching() throws {
        let file = try Self.write([UF2.Segment(address: 0x100, bytes: [1, 2, 3]), UF2.Segment(address: 0x103, bytes: Self.bytes(253))])
        let whole: [UInt8] = [1, 2, 3] + Self.bytes(253)
        #expect(try UF2.read(file, file: "app.uf2").segments == [UF2.Segment(address: 0x100, bytes: whole)])
    }

    @Test("can end with the last byte of 4 GB, not beyond")
    func end() throws {
        let (segments, _) = try UF2.read(Self.write([UF2.Segment(address: 0xffff_ff00, bytes: Self.bytes(256))]), file: "app.uf2")
        #expect(segments == [UF2.Segment(address: 0xffff_ff00, bytes: Self.bytes(256))])
        #expect(Samples.refusal { _ = try Self.write([UF2.Segment(address: 0xffff_ff00, bytes: Self.bytes(257))]) }
            == "app.uf2: 257 bytes at 0xffffff00 end beyond 4 GB: check the linker script")
    }

    @Test("is not written for what overlaps, or for nothing")
    func refusedToWrite() {
        let overlapping = [UF2.Segment(address: 0x104, bytes: [1]), UF2.Segment(address: 0x100, bytes: [1, 2, 3, 4, 5])]
        #expect(Samples.refusal { _ = try Self.write(overlapping) } == "app.uf2: the bytes at 0x00000100 and 0x00000104 overlap: check the regions of the linker script")
        let same = [UF2.Segment(address: 0x100, bytes: [1]), UF2.Segment(address: 0x100, bytes: [1])]
        #expect(Samples.refusal { _ = try Self.write(same) } == "app.uf2: the bytes at 0x00000100 and 0x00000100 overlap: check the regions of the linker script")
        for segments in [[], [UF2.Segment(address: 0, bytes: [])]] {
            #expect(Samples.refusal { _ = try Self.write(segments) } == "app.uf2: there are no bytes to flash: check that the firmware has sections in flash")
        }
    }

    /// Where the second block of two has what instead, and what is said of it.
    @Test("is refused where it is damaged", arguments: [
        (512 + 0, UInt32(0), "has no mark of UF2"), (512 + 4, 0, "has no mark of UF2"), (512 + 508, 0, "has no mark of UF2"),
        (512 + 20, 0, "says it is number 0 of 2, of 2"), (512 + 24, 3, "says it is number 1 of 3, of 2"),
        (512 + 8, 0x2001, "has flags that we do not know"), (512 + 8, 0, "is of another family than the first"), (512 + 28, 8, "is of another family than the first"),
        (512 + 16, 476, "is no page of 256 bytes"), (512 + 12, 0x1000_0104, "is no page of 256 bytes"),
        (512 + 12, 0x1000_0000, "lies before the end of the one before it"), (512 + 12, 0, "lies before the end of the one before it"),
    ])
    func damaged(offset: Int, value: UInt32, message: String) throws {
        var file = try Self.write([UF2.Segment(address: 0x1000_0000, bytes: Self.bytes(512))], family: 7)
        for place in 0..<4 { file[offset + place] = UInt8(truncatingIfNeeded: value >> UInt32(8 * place)) }
        #expect(Samples.refusal { _ = try UF2.read(file, file: "app.uf2") } == "app.uf2: block 1 \(message): make the file again")
    }

    @Test("is refused where it is cut off, at any place")
    func cutOff() throws {
        let file = try Self.write([UF2.Segment(address: 0, bytes: Self.bytes(700))])
        #expect(file.count == 1536)
        for count in 0..<file.count {
            let isWhole = count > 0 && count % 512 == 0
            let message = isWhole ? "block 0 says it is number 0 of 3, of \(count / 512): make the file again" : "\(count) bytes are no UF2 file, which is blocks of 512: copy it again"
            #expect(Samples.refusal { _ = try UF2.read(Array(file.prefix(count)), file: "app.uf2") } == "app.uf2: " + message)
        }
    }
}
