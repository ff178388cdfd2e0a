// A module's description as lines of text: a table for each part that the module has.

extension ModuleDescription {
    func text(file: String) -> [String] {
        var lines = ["\(file): \(bytes) bytes, \(counted(functions.count, "function"))"]
        if let image { lines += image.lines }
        func part(_ title: String, _ rows: [[String]]) {
            guard !rows.isEmpty else { return }
            lines += ["", title] + Self.columns(rows)
        }
        part(image == nil ? "sections" : "parts", sections.map { section in
            [section.name, Self.hex(section.offset), "\(section.size) bytes", section.count.map { $0 == 1 ? "1 entry" : "\($0) entries" } ?? ""]
        })
        part("types", types.enumerated().map { ["\($0)", $1] })
        part("imports", imports.map { ["\($0.module ?? "").\($0.name)", "\($0.kind) \($0.index)", $0.type] })
        part("functions", functions.map { ["\($0.index)", $0.name ?? "", $0.type, Self.hex($0.offset), "\($0.size) bytes"] })
        part("tables", numbered("table", tables))
        part("memories", numbered("memory", memories))
        part("globals", numbered("global", globals))
        part("exports", exports.map { [$0.name, "\($0.kind) \($0.index)", $0.type] })
        if let start { part("start", [[functionLabel(start)]]) }
        return lines
    }

    /// The module's own, which follow the imported ones.
    private func numbered(_ kind: String, _ types: [String]) -> [[String]] {
        let first = imports.count { $0.kind == kind }
        return types.enumerated().map { ["\(first + $0)", $1] }
    }

    private static func hex(_ offset: UInt32) -> String { "0x" + String(offset, radix: 16) }

    /// Left-aligned columns, two spaces apart, indented by two.
    private static func columns(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += "  " + cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
