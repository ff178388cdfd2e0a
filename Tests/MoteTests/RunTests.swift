// `mote run` and `mote inspect` as a user sees them: results, exit statuses, one line for each mistake.

import Foundation
import Testing

@Suite struct RunTests {
    @Test("an export is called with arguments of both signs, its result is one line")
    func invoke() throws {
        try withFile(Modules.calculator) { path in
            let tool = try Tool("run", path, "--invoke", "add", "1", "-3")
            #expect(tool.output == "-2:i32\n" && tool.errors == "" && tool.status == 0)
            #expect(try Tool("run", path, "--invoke", "add", "1", "-3", "--hex").output == "0xfffffffe:i32\n")
            #expect(try Tool("run", path, "--hex", "--invoke", "half", "0x1.8p1").output == "0x3fc00000:f32\n")
            #expect(try Tool("run", path, "--invoke", "half", "-inf").output == "-inf:f32\n")
            #expect(try Tool("run", path, "--invoke=add", "1", "-3").output == "-2:i32\n")
        }
    }

    @Test("a guest prints through mote.write, and main is called where there is no _start")
    func prints() throws {
        try withFile(Modules.hello) { path in
            let tool = try Tool("run", path)
            #expect(tool.output == "hi\n" && tool.status == 0)
        }
    }

    @Test("a trap gives its reason, function and offset, and status 134")
    func trap() throws {
        try withFile(Modules.calculator) { path in
            let tool = try Tool("run", path, "--invoke", "crash")
            #expect(tool.status == 134)
            #expect(tool.errorLines.count == 2)
            let offset = try #require(Modules.calculator.indices.first { Modules.calculator[$0...].starts(with: [3, 0, 0x00, 0x0b, 7]) }) + 2
            #expect(tool.errorLines[0].contains("trap: unreachable: ") && tool.errorLines[1] == "  at 0x\(String(offset, radix: 16)) in function 2 \"crash\"")
        }
    }

    @Test("fuel ends an endless loop with status 134")
    func fuel() throws {
        try withFile(Modules.calculator) { path in
            let tool = try Tool("run", path, "--invoke", "forever", "--fuel", "1000")
            #expect(tool.status == 134 && tool.errors.contains("out of fuel"))
        }
    }

    @Test("wrong arguments are wrong usage, and the line names the signature")
    func usage() throws {
        try withFile(Modules.calculator) { path in
            for arguments in [["1"], ["1", "2", "3"], ["1", "x"]] {
                let tool = try Tool(["run", path, "--invoke", "add"] + arguments)
                #expect(tool.status == 2 && tool.errorLines.count == 1)
                #expect(tool.errors.contains("add(i32, i32) -> i32"))
            }
            let unknown = try Tool("run", path, "--invoke", "sub", "1", "2")
            #expect(unknown.status == 2 && unknown.errors.contains("add(i32, i32) -> i32"))
            #expect(try Tool("run", path).status == 2)
            #expect(try Tool("run", path, "--pool", "many").status == 2)
        }
        #expect(try Tool("run").status == 2)
        for words in [["walk"], ["app.wasm"], ["walk", "app.wasm"]] {
            let tool = try Tool(words)
            #expect(tool.status == 2 && tool.errorLines.count == 1 && tool.errors.contains("is no command: run, pack, inspect, spec, build, "), "\(tool.errors)")
        }
        #expect(try Tool("--help").status == 0)
    }

    @Test(
        "a file that is no module gets one line and status 1",
        arguments: [
            ([], "malformed: the module is empty"), (Array("(module)".utf8), "this is text"), ([0xef, 0xbb, 0xbf] + Array("(module)".utf8), "this is text"),
            ([0xef, 0xbb, 0xbf, 0], "not a WebAssembly module"), ([0xef, 0xbb], "not a WebAssembly module"), (Modules.component, "component"),
            (Array(Modules.calculator.dropLast(3)), "truncated"), (Array("#!/bin/sh\n".utf8), "this is text"), ([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0], "not a WebAssembly module"),
        ] as [([UInt8], String)])
    func notAModule(bytes: [UInt8], words: String) throws {
        try withFile(bytes) { path in
            for command in ["run", "inspect"] {
                let tool = try Tool(command, path)
                #expect(tool.status == 1)
                #expect(tool.errorLines.count == 1, "\(tool.errors)")
                #expect(tool.errors.contains(path) && tool.errors.contains(words), "\(tool.errors)")
            }
        }
    }

    @Test("a file that is not there, or a folder, gets one line and status 1")
    func notAFile() throws {
        let missing = try Tool("run", "/nowhere/app.wasm")
        #expect(missing.status == 1 && missing.errorLines.count == 1 && missing.errors.contains("no such file"))
        let folder = try Tool("run", "/")
        #expect(folder.status == 1 && folder.errorLines.count == 1 && folder.errors.contains("is a folder"))
    }

