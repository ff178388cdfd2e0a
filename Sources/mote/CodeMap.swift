// The register code of a module, and the wasm that each word of it came from.

import RegisterCode
import Runtime
import WasmFormat

/// A function that the module defines.
struct FunctionCode {
    /// Imports first.
    let index: UInt32
    let words: [Word]
    let constants: [UInt32]
    /// Cells of its frame, and how many reference cells it has besides.
    let cells: UInt32
    let references: UInt32
    /// Of each word, where the instruction lies that completed it.
    let offsets: [UInt32]
    /// Its body, the line of its locals first.
    let instructions: [WasmInstruction]

    /// The wasm that became a word, with what was folded into it: what lies between the instruction of the words before and its own.
    func instructions(of word: UInt32) -> ArraySlice<WasmInstruction> {
        let offset = offsets[Int(word)]
        let before = offsets[..<Int(word)].last { $0 != offset }
        let first = instructions.firstIndex { instruction in before.map { instruction.offset > $0 } ?? true } ?? 0
        let end = instructions.firstIndex { $0.offset > offset } ?? instructions.count
        return instructions[min(first, end)..<end]
    }

    /// The first word that an instruction at an offset, or one behind it, became.
    func word(at offset: UInt32) -> UInt32? { offsets.firstIndex { $0 >= offset }.map { UInt32($0) } }
}

/// All functions that a module defines.
struct CodeMap {
    let importedFunctions: UInt32
    let functions: [FunctionCode]

    /// Throws `LoadError` if the pool has no room to translate a function again.
    init(_ module: Module, of bytes: Span<UInt8>, _ description: ModuleDescription, in runtime: inout Runtime<MoteHost>) throws {
        let counts = try runtime.functionCounts(module)
        var offsets = [UInt32](repeating: 0, count: Int(try runtime.codeWords(module)) + 2)
        var span = offsets.mutableSpan
        guard try runtime.wasmOffsets(module, &span) else { throw LoadError(noRoomFor: .module, at: 0) }
        var place = 0
        var functions: [FunctionCode] = []
        for function in 0..<counts.own {
            let size = try runtime.functionSize(module, function)
            let body = description.functions[Int(function)]
            functions.append(FunctionCode(
                index: function + counts.imported,
                words: try (0..<size.words).map { try runtime.word(module, function, $0) },
                constants: try (0..<size.constants).map { try runtime.constant(module, function, $0) },
                cells: size.stackWords - size.references, references: size.references,
                offsets: Array(offsets[place..<place + Int(size.words)]),
                instructions: try WasmInstruction.all(ByteRange(offset: body.offset, count: body.size), of: bytes, description)))
            place += Int(size.words)
        }
        importedFunctions = counts.imported
        self.functions = functions
    }

    /// The code of a function, imports first; nil of an imported one and where there is none.
    subscript(function: UInt32) -> FunctionCode? {
        function >= importedFunctions && function - importedFunctions < functions.count ? functions[Int(function - importedFunctions)] : nil
    }
}
