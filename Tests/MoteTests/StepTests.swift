// `mote run --step` with commands from a script, as a user types them.

import Foundation
import ModuleBuilder
import Testing

@Suite struct StepTests {
    /// `f(n)` = g(n) + 1, where `g` writes n to memory, sets a global and divides 100 by n.
    private func module(start: Bool = false) -> ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(1)
        module.global(.i32, mutable: true, Code.i32(-5))
        let g = module.function(
            [.i32], [.i32],
            body: Code.i32(64) + Code.localGet(0) + Code.memory(Code.i32Store) + Code.localGet(0) + Code.globalSet(0) + Code.i32(100) + Code.localGet(0) + [0x6d],
            export: "g")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.call(g) + Code.i32(1) + Code.i32Add, export: "f")
        if start { module.start = module.function([], body: Code.i32(7) + Code.globalSet(0)) }
        return module
    }

    private func step(_ commands: String..., argument: String = "4", start: Bool = false) throws -> Tool {
        try withFile(module(start: start).bytes) { path in
            try Tool(["run", path, "--step", "--invoke", "f", argument], input: commands.map { $0 + "\n" }.joined())
        }
    }

    @Test("each step shows its place, the register instruction, the wasm that it covers, and the cells that changed")
    func steps() throws {
        let tool = try step("s", "", "s", "s", "s", "s", "s", "s", "s")
        #expect(tool.status == 0 && tool.errors == "" && tool.output.hasSuffix("\n26:i32\n"), "\(tool.output) \(tool.errors)")
        let lines = tool.output.split(separator: "\n")
        #expect(lines[0].hasPrefix("function 1 \"f\", word 0: mov"), "\(lines[0])")
        #expect(lines.contains { $0.hasPrefix("function 0 \"g\", word 0: ") } && lines.contains { $0.contains("i32DivS") })
        #expect(lines.filter { $0.hasPrefix("function ") }.count == 9)
        let wasm = lines.filter { $0.hasPrefix("    0x") }.map { $0.split(separator: " ", maxSplits: 1)[1].trimmingCharacters(in: .whitespaces) }
        // What became two words stands at both.
        #expect(wasm.prefix(5) == ["local.get 0", "call 0 \"g\"", "local.get 0", "call 0 \"g\"", "i32.const 64"] && wasm.last == "end", "\(wasm)")
        #expect(lines.contains("    [1] = 25 (0x19)") || lines.contains("    [0] = 25 (0x19)") || lines.contains("    [2] = 25 (0x19)"), "\(tool.output)")
    }

    @Test("n goes over a call, o out of it, c to a breakpoint at a name, a word or an offset, bt tells where")
    func going() throws {
        let over = try step("n", "n", "n", "n", "n")
        #expect(over.output.hasSuffix("\n26:i32\n") && !over.output.contains("function 0 \"g\", word"), "\(over.output)")
        let out = try step("b g", "c", "bt", "o", "bt", "c")
        #expect(out.output.contains("    breakpoint at function 0 \"g\", word 0\n"))
        let traces = out.output.split(separator: "\n").filter { $0.hasPrefix("  at ") }
        #expect(traces.count == 3 && traces[0].hasSuffix(" in function 0 \"g\"") && traces[1].hasSuffix(" in function 1 \"f\"") && traces[2].hasSuffix(" in function 1 \"f\""), "\(traces)")
        #expect(out.output.hasSuffix("\n26:i32\n"))
        let bytes = module().bytes
        let divide = try #require(bytes.lastIndex(of: 0x6d))
        let offset = try step("b 0x\(String(divide, radix: 16))", "c", "q")
        #expect(offset.output.split(separator: "\n").last?.hasSuffix("  i32.div_s") == true && offset.status == 0, "\(offset.output)")
        let word = try step("b 0:1", "b", "b 0:1", "b", "c")
        #expect(word.output.contains("    no breakpoint\n") && word.output.hasSuffix("\n26:i32\n"))
    }

    @Test("p shows cells and globals, m the memory, before and after they change")
    func looking() throws {
        let tool = try step("p", "m 64 4", "b g", "c", "o", "p", "m 0x40 18", "m 65535 2", "q")
        #expect(tool.output.contains("    [0] = 4 (0x4)\n") && tool.output.contains("    global 0 = -5:i32\n") && tool.output.contains("    global 0 = 4:i32\n"), "\(tool.output)")
        #expect(tool.output.contains("    0x40  00 00 00 00\n") && tool.output.contains("    0x40  04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n    0x50  00 00\n"))
        #expect(tool.output.contains("    0xffff  00\n    the memory ends at 0x10000\n"))
    }

    @Test("a trap is told as without --step, at the instruction; q and the end of the input end the run")
    func ends() throws {
        let trap = try step("c", argument: "0")
        #expect(trap.status == 134 && trap.errorLines.count == 3 && trap.errorLines[0].contains("trap: integer divide by zero"), "\(trap.errors)")
        let plain = try withFile(module().bytes) { path in try Tool("run", path, "--invoke", "f", "0") }
        #expect(plain.errorLines.dropFirst() == trap.errorLines.dropFirst())
        for tool in [try step("s", "q"), try step("s")] { #expect(tool.status == 0 && tool.errors == "" && !tool.output.contains(":i32")) }
    }

    @Test("a start function is stepped first")
    func start() throws {
        let tool = try step("c", "p", "c", start: true)
        #expect(tool.output.hasPrefix("function 2, word 0: ") && tool.output.contains("    global 0 = 7:i32\n") && tool.output.hasSuffix("\n26:i32\n"), "\(tool.output)")
    }

    @Test("what is no command, no place and no number is told; help names every command; --step counts nothing")
    func usage() throws {
        let tool = try step("jump", "b nowhere", "b 9:9", "b 0xffffff", "m", "m x", "h", "c")
        for text in ["jump: is no command: h", "b nowhere: is no place", "b 9:9: is no place", "b 0xffffff: is no place", "m: takes an address", "the backtrace"] {
            #expect(tool.output.contains(text), "\(text)")
        }
        #expect(tool.output.hasSuffix("\n26:i32\n"))
        try withFile(module().bytes) { path in
            for more in [["--count"], ["--fuel", "7"]] {
                let tool = try Tool(["run", path, "--step"] + more)
                #expect(tool.status == 2 && tool.errors.contains("leave --count and --fuel out"), "\(tool.errors)")
            }
        }
    }

    @Test("out of fuel has its backtrace, counted or not")
    func counted() throws {
        try withFile(module().bytes) { path in
            let plain = try Tool("run", path, "--invoke", "f", "0").errorLines
            let counted = try Tool("run", path, "--invoke", "f", "0", "--count").errorLines
            #expect(plain.count == 3 && counted.count == 4 && Array(counted.suffix(3)) == plain, "\(counted)")
        }
        try withFile(Modules.calculator) { path in
            let lines = try Tool("run", path, "--invoke", "forever", "--fuel", "1000").errorLines
            #expect(lines.count == 2 && lines[1].hasSuffix(" in function 3 \"forever\""), "\(lines)")
        }
    }
}
