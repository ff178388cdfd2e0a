// WebAssembly instructions in words: mnemonics from the table of opcodes, immediates as the text format writes them.

import Runtime
import WasmFormat

/// An instruction of a function body.
struct WasmInstruction {
    /// Counted from the start of the module.
    let offset: UInt32
    /// `i32.load8_s offset=4`, indented by the blocks that it lies in.
    let text: String

    /// Those of a validated body, a line for the locals before them. Throws `LoadError`.
    static func all(_ body: ByteRange, of module: Span<UInt8>, _ description: ModuleDescription) throws(LoadError) -> [WasmInstruction] {
        var reader = ByteReader(module, in: body)
        var locals: [String] = []
        for _ in 0..<(try reader.u32()) {
            let count = try reader.u32()
            let type = try reader.valueType().name
            if count > 0 { locals.append(count == 1 ? type : "\(count) × \(type)") }
        }
        var instructions = [WasmInstruction(offset: body.offset, text: locals.isEmpty ? "" : "local " + locals.joined(separator: ", "))]
        var depth = 0
        while !reader.isAtEnd {
            let offset = reader.offset
            let opcode = try reader.opcode()
            if opcode == .end || opcode == .else { depth -= 1 }
            let text = try text(opcode, &reader, description)
            // Deeply nested code stays on the page.
            instructions.append(WasmInstruction(offset: offset, text: String(repeating: " ", count: min(max(depth, 0), 12)) + text))
            if [.block, .loop, .if, .else].contains(opcode) { depth += 1 }
        }
        return instructions
    }

    @_lifetime(reader: copy reader)
    private static func text(_ opcode: Opcode, _ reader: inout ByteReader, _ description: ModuleDescription) throws(LoadError) -> String {
        let name = mnemonic("\(opcode)")
        switch opcode {
        case .block, .loop, .if: return name + (try blockType(&reader))
        case .br, .brIf, .localGet, .localSet, .localTee, .globalGet, .globalSet, .tableGet, .tableSet: return "\(name) \(try reader.u32())"
        case .brTable:
            var labels: [String] = []
            for _ in 0...(try reader.u32()) { labels.append("\(try reader.u32())") }
            return name + " " + labels.joined(separator: " ")
        case .call, .refFunc: return "\(name) \(description.functionLabel(try reader.u32()))"
        case .callIndirect:
            let type = try reader.u32()
            let table = try reader.u32()
            return "\(name) \(table == 0 ? "" : "\(table) ")(type \(type))"
        case .selectTyped:
            var types: [String] = []
            for _ in 0..<(try reader.u32()) { types.append(try reader.valueType().name) }
            return "select (result \(types.joined(separator: " ")))"
        case .memorySize, .memoryGrow:
            _ = try reader.u32()
            return name
        case .i32Const: return "\(name) \(try reader.s32())"
        case .i64Const: return "\(name) \(try reader.s64())"
        case .f32Const: return "\(name) \(number(.f32(try reader.f32Bits())))"
        case .f64Const: return "\(name) \(number(.f64(try reader.f64Bits())))"
        case .refNull: return "\(name) \(try reader.referenceType() == .funcref ? "func" : "extern")"
        case .prefix: return try prefixed(&reader)
        default:
            guard let access = opcode.memoryAccess else { return name }
            let alignment = try reader.u32()
            let offset = try reader.u32()
            return name + (offset == 0 ? "" : " offset=\(offset)") + (alignment == access.naturalAlignment ? "" : " align=\(1 << alignment)")
        }
    }

    @_lifetime(reader: copy reader)
    private static func prefixed(_ reader: inout ByteReader) throws(LoadError) -> String {
        let opcode = try reader.prefixedOpcode(prefixAt: reader.offset)
        let name = mnemonic("\(opcode)")
        switch opcode {
        case .memoryInit:
            let segment = try reader.u32()
            _ = try reader.u32()
            return "\(name) \(segment)"
        case .dataDrop, .elemDrop, .tableGrow, .tableSize, .tableFill: return "\(name) \(try reader.u32())"
        case .memoryCopy:
            _ = try reader.u32()
            _ = try reader.u32()
            return name
        case .memoryFill:
            _ = try reader.u32()
            return name
        case .tableInit:
            // The text format names the table first.
            let segment = try reader.u32()
            return "\(name) \(try reader.u32()) \(segment)"
        case .tableCopy:
            let destination = try reader.u32()
            return "\(name) \(destination) \(try reader.u32())"
        default: return name
        }
    }

    @_lifetime(reader: copy reader)
    private static func blockType(_ reader: inout ByteReader) throws(LoadError) -> String {
        let byte = try reader.peek()
        if byte == 0x40 || ValueType(rawValue: byte) != nil {
            _ = try reader.byte()
            return byte == 0x40 ? "" : " (result \(ValueType(rawValue: byte)?.name ?? ""))"
        }
        return " (type \(try reader.s33()))"
    }

    /// Without its type, which the mnemonic says.
    private static func number(_ value: Value) -> String { String(ValueText.text(value, hex: false).dropLast(4)) }

    /// The mnemonic of a case of `Opcode` or `PrefixedOpcode`: `i64Load32U` is `i64.load32_u`, `brIf` is `br_if`.
    static func mnemonic(_ name: String) -> String {
        let spaces = ["i32", "i64", "f32", "f64", "local", "global", "table", "memory", "data", "elem", "ref"]
        var words: [String] = []
        for character in name {
            if character.isUppercase || words.isEmpty { words.append("") }
            words[words.count - 1] += character.lowercased()
        }
        guard words.count > 1, spaces.contains(words[0]) else { return words.joined(separator: "_") }
        return words[0] + "." + words.dropFirst().joined(separator: "_")
    }
}
