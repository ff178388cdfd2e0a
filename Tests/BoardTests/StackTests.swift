// The native stack that modules take on a Cortex-M4: never more than docs/LIMITS.md says.

import Foundation
import ModuleBuilder
import Testing

@Suite struct StackTests {
    /// The file that StackCheck reads.
    private static var file: Data {
        func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + Array(repeating: 0, count: (4 - bytes.count % 4) % 4) }
        func length(_ bytes: [UInt8]) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) } }
        var file = Data()
        for module in StackModule.all { file += length(module.provider) + length(module.bytes) + padded(module.provider) + padded(module.bytes) }
        return file
    }

    @Test("No module takes more native stack than docs/LIMITS.md says, and the figure is close")
    func depth() throws {
        let limits = try String(contentsOf: BoardRun.root.appending(path: "docs/LIMITS.md"), encoding: .utf8)
        let most = try #require(limits.firstMatch(of: /takes at most ([0-9,]+) bytes of native stack/).flatMap { Int($0.1.replacing(",", with: "")) })
        let path = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).modules")
        try Self.file.write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let run = try BoardRun("StackCheck", on: "mps2-an386", words: [path.path])
        #expect(run.status == 0, "\(run.output)")
        try #require(run.lines.count == StackModule.all.count, "\(run.output)")
        var depths: [(name: String, bytes: Int)] = []
        for (line, module) in zip(run.lines, StackModule.all) {
            let parts = try #require(line.wholeMatch(of: /native stack (\d+): (.*)/))
            #expect(parts.2 == module.ending, "\(module.name)")
            depths.append((module.name, try #require(Int(parts.1))))
        }
        let deepest = try #require(depths.max { $0.bytes < $1.bytes })
        #expect(deepest.bytes <= most, "\(deepest)")
        // The figure is no guess: what the deepest takes is not far below.
        #expect(deepest.bytes > most - 1_024, "\(deepest), docs/LIMITS.md says \(most)")
        print("native stack:", depths.map { "\($0.name) \($0.bytes)" }.joined(separator: ", "))
    }
}
