// The TOML file's values, each checked against its row of the table.

import TOMLKit

struct ConfigurationValues {
    let file: String
    let lines: [ConfigurationKey: Int]
    private let table: TOMLTable

    init(text: String, file: String) throws(FileError) {
        self.file = file
        // The TOML parser reads up to a zero byte, and would find nothing wrong in a module that was given by mistake.
        if let zero = text.utf8.firstIndex(of: 0) {
            let line = text.utf8[..<zero].reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
            throw FileError(file, line: line, "a zero byte is in it, so that it is no text: is it the right file?")
        }
        do { table = try TOMLTable(string: text) } catch {
            guard let error = error as? TOMLParseError else { throw FileError(file, "cannot be read as TOML: \(error)") }
            throw FileError(file, line: error.source.begin.line, "not valid TOML: \(error.description): write key = value, strings in \"\"")
        }
        let places = KeyLines.find(in: text)
        // From the top of the file, so that the first mistake is told first.
        for name in table.keys.sorted(by: { (places[$0] ?? 0, $0) < (places[$1] ?? 0, $1) }) where ConfigurationKey(rawValue: name) == nil {
            throw FileError(file, line: places[name], "unknown key \(name): \(NearestName.remedy(for: name, among: ConfigurationKey.allCases.map(\.rawValue)))")
        }
        lines = Dictionary(uniqueKeysWithValues: places.compactMap { name, line in ConfigurationKey(rawValue: name).map { ($0, line) } })
    }

    func isSet(_ key: ConfigurationKey) -> Bool { table[key.rawValue] != nil }

    private func error(_ key: ConfigurationKey, _ message: String) -> FileError { FileError(file, line: lines[key], "\(key.rawValue) \(message)") }

    private func typeError(_ key: ConfigurationKey, _ value: any TOMLValueConvertible, _ remedy: String) -> FileError {
        error(key, "is \("aeiou".contains(value.type.description.prefix(1)) ? "an" : "a") \(value.type): write \(remedy)")
    }

    /// Nil where the key is not set and has no default in bytes.
    func bytes(_ key: ConfigurationKey) throws(FileError) -> UInt32? {
        guard case .bytes(let rule) = key.row.kind else { preconditionFailure("\(key) is no size") }
        guard let value = table[key.rawValue] else {
            if case .bytes(let bytes) = key.row.standard { return UInt32(bytes) }
            return nil
        }
        let bytes: UInt64
        switch value.type {
        case .int:
            guard let number = value.int, number >= 0 else { throw error(key, "is below 0: the least is \(ByteSize.grouped(rule.minimum)) bytes") }
            bytes = UInt64(number)
        case .string:
            guard let number = ByteSize.read(value.string ?? "") else { throw error(key, "= \"\(value.string ?? "")\" is no size: write bytes, or \"64k\", \"1M\"") }
            bytes = number
        default: throw typeError(key, value, "a size, 65536 or \"64k\"")
        }
        if bytes == 0 && rule.zeroIsNone { return 0 }
        if bytes < rule.minimum {
            throw error(key, "= \(ByteSize.grouped(bytes)) is too small: the least is \(ByteSize.grouped(rule.minimum)) bytes" + (rule.zeroIsNone ? ", or 0 for none" : ""))
        }
        if bytes > rule.maximum { throw error(key, "= \(ByteSize.grouped(bytes)) is too large: the most is \(ByteSize.grouped(rule.maximum)) bytes") }
        if bytes % rule.multiple != 0 {
            let next = (bytes / rule.multiple + 1) * rule.multiple
            throw error(key, "= \(ByteSize.grouped(bytes)) is no multiple of \(ByteSize.grouped(rule.multiple)): the next is \(next)")
        }
        return UInt32(bytes)
    }

    func flag(_ key: ConfigurationKey) throws(FileError) -> Bool {
        guard let value = table[key.rawValue] else {
            guard case .flag(let flag) = key.row.standard else { preconditionFailure("\(key) has no default") }
            return flag
        }
        guard let flag = value.bool else { throw typeError(key, value, "true or false") }
        return flag
    }

    /// A region's name, or one of the words that the table has.
    func word(_ key: ConfigurationKey) throws(FileError) -> String {
        guard let value = table[key.rawValue] else { return standardWord(key) }
        guard case .word(let known) = key.row.kind else {
            guard let word = value.string else { throw typeError(key, value, "the name of a region of the board, in \"\"") }
            return word
        }
        guard let word = value.string else { throw typeError(key, value, "one of \(Self.quoted(known))") }
        guard known.contains(word) else { throw error(key, "= \"\(word)\" is not known: \(NearestName.remedy(for: word, among: known))") }
        return word
    }

    /// A word that stands alone, or words of a list, each once and in the table's order.
    func words(_ key: ConfigurationKey) throws(FileError) -> [String] {
        guard case .words(let alone, let listed) = key.row.kind else { preconditionFailure("\(key) is no list") }
        guard let value = table[key.rawValue] else { return [standardWord(key)] }
        if let word = value.string {
            guard alone.contains(word) || listed.contains(word) else { throw error(key, "= \"\(word)\" is not known: \(NearestName.remedy(for: word, among: alone + listed))") }
            return [word]
        }
        guard value.type == .array, let array = value.array else { throw typeError(key, value, "\(Self.quoted(alone)), or a list of \(Self.quoted(listed))") }
        var words: Set<String> = []
        for element in array {
            guard let word = element.string else { throw error(key, "has \("aeiou".contains(element.type.description.prefix(1)) ? "an" : "a") \(element.type) in its list: write strings, in \"\"") }
            if alone.contains(word) { throw error(key, "has \"\(word)\" in a list, where it stands alone: write \(key.rawValue) = \"\(word)\"") }
            guard listed.contains(word) else { throw error(key, "has \"\(word)\" in its list, which is not known: \(NearestName.remedy(for: word, among: listed))") }
            words.insert(word)
        }
        guard !words.isEmpty else { throw error(key, "is an empty list: write \(Self.quoted(alone)), or remove the line") }
        return listed.filter(words.contains)
    }

    private func standardWord(_ key: ConfigurationKey) -> String {
        guard case .word(let word) = key.row.standard else { preconditionFailure("\(key) has no default") }
        return word
    }

    private static func quoted(_ words: [String]) -> String { words.map { "\"\($0)\"" }.joined(separator: ", ") }
}
