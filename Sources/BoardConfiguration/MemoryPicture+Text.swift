// The picture on a terminal: regions side by side, one character column of bar each, a row where a part begins with address, name and bytes.
//
//     RAM  131,072 bytes, 41 % free
//     20000000 ██ stack       49,152
//              ██
//     2000c000 ▒▒ .bss        28,672

extension MemoryPicture {
    /// Draws it in `width` columns, each region in `rows` rows. Parts too small for a row are listed beneath. `isColoured` adds ANSI colours: the
    /// caller knows whether it is a terminal, and NO_COLOR.
    public func text(width: Int = 80, rows: Int = 24, isColoured: Bool = false) -> String {
        let rows = max(rows, 1)
        let across = min(max((width + 2) / 36, 1), max(regions.count, 1))
        let column = max((width - 2 * (across - 1)) / across, 24)
        var text = ""
        for first in stride(from: 0, to: regions.count, by: across) {
            if first > 0 { text += "\n" }
            let columns = regions[first..<min(first + across, regions.count)].map { Self.lines($0, column, rows, isColoured) }
            for line in 0..<(columns.map(\.count).max() ?? 0) {
                var row = ""
                for (number, lines) in columns.enumerated() {
                    let cell = line < lines.count ? lines[line] : Cell("")
                    row += cell.text
                    // No blanks at a line's end.
                    let isLast = columns.dropFirst(number + 1).allSatisfy { line >= $0.count }
                    if isLast { break }
                    row += String(repeating: " ", count: max(0, column - cell.width) + 2)
                }
                text += row + "\n"
            }
        }
        return text
    }

    /// A line of a column; `width` does not count colours.
    private struct Cell {
        var text: String
        var width: Int
        init(_ text: String) { (self.text, width) = (text, text.count) }
    }

    private static func lines(_ region: Region, _ width: Int, _ rows: Int, _ isColoured: Bool) -> [Cell] {
        let leaves = region.leaves, counts = PictureScale.rows(of: leaves, in: rows)
        let head = "\(region.name)  \(ByteSize.grouped(region.bytes)) bytes"
        let percent = ", \(region.freeBytes * 100 / region.bytes) % free"
        var lines = [Cell(fitted(head.count + percent.count <= width ? head + percent : head, width))]
        var shade = 0
        for (leaf, count) in zip(leaves, counts) where count > 0 {
            // Neighbours differ also without colours.
            let bar = leaf.isFree ? "░░" : shade % 2 == 0 ? "██" : "▒▒"
            if !leaf.isFree { shade += 1 }
            for row in 0..<count {
                var cell = Cell(row == 0 ? "\(ByteSize.padded(leaf.start)) " : String(repeating: " ", count: 9))
                cell.text += isColoured ? coloured(bar, leaf) : bar
                cell.width += 2
                if row == 0 {
                    let size = ByteSize.grouped(leaf.bytes), room = width - cell.width - 2 - size.count
                    let name = fitted(leaf.label, max(room, 1))
                    let tail = " " + name + String(repeating: " ", count: max(0, room - name.count)) + " " + size
                    cell.text += tail
                    cell.width += tail.count
                }
                lines.append(cell)
            }
        }
        lines.append(Cell(ByteSize.padded(region.start + region.bytes)))
        let small = zip(leaves, counts).filter { $0.1 == 0 }.map(\.0)
        if !small.isEmpty { lines.append(Cell(fitted("too small for a row:", width))) }
        for leaf in small { lines.append(Cell(listed(leaf, width))) }
        return lines
    }

    private static func listed(_ leaf: PictureLeaf, _ width: Int) -> String {
        let size = ByteSize.grouped(leaf.bytes), room = max(width - 12 - 1 - size.count, 1), name = fitted(leaf.path, room)
        return "\(ByteSize.padded(leaf.start))    \(name)\(String(repeating: " ", count: room - name.count)) \(size)"
    }

    private static func fitted(_ text: String, _ width: Int) -> String { text.count <= width ? text : text.prefix(max(width - 1, 0)) + "…" }

    /// Blue, green, yellow, magenta, cyan, red in turn; free memory is dim.
    private static func coloured(_ bar: String, _ leaf: PictureLeaf) -> String {
        let code = leaf.isFree ? "2" : ["34", "32", "33", "35", "36", "31"][leaf.group % 6]
        return "\u{1b}[\(code)m\(bar)\u{1b}[0m"
    }
}
