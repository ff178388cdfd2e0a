// What a start from an image takes in guest instructions: the committed table docs/LOADING.md, held.

import Foundation
import Image
import Packing
import TestGuests
import Testing
import WasmFormat

@Suite(.serialized) struct LoadTests {
    private static let board = "mps2-an386"
    private static let table = BoardRun.root.appending(path: "docs/LOADING.md")

    struct Row: Equatable {
        var load = 0
        var instantiate = 0
        var checksum = 0
        /// What load and instantiate together should take at most: 32 a word of register code, 3 another byte, 300 an import, 30 a table element, and 4,000.
        var bar = 0
        var bytes = 0

        var start: Int { load + instantiate }
        var isWithin: Bool { start <= bar }

        var cells: String { "| \(bytes) | \(load) | \(instantiate) | \(start) | \(bar) | \(isWithin ? LoadTests.within : LoadTests.above) | \(checksum) |" }

        init(load: Int, instantiate: Int, checksum: Int, bar: Int, bytes: Int) {
            (self.load, self.instantiate, self.checksum, self.bar, self.bytes) = (load, instantiate, checksum, bar, bytes)
        }
        /// A line of the table as `cells` writes it, behind the guest's name; nil if it is none, or if its sum or its mark is not that of its numbers.
        init?(_ line: Substring) {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 8, let bytes = Int(cells[1]), let load = Int(cells[2]), let instantiate = Int(cells[3]), let bar = Int(cells[5]), let checksum = Int(cells[7]) else { return nil }
            self.init(load: load, instantiate: instantiate, checksum: checksum, bar: bar, bytes: bytes)
            guard line == "| \(cells[0]) \(self.cells)" else { return nil }
        }
    }
    private static let (within, above) = ("within", "**above**")
    private static func summary(_ rows: [Row]) -> String { "\(rows.count(where: \.isWithin)) of \(rows.count) are within the aim.\n" }

    @Test("docs/LOADING.md marks each guest whose start is above the aim, and counts the others")
    func marks() throws {
        let written = try String(contentsOf: Self.table, encoding: .utf8)
        let lines = written.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| guest |") && !$0.hasPrefix("| --- |") }
        let rows = lines.compactMap { Row($0) }
        let guests = try GuestFolder.expected().count
        #expect(rows.count == lines.count && rows.count == guests, "a line is not as its numbers say: run `make loads`")
        #expect(written.hasSuffix("\n\n" + Self.summary(rows)))
    }

    @Test("A start from an image takes what docs/LOADING.md says, is within the aim where that says so, and its checksum takes at most 8 instructions a word")
    func starts() throws {
        var rows: [(name: String, row: Row)] = []
        for guest in try GuestFolder.expected() { rows.append((guest.name, try measure(guest))) }
        if ProcessInfo.processInfo.environment["WRITE_TABLES"] != nil { try write(rows) }
        let written = try String(contentsOf: Self.table, encoding: .utf8)
        for (name, row) in rows {
            #expect(row.checksum <= row.bytes / 4 * 8, "\(name): \(row.checksum) instructions for the checksum of \(row.bytes / 4) words")
            let line = try #require(written.split(separator: "\n").first { $0.hasPrefix("| \(name) |") }, "\(name) is not in docs/LOADING.md: run `make loads`")
            let told = try #require(Row(line), "\(line)")
            #expect(abs(row.start - told.start) * 50 <= told.start, "\(name): \(row.cells), docs/LOADING.md has \(line): run `make loads`")
            // Both ways: a guest that fell out of the aim must be seen in the table, and one that came into it must not fall out again unseen.
            #expect(row.isWithin == told.isWithin, "\(name) is \(row.isWithin ? "within" : "above") the aim: \(row.cells), docs/LOADING.md has \(line): make it faster, or run `make loads` and say why")
        }
    }

    private func measure(_ guest: GuestFolder.Guest) throws -> Row {
        let run = try GuestFirmware(guest.name, for: Self.board, packed: true).run(on: Self.board, words: ["bench"], environment: ["QEMU_FLAGS": "-icount shift=7", "TIMEOUT": "120"])
        let line = try #require(run.lines.first { $0.hasPrefix("bench load=") }, "\(run.output)")
        let counts = try #require(line.wholeMatch(of: /bench load=(\d+) instantiate=(\d+) run=\d+ checksum=(\d+)/)).output
        let image = try Packing.pack(guest.bytes())
        func word(_ index: UInt32) -> Int { (0..<4).reduce(0) { $0 | Int(image[Int(index) * 4 + $1]) << ($1 * 8) } }
        let block = UInt32(word(ImagePart.block.headerWord) / 4)
        let code = word(block + ModuleHeader.codeWords)
        let elements = (word(ImagePart.elements.headerWord + 1) - word(ImagePart.elements.headerWord)) / 4
        return Row(
            load: Int(counts.1) ?? 0, instantiate: Int(counts.2) ?? 0, checksum: Int(counts.3) ?? 0,
            bar: code * 32 + (image.count - code * 4) * 3 + (word(ImageHeader.imports) & 0xffff) * 300 + elements * 30 + 4000, bytes: image.count)
    }

    private func write(_ rows: [(name: String, row: Row)]) throws {
        let heading = """
            # What a start from an image takes

            Written by `make loads`; do not edit. Guest instructions on mps2-an386 (Cortex-M4F) under QEMU with `-icount`: `load` checks the whole image, `instantiate` makes an
            instance of it, start function excluded. `checksum` is what an installation takes beside, by `isIntact(image:)`. The aim for a start is 32 a word of register
            code, 3 another byte, 300 an import, 30 a table element, and 4,000. `Tests/BoardTests/LoadTests.swift` holds each start to 2 % of the table and to its mark: one that
            is within the aim must stay there. It holds the checksum to 8 a word.

            | guest | image, bytes | load | instantiate | start | aim | | checksum |
            | --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |

            """
        try (heading + rows.map { "| \($0.name) \($0.row.cells)\n" }.joined() + "\n" + Self.summary(rows.map(\.row))).write(to: Self.table, atomically: true, encoding: .utf8)
    }
}
