// UF2 files and memory pictures.

@testable import BoardConfiguration
import Foundation
import Testing

@Suite struct PictureTests {
    @Test("A UF2 file is read back as it was written, in whole pages, neighbours joined") func uf2() throws {
        let first = UF2.Segment(address: 0x1000_0010, bytes: [1, 2, 3]), second = UF2.Segment(address: 0x1000_0100, bytes: [UInt8](repeating: 7, count: 300))
        let file = try UF2.write([second, first], family: 0xe48b_ff56, file: "a.uf2")
        #expect(file.count == 3 * 512 && file[..<4] == [0x55, 0x46, 0x32, 0x0a])
        let (segments, family) = try UF2.read(file, file: "a.uf2")
        let filler = [UInt8](repeating: 0xff, count: 16)
        #expect(family == 0xe48b_ff56 && segments.count == 1 && segments[0].address == 0x1000_0000)
        #expect(segments[0].bytes.count == 768 && Array(segments[0].bytes[..<19]) == filler + [1, 2, 3] && segments[0].bytes[256..<556].allSatisfy { $0 == 7 })
        #expect(throws: FileError.self) { try UF2.write([first, UF2.Segment(address: 0x1000_0012, bytes: [9])], family: nil, file: "a.uf2") }
        #expect(throws: FileError.self) { try UF2.write([UF2.Segment(address: 0xffff_fffe, bytes: [1, 2, 3])], family: nil, file: "a.uf2") }
        #expect(throws: FileError.self) { try UF2.write([], family: nil, file: "a.uf2") }
        for place in [0, 8, 12, 16, 20, 24, 508, 512 + 28] {
            var damaged = file
            damaged[place] ^= 0xff
            #expect(throws: FileError.self, "byte \(place)") { try UF2.read(damaged, file: "a.uf2") }
        }
    }

    private func picture() throws -> MemoryPicture {
        try MemoryPicture([MemoryPicture.Region("RAM", at: 0x2000_0000, bytes: 1000, parts: [
            MemoryPicture.Part("pool", at: 0x2000_0064, bytes: 800, children: [MemoryPicture.Part("operand stack", at: 0x2000_0064, bytes: 600)]),
            MemoryPicture.Part("stack", at: 0x2000_0000, bytes: 100),
        ])], file: "a.elf")
    }

    @Test("Parts cover a region to the byte; what overlaps or lies outside is refused") func covering() throws {
        let region = try picture().regions[0]
        #expect(region.parts.map(\.name) == ["stack", "pool", "free"] && region.parts.map(\.bytes) == [100, 800, 100])
        #expect(region.parts[1].children.map(\.name) == ["operand stack", "free"])
        for part in [MemoryPicture.Part("b", at: 50, bytes: 20), MemoryPicture.Part("b", at: 90, bytes: 20)] {
            #expect(throws: FileError.self) { try MemoryPicture([.init("RAM", at: 0, bytes: 100, parts: [MemoryPicture.Part("a", at: 0, bytes: 60), part])], file: "a.elf") }
        }
    }

    @Test("The picture is to scale: ten rows of a hundred bytes each") func text() throws {
        let text = try picture().text(width: 60, rows: 10)
        let rows = text.split(separator: "\n").dropFirst().prefix(10)
        func bar(_ row: Substring) -> Character { row.dropFirst(9).first ?? " " }
        #expect(rows.map(bar).map(String.init).joined() == "█▒▒▒▒▒▒░░░", "\(text)")
        #expect(text.hasPrefix("RAM  1,000 bytes, 10 % free\n") && !text.contains("\u{1b}"))
        #expect(try picture().text(width: 60, rows: 10, isColoured: true).contains("\u{1b}["))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 60 })
    }

    @Test("The SVG has a bar for each part, as tall as its share; JSON reads back as the same picture") func other() throws {
        let svg = try picture().svg()
        let heights = svg.matches(of: #/height="([0-9.]+)" fill="#/#).compactMap { Double($0.1) }
        #expect(heights.count == 4 && zip(heights, [48.0, 288, 96, 48]).allSatisfy { abs($0 - $1) < 0.1 }, "\(heights)")
        #expect(try JSONDecoder().decode(MemoryPicture.self, from: Data(picture().json().utf8)) == picture())
    }
}
