// The picture as an SVG: a column for each region, to its own scale, which also a dark page shows well.

extension MemoryPicture {
    private static let columnWidth = 300, barWidth = 90, barHeight = 480, top = 44, rowHeight = 15

    /// A document of its own. A part that has no room for its name is listed beneath.
    public func svg() -> String {
        var columns = "", height = 0
        for (number, region) in regions.enumerated() {
            let (text, bottom) = Self.column(region, x: 16 + number * Self.columnWidth)
            columns += text
            height = max(height, bottom)
        }
        let width = 16 + max(regions.count, 1) * Self.columnWidth
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height + 16)" viewBox="0 0 \(width) \(height + 16)" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            \(columns)</svg>

            """
    }

    private static func column(_ region: Region, x: Int) -> (text: String, bottom: Int) {
        var text = label("\(region.name)", x: x, y: 18, isBold: true)
        text += label("\(ByteSize.grouped(region.bytes)) bytes, \(region.freeBytes * 100 / region.bytes) % free", x: x, y: 34)
        var small: [PictureLeaf] = []
        // Where the last name stands: names do not overlap.
        var lastName = top - rowHeight
        for leaf in region.leaves {
            let from = y(leaf.start, region), to = y(leaf.start + leaf.bytes, region)
            text += """
                <rect x="\(x)" y="\(points(from))" width="\(barWidth)" height="\(points(to - from))" fill="\(colour(leaf))" stroke="black" stroke-width="0.5">\
                <title>\(escaped(leaf.path)): \(leaf.bytes) bytes at \(ByteSize.hexadecimal(leaf.start))</title></rect>

                """
            let baseline = from / 100 + 11
            if to - from >= (rowHeight - 3) * 100, baseline >= lastName + rowHeight - 2 {
                text += label("\(ByteSize.padded(leaf.start))  \(leaf.label)  \(ByteSize.grouped(leaf.bytes))", x: x + barWidth + 6, y: baseline)
                lastName = baseline
            } else {
                small.append(leaf)
            }
        }
        var bottom = top + barHeight + 16
        for leaf in small {
            text += label("\(ByteSize.padded(leaf.start))  \(leaf.path)  \(ByteSize.grouped(leaf.bytes))", x: x, y: bottom)
            bottom += rowHeight
        }
        return (text, bottom)
    }

    /// In hundredths of a point: their differences are exact, as those of fractions are not.
    private static func y(_ address: UInt64, _ region: Region) -> Int {
        top * 100 + Int((Double(address - region.start) / Double(region.bytes) * Double(barHeight) * 100).rounded())
    }

    private static func points(_ hundredths: Int) -> String { "\(Double(hundredths) / 100)" }

    private static func label(_ text: String, x: Int, y: Int, isBold: Bool = false) -> String {
        "<text x=\"\(x)\" y=\"\(y)\"\(isBold ? " font-weight=\"bold\"" : "")>\(escaped(text))</text>\n"
    }

    /// Light enough for nothing on it, and told apart by the colour-blind (Paul Tol's light scheme).
    private static func colour(_ leaf: PictureLeaf) -> String {
        leaf.isFree ? "#f4f4f4" : ["#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#aaaa00"][leaf.group % 8]
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            // XML has no others below the blank, and not the last two of 16 bits.
            case _ where character.value < 0x20 && character != "\t" && character != "\n", "\u{fffe}", "\u{ffff}": escaped += "?"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
