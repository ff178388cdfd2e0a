// What is wrong with a file that is no suite file: its line of the `.wast`, and the field.
//
//     core/i32.json:12: assert_return: the field action.field is missing (docs/SPEC-SCRIPTS.md describes these files)

import Foundation

extension SuiteFile {
    /// What follows the file's path.
    static func words(_ error: DecodingError, _ data: Data) -> String {
        let (path, what): ([any CodingKey], String) =
            switch error {
            case .keyNotFound(let key, let context): (context.codingPath + [key], "is missing")
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): (context.codingPath, "is not what it must be")
            @unknown default: ([], "")
            }
        let help = "(docs/SPEC-SCRIPTS.md describes these files)"
        guard !path.isEmpty else { return ": is not a suite file: \(syntax(data)) \(help)" }
        guard path.count > 1, path[0].stringValue == "commands", let number = path[1].intValue else {
            return ": is not a suite file: the field \(name(path[...])) \(what) \(help)"
        }
        let file = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any]
        let command = (file?["commands"] as? [Any])?[number] as? [String: Any]
        let place = (command?["line"] as? Int).map { ":\($0)" } ?? ": command \(number + 1)"
        let type = (command?["type"] as? String).map { ": \($0)" } ?? ""
        let field = path.count == 2 ? "the command" : "the field \(name(path[2...]))"
        return "\(place)\(type): \(field) \(what) \(help)"
    }

    /// `args[2].type`.
    private static func name(_ path: ArraySlice<any CodingKey>) -> String {
        path.reduce("") { text, key in
            if let index = key.intValue { return "\(text)[\(index)]" }
            return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
        }
    }

    /// Of data that is no JSON, or no object.
    private static func syntax(_ data: Data) -> String {
        do {
            _ = try JSONSerialization.jsonObject(with: data)
            return "it is JSON, but no object"
        } catch {
            let detail = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
            return "it is not JSON" + (detail.map { ": \($0.prefix { $0 != "\n" })" } ?? "")
        }
    }
}
