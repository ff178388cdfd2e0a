// The native stack that modules take on a Cortex-M4: never more than docs/LIMITS.md says.

import Foundation
import ModuleBuilder
import Testing

@Suite struct StackTests {
    @Test("No module takes more native stack than docs/LIMITS.md says, and the figure is close")
    func depth() throws {
        let limits = try String(contentsOf: BoardRun.root.appending(path: "docs/LIMITS.md"), encoding: .utf8)
        let most = try #require(limits.firstMatch(of: /takes at most ([0-9,]+) bytes of native stack/).flatMap { Int($0.1.replacing(",", with: "")) })
        let file = try ModuleFile(StackModule.all.map { ($0.provider, $0.bytes) })
        let run = try BoardRun("StackCheck", on: "mps2-an386", words: [file.path])
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
