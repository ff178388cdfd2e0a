// A file of the test corpus as it is read from JSON (docs/SPEC-SCRIPTS.md, "The files").

import Foundation

/// One file of the suite: a script and the modules in it.
public struct SuiteFile: Decodable, Sendable {
    public let format: Int
    public let features: [String]
    public let counts: [String: Int]
    public let commands: [Command]

    /// Reads a file. Throws `SuiteError` with one line that says what is wrong.
    public init(contentsOf url: URL) throws {
        let data: Data
        do { data = try Data(contentsOf: url) } catch {
            throw SuiteError("\(url.relativePath): cannot be read: is the path right, and may it be read?")
        }
        do { self = try JSONDecoder().decode(SuiteFile.self, from: data) } catch let error as DecodingError {
            throw SuiteError("\(url.relativePath)\(Self.words(error, data))")
        }
        guard format == 1 else {
            throw SuiteError("\(url.relativePath): is of format \(format), this program reads format 1")
        }
    }
}

/// Why a suite file cannot be run: one line.
public struct SuiteError: Error, CustomStringConvertible, Sendable {
    public let description: String
    init(_ description: String) { self.description = description }
}

extension SuiteFile {
    public struct Command: Decodable, Sendable {
        public let type: String
        public let line: UInt32
        public let name: String?
        public let binary: Data?
        public let features: [String]?
        public let validWith: [String]?
        public let text: String?
        public let registeredAs: String?
        public let module: String?
        public let instance: String?
        public let action: Action?
        public let expected: [Value]?

        enum CodingKeys: String, CodingKey {
            case type, line, name, binary, features, text, module, instance, action, expected
            case validWith = "valid_with"
            case registeredAs = "as"
        }

        /// What the closing line counts; modules, actions and registers are not counted unless they fail.
        public var isAssertion: Bool { type.hasPrefix("assert_") }
    }

    public struct Action: Decodable, Sendable {
        public let type: String
        public let field: String
        public let module: String?
        public let args: [Value]?
    }

    /// A value or a pattern. Lanes of a `v128` are not read: no build has SIMD yet.
    public struct Value: Decodable, Sendable {
        public let type: String
        public let value: String?
        public let values: [Value]?

        enum CodingKeys: String, CodingKey { case type, value, values }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            type = try container.decode(String.self, forKey: .type)
            value = type == "v128" ? nil : try container.decodeIfPresent(String.self, forKey: .value)
            values = try container.decodeIfPresent([Value].self, forKey: .values)
        }
    }
}

/// A name of a module, an export or an instance. Compared by its UTF-8 bytes: Swift's `==` on `String` takes
/// canonically equivalent names for equal, which they are not in WebAssembly.
struct Name: Hashable {
    let bytes: [UInt8]
    init(_ string: String) { bytes = Array(string.utf8) }
    init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
}
