// Reads MEMORY { NAME (attributes) : ORIGIN = number, LENGTH = number … } and __stack_size = number; out of a linker script's words.

struct MemoryMapReader {
    let tokens: [LinkerScriptToken]
    let file: String
    private var place = 0
    private(set) var memoryLine = 1

    init(tokens: [LinkerScriptToken], file: String) {
        self.tokens = tokens
        self.file = file
    }

    private var current: LinkerScriptToken? { place < tokens.count ? tokens[place] : nil }
    private var line: Int { current?.line ?? tokens.last?.line ?? 1 }

    mutating func regions() throws(FileError) -> [MemoryMap.Region] {
        guard let memory = tokens.firstIndex(where: { $0.text == "MEMORY" }) else {
            throw FileError(file, line: 1, "there is no MEMORY block: add one with the regions FLASH and RAM")
        }
        memoryLine = tokens[memory].line
        place = memory + 1
        try expect("{")
        var regions: [MemoryMap.Region] = []
        while current?.text != "}" {
            guard current != nil else { throw FileError(file, line: memoryLine, "the MEMORY block has no end: add }") }
            let region = try region()
            if let other = regions.first(where: { $0.name == region.name }) {
                throw FileError(file, line: region.line, "the region \(region.name) is on line \(other.line) already: rename one of them")
            }
            // Nothing could tell whose bytes they are.
            if let other = regions.first(where: { $0.start < region.end && region.start < $0.end }) {
                throw FileError(file, line: region.line, "\(region.name) overlaps \(other.name) of line \(other.line): correct ORIGIN or LENGTH")
            }
            regions.append(region)
        }
        return regions
    }

    private mutating func region() throws(FileError) -> MemoryMap.Region {
        let name = try word("the name of a region"), nameLine = tokens[place - 1].line
        guard current?.text == "(" else { throw FileError(file, line: nameLine, "\(name) has no attributes: write (rx) for flash, (rw) for RAM") }
        place += 1
        let attributes = try word("attributes, such as rx")
        guard attributes.allSatisfy({ "rwxailRWXAIL".contains($0) }) else {
            throw FileError(file, line: nameLine, "\(name): the attributes \(attributes) are not known: write (rx) for flash, (rw) for RAM")
        }
        try expect(")")
        try expect(":")
        let start = try setting("ORIGIN", ["ORIGIN", "org", "o"], of: name)
        try expect(",")
        let bytes = try setting("LENGTH", ["LENGTH", "len", "l"], of: name)
        guard bytes > 0, start <= 1 << 32, bytes <= 1 << 32 - start else {
            throw FileError(file, line: nameLine, "\(name): \(ByteSize.grouped(bytes)) bytes at \(ByteSize.hexadecimal(start)) is empty or ends beyond 4 GB: correct ORIGIN or LENGTH")
        }
        return MemoryMap.Region(name: name, isWritable: attributes.lowercased().contains("w"), start: start, bytes: bytes, line: nameLine)
    }

    /// The last assignment, as the linker has it; also inside PROVIDE.
    mutating func stack() throws(FileError) -> (bytes: UInt64, line: Int) {
        guard let name = tokens.indices.last(where: { tokens[$0].text == "__stack_size" && $0 + 1 < tokens.count && tokens[$0 + 1].text == "=" }) else {
            throw FileError(file, line: tokens.last?.line ?? 1, "__stack_size is not set: add __stack_size = 8K;")
        }
        place = name + 2
        let bytes = try number(of: "__stack_size")
        guard bytes % 8 == 0 else { throw FileError(file, line: tokens[name].line, "__stack_size = \(bytes) is no multiple of 8: use \((bytes | 7) + 1)") }
        return (bytes, tokens[name].line)
    }

    private mutating func setting(_ what: String, _ spellings: [String], of region: String) throws(FileError) -> UInt64 {
        guard let token = current, spellings.contains(token.text) else { throw FileError(file, line: line, "\(region) has no \(what): write \(what) = …") }
        place += 1
        try expect("=")
        return try number(of: "\(region): \(what)")
    }

    /// A number, or a sum: `2M - 256`.
    private mutating func number(of what: String) throws(FileError) -> UInt64 {
        var sum = try term(of: what)
        while let sign = current?.text, sign == "+" || sign == "-" {
            let signLine = line
            place += 1
            let next = try term(of: what)
            let (result, isOut) = sign == "+" ? sum.addingReportingOverflow(next) : sum.subtractingReportingOverflow(next)
            guard !isOut else { throw FileError(file, line: signLine, "\(what) is below 0 or beyond 64 bits: correct the sum") }
            sum = result
        }
        return sum
    }

    private mutating func term(of what: String) throws(FileError) -> UInt64 {
        guard let token = current, let number = ByteSize.read(token.text) else {
            throw FileError(file, line: line, "\(what) is no number that we can read: write bytes, 0x…, K or M")
        }
        place += 1
        return number
    }

    private mutating func word(_ what: String) throws(FileError) -> String {
        guard let token = current, token.text.first?.isLetter == true || token.text.first == "_" else {
            throw FileError(file, line: line, "here must stand \(what)" + (current.map { ", not \($0.text): correct it" } ?? ": the file ends"))
        }
        place += 1
        return token.text
    }

    private mutating func expect(_ sign: String) throws(FileError) {
        guard current?.text == sign else { throw FileError(file, line: line, "here must stand \(sign)" + (current.map { ", not \($0.text): correct it" } ?? ": the file ends")) }
        place += 1
    }
}
