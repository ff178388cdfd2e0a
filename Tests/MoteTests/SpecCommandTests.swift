// `mote spec` as a user sees it.

import Foundation
import ScriptRunner
import Testing

@testable import mote

@Suite struct SpecCommandTests {
    /// A suite file with one module, exporting `f` () -> i32 7, and an assertion on it.
    private func withSuite(expecting value: Int, _ body: (String) throws -> Void) throws {
        let module = Data(
            Modules.header + Modules.section(1, [1, 0x60, 0, 1, 0x7f]) + Modules.section(3, [1, 0])
                + Modules.section(7, [1] + Modules.name("f") + [0, 0]) + Modules.section(10, [1, 4, 0, 0x41, 7, 0x0b])
        ).base64EncodedString()
        let json = #"""
            {"format":1,"features":[],"counts":{},"commands":[{"type":"module","line":1,"binary":"\#(module)"},
            {"type":"assert_return","line":2,"action":{"type":"invoke","field":"f","args":[]},"expected":[{"type":"i32","value":"\#(value)"}]}]}
            """#
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mote-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(json.utf8).write(to: folder.appendingPathComponent("seven.json"))
        try body(folder.path)
    }

    @Test("a file that passes is one line, the sum closes, status 0")
    func passes() throws {
        try withSuite(expecting: 7) { folder in
            let tool = try Tool("spec", folder)
            let lines = tool.output.split(separator: "\n")
            #expect(tool.status == 0 && lines.count == 2)
            #expect(lines.first?.hasSuffix("/seven.json: 1 passed, 0 failed, 0 skipped") == true)
            #expect(lines.last == "1 passed, 0 failed, 0 skipped")
        }
    }

    @Test("a failed assertion is told with its line, status 1")
    func fails() throws {
        try withSuite(expecting: 8) { folder in
            let tool = try Tool("spec", folder)
            #expect(tool.status == 1)
            #expect(tool.output.contains("seven.json:2: assert_return: result 0 is 0x00000007:i32, expected 0x00000008:i32"))
            #expect(tool.output.hasSuffix("\n0 passed, 1 failed, 0 skipped\n"))
            let json = try Tool("spec", folder, "--json")
            let object = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
            #expect((object["total"] as? [String: Int])?["failed"] == 1 && json.status == 1)
        }
    }

    @Test("paths and boards that are not there get one line")
    func mistakes() throws {
        let missing = try Tool("spec", "/nowhere")
        #expect(missing.status == 1 && missing.errorLines.count == 1)
        #expect(try Tool("spec").status == 2)
        try withFile(Array("[]".utf8)) { path in
            let tool = try Tool("spec", path)
            #expect(tool.status == 1 && tool.errorLines.count == 1 && tool.errors.contains("not a suite file"))
            let board = try Tool("spec", path, "--board", "none/such")
            #expect(board.status == 2 && board.errorLines.count == 1)
        }
    }

    @Test("what is wrong with a file is told with the command's line and its field, under the path that was given")
    func badFiles() throws {
        func file(_ command: String) -> String { #"{"format":1,"features":[],"counts":{},"commands":[{"type":"register","line":4,"as":"a"},\#(command)]}"# }
        let cases = [
            (file(#"{"type":"assert_return","line":12,"action":{"type":"invoke","args":[]}}"#), ":12: assert_return: the field action.field is missing"),
            (file(#"{"type":"assert_trap","line":13,"action":{"type":"invoke","field":"f","args":[{"type":"i32"},{"value":"1"}]}}"#), ":13: assert_trap: the field action.args[1].type is missing"),
            (file(#"{"type":"module","line":14,"binary":"!"}"#), ":14: module: the field binary is not what it must be"),
            (file(#"{"type":"module","line":15,"filename":"a.wasm"}"#), ":15: module: the field binary is missing"),
            (file(#"{"type":"assert_return","line":16}"#), ":16: assert_return: the field action is missing"),
            (file(#"{"type":"frobnicate","line":17}"#), ":17: frobnicate: this command is none of the suite's"),
            (file(#"{"type":"module"}"#), ": command 2: module: the field line is missing"),
            (file("7"), ": command 2: the command is not what it must be"),
            (#"{"source_filename":"a.wast","commands":[]}"#, ": is not a suite file: the field format is missing"),
            (#"{"format":1,"commands":[{"#, ": is not a suite file: it is not JSON"), ("[]", ": is not a suite file: it is JSON, but no object"),
        ]
        for (text, words) in cases {
            try withFile(Array(text.utf8)) { path in
                let tool = try Tool("spec", path)
                #expect(tool.status == 1 && tool.errorLines.count == 1 && tool.errors.hasPrefix("error: \(path)\(words)"), "\(tool.errors)")
            }
        }
    }

    @Test("what cannot be run is told, and the rest runs: status 1")
    func goesOn() throws {
        try withSuite(expecting: 7) { folder in
            try Data("{".utf8).write(to: URL(fileURLWithPath: folder).appendingPathComponent("broken.json"))
            let tool = try Tool("spec", "./nowhere.json", folder)
            #expect(tool.status == 1 && tool.errorLines.count == 2)
            #expect(tool.errors.hasPrefix("error: ./nowhere.json: there is no such file"), "\(tool.errors)")
            #expect(tool.errors.contains("error: \(folder)/broken.json: is not a suite file"), "\(tool.errors)")
            #expect(tool.output.hasSuffix("/seven.json: 1 passed, 0 failed, 0 skipped\n1 passed, 0 failed, 0 skipped\n"), "\(tool.output)")
            let json = try Tool("spec", "./nowhere.json", folder, "--json")
            let object = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
            #expect((object["errors"] as? [String])?.count == 2 && (object["total"] as? [String: Int])?["passed"] == 1)
        }
    }

    @Test("a board's result line is read back")
    func resultLine() {
        let counts = ScriptCounts(line: "12 passed, 3 failed, 4 skipped\r")
        #expect(counts?.passed == 12 && counts?.failed == 3 && counts?.skipped == 4)
        #expect(ScriptCounts(line: "12 passed") == nil)
    }
}
