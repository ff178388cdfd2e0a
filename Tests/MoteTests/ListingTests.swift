// `mote inspect --code`: the wasm instructions beside the words that they became.

import Foundation
import ModuleBuilder
import Testing

@testable import WasmFormat
@testable import mote

@Suite struct ListingTests {
    /// The rows of the function `f`, without their offsets: instruction, and the words' numbers and names.
    private func rows(_ module: ModuleBuilder) throws -> [(wasm: String, word: String)] {
        try withFile(module.bytes) { path in
            let tool = try Tool("inspect", path, "--code")
            try #require(tool.status == 0, "\(tool.errors)")
            let lines = tool.output.split(separator: "\n", omittingEmptySubsequences: false)
            let heading = try #require(lines.lastIndex { $0.hasPrefix("0 \"f\": ") || $0.hasPrefix("1 \"f\": ") })
            return lines[(heading + 1)...].prefix { !$0.isEmpty }.filter { !$0.dropFirst(11).hasPrefix("k") }.map { line in
                let words = line.dropFirst(43).split(separator: " ")
                return (String(line.dropFirst(11).prefix(32)).trimmingCharacters(in: .whitespaces), words.prefix(2).joined(separator: " "))
            }
        }
    }

    @Test("an instruction that is folded stands without a word, the one that completes it with all of its words")
    func folding() throws {
        var module = ModuleBuilder()
        let body = Code.block(nil, Code.localGet(0) + Code.i32(2) + [0x48] + Code.brIf(0) + Code.localGet(0) + Code.i32(1) + Code.i32Add + Code.localSet(1)) + Code.localGet(1)
        module.function([.i32], [.i32], locals: [(1, .i32)], body: body, export: "f")
        let rows = try rows(module)
        #expect(rows.map(\.wasm) == ["local i32", "block", "local.get 0", "i32.const 2", "i32.lt_s", "br_if 0", "local.get 0", "i32.const 1", "i32.add", "local.set 1", "end", "local.get 1", "end"])
        #expect(rows.filter { !$0.word.isEmpty }.map { "\($0.wasm): \($0.word)" } == ["local i32: 0 zero", "br_if 0: 1 brI32LtSI", "local.set 1: 2 i32AddI", "end: 3 ret1"])
    }

    @Test("--at tells the wasm of a word of register code, and what is no place is wrong usage")
    func at() throws {
        var module = ModuleBuilder()
        _ = module.importFunction("mote", "write", [.i32, .i32])
        module.function([.i32], [.i32], body: Code.i32(100) + Code.localGet(0) + [0x6d] + Code.i32(1) + Code.i32Add, export: "f")
        try withFile(module.bytes) { path in
            let code = try Tool("inspect", path, "--code").output
            let line = try #require(code.split(separator: "\n").first { $0.contains(" i32.div_s ") })
            let word = try #require(line.dropFirst(43).split(separator: " ").first)
            let tool = try Tool("inspect", path, "--at", "1:\(word)")
            #expect(tool.output == "at \(line.prefix { $0 != " " }) in function 1 \"f\": i32.div_s\n" && tool.status == 0, "\(tool.errors)")
            for place in ["1", "1:", "x:1", "1:2:3", "0:0", "2:0", "1:99"] {
                let wrong = try Tool("inspect", path, "--at", place)
                #expect(wrong.status == 2 && wrong.errorLines.count == 1 && wrong.output == "" && wrong.errors.contains(place), "\(wrong.errors)")
            }
        }
    }

