// What a person may have meant by a name that does not exist.

enum NearestName {
    /// The remedy for an unknown name: the nearest known one if it is near, else all of them.
    static func remedy(for name: String, among known: [String]) -> String {
        let nearest = known.min { distance(name, $0) < distance(name, $1) }
        if let nearest, distance(name, nearest) <= max(2, nearest.count / 3) { return "did you mean \(nearest)?" }
        return "use one of \(known.joined(separator: ", "))"
    }

    /// How many characters must be put in, left out or changed to come from one name to the other, whatever their case.
    static func distance(_ one: String, _ other: String) -> Int {
        let other = Array(other.lowercased())
        var row = Array(0...other.count)
        for (i, character) in one.lowercased().enumerated() {
            var corner = row[0]
            row[0] = i + 1
            for j in other.indices {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, corner + (character == other[j] ? 0 : 1))
                corner = above
            }
        }
        return row[other.count]
    }
}
