// The smallest pool of each guest, found by trying, is what `mote` says of it before it runs.

import Foundation
import TestGuests
import Testing

/// One after the other: each starts QEMU a dozen times.
@Suite(.serialized) struct SmallestPoolTests {
    private struct Report: Decodable {
        struct Minimum: Decodable {
            let pool: Int
            let predicted_pool: Int
        }
        let minimum: Minimum
    }

    private func minimum(_ guest: String, _ options: [String]) throws -> Report.Minimum {
        let tool = Bundle.main.executableURL!.deletingLastPathComponent().appending(path: "mote").path
        let run = try BoardRun(tool, ["bench", ".build/guests/\(guest).wasm", "--board", "mps2-an386", "--minimize", "--json"] + options)
        let json = try #require(run.output.firstIndex(of: "{"), "\(run.output)")
        return try JSONDecoder().decode(Report.self, from: Data(run.output[json...].utf8)).minimum
    }

    @Test("With commit on touch the smallest pool is the prediction with the committed peak, to the byte", arguments: try! GuestFolder.expected().map(\.name))
    func touched(guest: String) throws {
        let minimum = try minimum(guest, [])
        // threeways grows a table by eight elements while it runs: nobody can know that before.
        #expect(minimum.pool == minimum.predicted_pool + (guest == "threeways" ? 32 : 0))
    }

    @Test("With the linear memory committed whole the smallest pool is the prediction before the run, to the byte", arguments: try! GuestFolder.expected().map(\.name))
    func whole(guest: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).toml")
        try Data("commit = \"whole\"\npool = \"3M\"\nmemory-cap = \"2M\"\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let minimum = try minimum(guest, ["--config", file.path])
        #expect(minimum.pool == minimum.predicted_pool + (guest == "threeways" ? 32 : 0))
    }
}
