// mote build, qemu, flash, size and bench, as a user calls them. `make firmwares` compiled what they link.

import Foundation
import ModuleBuilder
import Testing

/// One after the other: each starts QEMU or the linker, which have both cores.
@Suite(.serialized) struct BoardCommandTests {
    private static let fib = Tool.guests.appending(path: "fib.wasm").path

    /// A folder of its own for what a command writes.
    private func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    // MARK: build

    @Test("A build writes an ELF, and the same bytes as .bin and .hex")
    func files() throws {
        try withFolder { folder in
            let stem = folder.appending(path: "out").path
            let once = try Tool("build", Self.fib, "--board", "mps2-an386", "-o", stem, "--json", "--format", "hex,hex")
            #expect((try object(once.output)["files"] as? [String: String]) == ["hex": "\(stem).hex"], "\(once.errors)")
            let run = try Tool("build", Self.fib, "--board", "mps2-an386", "-o", stem, "--json")
            #expect(run.status == 0, "\(run.errors)")
            let report = try object(run.output)
            #expect((report["files"] as? [String: String]) == ["elf": "\(stem).elf", "bin": "\(stem).bin", "hex": "\(stem).hex"])
            let bin = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(stem).bin")))
            let size = try #require(report["flash"] as? Int), module = try #require(report["module"] as? Int)
            // Between its parts the linker leaves a few bytes.
            #expect((size + module...size + module + 16).contains(bin.count))
            #expect(bin == (try hex(contentsOf: "\(stem).hex")))
            #expect(bin.firstRange(of: [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.fib)))) != nil)
        }
    }

