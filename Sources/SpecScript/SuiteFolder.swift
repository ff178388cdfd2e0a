// Finds the suite files that paths mean: a file is itself, a folder all `.json` files below it.

import Foundation

public enum SuiteFolder {
    /// Those of a folder by name. `INDEX.json` is not a suite file.
    public static func files(at path: String) throws -> [URL] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw SuiteError("\(path): there is no such file or folder")
        }
        guard isFolder.boolValue else { return [URL(fileURLWithPath: path)] }
        let names = (FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? [])
            .filter { $0.hasSuffix(".json") && !$0.hasSuffix("INDEX.json") }.sorted()
        guard !names.isEmpty else { throw SuiteError("\(path): there is no suite file (.json) in this folder") }
        return names.map { URL(fileURLWithPath: path).appendingPathComponent($0) }
    }
}