    @Test("an import that is missing or differs is named, with the signatures")
    func imports() throws {
        try withFile(Modules.importing("env", "led")) { path in
            let tool = try Tool("run", path)
            #expect(tool.status == 1 && tool.errorLines.count == 1)
            #expect(tool.errors.contains("import env.led, a function: () -> i32, but mote run offers mote.write alone"), "\(tool.errors)")
            #expect(tool.errors.contains("import section"))
        }
        try withFile(Modules.importing("mote", "write")) { path in
            let tool = try Tool("run", path)
            #expect(tool.status == 1 && tool.errorLines.count == 1)
            #expect(tool.errors.contains("() -> i32, but what is offered is (i32, i32) -> ()"), "\(tool.errors)")
        }
    }

    @Test("an invalid body is told with its function and offset, a missing feature by name")
    func bodies() throws {
        try withFile(Modules.invalid) { path in
            let tool = try Tool("run", path)
            #expect(tool.status == 1 && tool.errorLines.count == 1)
            #expect(tool.errors.contains("invalid at 0x") && tool.errors.contains("code section, function 0 \"f\""), "\(tool.errors)")
            #expect(tool.errors.contains("type mismatch"))
        }
        try withFile(Modules.simd) { path in
            let tool = try Tool("run", path)
            #expect(tool.status == 1 && tool.errorLines.count == 1 && tool.errors.contains("SIMD"), "\(tool.errors)")
        }
    }

    @Test("a result that cannot be written is no success")
    func fullOutput() throws {
        try withFile(Modules.calculator) { path in
            let tool = try Tool("run", path, "--invoke", "add", "1", "2", output: "/dev/full")
            #expect(tool.status == 1 && tool.errorLines.count == 1 && tool.errors.contains("standard output"), "\(tool.errors)")
        }
    }

    @Test("the largest pool works, a larger one is wrong usage")
    func largestPool() throws {
        try withFile(Modules.hello) { path in
            #expect(try Tool("run", path, "--pool", "256M").output == "hi\n")
            let tool = try Tool("run", path, "--pool", "257M")
            #expect(tool.status == 2 && tool.errors.contains("256M at most"), "\(tool.errors)")
            let small = try Tool("run", path, "--pool", "40")
            #expect(small.status == 2 && small.errors.contains("48 bytes at least"), "\(small.errors)")
            #expect(try Tool("spec", path, "--pool", "257M").status == 2)
        }
    }

    @Test("more memory than there is names what is needed and the option to change")
    func memory() throws {
        try withFile(Modules.hungry) { path in
            let tool = try Tool("run", path, "--pool", "256k")
            #expect(tool.status == 1 ? tool.errorLines.count == 1 : tool.status == 134 && tool.errorLines.count == 2, "\(tool.errors)")
            #expect(tool.errors.contains("pool") && tool.errors.contains("are free"), "\(tool.errors)")
        }
        try withFile(Modules.calculator) { path in
            let tool = try Tool("run", path, "--invoke", "add", "1", "2", "--pool", "8k")
            #expect(tool.status == 1 && tool.errorLines.count == 1 && tool.errors.contains("--pool"), "\(tool.errors)")
            #expect(tool.errors.contains("no room for the operand stack") && tool.errors.hasSuffix(": use --pool 1M, or a smaller --operand-stack\n"), "\(tool.errors)")
        }
    }

    @Test("a table and a memory that have no room are named, with place, need and the pool that is enough, if there is one")
    func noRoom() throws {
        // (table 20000000 funcref), and one of 67,108,864 entries
        for (bytes, size, option) in [([0x80, 0xda, 0xc4, 0x09], "20000000", "use --pool 128M"), ([0x80, 0x80, 0x80, 0x20], "67108864", "no pool can be that large")] as [([UInt8], String, String)] {
            try withFile(Modules.header + Modules.section(4, [1, 0x70, 0] + bytes)) { path in
                let tool = try Tool("run", path)
                #expect(tool.status == 1 && tool.errorLines.count == 1)
                #expect(tool.errors.contains("exhausted at 0xb (table section): table 0, \(size)… funcref: the pool has no room for the table's elements: "), "\(tool.errors)")
                #expect(tool.errors.contains("needs at least \(Int(size)! * 4 + 28 + 12) bytes, ") && tool.errors.hasSuffix(": \(option)\n"), "\(tool.errors)")
            }
        }
        // Data at 0 and at 2 GB of 4 GB.
        let data: [UInt8] = [2, 0, 0x41, 0, 0x0b, 1, 1, 0, 0x41, 0xf0, 0xff, 0xff, 0xff, 0x07, 0x0b, 1, 1]
        try withFile(Modules.header + Modules.section(5, [1, 0, 0x80, 0x80, 4]) + Modules.section(11, data)) { path in
            let tool = try Tool("run", path)
            #expect(tool.status == 1 && tool.errorLines.count == 1)
            #expect(tool.errors.contains("(data section): memory 0, 65536… pages of 65536 bytes: the pool has no room for the linear memory"), "\(tool.errors)")
            #expect(tool.errors.contains("needs at least 2147483633 bytes, ") && tool.errors.hasSuffix(": no pool can be that large\n"), "\(tool.errors)")
        }
    }