    /// The bytes of an Intel HEX file whose records follow each other, gaps filled as in erased flash.
    private func hex(contentsOf path: String) throws -> [UInt8] {
        var memory: [UInt8] = [], base = 0, first: Int?
        for line in try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline) {
            let digits = Array(line.dropFirst().utf8)
            let record = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) }
            try #require(line.first == ":" && record.count == Int(record[0]) + 5 && record.reduce(0, &+) == 0, "\(line)")
            switch record[3] {
            case 0:
                let place = base + Int(record[1]) << 8 + Int(record[2])
                if first == nil { first = place }
                while memory.count < place - first! { memory.append(0xff) }
                memory += record[4..<record.count - 1]
            case 2: base = (Int(record[4]) << 8 + Int(record[5])) << 4
            case 4: base = (Int(record[4]) << 8 + Int(record[5])) << 16
            default: break
            }
        }
        return memory
    }

    @Test("For a UF2 boot loader a build writes the board's family, and whole pages of 256 bytes")
    func uf2() throws {
        try withFolder { folder in
            let stem = folder.appending(path: "out").path
            let run = try Tool("build", Self.fib, "--board", "pico", "-o", stem, "--format", "uf2")
            #expect(run.status == 0, "\(run.errors)")
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(stem).uf2")))
            func word(_ place: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) } }
            try #require(bytes.count > 100_000 && bytes.count % 512 == 0)
            #expect(word(0) == 0x0a32_4655 && word(28) == 0xe48b_ff56 && word(12) == 0x1000_0000 && word(24) == bytes.count / 512)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.uf2"])
        }
    }

    @Test("A configuration that does not fit is refused with its line, before anything is built", arguments: [
        ("pool = \"8M\"\n", ":1: pool: RAM has 4,194,304 bytes"),
        ("\n\npool-region = \"CCM\"\n", ":3: pool-region: the board has no region CCM"),
        ("pool = 4096\noperand-stak = 64\n", ":2: unknown key operand-stak: did you mean operand-stack?"),
        ("pool = 1024\noperand-stack = 512\n", "fib.wasm: needs 1,"),
    ])
    func refused(text: String, error: String) throws {
        try withFolder { folder in
            let file = folder.appending(path: "app.toml")
            try Data(text.utf8).write(to: file)
            let run = try Tool("build", Self.fib, "--board", "mps2-an386", "-o", folder.appending(path: "out").path, "--config", file.path)
            #expect(run.status == 1 && run.errorLines.count == 1 && run.errors.contains(error), "\(run.errors)")
        }
    }

    @Test("What is wrong with a call is one line that says what to write instead", arguments: [
        (["build", "FIB", "--board", "mps2-an999"], 2, "there is no board mps2-an999: the boards are lm3s6965evb, "),
        (["build", "FIB"], 2, "--board, one of "),
        (["build", "/nowhere.wasm", "--board", "mps2-an386"], 1, "/nowhere.wasm: there is no such file"),
        (["build", "FIB", "--board", "mps2-an386", "--format", "exe"], 2, "exe is none of elf, bin, hex, uf2"),
        (["build", "FIB", "--board", "mps2-an386", "--format", "uf2", "-o", "/tmp/mote-no-uf2"], 2, "has no UF2 boot loader"),
        // A boot loader for this chip would have its own code where the firmware begins.
        (["build", "FIB", "--board", "nrf52840dk", "--format", "uf2", "-o", "/tmp/mote-no-uf2"], 2, "has no UF2 boot loader"),
        (["build", "FIB", "--board", "mps2-an386", "--format", ""], 2, "nothing is none of elf, bin, hex, uf2"),
        (["build", "FIB", "--board", "mps2-an386", "--config", "/nowhere.toml"], 1, "--new-config"),
        (["build", "FIB", "--board", "mps2-an386", "--features", "Flots"], 2, "--features: \"Flots\" is not known: use one of minimal, default, full, Translator,"),
        (["size", "FIB", "--board", "mps2-an386", "--features", "names,Translator"], 2, "\"names\" is not known: did you mean Names?"),
        (["size", "FIB", "--board", "mps2-an386", "--features", "minimal,Names"], 2, "minimal is a rung, which stands alone"),
        (["bench", "FIB", "--board", "pico"], 2, "QEMU has no machine for pico"),
        (["bench", "FIB", "--board", "mps2-an386", "--invoke", "nothing"], 2, "exports no function nothing: use --invoke with one of "),
        (["flash", "FIB", "--board", "mps2-an386"], 2, "mps2-an386 has no flash command"),
        (["run", "FIB", "--second-pool-use", "all"], 2, "there is no second pool"),
    ])
    func wrongUse(words: [String], status: Int32, error: String) throws {
        let run = try Tool(words.map { $0 == "FIB" ? Self.fib : $0 })
        #expect(run.status == status && run.errorLines.count == 1 && run.errors.contains(error), "\(run.status) \(run.errors)")
    }

    @Test("A firmware has the module that was asked for, also where the user's own app.wasm lies in the project's folder")
    func namesake() throws {
        let namesake = Tool.guests.deletingLastPathComponent().deletingLastPathComponent().appending(path: "app.wasm")
        let isOurs = !FileManager.default.fileExists(atPath: namesake.path)
        if isOurs { try Data("another module".utf8).write(to: namesake) }
        defer { if isOurs { try? FileManager.default.removeItem(at: namesake) } }
        // Another module than any before it, so that it is not in the firmware already: a custom section says so.
        let mark = Array(UUID().uuidString.utf8)
        let module = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.fib))) + [0, UInt8(mark.count + 1), 0] + mark
        try withFile(module) { file in
            try withFolder { folder in
                let stem = folder.appending(path: "out").path
                let run = try Tool("build", file, "--board", "mps2-an386", "-o", stem, "--format", "bin")
                #expect(run.status == 0, "\(run.errors)")
                #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(stem).bin"))).firstRange(of: module) != nil)
            }
        }
    }

    @Test("A module that computes with floats is refused for features without them, before the board would refuse it", arguments: ["minimal", "Translator,Names"])
    func floats(features: String) throws {
        try withFolder { folder in
            let run = try Tool("build", Tool.guests.appending(path: "floats.wasm").path, "--board", "mps2-an386", "--features", features, "-o", folder.appending(path: "out").path)
            #expect(run.status == 1 && run.errorLines.count == 1, "\(run.errors)")
            #expect(run.errors.contains("computes with f32 or f64, and features \(features) have no FloatingPoint: add it"), "\(run.errors)")
        }
    }

    @Test("A module that the flash has no room for is refused with the bytes that are missing")
    func tooLarge() throws {
        var module = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.fib)))
        // A custom section of 100,000 bytes without a name.
        module += [0, 0xa0, 0x8d, 0x06, 0] + [UInt8](repeating: 0, count: 99_999)
        try withFile(module) { file in
            let run = try Tool("build", file, "--board", "microbit", "-o", file + ".out")
            #expect(run.status == 1 && run.errors.contains("bytes more than FLASH of microbit has"), "\(run.errors)")
            #expect(run.errorLines.filter { $0.hasPrefix("error:") }.count == 1)
        }
    }

    @Test("A cap below 64 KB counts for a guest with pages of one byte: it starts below a cap that it fits, and not below a smaller one")
    func smallCap() throws {
        try withFolder { folder in
            let file = folder.appending(path: "app.toml"), guest = Tool.guests.appending(path: "pages1.wasm").path
            for (cap, status) in [(32_768, Int32(0)), (100, 1)] {
                try Data("memory-cap = \(cap)\n".utf8).write(to: file)
                let run = try Tool("qemu", guest, "--board", "mps2-an386", "--config", file.path)
                #expect(run.status == status && (status == 0 || run.output.contains("raise the cap")), "\(run.output)\(run.errors)")
            }
        }
    }

    // MARK: qemu, flash

    @Test("On a board an export is called with its arguments, and a trap ends with 134")
    func qemu() throws {
        let run = try Tool("qemu", Self.fib, "--board", "mps2-an386", "--invoke", "fib", "10")
        #expect(run.status == 0 && run.output.hasPrefix("55:i32\nmote: RAM "), "\(run.output)\(run.errors)")
        let short = try Tool("qemu", Self.fib, "--board", "mps2-an386", "--invoke", "fib")
        #expect(short.status == 2 && short.errors.contains("fib(i32) -> i32 takes 1 argument, not 0"), "\(short.errors)")
        let trap = try Tool("bench", Tool.guests.appending(path: "fib.wasm").path, "--board", "mps2-an386", "--invoke", "fib", "4000")
        #expect(trap.status == 134 && trap.errors.contains("trap: call stack exhausted"), "\(trap.errors)")
        // Told once, with its frames and without the counts.
        #expect(trap.errorLines.filter { $0.contains("trap:") }.count == 1 && trap.errorLines.dropFirst().allSatisfy { $0.hasPrefix("  ") } && trap.errorLines.count > 2, "\(trap.errors)")
    }

    /// Gives back what it is given; `main` gives 1.
    private static func echo(_ name: String, _ count: Int = 1) -> [UInt8] {
        var module = ModuleBuilder()
        module.function([], [.i32], body: Code.i32(1), export: "main")
        module.function(.init(repeating: .i64, count: count), [.i64], body: Code.localGet(0), export: name)
        return module.bytes
    }

    @Test("An argument may be any 64 bits", arguments: ["-1", "-6", "-7", "18446744073709551615", "18446744073709551610", "9223372036854775807", "-9223372036854775808", "0"])
    func wideArgument(text: String) throws {
        try withFile(Self.echo("echo")) { file in
            let run = try Tool("bench", file, "--board", "mps2-an386", "--json", "--invoke", "echo", text)
            #expect(run.status == 0, "\(run.errors)")
            let bits = Int64(text).map { UInt64(bitPattern: $0) } ?? UInt64(text) ?? 1
            #expect((try object(run.output)["result"] as? [NSNumber])?.map(\.uint64Value) == [bits])
        }
    }

    @Test("A call that the firmware's command line has no room for, or a name that it would take apart, is refused: it would call main")
    func longCall() throws {
        let wide = String(repeating: " 9223372036854775807", count: 8).split(separator: " ").map(String.init)
        for (name, arguments, error) in [(String(repeating: "n", count: 60), wide, "has room for 255 bytes, this takes "), ("two words", ["1"], "has a blank in it")] {
            try withFile(Self.echo(name, arguments.count)) { file in
                for command in ["qemu", "bench"] {
                    let run = try Tool([command, file, "--board", "mps2-an386", "--invoke", name] + arguments)
                    #expect(run.status == 2 && run.errors.contains(error) && run.output.isEmpty, "\(run.output)\(run.errors)")
                }
            }
        }
    }

    @Test("The flash command is shown with the files that were built for it", arguments: [("pico", "cp ", ".uf2 /media/*/RPI-RP2/"), ("stm32f4discovery", "openocd -f board/stm32f4discovery.cfg -c 'program ", ".elf verify reset exit'")])
    func flash(board: String, start: String, end: String) throws {
        let run = try Tool("flash", Self.fib, "--board", board, "--print")
        #expect(run.status == 0 && run.output.hasPrefix(start) && run.output.hasSuffix(end + "\n"), "\(run.output)\(run.errors)")
        let path = run.output.dropFirst(start.count).prefix { $0 != " " }
        #expect(FileManager.default.fileExists(atPath: String(path)))
    }

    // MARK: size

    @Test("The picture covers both memories to the byte, with the pool's inside, and is drawn as SVG too")
    func size() throws {
        try withFolder { folder in
            let svg = folder.appending(path: "memory.svg")
            let run = try Tool("size", Self.fib, "--board", "mps2-an386", "--json", "--svg", svg.path)
            #expect(run.status == 0, "\(run.errors)")
            let report = try object(run.output)
            let regions = try #require((report["picture"] as? [String: Any])?["regions"] as? [[String: Any]])
            #expect(regions.map { $0["name"] as? String } == ["FLASH", "RAM"])
            for region in regions {
                let parts = try #require(region["parts"] as? [[String: Any]])
                #expect(parts.reduce(0) { $0 + ($1["bytes"] as? Int ?? 0) } == region["bytes"] as? Int)
            }
            let pool = try #require((regions[1]["parts"] as? [[String: Any]])?.first { $0["name"] as? String == "pool" })
            let inside = try #require(pool["children"] as? [[String: Any]])
            #expect(inside.map { $0["name"] as? String } == ["runtime", "operand stack", "register code", "instance", "tables", "linear memory", "free"])
            #expect(try String(contentsOf: svg, encoding: .utf8).hasPrefix("<svg "))
            let text = try Tool("size", Self.fib, "--board", "mps2-an386")
            #expect(text.output.hasPrefix("FLASH  4,194,304 bytes") && !text.output.contains("\u{1b}"))
        }
    }

    // MARK: bench

    @Test("A measurement has these fields, is the same each time, and gives what the module gives on this machine")
    func bench() throws {
        let words = ["bench", Self.fib, "--board", "mps2-an386", "--invoke", "fib", "15", "--json"]
        let run = try Tool(words)
        #expect(run.status == 0, "\(run.errors)")
        let report = try object(run.output)
        #expect(Set(report.keys) == ["result", "load", "instantiate", "run", "pool_peak", "operand_stack_peak", "native_stack_peak", "linear_memory_committed", "runtime_flash"])
        #expect(report["result"] as? [Int] == [610])
        for key in ["load", "instantiate", "run", "pool_peak", "operand_stack_peak", "native_stack_peak", "runtime_flash"] { #expect((report[key] as? Int ?? 0) > 0, "\(key)") }
        #expect(try Tool(words).output == run.output)
        // The call alone is counted, not how its export is found and its result printed, which is more than this one takes.
        try withFile(Self.echo("echo")) { file in
            let short = try object(try Tool("bench", file, "--board", "mps2-an386", "--json").output)
            #expect((500...5_000).contains(try #require(short["run"] as? Int)), "\(short)")
        }
        // What a guest prints is no part of a result, also where it does not end its line: (data (i32.const 8) "7").
        var digit = ModuleBuilder()
        let write = digit.importFunction("mote", "write", [.i32, .i32])
        digit.memory(1)
        digit.data(at: 8, [0x37])
        digit.function([], [.i32], body: Code.i32(8) + Code.i32(1) + Code.call(write) + Code.i32(5), export: "main")
        try withFile(digit.bytes) { file in
            let run = try Tool("bench", file, "--board", "mps2-an386", "--json")
            #expect(try object(run.output)["result"] as? [Int] == [5])
        }
        // Negative results are told by their bits.
        let negative = try Tool("bench", Tool.guests.appending(path: "threeways.wasm").path, "--board", "mps2-an386", "--json")
        #expect(try object(negative.output)["result"] as? [Int] == [2_257_599_130])
    }
}
