// The table of keys for people: docs/CONFIG.md, and the file that one starts from.

extension ConfigurationKey {
    /// docs/CONFIG.md, which a test compares with the file.
    public static var page: String {
        var text = """
            # The static configuration

            A TOML file beside the application, in which each line is a key of these; `mote build --new-config` writes one with all of them
            as comments. Keys are named as the options of `mote run`. Sizes are bytes: integers, or strings with k, M, G for 1024, 1024², 1024³.
            Every key may be left out. A key that is not here, a value that is out of bounds, a region that the board does not have, and buffers
            that do not fit are errors, told with file and line before anything is built. Without a configuration, or with one that sets nothing,
            the pool is 256 KB at most, however large its region is.

                pool = "96k"
                operand-stack = "4k"
                features = ["FloatingPoint", "Names"]

            | key | value | least | most | default | what it is | what it costs |
            | --- | --- | --- | --- | --- | --- | --- |

            """
        for key in allCases {
            let row = key.row
            text += "| `\(key.rawValue)` | \(key.valueText) | \(key.bounds.least) | \(key.bounds.most) | \(key.defaultText) | \(row.meaning) | \(row.cost) |\n"
        }
        return text
    }

    /// A configuration with every key as a comment.
    public static var template: String {
        var text = comment("How this application uses the board's memory. A key without # in front of it counts; docs/CONFIG.md has them all in a table.")
            + comment("Sizes are bytes, or strings with k, M, G: 65536 or \"64k\".")
        for key in allCases {
            let row = key.row, bounds = key.bounds
            text += "\n" + comment(row.meaning) + comment("Costs \(row.cost).")
            text += comment("Value: \(key.valueText.replacing("`", with: "")); " + (bounds.least == "" ? "" : "\(bounds.least) to \(bounds.most); ") + "default: \(key.defaultText.replacing("`", with: "")).")
            text += "# \(key.rawValue) = \(key.example)\n"
        }
        return text
    }

    /// Lines of at most 100 characters.
    private static func comment(_ words: String) -> String {
        var text = "", line = "#"
        for word in words.split(separator: " ") {
            if line.count + 1 + word.count > 100 {
                text += line + "\n"
                line = "#"
            }
            line += " " + word
        }
        return text + line + "\n"
    }

    private var valueText: String {
        func code(_ words: [String]) -> String { words.map { "`\"\($0)\"`" }.joined(separator: ", ") }
        switch row.kind {
        case .bytes(let rule): return "bytes" + (rule.multiple > 1 ? ", a multiple of \(ByteSize.grouped(rule.multiple))" : "") + (rule.zeroIsNone ? "; 0 for none" : "")
        case .ram: return "a RAM region's name"
        case .flash: return "a flash region's name"
        case .flag: return "`true` or `false`"
        case .word(let words): return code(words)
        case .words(let alone, let listed): return "\(code(alone)), or a list of \(code(listed))"
        }
    }

    private var bounds: (least: String, most: String) {
        guard case .bytes(let rule) = row.kind else { return ("", "") }
        return (ByteSize.grouped(rule.minimum), rule.maximum == Self.largestSize ? "4G − 64k" : ByteSize.short(rule.maximum))
    }

    private var defaultText: String {
        switch row.standard {
        case .bytes(let bytes): ByteSize.grouped(bytes)
        case .word(let word): "`\"\(word)\"`"
        case .flag(let flag): "`\(flag)`"
        case .none(let words): words
        }
    }

    /// What the template has behind the equals sign: the default where it is a value, but a second pool, which the two keys behind it need.
    private var example: String {
        if self == .secondPool { return "\"16k\"" }
        switch row.standard {
        case .bytes(let bytes): return "\(bytes)"
        case .word(let word): return "\"\(word)\""
        case .flag(let flag): return "\(flag)"
        case .none:
            switch self {
            case .pool: return "\"96k\""
            case .operandStack: return "\"4k\""
            case .memoryCap: return "\"128k\""
            case .nativeStack: return "\"16k\""
            default: return "\"\(MemoryMap.mainFlash)\""
            }
        }
    }
}