    @Test("mnemonics and immediates of every shape are those of the text format")
    func mnemonics() throws {
        var module = ModuleBuilder()
        let type = module.type([.i64], [.f32])
        let g = module.importFunction("mote", "write", [.i32, .i32])
        module.table(4)
        module.table(4, of: .externref)
        module.memory(1)
        module.hasDataCount = true
        module.passiveData([1])
        let global = module.global(.i32, mutable: true, Code.i32(0))
        let i = Code.i32(0)
        let pieces: [([UInt8], [String])] = [
            (i + i + Code.call(g), ["i32.const 0", "i32.const 0", "call 0"]),
            (Code.i64(-5) + i + Code.callIndirect(type) + Code.drop, ["i64.const -5", "i32.const 0", "call_indirect (type \(type))", "drop"]),
            (Code.f32(1.5) + [0xa8, 0xb7] + Code.drop, ["f32.const 1.5", "i32.trunc_f32_s", "f64.convert_i32_s", "drop"]),
            (Code.f64(-2) + [0xfc, 7] + Code.drop, ["f64.const -2.0", "i64.trunc_sat_f64_u", "drop"]),
            (i + [0x2c, 0, 4] + [0xc0, 0xad] + Code.drop, ["i32.const 0", "i32.load8_s offset=4", "i32.extend8_s", "i64.extend_i32_u", "drop"]),
            (i + Code.i64(1) + [0x3e, 1, 0], ["i32.const 0", "i64.const 1", "i64.store32 align=2"]),
            (Code.memorySize + Code.memoryGrow + Code.globalSet(global), ["memory.size", "memory.grow", "global.set 0"]),
            (i + i + i + Code.memoryInit(0) + i + i + i + Code.memoryCopy + Code.dataDrop(0),
             ["i32.const 0", "i32.const 0", "i32.const 0", "memory.init 0", "i32.const 0", "i32.const 0", "i32.const 0", "memory.copy", "data.drop 0"]),
            (Code.refNull(.externref) + i + Code.tableGrow(1) + Code.drop + Code.tableSize(1) + Code.drop, ["ref.null extern", "i32.const 0", "table.grow 1", "drop", "table.size 1", "drop"]),
            (Code.refNull(.funcref) + Code.refIsNull + Code.drop, ["ref.null func", "ref.is_null", "drop"]),
            (Code.f64(0) + Code.f64(0) + i + [0x1c, 1, 0x7c] + Code.drop, ["f64.const 0.0", "f64.const 0.0", "i32.const 0", "select (result f64)", "drop"]),
            (Code.loop(.i32, i) + Code.if(nil, [0x01], else: [0x00]), ["loop (result i32)", "i32.const 0", "end", "if", "nop", "else", "unreachable", "end"]),
            ([0x02, 0x40] + i + Code.brTable([0, 1], 0) + [0x0b], ["block", "i32.const 0", "br_table 0 1 0", "end"]),
        ]
        module.function([], [], body: pieces.flatMap { $0.0 }, export: "f")
        let wasm = try rows(module).map(\.wasm).filter { !$0.isEmpty }
        #expect(wasm == pieces.flatMap { $0.1 } + ["end"])
    }

    @Test("every opcode has a mnemonic as the specification writes them, and no two the same")
    func all() {
        var names = Set<String>()
        for opcode in (UInt8.min...UInt8.max).compactMap(Opcode.init(rawValue:)) where opcode != .prefix && opcode != .selectTyped {
            names.insert(WasmInstruction.mnemonic("\(opcode)"))
        }
        for opcode in (UInt8.min...UInt8.max).compactMap(PrefixedOpcode.init(rawValue:)) { names.insert(WasmInstruction.mnemonic("\(opcode)")) }
        #expect(names.count == 182 + 18)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z]+(_[a-z]+)*|([a-z]+|[if](32|64))\.[a-z]+[0-9]*(_[a-z0-9]+)*/) != nil }, "\(names.sorted())")
    }

    @Test("each function is translated once for the listing: 32,000 words take as long a word as 100", .timeLimit(.minutes(15)))
    func isLinear() throws {
        var module = ModuleBuilder()
        // Each is a word: const16 into a local.
        module.function([], [], locals: [(1, .i32)], body: (0..<32_000).flatMap { Code.i32(Int32($0 & 8191)) + Code.localSet(0) }, export: "f")
        let rows = try rows(module)
        #expect(rows.count > 64_000 && rows.last?.wasm == "end")
        #expect(rows[1_000].wasm == "local.set 0" || rows[1_001].wasm == "local.set 0")
    }
}
