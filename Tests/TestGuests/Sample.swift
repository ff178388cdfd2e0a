// A hand-made sample: Tests/Samples/<name>.hex, its bytes and what its header says of it (README.md there).

import Foundation
import Runtime

public struct Sample: Sendable, CustomStringConvertible {
    public let name: String
    public private(set) var bytes: [UInt8] = []
    public private(set) var calls: [ExpectedCall] = []
    /// nil: it is instantiated, as most are.
    public private(set) var instantiation: Expectation?
    public private(set) var globals: [(name: String, value: Value)] = []
    public private(set) var prints: [(name: String, arguments: [Value], text: String)] = []
    /// Imports from a module name come from an instance of that sample.
    public private(set) var links: [(module: String, sample: String)] = []
    public private(set) var needs: [String] = []

    public var description: String { name }

    /// What this build has of the features that samples name.
    public static let features: Set<String> = ["custom-page-sizes"]
    /// Whether the build has what the sample needs. Else it must be refused.
    public var isSupported: Bool { needs.allSatisfy(Sample.features.contains) }

    public init(file: URL) throws {
        name = file.deletingPathExtension().lastPathComponent
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix(";;") {
                try read(line.dropFirst(2).drop { $0 == " " })
                continue
            }
            let code = line.prefix { $0 != ";" }
            for digits in code.split(separator: " ") {
                guard digits.count == 2, let byte = UInt8(digits, radix: 16) else {
                    throw NotationError(description: "\(name): no byte: \(digits)")
                }
                bytes.append(byte)
            }
        }
    }

    private mutating func read(_ line: Substring) throws {
        guard let blank = line.firstIndex(of: " ") else { return }
        let rest = line[blank...].dropFirst()
        switch line[..<blank] {
        case "expect":
            if rest.hasPrefix("instantiate = ") {
                instantiation = rest == "instantiate = trap" ? .trap : nil
                return
            }
            let (export, arguments, result) = try Notation.call(rest)
            calls.append(ExpectedCall(name: export, arguments: try Notation.values(arguments), expectation: try Notation.expectation(result)))
        case "global":
            guard let equals = rest.range(of: " = ") else { throw NotationError(description: "\(name): no global: \(rest)") }
            globals.append((String(rest[..<equals.lowerBound]), try Notation.value(rest[equals.upperBound...])))
        case "prints":
            let (export, arguments, text) = try Notation.call(rest)
            prints.append((export, try Notation.values(arguments), String(text)))
        case "link":
            guard let equals = rest.range(of: " = ") else { throw NotationError(description: "\(name): no link: \(rest)") }
            links.append((String(rest[..<equals.lowerBound]), String(rest[equals.upperBound...])))
        case "needs": needs.append(String(rest))
        default: break
        }
    }

    /// All samples of a folder, by name. Throws if there is none.
    public static func all(in folder: URL) throws -> [Sample] {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "hex" }.sorted { $0.path < $1.path }
        guard !files.isEmpty else { throw NotationError(description: "no sample in \(folder.path)") }
        return try files.map { try Sample(file: $0) }
    }
}
