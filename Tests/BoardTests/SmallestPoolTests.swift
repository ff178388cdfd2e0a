// The smallest pool of each guest, found by trying, is what `mote` says of it before it runs.

import Foundation
import TestGuests
import Testing

/// One after the other: each starts QEMU a dozen times.
@Suite(.serialized) struct SmallestPoolTests {
    private struct Report: Decodable {
        struct Minimum: Decodable {
            let pool: Int
            let operand_stack: Int
            let predicted_pool: Int
        }
        let minimum: Minimum
    }

    /// What `mote size` says, which runs nothing.
    private struct Said: Decodable {
        let poolNeeded: Int
        let poolAtCap: Int?
    }

    /// Guests whose memory grows while they run: a cap at what they need says how far.
    private static let caps = ["mailbox": 1_424, "pages1": 9_632]

    private func json<Answer: Decodable>(_ command: String, _ guest: String, _ options: [String]) throws -> Answer {
        let tool = Bundle.main.executableURL!.deletingLastPathComponent().appending(path: "mote").path
        let run = try BoardRun(tool, [command, ".build/guests/\(guest).wasm", "--board", "mps2-an386", "--json"] + options)
        let json = try #require(run.output.firstIndex(of: "{"), "\(run.output)")
        return try JSONDecoder().decode(Answer.self, from: Data(run.output[json...].utf8))
    }

    private func json<Answer: Decodable>(_ command: String, _ guest: String, configured text: String, _ options: [String] = []) throws -> Answer {
        let file = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).toml")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try json(command, guest, ["--config", file.path] + options)
    }

    @Test("With commit on touch the smallest pool is the prediction with the committed peak, to the byte", arguments: try! GuestFolder.expected().map(\.name))
    func touched(guest: String) throws {
        let report: Report = try json("bench", guest, ["--minimize"])
        let minimum = report.minimum
        // threeways grows a table by eight elements while it runs: nobody can know that before.
        #expect(minimum.pool == minimum.predicted_pool + (guest == "threeways" ? 32 : 0))
    }

    @Test("With the linear memory committed whole, or grown to its cap, the smallest pool is what mote size says before any run, to the byte", arguments: try! GuestFolder.expected().map(\.name))
    func whole(guest: String) throws {
        let cap = Self.caps[guest]
        let configuration = "commit = \"whole\"\npool = \"3M\"\nmemory-cap = \(cap ?? 2 << 20)\n"
        let report: Report = try json("bench", guest, configured: configuration, ["--minimize"])
        // The operand stack that was found is a setting here, of which nothing else is taken. A configuration has 64 bytes at least, of which hello needs 16.
        let stack = max(64, report.minimum.operand_stack)
        let said: Said = try json("size", guest, configured: configuration + "operand-stack = \(stack)\n")
        let prediction = try (cap == nil ? said.poolNeeded : #require(said.poolAtCap)) - (stack - report.minimum.operand_stack)
        // threeways grows a table by eight elements while it runs: nobody can know that before.
        #expect(report.minimum.pool == prediction + (guest == "threeways" ? 32 : 0))
    }
}
