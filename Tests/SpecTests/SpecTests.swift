// Conformance: every assertion of the specification's suites that applies to this build holds.

import Foundation
import ScriptRunner
import SpecScript
import Testing

@Suite(.enabled(if: Corpus.folder != nil, Comment(rawValue: Corpus.isMissing)))
struct SpecTests {
    @Test("every assertion of the file holds", arguments: Corpus.entries)
    func fileHolds(_ entry: Corpus.Entry) throws {
        let script = try BinaryScript(contentsOf: #require(Corpus.folder).appendingPathComponent(entry.path))
        let (lines, counts) = try ScriptOnHost.run(script)
        #expect(counts.failed == 0, "\(lines)")
        #expect(Int(counts.passed + counts.skipped) == entry.assertions, "as many as INDEX.json counts")
    }

    @Test("core 2.0 passes through pack, check and run with the same counts; what is not valid cannot be packed", arguments: Corpus.entries.filter { $0.path.hasPrefix("core-2.0/") })
    func packedFileHolds(_ entry: Corpus.Entry) throws {
        let url = try #require(Corpus.folder).appendingPathComponent(entry.path)
        let script = try BinaryScript(contentsOf: url, packed: true)
        let plain = try BinaryScript(contentsOf: url)
        let valid = ["module", "module_definition", "module_instance", "assert_unlinkable", "assert_uninstantiable"]
        #expect(script.images == valid.reduce(0) { $0 + (entry.counts[$1] ?? 0) } && plain.images == 0)
        let (lines, counts) = try ScriptOnHost.run(script)
        #expect(counts.failed == 0, "\(lines)")
        #expect(Int(counts.passed + counts.skipped) == entry.assertions && script.skips == plain.skips, "as many as INDEX.json counts")
    }

    @Test("core 2.0 skips at most 21 assertions, all for FORMAT.md's valid_with rule")
    func coreIsComplete() throws {
        let core = Corpus.entries.filter { $0.path.hasPrefix("core-2.0/") }
        #expect(core.count == 90)
        var skips: [BinaryScript.Skip] = []
        var assertions = 0
        for entry in core {
            let script = try BinaryScript(contentsOf: #require(Corpus.folder).appendingPathComponent(entry.path))
            skips += script.skips
            assertions += script.assertions
        }
        #expect(assertions == 26_135)
        #expect(skips.reduce(0) { $0 + $1.assertions } <= 21)
        #expect(skips.allSatisfy { $0.others == 0 && $0.reason.hasPrefix("valid ") }, "\(skips)")
    }

    @Test("custom-page-sizes skips only what needs multi-memory or memory64")
    func customPageSizesIsComplete() throws {
        for entry in Corpus.entries where entry.path.hasPrefix("proposals/custom-page-sizes/") {
            let script = try BinaryScript(contentsOf: #require(Corpus.folder).appendingPathComponent(entry.path))
            for skip in script.skips { #expect(["needs multi-memory", "needs memory64"].contains(skip.reason)) }
        }
    }

    @Test("a suite runs in the memory of a board: 1 MiB of pool, 16 KiB of operand stack")
    func boardSizedPool() throws {
        for name in ["linking", "imports", "table_copy", "elem", "memory_init"] {
            let url = try #require(Corpus.folder).appendingPathComponent("core-2.0/\(name).json")
            let (lines, counts) = try ScriptOnHost.run(BinaryScript(contentsOf: url), poolBytes: 1 << 20, operandStackBytes: 16 << 10)
            #expect(counts.failed == 0, "\(lines)")
        }
    }
}
