// A device's memory to scale: regions, the parts that they are made of, and the parts of those.

import Foundation

/// What lies where. Every region is covered by its parts without a gap: what no part covers is a part named "free".
public struct MemoryPicture: Codable, Equatable, Sendable {
    public struct Part: Codable, Equatable, Sendable {
        public let name: String
        /// Address of its first byte.
        public let start: UInt64
        public let bytes: UInt64
        /// What it is made of; empty, or covering it without a gap.
        public let children: [Part]

        public init(_ name: String, at start: UInt64, bytes: UInt64, children: [Part] = []) {
            self.name = name
            self.start = start
            self.bytes = bytes
            self.children = children
        }

        var end: UInt64 { start + bytes }
        var isFree: Bool { name == MemoryPicture.free }
    }

    public struct Region: Codable, Equatable, Sendable {
        public let name: String
        public let start: UInt64
        public let bytes: UInt64
        public let parts: [Part]

        public init(_ name: String, at start: UInt64, bytes: UInt64, parts: [Part]) {
            self.name = name
            self.start = start
            self.bytes = bytes
            self.parts = parts
        }

        var freeBytes: UInt64 { parts.filter(\.isFree).reduce(0) { $0 + $1.bytes } }
    }

    /// The name of what nothing lies in.
    public static let free = "free"

    public let regions: [Region]

    /// Parts in any order; those without bytes are left out, and gaps are filled. Throws `FileError`, for `file`, where parts overlap or lie outside.
    public init(_ regions: [Region], file: String) throws(FileError) {
        var whole: [Region] = []
        for region in regions {
            guard region.bytes > 0, region.start <= 1 << 32, region.bytes <= 1 << 32 - region.start else {
                throw FileError(file, "the region \(region.name) is empty or ends beyond 4 GB: check the linker script")
            }
            let parts = try Self.covering(region.name, region.start, region.bytes, with: region.parts, file)
            whole.append(Region(region.name, at: region.start, bytes: region.bytes, parts: parts))
        }
        self.regions = whole
    }

    private static func covering(_ name: String, _ start: UInt64, _ bytes: UInt64, with parts: [Part], _ file: String) throws(FileError) -> [Part] {
        var whole: [Part] = []
        let end = start + bytes
        var place = start
        for part in parts.filter({ $0.bytes > 0 }).sorted(by: { $0.start < $1.start }) {
            guard part.start >= place else { throw FileError(file, "\(part.name) begins before \(name)\(whole.last.map { "'s \($0.name) ends" } ?? ""): check the linker script") }
            guard part.start <= end, part.bytes <= end - part.start else { throw FileError(file, "\(part.name) ends beyond \(name): check the linker script") }
            if part.start > place { whole.append(Part(free, at: place, bytes: part.start - place)) }
            let children = part.children.isEmpty ? [] : try covering(part.name, part.start, part.bytes, with: part.children, file)
            whole.append(Part(part.name, at: part.start, bytes: part.bytes, children: children))
            place = part.end
        }
        if place < end { whole.append(Part(free, at: place, bytes: end - place)) }
        return whole
    }

    /// As `--json` prints it: sizes and addresses are numbers, keys are sorted.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// A part that has no parts, as a picture draws it.
struct PictureLeaf: Equatable {
    /// "pool: operand stack" for a part of a part.
    let path: String
    /// The name as it stands beside the picture; a part of a part is marked.
    let label: String
    let start: UInt64
    let bytes: UInt64
    let isFree: Bool
    /// The place of the region's own part that it is in: neighbours differ.
    let group: Int
}

extension MemoryPicture.Region {
    /// The parts without parts, by address: they cover the region.
    var leaves: [PictureLeaf] {
        var leaves: [PictureLeaf] = []
        func add(_ part: MemoryPicture.Part, path: String, depth: Int, group: Int) {
            if part.children.isEmpty {
                leaves.append(PictureLeaf(
                    path: path, label: (depth > 0 ? "· " : "") + part.name, start: part.start, bytes: part.bytes, isFree: part.isFree, group: group))
            }
            for child in part.children { add(child, path: "\(path): \(child.name)", depth: depth + 1, group: group) }
        }
        for (group, part) in parts.enumerated() { add(part, path: part.name, depth: 0, group: group) }
        return leaves
    }
}

/// How a region's leaves share a number of rows.
enum PictureScale {
    /// Rows of each leaf, `rows` together. A row shows the leaf that its middle lies in: a leaf has its share, at most one row more or less, and
    /// one that is smaller than a row may have none.
    static func rows(of leaves: [PictureLeaf], in rows: Int) -> [Int] {
        let total = leaves.reduce(0) { $0 + $1.bytes }
        var seen: UInt64 = 0, last: UInt64 = 0
        return leaves.map { leaf in
            // Where a leaf ends is rounded, not how long it is, so that the picture ends with the region.
            seen += leaf.bytes
            let end = (seen * UInt64(rows) * 2 + total) / (total * 2)
            defer { last = end }
            return Int(end - last)
        }
    }
}
