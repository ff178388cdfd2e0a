// The converter: what applies to a build, how names become slots, and what the runner makes of the bytes.

import Foundation
import ScriptRunner
import Testing

@testable import SpecScript

/// A module without anything.
private let empty = "AGFzbQEAAAA="
/// Imports a table named `t` from module `M`.
private let importsTable = Data([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 2, 9, 1, 1, 0x4d, 1, 0x74, 1, 0x70, 0, 1])

@Suite struct ConverterTests {
    private func file(_ commands: String, features: String = "[]") throws -> SuiteFile {
        let json = #"{"format":1,"features":\#(features),"counts":{},"commands":[\#(commands)]}"#
        return try JSONDecoder().decode(SuiteFile.self, from: Data(json.utf8))
    }

    private func script(_ commands: String, folder: String = "core-2.0", present: Set<String> = []) throws -> BinaryScript {
        try BinaryScript(file(commands), name: "f/x.json", folder: folder, build: BuildFeatures(present: present))
    }

    @Test("a script opens with magic, version and name")
    func header() throws {
        let bytes = try script("").bytes
        #expect(bytes == Array("MSPS".utf8) + [2, 0, 0, 0, 8] + Array("f/x.json".utf8) + [0])
    }

    @Test("a module that needs a missing feature takes with it what depends on it, with one reason")
    func missingFeature() throws {
        let result = try script(
            #"""
            {"type":"module","line":1,"binary":"\#(empty)","features":["simd"],"name":"A"},
            {"type":"assert_return","line":2,"action":{"type":"invoke","field":"f","args":[]},"expected":[]},
            {"type":"module","line":3,"binary":"\#(empty)"},
            {"type":"register","line":4,"as":"M","name":"A"},
            {"type":"assert_unlinkable","line":5,"text":"","binary":"\#(importsTable.base64EncodedString())"},
            {"type":"assert_trap","line":6,"text":"unreachable","action":{"type":"invoke","module":"A","field":"f","args":[]}}
            """#)
        #expect(result.skips == [.init(reason: "needs simd", assertions: 3, others: 2)])
        #expect(result.assertions == 3)
    }

    @Test("a folder whose own feature is missing is skipped as a whole, v3/gc is not")
    func folders() throws {
        let command = #"{"type":"assert_invalid","line":1,"text":"","binary":"\#(empty)"}"#
        #expect(try script(command, folder: "simd").skips == [.init(reason: "the whole folder needs simd", assertions: 1)])
        #expect(try script(command, folder: "gc").skips.isEmpty)
        #expect(try script(command, folder: "simd", present: ["simd"]).skips.isEmpty)
    }

    @Test(
        "valid_with 3.0 excludes a negative test only for a build with the feature at issue, or in doubt",
        arguments: [
            ("multiple memories", [], 0), ("multiple memories", ["multi-memory"], 1), ("unknown global", ["extended-const"], 0),
            ("unknown global", ["gc"], 1), ("something new", [], 1),
        ])
    func validWith(text: String, present: [String], skipped: Int) throws {
        let result = try script(
            #"{"type":"assert_invalid","line":1,"text":"\#(text)","valid_with":["3.0"],"binary":"\#(empty)"}"#,
            present: Set(present))
        #expect(result.skips.reduce(0) { $0 + $1.assertions } == skipped)
    }

    @Test("names are compared by their bytes: composed and decomposed forms are two names")
    func namesAreBytes() {
        #expect(Name("\u{e9}") != Name("e\u{301}"))
        #expect("\u{e9}" == "e\u{301}")
    }

    @Test("a named instance has a slot from its module to its last use")
    func slots() throws {
        var plan = try SlotPlan(
            file(
                #"""
                {"type":"module","line":1,"name":"A"},
                {"type":"module","line":2,"name":"unused"},
                {"type":"action","line":3,"action":{"type":"get","module":"A","field":"g"}},
                {"type":"register","line":4,"as":"a","name":"A"}
                """#
            ).commands)
        #expect(plan.isUsedLater == [0])
        #expect(plan.lastUses == [3: [Name("A")]])
        #expect(try plan.bind(Name("A")) == 1)
        #expect(try plan.slot("A") == 1)
        #expect(try plan.slot(nil) == 0)
        #expect(throws: SuiteError.self) { try plan.slot("unused") }
    }

    @Test("an instance stays if its functions can get into another's table")
    func leaks() {
        let scan = ImportScan(importsTable)
        #expect(scan.stays)
        #expect(scan.modules == [Name("M")])
        #expect(!ImportScan(Data(base64Encoded: empty) ?? Data()).stays)
    }

    @Test("the kind of trap follows from the beginning of the text")
    func traps() {
        #expect(ScriptTrap(text: "uninitialized element 2") == .uninitializedElement)
        #expect(ScriptTrap(text: "out of bounds table access") == .outOfBoundsTable)
        #expect(ScriptTrap(text: "null reference") == .any)
    }

    @Test("patterns and arguments are written as the format's document has them")
    func values() throws {
        var writer = ScriptWriter(name: "")
        let start = writer.bytes.count
        let values = try JSONDecoder().decode(
            [SuiteFile.Value].self,
            from: Data(
                #"""
                [{"type":"i32","value":"4294967295"},{"type":"f64","value":"nan:canonical"},{"type":"funcref","value":"null"},
                 {"type":"externref"},{"type":"either","values":[{"type":"f32","value":"nan:arithmetic"}]}]
                """#.utf8))
        for value in values { try writer.pattern(value) }
        #expect(Array(writer.bytes[start...]) == [0x7f, 255, 255, 255, 255, 3, 5, 6, 7, 1, 2])
        #expect(throws: UnsupportedValue.self) { try writer.argument(values[1]) }
    }
}
