// The official test suite as JSON, in the folder that the environment variable MOTE_SPEC names.

import Foundation

enum Corpus {
    static let folder: String? = ProcessInfo.processInfo.environment["MOTE_SPEC"].flatMap { $0.isEmpty ? nil : $0 }

    /// Said by every test that is skipped because there is no corpus.
    static let absence = "MOTE_SPEC does not name the folder of the WebAssembly test corpus: its tests are SKIPPED"

    struct Script: Decodable {
        let commands: [Command]
    }

    struct Command: Decodable {
        let type: String
        let line: Int
        let text: String?
        let binary: String?
        let features: [String]?
        let valid_with: [String]?

        var bytes: [UInt8]? { binary.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) } }
    }

    /// The scripts of a folder, by name.
    static func scripts(in name: String) throws -> [(name: String, commands: [Command])] {
        let path = folder! + "/" + name
        return try FileManager.default.contentsOfDirectory(atPath: path).sorted().filter { $0.hasSuffix(".json") }.map {
            let data = try Data(contentsOf: URL(fileURLWithPath: path + "/" + $0))
            return ($0, try JSONDecoder().decode(Script.self, from: data).commands)
        }
    }

    static let folders = ["core-2.0", "staged/extended-const", "proposals/custom-page-sizes", "v3/core"]
}
