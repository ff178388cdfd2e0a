// Where the example modules lie once they are built, and what guests/expected.txt says of them.

import Foundation

public enum GuestFolder {
    /// The package's folder, from where this file was when it was compiled.
    public static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Where `make guests` puts the modules; the environment's MOTE_GUESTS names another folder.
    public static var modules: URL {
        ProcessInfo.processInfo.environment["MOTE_GUESTS"].map { URL(fileURLWithPath: $0) }
            ?? package.appendingPathComponent(".build/guests")
    }

    public static var samples: URL { package.appendingPathComponent("Tests/Samples") }

    /// A guest of guests/expected.txt.
    public struct Guest: Sendable, CustomStringConvertible {
        public let name: String
        public internal(set) var calls: [ExpectedCall] = []
        public var description: String { name }

        /// Throws with the command that makes it, if it is not there.
        public func bytes() throws -> [UInt8] { try GuestFolder.bytes(of: name, in: GuestFolder.modules) }

        /// What `main` prints, or `_start` where there is one.
        public func output() throws -> String {
            let file = GuestFolder.package.appendingPathComponent("guests/expected/\(name).out")
            return try String(contentsOf: file, encoding: .utf8)
        }
        public var printer: String { calls.contains { $0.name == "_start" } ? "_start" : "main" }
    }

    /// A built module's bytes. Throws with the command that makes it, if it is not there.
    public static func bytes(of guest: String, in folder: URL) throws -> [UInt8] {
        let file = folder.appendingPathComponent("\(guest).wasm")
        guard let data = try? Data(contentsOf: file) else {
            throw NotationError(description: "\(file.path) is not there: run `make guests`")
        }
        return [UInt8](data)
    }

    /// The guests of guests/expected.txt, in its order.
    public static func expected() throws -> [Guest] {
        let text = try String(contentsOf: package.appendingPathComponent("guests/expected.txt"), encoding: .utf8)
        var guests: [Guest] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count == 4 else { throw NotationError(description: "expected.txt: \(line)") }
            if guests.last?.name != String(words[0]) { guests.append(Guest(name: String(words[0]))) }
            let call = ExpectedCall(
                name: String(words[1]), arguments: try Notation.values(words[2]), expectation: try Notation.expectation(words[3]))
            guests[guests.count - 1].calls.append(call)
        }
        return guests
    }
}
