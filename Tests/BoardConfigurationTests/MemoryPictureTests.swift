// Pictures of memory: what they are made of, and how they are drawn.

@testable import BoardConfiguration
import Foundation
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite("A picture of memory")
struct MemoryPictureTests {
    private typealias Part = MemoryPicture.Part
    private typealias Region = MemoryPicture.Region

    /// RAM of 4 KB with a pool that has parts, and gaps before, in and behind it; and a small flash.
    private static func sample() throws -> MemoryPicture {
        try MemoryPicture([
            Region("RAM", at: 0x2000_0000, bytes: 4096, parts: [
                Part("pool", at: 0x2000_0800, bytes: 1024, children: [Part("code", at: 0x2000_0900, bytes: 256), Part("tiny", at: 0x2000_0a00, bytes: 4)]),
                Part("nothing", at: 0x2000_0100, bytes: 0), Part("stack", at: 0x2000_0000, bytes: 1024),
            ]),
            Region("FLASH", at: 0, bytes: 1024, parts: [Part("a<b>&\"c\"", at: 0, bytes: 1024)]),
        ], file: "app.elf")
    }

    /// Expects that `parts` cover the bytes without a gap, and the parts of parts theirs.
    private static func expectCovers(_ parts: [Part], _ start: UInt64, _ bytes: UInt64) {
        var place = start
        for part in parts {
            #expect(part.start == place && part.bytes > 0)
            place = part.end
            if !part.children.isEmpty { expectCovers(part.children, part.start, part.bytes) }
        }
        #expect(place == start + bytes)
    }

    @Test("covers every region, gaps being free")
    func covers() throws {
        let picture = try Self.sample()
        for region in picture.regions { Self.expectCovers(region.parts, region.start, region.bytes) }
        #expect(picture.regions[0].parts.map(\.name) == ["stack", "free", "pool", "free"])
        #expect(picture.regions[0].parts.map(\.bytes) == [1024, 1024, 1024, 1024])
        #expect(picture.regions[0].parts[2].children.map(\.name) == ["free", "code", "tiny", "free"])
        #expect(picture.regions[0].parts[2].children.map(\.bytes) == [256, 256, 4, 508])
        #expect(picture.regions[0].freeBytes == 2048 && picture.regions[1].freeBytes == 0)
        #expect(picture.regions[0].leaves.map(\.path) == ["stack", "free", "pool: free", "pool: code", "pool: tiny", "pool: free", "free"])
        #expect(picture.regions[0].leaves.map(\.label) == ["stack", "free", "· free", "· code", "· tiny", "· free", "free"])
    }

    @Test("covers a region that has nothing, and one up to 4 GB")
    func edges() throws {
        let picture = try MemoryPicture([
            Region("EMPTY", at: 0, bytes: 1, parts: []), Region("ALL", at: 0, bytes: 1 << 32, parts: [Part("last", at: 0xffff_ffff, bytes: 1)]),
        ], file: "app.elf")
        #expect(picture.regions[0].parts == [Part("free", at: 0, bytes: 1)])
        #expect(picture.regions[1].parts == [Part("free", at: 0, bytes: 0xffff_ffff), Part("last", at: 0xffff_ffff, bytes: 1)])
        for region in picture.regions { Self.expectCovers(region.parts, region.start, region.bytes) }
        #expect(picture.svg().contains("4,294,967,296 bytes, 99 % free"))
        #expect(try MemoryPicture([], file: "app.elf").text() == "")
    }

