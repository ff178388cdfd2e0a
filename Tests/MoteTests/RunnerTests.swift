// The script runner on scripts that are not as they should be, and what it reports.

import Foundation
import ScriptRunner
import Testing
import WasmFormat

@testable import SpecScript

@Suite struct RunnerTests {
    private struct Lines: TextSink {
        var bytes: [UInt8] = []
        mutating func write(byte: UInt8) { bytes.append(byte) }
    }

    private func run(_ script: [UInt8], poolBytes: Int = 1 << 20) throws -> (String, ScriptCounts) {
        let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: poolBytes, alignment: 16)
        defer { pool.deallocate() }
        var printer = ScriptPrinter(Lines())
        let counts = try script.withUnsafeBytes {
            try ScriptRunner.run($0, pool: pool, operandStackBytes: 4096, reporter: &printer)
        }
        return (String(decoding: printer.sink.bytes, as: UTF8.self), counts)
    }

    /// A module that exports `f`, which gives 7, and a script with a right and two wrong assertions on it.
    private func sample() throws -> BinaryScript {
        let module = Data([
            0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, 6, 1, 4, 0, 0x41, 7, 0x0b,
        ]).base64EncodedString()
        let action = #""action":{"type":"invoke","field":"f","args":[]}"#
        let json = #"""
            {"format":1,"features":[],"counts":{},"commands":[
            {"type":"module","line":1,"binary":"\#(module)"},
            {"type":"assert_return","line":2,\#(action),"expected":[{"type":"i32","value":"7"}]},
            {"type":"assert_return","line":3,\#(action),"expected":[{"type":"i32","value":"8"}]},
            {"type":"assert_trap","line":4,\#(action),"text":"unreachable"},
            {"type":"assert_invalid","line":5,"text":"","binary":"\#(module)"},
            {"type":"action","line":6,"action":{"type":"get","field":"f"}},
            {"type":"assert_malformed","line":7,"text":"","binary":"AA==","valid_with":["2.0"]}]}
            """#
        return try BinaryScript(
            JSONDecoder().decode(SuiteFile.self, from: Data(json.utf8)), name: "s.json", folder: "")
    }

    @Test("right and wrong assertions are told apart, each failure with what came and what was expected")
    func report() throws {
        let (text, counts) = try run(sample().bytes)
        #expect(
            text == """
                s.json:3: assert_return: result 0 is 0x00000007:i32, expected 0x00000008:i32
                s.json:4: assert_trap: came to its end without a trap
                s.json:5: assert_invalid: the module was accepted
                s.json:6: action: there is no such export
                s.json: skipped: 1 assertion: valid in WebAssembly 2.0
                s.json: 1 passed, 4 failed, 1 skipped

                """)
        #expect(counts.passed == 1 && counts.failed == 4 && counts.skipped == 1)
    }

    @Test("a script that is cut off anywhere is refused, never misread")
    func truncation() throws {
        let script = try sample().bytes
        for count in 0..<script.count {
            #expect(throws: ScriptError.self) { try run(Array(script.prefix(count))) }
        }
    }

    @Test("a changed byte never ends the program")
    func changes() throws {
        let script = try sample().bytes
        for index in script.indices {
            for change: UInt8 in [0x01, 0x80, 0xff] {
                var changed = script
                changed[index] ^= change
                _ = try? run(changed)
            }
        }
    }

    @Test("another file, another version, a pool that is too small")
    func refusals() throws {
        #expect(throws: ScriptError.notAScript) { try run(Array("{\"format\":1}".utf8)) }
        #expect(throws: ScriptError.notAScript) { try run(Array("MSPS".utf8) + [9, 0, 0, 0, 0, 0]) }
        let script = try sample().bytes
        #expect(throws: ScriptError.poolTooSmall) { try run(script, poolBytes: 4096) }
    }
}
