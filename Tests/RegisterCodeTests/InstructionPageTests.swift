// docs/INSTRUCTIONS.md ends with all instructions: the table of shapes and the lines of meanings, written together.

import Foundation
@testable import RegisterCode
import Testing

/// What a field is, in a word or two; docs/INSTRUCTIONS.md explains each.
private func words(_ role: Role) -> String {
    switch role {
    case .unused, .subOpcode: ""
    case .write32: "→ cell"
    case .write64: "→ pair"
    case .read32: "cell"
    case .read64: "pair"
    case .update32: "↔ cell"
    case .update64: "↔ pair"
    case .immediate8, .immediate16: "signed"
    case .offset8: "offset"
    case .branch8, .branch16: "branch"
    case .constant32, .constant16x32: "constant"
    case .constant64, .constant16x64: "wide constant"
    case .window: "window"
    case .reference: "ref"
    case .referencePair: "2 refs"
    case .referenceCount, .count16: "count"
    case .table: "table"
    case .type8, .type16: "type"
    case .cells3: "3 cells"
    case .cells4: "4 cells"
    case .function16: "function"
    case .import16: "import"
    case .global16: "global"
    case .importedGlobal16: "imported global"
    case .far32: "far cell"
    case .far64: "far pair"
    case .address16: "address"
    case .segment16: "segment"
    case .jumpTable16: "jump table"
    }
}

private struct Instruction {
    let number: UInt8
    let name: String
    let shape: Shape

    static let first = (UInt8.min...Op.extended.rawValue).compactMap { Op(rawValue: $0) }.map { Instruction(number: $0.rawValue, name: "\($0)", shape: $0.shape) }
    static let second = ExtendedOp.allCases.map { Instruction(number: $0.rawValue, name: "\($0)", shape: $0.shape) }

    /// The letters that its line speaks of.
    var fields: Set<Character> {
        var fields: Set<Character> = []
        for (letter, role) in [("a", shape.a), (shape.hasWideField ? "d" : "b", shape.b), ("c", shape.c)] as [(Character, Role)] where words(role) != "" { fields.insert(letter) }
        return fields
    }

    /// Whether an immediate is no signed number but bits that are taken as they are.
    private var hasBits: Bool { name.wholeMatch(of: /i(32|64)\w*(Shl|ShrS|ShrU|Shr|Rotl|Rotr)I/) != nil }

    func row(_ meaning: String) -> String {
        let b = shape.hasWideField ? "d: \(words(shape.b))" : words(shape.b)
        return "| \(number) | `\(name)` | \(words(shape.a)) | \(b) | \(hasBits ? "bits" : words(shape.c)) | \(meaning) |\n"
    }
}

struct InstructionPageTests {
    private static let page = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/INSTRUCTIONS.md")
    private static let head = "| number | name | a | b | c | what it does |\n| ---: | --- | --- | --- | --- | --- |\n"
    private static let sections = ["\n### First page\n\n", "\n### Second page, by the number in a\n\n"]

    /// Names and meanings, page by page.
    private static let meanings = instructionMeanings.split(separator: "\n\n").map { page in
        page.split(separator: "\n").map { line in
            let colon = line.firstRange(of: ": ")
            return (name: String(line[..<(colon?.lowerBound ?? line.endIndex)]), meaning: colon.map { String(line[$0.upperBound...]) } ?? "")
        }
    }

    @Test("each instruction has a line that says what it does, in the order of their numbers")
    func complete() {
        #expect(Self.meanings.map { $0.map(\.name) } == [Instruction.first.map(\.name), Instruction.second.map(\.name)])
    }

    @Test("a line speaks of each field of its instruction, and of no other")
    func fields() {
        for (instruction, line) in zip(Instruction.first + Instruction.second, Self.meanings.joined()) {
            let spoken = Set(line.meaning.matches(of: /\b[abcd]\b/).compactMap { $0.output.first })
            #expect(spoken == instruction.fields, "\(instruction.name): \(line.meaning)")
        }
    }

    @Test("docs/INSTRUCTIONS.md has the table of instructions, and says what each kind of field is")
    func page() throws {
        var written = try String(contentsOf: Self.page, encoding: .utf8)
        let prose = try #require(written.firstRange(of: Self.sections[0])).lowerBound
        let told = String(written[..<prose])
        var page = told
        for (section, (instructions, lines)) in zip(Self.sections, zip([Instruction.first, Instruction.second], Self.meanings)) {
            page += section + Self.head + zip(instructions, lines).map { $0.row($1.meaning) }.joined()
        }
        if ProcessInfo.processInfo.environment["WRITE_TABLES"] != nil {
            try page.write(to: Self.page, atomically: true, encoding: .utf8)
            written = page
        }
        #expect(written == page, "docs/INSTRUCTIONS.md is not what the instructions are: run this test with WRITE_TABLES=1")
        let number = Op.extended.rawValue
        #expect(told.contains("\n`op` is the instruction's number. \(number), `extended`, opens the second page") && told.contains(" \(number + 1) to 255, "))
        let kinds = Set(told.split(separator: "\n").compactMap { $0.wholeMatch(of: /\| ([^|]*) \| [^|]* \|/)?.output.1 }.joined(separator: ", ").components(separatedBy: ", "))
        let used = Set((Instruction.first + Instruction.second).flatMap { [words($0.shape.a), words($0.shape.b), words($0.shape.c)] })
        #expect(used.subtracting(kinds) == [""], "docs/INSTRUCTIONS.md does not say what these are")
    }
}
