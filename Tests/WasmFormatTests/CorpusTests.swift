// The official suite's modules: the good ones pass, the bad ones do not, but for errors in function bodies.

import Testing
import WasmFormat

@Suite(.enabled(if: Corpus.folder != nil, "\(Corpus.absence)"))
struct CorpusTests {
    /// What this target is to take; a module of the suite that needs more must be refused or is not ours.
    static let ours: Set<String> = ["extended-const", "custom-page-sizes"]

    @Test(arguments: Corpus.folders)
    func `every valid module passes`(folder: String) throws {
        var count = 0
        for script in try Corpus.scripts(in: folder) {
            for command in script.commands where !command.type.hasSuffix("malformed") && command.type != "assert_invalid" {
                guard let bytes = command.bytes, Self.ours.isSuperset(of: command.features ?? []) else { continue }
                let error = error(of: bytes)
                #expect(error == nil, "\(folder)/\(script.name):\(command.line)")
                count += 1
            }
        }
        print("\(folder): \(count) valid modules pass")
        #expect(count > 0)
    }

    /// Exact: a bad module that is let through must be one whose error is in a function body, and a module that
    /// is newly refused must leave the list.
    @Test func `every malformed or invalid module is refused, but for those with an error in a function body`() throws {
        var refused = 0
        var passed: [String: Int] = [:]
        for folder in Corpus.folders where folder != "v3/core" {
            for script in try Corpus.scripts(in: folder) {
                for command in script.commands where command.type == "assert_malformed" || command.type == "assert_invalid" {
                    guard let bytes = command.bytes else { continue }
                    if error(of: bytes) != nil { refused += 1; continue }
                    passed["\(folder)/\(script.name) \(command.text ?? "")", default: 0] += 1
                }
            }
        }
        print("\(refused) bad modules refused, \(passed.values.reduce(0, +)) let through to the Translator")
        for (key, count) in passed where bodyErrors[key] != count { Issue.record("let through: \(key): \(count)") }
        for (key, count) in bodyErrors where passed[key] == nil { Issue.record("now refused: \(key): \(count)") }
        #expect(refused == 1_000)
    }

    @Test(arguments: ["core-2.0", "simd", "v3/gc", "v3/exceptions", "v3/memory64", "v3/multi-memory", "proposals/threads"])
    func `truncated and changed modules give errors, never a crash`(folder: String) throws {
        // Every seventh byte of every module, so that a debug build takes seconds; the samples below take every byte.
        var seed: UInt32 = 1
        for script in try Corpus.scripts(in: folder) {
            for command in script.commands {
                guard var bytes = command.bytes, bytes.count < 4_000 else { continue }
                _ = error(of: bytes)
                for place in stride(from: Int(seed % 7), to: bytes.count, by: 7) {
                    seed = seed &* 1_664_525 &+ 1_013_904_223
                    _ = error(of: Array(bytes[..<place]))
                    let old = bytes[place]
                    bytes[place] = UInt8(truncatingIfNeeded: seed >> 24)
                    _ = error(of: bytes)
                    bytes[place] = old
                }
            }
        }
    }
}
