// Reads a board's manifest: only lines KEY="value", comments and blank lines, so that TOML and sh mean the same by every one of them.

extension BoardManifest {
    /// The keys, in the order in which a manifest has them.
    public static let keys = ["NAME", "CORE", "FLOAT", "QEMU", "CLOCK", "SERIAL", "FLASH", "UF2", "HARDWARE", "FEATURES"]
    /// What a manifest may leave out. QEMU, FLASH and HARDWARE may be empty, but must be there: whoever writes a board has thought of them.
    static let optionalKeys = ["UF2", "FEATURES"]

    /// Reads `text`; `file` is for the errors. Throws `FileError` for the first thing that is wrong.
    public init(text: String, file: String) throws(FileError) {
        let fields = try Fields(text: text, file: file)
        name = try fields.text("NAME", "a line for people")
        core = try fields.word("CORE", as: Core.self)
        floatingPoint = try fields.word("FLOAT", as: FloatingPoint.self)
        guard core.floatingPoint.contains(floatingPoint) else {
            let possible = core.floatingPoint.map(\.rawValue).joined(separator: ", ")
            throw fields.error("FLOAT", "for a \(core.rawValue) there is no code with \"\(floatingPoint.rawValue)\": use one of \(possible)")
        }
        qemuMachine = fields.optionalText("QEMU")
        guard let hertz = UInt32(fields["CLOCK"]), hertz > 0 else {
            throw fields.error("CLOCK", "\"\(fields["CLOCK"])\" is no frequency: write Hz as a decimal number, \"25000000\"")
        }
        clockHertz = hertz
        console = try fields.text("SERIAL", "what the console is: \"UART0, 115200 baud\"")
        uf2Family = try fields.family("UF2")
        flashCommand = try fields.command("FLASH", hasUF2: uf2Family != nil)
        hardwareNote = fields.optionalText("HARDWARE")
        features = fields.optionalText("FEATURES")
    }
}

/// The manifest's values and the lines that they are on.
private struct Fields {
    let file: String
    private var values: [String: (text: String, line: Int)] = [:]

    init(text: String, file: String) throws(FileError) {
        self.file = file
        var count = 0
        // By bytes: to Swift "\r\n" is one character, which is no "\n".
        for (index, bytes) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            count = index + 1
            try read(String(Substring(bytes)), line: count)
        }
        // A file that ends with a newline has no line behind it.
        if text.utf8.last == UInt8(ascii: "\n") { count -= 1 }
        for key in BoardManifest.keys where values[key] == nil && !BoardManifest.optionalKeys.contains(key) {
            throw FileError(file, line: max(count, 1), "\(key) is missing: add \(key)=\"…\"")
        }
    }

    private mutating func read(_ line: String, line number: Int) throws(FileError) {
        if line.isEmpty || line.hasPrefix("#") { return }
        guard let equals = line.firstIndex(of: "="), line[equals...].hasPrefix("=\""), line.hasSuffix("\""), line[equals...].count >= 3 else {
            throw FileError(file, line: number, "not KEY=\"value\": write it so, without spaces around = and nothing behind it, or begin the line with #")
        }
        let key = String(line[..<equals]), value = String(line[equals...].dropFirst(2).dropLast())
        guard BoardManifest.keys.contains(key) else {
            throw FileError(file, line: number, "unknown key \(key): \(NearestName.remedy(for: key, among: BoardManifest.keys))")
        }
        // What sh or TOML would read as something else between double quotes.
        if let character = value.unicodeScalars.first(where: { "\"\\$`".unicodeScalars.contains($0) || $0.value < 0x20 || $0.value == 0x7f }) {
            let name = character.value < 0x20 || character.value == 0x7f ? "a control character" : "\(character)"
            throw FileError(file, line: number, "\(key): TOML and sh read \(name) differently: leave it out, or use ' in the place of \"")
        }
        if let first = values[key] { throw FileError(file, line: number, "\(key) is set on line \(first.line) already: remove one of them") }
        values[key] = (value, number)
    }

    /// Empty for an optional key that is not there.
    subscript(key: String) -> String { values[key]?.text ?? "" }

    func error(_ key: String, _ message: String) -> FileError { FileError(file, line: values[key]?.line, "\(key): \(message)") }

    func optionalText(_ key: String) -> String? { self[key].isEmpty ? nil : self[key] }

    func text(_ key: String, _ what: String) throws(FileError) -> String {
        guard let text = optionalText(key) else { throw error(key, "it is empty: write \(what)") }
        return text
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(_ key: String, as: Word.Type) throws(FileError) -> Word {
        guard let word = Word(rawValue: self[key]) else {
            throw error(key, "\"\(self[key])\" is not known: \(NearestName.remedy(for: self[key], among: Word.allCases.map(\.rawValue)))")
        }
        return word
    }

    func family(_ key: String) throws(FileError) -> UInt32? {
        if self[key].isEmpty && values[key] == nil { return nil }
        guard self[key].hasPrefix("0x"), let number = UInt32(self[key].dropFirst(2), radix: 16) else {
            throw error(key, "\"\(self[key])\" is no UF2 family: write it as \"0xE48BFF56\", or leave the line out")
        }
        return number
    }

    func command(_ key: String, hasUF2: Bool) throws(FileError) -> String? {
        guard let command = optionalText(key) else { return nil }
        var rest = command[...]
        while let open = rest.firstIndex(of: "{") {
            let name = rest[open...].dropFirst().prefix { $0 != "}" }
            let images = BoardManifest.Image.allCases.map(\.rawValue)
            guard name.endIndex < rest.endIndex, images.contains(String(name)) else {
                throw error(key, "unknown placeholder {\(name)}: use one of \(images.map { "{\($0)}" }.joined(separator: ", "))")
            }
            if name == "uf2" && !hasUF2 { throw error(key, "{uf2} needs the board's family: add UF2=\"0x…\"") }
            rest = rest[name.endIndex...]
        }
        return command
    }
}