    @Test("is refused where parts overlap or lie outside")
    func refused() {
        func refusal(_ parts: [Part], at start: UInt64 = 100, bytes: UInt64 = 100) -> String {
            Samples.refusal { _ = try MemoryPicture([Region("RAM", at: start, bytes: bytes, parts: parts)], file: "app.elf") }
        }
        #expect(refusal([Part("one", at: 100, bytes: 10), Part("two", at: 109, bytes: 1)]) == "app.elf: two begins before RAM's one ends: check the linker script")
        #expect(refusal([Part("two", at: 150, bytes: 10), Part("one", at: 140, bytes: 11)]) == "app.elf: two begins before RAM's one ends: check the linker script")
        #expect(refusal([Part("one", at: 99, bytes: 1)]) == "app.elf: one begins before RAM: check the linker script")
        #expect(refusal([Part("one", at: 199, bytes: 2)]) == "app.elf: one ends beyond RAM: check the linker script")
        #expect(refusal([Part("one", at: 300, bytes: 1)]) == "app.elf: one ends beyond RAM: check the linker script")
        #expect(refusal([Part("one", at: 150, bytes: .max)]) == "app.elf: one ends beyond RAM: check the linker script")
        #expect(refusal([Part("one", at: 100, bytes: 50, children: [Part("inner", at: 140, bytes: 11)])]) == "app.elf: inner ends beyond one: check the linker script")
        #expect(refusal([], bytes: 0) == "app.elf: the region RAM is empty or ends beyond 4 GB: check the linker script")
        #expect(refusal([], at: 1 << 32, bytes: 1) == "app.elf: the region RAM is empty or ends beyond 4 GB: check the linker script")
        #expect(refusal([Part("all", at: 100, bytes: 100)]) == "no error")
    }

    @Test("has rows in proportion", arguments: [1, 2, 3, 7, 24, 100, 4096])
    func rows(rows: Int) throws {
        for region in try Self.sample().regions {
            let counts = PictureScale.rows(of: region.leaves, in: rows)
            #expect(counts.reduce(0, +) == rows)
            for (leaf, count) in zip(region.leaves, counts) {
                let share = Double(leaf.bytes) / Double(region.bytes) * Double(rows)
                #expect(abs(Double(count) - share) <= 1, "\(leaf.path) has \(count) rows of \(rows)")
            }
        }
    }

    @Test("is drawn with a row for each share, and what has none beneath")
    func text() throws {
        let text = try Self.sample().text(width: 36, rows: 16)
        let expected = """
            RAM  4,096 bytes, 50 % free
            20000000 ██ stack              1,024
                     ██
                     ██
                     ██
            20000400 ░░ free               1,024
                     ░░
                     ░░
                     ░░
            20000800 ░░ · free               256
            20000900 ▒▒ · code               256
            20000a04 ░░ · free               508
                     ░░
            20000c00 ░░ free               1,024
                     ░░
                     ░░
                     ░░
            20001000
            too small for a row:
            20000a00    pool: tiny             4

            FLASH  1,024 bytes, 0 % free
            00000000 ██ a<b>&"c"           1,024

            """ + String(repeating: "         ██\n", count: 15) + "00000400\n"
        #expect(text == expected)
    }

