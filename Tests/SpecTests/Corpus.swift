// Where the test corpus lies, and what its index says.

import Foundation
import Testing

/// The folder of FORMAT.md: the environment's MOTE_SPEC, else shared/spec beside the package's folder.
enum Corpus {
    static let folder: URL? = {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder =
            ProcessInfo.processInfo.environment["MOTE_SPEC"].map { URL(fileURLWithPath: $0) }
            ?? package.deletingLastPathComponent().appendingPathComponent("shared/spec")
        return FileManager.default.fileExists(atPath: folder.appendingPathComponent("INDEX.json").path) ? folder : nil
    }()

    static let isMissing = """
        The WebAssembly test corpus is not here, so conformance is not tested. Run: MOTE_SPEC=path/to/shared/spec swift test
        """

    /// The suites that this build must pass.
    static let suites = ["core-2.0", "staged/extended-const", "proposals/custom-page-sizes"]

    /// An entry of INDEX.json.
    struct Entry: Decodable, Sendable, CustomTestStringConvertible {
        let path: String
        let counts: [String: Int]

        var assertions: Int { counts.reduce(0) { $0 + ($1.key.hasPrefix("assert_") ? $1.value : 0) } }
        var testDescription: String { path }
    }

    /// The files of `suites`, as the index has them.
    static let entries: [Entry] = {
        guard let folder, let data = try? Data(contentsOf: folder.appendingPathComponent("INDEX.json")),
            let all = try? JSONDecoder().decode([Entry].self, from: data)
        else { return [] }
        return all.filter { entry in suites.contains { entry.path.hasPrefix($0 + "/") } }
    }()
}