    @Test("the memory report says what the pool was used for")
    func memoryReport() throws {
        try withFile(Modules.calculator) { path in
            let tool = try Tool("run", path, "--invoke", "add", "1", "2", "--memory-report")
            #expect(tool.output == "3:i32\n" && tool.errors.hasPrefix("global heap: 16777216 bytes, in use ") && tool.errors.contains("\n  operand stack: "), "\(tool.errors)")
        }
    }

    @Test("each setting of an instance's memory is an option, and the report shows what it did")
    func instanceSettings() throws {
        try withFile(Modules.growing) { path in
            #expect(try Tool("run", path).output == "2:i32\n")
            #expect(try Tool("run", path, "--memory-cap", "128k").output == "-1:i32\n")
            let heap = try Tool("run", path, "--memory-cap", "192k", "--app-heap", "1000", "--memory-report")
            #expect(heap.output == "2:i32\n" && heap.errors.contains("limit 196608\n  app heap: 1000 bytes, in use "), "\(heap.errors)")
            let kept = try Tool("run", path, "--commit", "heap-base", "--memory-report")
            #expect(kept.errors.contains("not cut at __heap_base: function 1 \"main\" asks for the memory's size, or grows it\n"), "\(kept.errors)")
            #expect(try Tool("run", path, "--commit", "whole", "--memory-report").errors.contains("linear memory: 131072 bytes committed at 0, "))
            #expect(try Tool("run", path, "--pool", "60k", "--operand-stack", "1k").output == "-1:i32\n")
            #expect(try Tool("run", path, "--pool", "60k", "--operand-stack", "1k", "--overcommit").output == "2:i32\n")
        }
        try withFile(Modules.calculator) { path in
            let tool = try Tool("run", path, "--invoke", "add", "1", "2", "--commit", "heap-base", "--memory-report")
            #expect(tool.errors.hasSuffix("not cut at __heap_base: the module has no memory of its own, or exports no __heap_base inside it (-Wl,--export=__heap_base)\n"))
        }
    }

    @Test("the aux stack's options: committed at once, shown in the report, checked or not")
    func auxStack() throws {
        let path = Tool.guests.appendingPathComponent("layouts/rust.wasm").path
        let small = try Tool("run", path, "--memory-report")
        #expect(small.status == 0 && small.errors.contains("\n  aux stack: 1048576 bytes of linear memory, in use 0, peak 592\n"), "\(small.errors)")
        let large = try Tool("run", path, "--memory-report", "--aux-stack", "16k", "--no-aux-stack-check")
        #expect(large.status == 0 && large.errors.contains("linear memory: 18432 bytes committed at 1032192, "), "\(large.errors)")
        let none = try Tool("run", path, "--pool", "12k", "--operand-stack", "1k", "--aux-stack", "16k")
        #expect(none.status == 1 && none.errors.hasSuffix(": use --pool 1M, or a smaller --aux-stack\n"), "\(none.errors)")
    }

    @Test("what an instance's settings make impossible is refused in one line that names the option")
    func refusedSettings() throws {
        try withFile(Modules.growing) { path in
            let refusals: [([String], String, String)] = [
                (["--app-heap", "1000"], "(memory section): function 1 \"main\" grows the memory: the module can grow its memory, and the app heap lies behind it", ": use --memory-cap"),
                (["--app-heap", "40", "--memory-cap", "192k"], "the app heap has less than 48 bytes", ": use another --app-heap, or a lower --memory-cap"),
                (["--app-heap", "1M", "--memory-cap", "192k", "--pool", "128k"], "the pool has no room for the app heap: ", "the largest free block is "),
                (["--app-heap", "1M", "--memory-cap", "192k", "--pool", "128k"], "needs at least 1048576 bytes, ", ": use --pool 2M, or a smaller --app-heap"),
                (["--memory-cap", "64k"], "memory 0, 2…5 pages of 65536 bytes: the module declares more memory than the embedder's cap", ": use a larger --memory-cap"),
                (["--commit", "whole", "--pool", "128k"], "the pool has no room for the linear memory", "use --pool 1M, or --commit touched"),
            ]
            for (options, what, option) in refusals {
                let tool = try Tool(["run", path] + options)
                #expect(tool.status == 1 && tool.errorLines.count == 1 && tool.errors.contains(what) && tool.errors.contains(option), "\(tool.errors)")
            }
        }
    }

    @Test("inspect shows types, imports, exports and sections, as text and as JSON")
    func inspect() throws {
        try withFile(Modules.hello) { path in
            let text = try Tool("inspect", path)
            #expect(text.status == 0)
            for line in ["0  (i32, i32) -> ()", "mote.write  function 0", "main  function 1  () -> ()", "code"] {
                #expect(text.output.contains(line), "\(text.output)")
            }
            let json = try Tool("inspect", path, "--json")
            let object = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
            #expect((object["exports"] as? [[String: Any]])?.first?["name"] as? String == "main")
            #expect(object["bytes"] as? Int == Modules.hello.count)
        }
    }
}
