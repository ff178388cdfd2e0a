// The register code of a module beside the wasm it came from.
//
//     0x9a       local.get 0
//     0x9c       i32.const 2
//     0x9e       i32.lt_u
//     0x9f       if                          2     brI32GeUI         [0], 2, →4
//     └ offset   └ instruction               └ word that it, with those folded into it, became

import Foundation
import RegisterCode
import Runtime
import WasmFormat

/// The lines that `mote inspect --code` prints: for each function a heading, its constants and its instructions, each with the words that it
/// became. An instruction without a word is part of a later one's. Throws `LoadError`.
func listing(of module: borrowing Memory, _ description: ModuleDescription) throws -> [String] {
    var lines: [String] = []
    for function in try codeMap(of: module, description).functions {
        lines.append("")
        lines.append("\(description.functionLabel(function.index)): \(counted(function.words.count, "word")), \(counted(function.constants.count, "constant")), frame of \(counted(function.cells, "cell"))"
            + (function.references > 0 ? ", \(function.references) for references" : ""))
        for (i, value) in function.constants.enumerated() {
            lines.append("           k\(i) = 0x\(String(value, radix: 16))  \(Int32(bitPattern: value))")
        }
        var position = 0
        for instruction in function.instructions {
            var left = pad("0x" + String(instruction.offset, radix: 16), 11) + pad(instruction.text, 30) + "  "
            let first = position
            while position < function.words.count, function.offsets[position] == instruction.offset {
                lines.append(left + pad(String(position), 6) + Disassembly.text(function.words[position], at: UInt32(position)))
                left = String(repeating: " ", count: 43)
                position += 1
            }
            if position == first, !instruction.text.isEmpty { lines.append(trimmed(left)) }
        }
        // Offsets never go back, so no word is left over.
        precondition(position == function.words.count)
    }
    return lines
}

/// Where the instruction of `FUNCTION:WORD` lies, as `mote inspect --at` prints it: for a backtrace of a build without the Translator. Throws `Exit`, `LoadError`.
func line(at place: String, of module: borrowing Memory, _ description: ModuleDescription) throws -> String {
    let numbers = place.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
    guard numbers.count == 2, let function = numbers[0], let word = numbers[1] else {
        throw Exit(.usage, "--at \(place): is no place in register code: use FUNCTION:WORD, two numbers as a backtrace has them")
    }
    guard let code = try codeMap(of: module, description)[function] else { throw Exit(.usage, "--at \(place): the module defines no function \(function)") }
    guard word < code.words.count else { throw Exit(.usage, "--at \(place): function \(description.functionLabel(function)) has \(code.words.count) words") }
    let offset = code.offsets[Int(word)]
    let text = code.instructions.first { $0.offset == offset }?.text.trimmingCharacters(in: .whitespaces) ?? ""
    return "at 0x\(String(offset, radix: 16)) in function \(description.functionLabel(function)): \(text)"
}

/// In a pool that is large enough for any module.
private func codeMap(of module: borrowing Memory, _ description: ModuleDescription) throws -> CodeMap {
    let pool = Memory(count: min(max(16 << 20, module.size * 16), ByteCount.largestPool) & ~7)
    // Safety: pool and module outlive the runtime, which ends with this function.
    var runtime = unsafe try Runtime<MoteHost>(buffer: pool.bytes)
    let loaded = unsafe try runtime.load(module.contents)
    return try CodeMap(loaded, of: module.span, description, in: &runtime)
}

private func trimmed(_ line: String) -> String { String(line.reversed().drop { $0 == " " }.reversed()) }

private func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.count)) }

/// Register instructions in words, from the table of shapes.
enum Disassembly {
    static func text(_ word: Word, at position: UInt32) -> String {
        var name = "\(word.op)"
        var shape = word.op.shape
        var fields: [String] = []
        if word.op == .extended {
            guard let sub = word.extendedOp else { return "reserved 0x" + String(word.bits, radix: 16) }
            name = "\(sub)"
            shape = sub.shape
        } else if let a = field(shape.a, UInt32(word.a), word, position) {
            fields.append(a)
        }
        if shape.hasWideField {
            fields.append(wide(shape.b, word, position))
        } else {
            if let b = field(shape.b, UInt32(word.b), word, position) { fields.append(b) }
            if let c = field(shape.c, UInt32(word.c), word, position) { fields.append(c) }
        }
        return pad(name, 18) + fields.joined(separator: ", ")
    }

    private static func field(_ role: Role, _ value: UInt32, _ word: Word, _ position: UInt32) -> String? {
        let signed = Int32(Int8(truncatingIfNeeded: Int32(bitPattern: value)))
        switch role {
        case .unused, .subOpcode: return nil
        case .write32, .read32, .update32: return "[\(value)]"
        case .write64, .read64, .update64: return "[\(value):\(value + 1)]"
        case .immediate8: return "\(signed)"
        case .offset8: return "+\(value)"
        case .branch8: return "→\(Int32(position) + 1 + signed)"
        case .constant32, .constant64: return "k\(value)"
        case .window: return "window \(value)"
        case .reference: return "r\(value)"
        case .referencePair: return "r\(value), r\(value + 1)"
        case .referenceCount: return "×\(value)"
        case .table: return "table \(value)"
        case .type8: return "type \(value)"
        case .cells3: return "[\(value)…\(value + 2)]"
        case .cells4: return "[\(value)…\(value + 3)]"
        default: return "\(value)"
        }
    }

    private static func wide(_ role: Role, _ word: Word, _ position: UInt32) -> String {
        switch role {
        case .branch16: "→\(Int32(position) + 1 + word.signedImm16)"
        case .immediate16: "\(word.signedImm16)"
        case .constant16x32, .constant16x64: "k\(word.imm16)"
        case .jumpTable16: "table k\(word.imm16)"
        case .far32, .far64: "[\(word.imm16)]"
        case .address16: "@\(word.imm16)"
        case .function16: "function \(word.imm16)"
        case .import16: "import \(word.imm16)"
        case .global16: "global cell \(word.imm16)"
        case .importedGlobal16: "imported global \(word.imm16)"
        case .count16: "×\(word.imm16)"
        case .segment16: word.imm16 == 0xffff ? "no segment" : "passive segment \(word.imm16)"
        case .type16: "type \(word.imm16)"
        default: "\(word.imm16)"
        }
    }
}