    @Test("has regions side by side where they have room, and never a blank at a line's end", arguments: [1, 24, 36, 73, 74, 80, 200], [-1, 0, 1, 24])
    func widths(width: Int, rows: Int) throws {
        let text = try Self.sample().text(width: width, rows: rows), lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { !$0.hasSuffix(" ") && $0.count <= max(width, 24) })
        #expect(lines.contains { $0.hasPrefix("RAM") && $0.contains("FLASH") } == (width >= 70))
    }

    @Test("has colours only where they are asked for, and is the same without them")
    func colours() throws {
        let picture = try Self.sample(), coloured = picture.text(isColoured: true), plain = picture.text()
        #expect(!plain.contains("\u{1b}"))
        #expect(coloured.contains("\u{1b}[34m██\u{1b}[0m") && coloured.contains("\u{1b}[2m░░\u{1b}[0m"))
        #expect(coloured.replacing(/\u{1b}\[\d+m/, with: "") == plain)
    }

    @Test("is an SVG that XML reads, with a rectangle for each leaf")
    func svg() throws {
        let picture = try Self.sample(), svg = picture.svg()
        #expect(XMLParser(data: Data(svg.utf8)).parse())
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"616\" "))
        #expect(svg.contains("<title>a&lt;b&gt;&amp;&quot;c&quot;: 1024 bytes at 0x00000000</title>"))
        #expect(svg.contains("<title>pool: tiny: 4 bytes at 0x20000a00</title>"))
        #expect(svg.contains(">RAM</text>") && svg.contains(">4,096 bytes, 50 % free</text>"))
        // Each column's rectangles are to scale, one beneath the other: 480 points for the region.
        let rectangles = svg.matches(of: /<rect x="(\d+)" y="([\d.]+)" width="90" height="([\d.]+)"/).map { ($0.output.1, Double($0.output.2) ?? -1, Double($0.output.3) ?? -1) }
        #expect(rectangles.count == 8)
        // Two places, not what is left over from a difference of floating-point numbers.
        #expect(svg.matches(of: /(y|height)="\d+\.\d{3,}"/).isEmpty)
        for (x, region) in zip(["16", "316"], picture.regions) {
            var place = 44.0
            for (rectangle, leaf) in zip(rectangles.filter { $0.0 == x }, region.leaves) {
                #expect(abs(rectangle.1 - place) < 0.011)
                #expect(abs(rectangle.2 - Double(leaf.bytes) / Double(region.bytes) * 480) < 0.011)
                place = rectangle.1 + rectangle.2
            }
            #expect(abs(place - 524) < 0.011)
        }
    }

    @Test("is an SVG that XML reads, whatever its names are")
    func names() throws {
        let name = String(String.UnicodeScalarView((1..<0x80).compactMap { Unicode.Scalar($0) })) + "\u{fffe}\u{ffff}é😀"
        let picture = try MemoryPicture([Region(name, at: 0, bytes: 10, parts: [Part(name, at: 0, bytes: 10)])], file: "app.elf")
        #expect(XMLParser(data: Data(picture.svg().utf8)).parse())
    }

    @Test("is JSON that is read back, with numbers and sorted keys")
    func json() throws {
        let picture = try Self.sample(), json = try picture.json()
        #expect(try JSONDecoder().decode(MemoryPicture.self, from: Data(json.utf8)) == picture)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: [[String: Any]]])
        let region = try #require(object["regions"]?.first)
        #expect(region["name"] as? String == "RAM" && region["start"] as? Int == 0x2000_0000 && region["bytes"] as? Int == 4096)
        #expect((region["parts"] as? [[String: Any]])?.count == 4)
        let keys = json.matches(of: /\n {6}"(\w+)" :/).map(\.output.1).prefix(4)
        #expect(Array(keys) == ["bytes", "name", "parts", "start"])
    }

    @Test("of a firmware has its sections where they lie")
    func firmware() throws {
        let firmware = try LinkedFirmware("pool = 8192\nsecond-pool = 512\nsecond-pool-region = \"CCM\"", on: "stm32f4discovery")
        let operandStack = Part("operand stack", at: 0x2000_4100, bytes: 64)
        let picture = try MemoryPicture(of: firmware.elf, named: "app.elf", map: firmware.map, pool: [operandStack])
        #expect(picture.regions.map(\.name) == ["FLASH", "RAM", "CCM"])
        for region in picture.regions { Self.expectCovers(region.parts, region.start, region.bytes) }
        #expect(picture.regions[0].parts.map(\.name) == ["vectors", "text", "rodata", "module", ".data image", "free"])
        #expect(picture.regions[1].parts.map(\.name) == ["stack", ".data", ".bss", "free", "pool", "free"])
        #expect(picture.regions[1].parts.map(\.bytes) == [16384, 12, 104, 4, 8192, 106_376])
        #expect(picture.regions[1].parts[4].children.map(\.name) == ["free", "operand stack", "free"])
        #expect(picture.regions[2].parts == [Part("second pool", at: 0x1000_0000, bytes: 512), Part("free", at: 0x1000_0200, bytes: 65024)])
    }

    @Test("of a firmware whose pool is the rest has nothing free behind it")
    func rest() throws {
        let firmware = try LinkedFirmware("", on: "stm32f4discovery")
        let picture = try MemoryPicture(of: firmware.elf, named: "app.elf", map: firmware.map)
        #expect(picture.regions[1].parts.map(\.name) == ["stack", ".data", ".bss", "free", "pool"])
        #expect(picture.regions[1].parts.last == Part("pool", at: 0x2000_4078, bytes: 0x1bf88))
        // A picture for another board is refused.
        let map = try Samples.map()
        #expect(Samples.refusal { _ = try MemoryPicture(of: firmware.elf, named: "app.elf", map: map) }
            == "app.elf: vectors at 0x08000000 lies in no region of sample.ld: link it with this board's script")
    }
}
