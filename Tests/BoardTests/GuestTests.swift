// The guests on a board: what they print and give there is what guests/expected* says.

import Foundation
import Packing
import ModuleBuilder
import Testing

/// A firmware with one guest in its flash.
struct GuestFirmware {
    let elf: String

    /// Builds it beside the others; the modules are those that `make guests` made.
    /// - Parameter traits: a rung or a list, as `boards/build` takes them.
    /// - Parameter product: the firmware's name in Package.swift.
    /// - Parameter packed: its image in the place of the .wasm; the least build runs no other.
    init(_ guest: String, for board: String, traits: String = "default", product: String = "Firmware", packed: Bool = false) throws {
        var module = BoardRun.root.appending(path: ".build/guests/\(guest).wasm")
        try #require(FileManager.default.fileExists(atPath: module.path), "no \(module.path): run `make guests`, or `make test`")
        if packed || traits == "minimal" {
            let image = try Packing.pack([UInt8](Data(contentsOf: module)))
            let folder = BoardRun.root.appending(path: ".build/guests/packed")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            module = folder.appending(path: "\(guest)-image.mote")
            try Data(image).write(to: module)
        }
        try self.init(module, named: "\(board)-\(traits)-\(module.deletingPathExtension().lastPathComponent)", for: board, traits: traits, product)
    }

    /// Builds one with a module that a test wrote, in a file of its own for as long as the build takes.
    init(_ module: [UInt8], for board: String, traits: String, packed: Bool = false) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).wasm")
        try Data(packed || traits == "minimal" ? Packing.pack(module) : module).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try self.init(file, named: "\(board)-\(traits)-bytes", for: board, traits: traits)
    }

    /// Builds one with a file in flash: a module, or a script for SpecFirmware.
    init(_ module: URL, named name: String, for board: String, traits: String, _ product: String = "Firmware") throws {
        elf = ".build/guests/firmware/\(name).elf"
        let build = try BoardRun("boards/build", [board, product, module.path, elf], environment: ["TRAITS": traits])
        try #require(build.status == 0, "\(build.output)")
    }

    func run(on board: String, words: [String] = [], environment: [String: String] = [:]) throws -> BoardRun {
        try BoardRun("boards/run", [board, elf] + words, environment: environment)
    }
}

/// One after the other: they share the folder of a board's build.
@Suite(.serialized) struct GuestTests {
    struct Call: Sendable, CustomTestStringConvertible {
        let guest: String
        let results: [String]
        var testDescription: String { guest }
    }

    /// The calls of expected.txt that the firmware makes by itself: `_start`, else `main`.
    static let calls: [Call] = {
        let text = (try? String(contentsOf: BoardRun.root.appending(path: "guests/expected.txt"), encoding: .utf8)) ?? ""
        var calls: [Call] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4, words[2] == "-", words[1] == "_start" || words[1] == "main", !(words[0] == "stackfirst" && words[1] == "main") else { continue }
            calls.append(Call(guest: words[0], results: words[3] == "-" ? [] : words[3].split(separator: ",").map(signed)))
        }
        return calls
    }()

    /// expected.txt has unsigned numbers, the console signed ones.
    private static func signed(_ result: Substring) -> String {
        guard result.hasSuffix(":i32"), let bits = UInt32(result.dropLast(4)) else { return String(result) }
        return "\(Int32(bitPattern: bits)):i32"
    }

    @Test("There is a call for each of the 22 guests")
    func all() { #expect(Self.calls.count == 22) }

    @Test("A guest prints and gives on the board what is expected, and its memory is laid out as on the host, to the byte", arguments: calls)
    func guest(_ call: Call) throws {
        let run = try GuestFirmware(call.guest, for: "mps2-an386").run(on: "mps2-an386", words: ["report"])
        let expected = try String(contentsOf: BoardRun.root.appending(path: "guests/expected/\(call.guest).out"), encoding: .utf8)
        #expect(run.status == 0)
        let report = try #require(run.output.range(of: "mote: RAM ", options: .backwards))
        let memory = try HostRun(call.guest, pool: 256 * 1024, operandStack: 8192).report
        #expect(run.output[..<report.lowerBound] == expected + call.results.map { $0 + "\n" }.joined() + memory)
    }

    @Test("The report is one line, with numbers that fit their limits", arguments: ["mps2-an386", "mps2-an385", "riscv32-virt"])
    func report(board: String) throws {
        let line = try #require(GuestFirmware("fib", for: board).run(on: board).lines.last)
        let size = try Data(contentsOf: BoardRun.root.appending(path: ".build/guests/fib.wasm")).count
        try check(line, module: size)
    }

    @Test("Every board runs a guest from its flash, the small ones its image", arguments: boards)
    func everyBoard(board: String) throws {
        let manifest = try #require(manifests[board])
        let traits = manifest.features ?? "default"
        let run = try GuestFirmware("hello", for: board, traits: traits, packed: isSmall(board)).run(on: board)
        #expect(run.status == 0)
        #expect(run.output.hasPrefix("Hello from a guest!\n42:i32\nmote: RAM "), "\(run.output)")
    }

    private func check(_ line: Substring, module: Int) throws {
        let pattern = #/mote: RAM (?<all>\d+) bytes: pool (?<pool>\d+) of (?<size>\d+) \(operand stack (?<cells>\d+) of (?<stack>\d+), linear memory (?<memory>\d+)\), /#
        let rest = #/native stack (?<native>\d+) of (?<reserved>\d+), static (?<statics>\d+); flash (?<flash>\d+) bytes and the module's (?<module>\d+)/#
        let first = try #require(line.prefixMatch(of: pattern), "\(line)")
        let second = try #require(line[first.range.upperBound...].wholeMatch(of: rest), "\(line)")
        func number(_ text: Substring) -> Int { Int(text) ?? -1 }
        let (pool, native) = (number(first.pool), number(second.native))
        #expect(number(first.all) == pool + native + number(second.statics))
        #expect(pool > number(first.stack) && pool < number(first.size))
        #expect(number(first.size) == 256 * 1024)
        // fib(24) is 24 frames deep, of some cells and a call record of two.
        #expect((200...1000).contains(number(first.cells)) && number(first.stack) == 8 * 1024)
        #expect(native > 0 && native < number(second.reserved))
        #expect(number(second.flash) > 50_000 && number(second.module) == module)
    }

    @Test("make run shows what the guest prints, its result, and one line with RAM and flash; a module's length is its own")
    func makeRun() throws {
        var module = try Data(contentsOf: BoardRun.root.appending(path: ".build/guests/fib.wasm"))
        // Custom sections without a name, three bytes each, until the length is odd: the linker pads the module, the line must not.
        repeat { module.append(contentsOf: [0, 1, 0]) } while module.count % 2 == 0
        let path = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).wasm")
        try module.write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let run = try BoardRun("/usr/bin/env", ["make", "--no-print-directory", "-s", "run", "APP=\(path.path)"])
        #expect(run.status == 0)
        let lines = run.lines.filter { !$0.hasPrefix("Building ") }
        #expect(lines.count == 3 && lines.first == "fib(24) = 46368" && lines.dropFirst().first == "46368:i32", "\(run.output)")
        try check(#require(lines.last), module: module.count)
    }

    @Test("Instructions are counted in the parts of a run, the same each time")
    func bench() throws {
        let firmware = try GuestFirmware("fib", for: "mps2-an386")
        let runs = try (0..<2).map { _ in try firmware.run(on: "mps2-an386", words: ["bench"], environment: ["QEMU_FLAGS": "-icount shift=7"]) }
        let line = try #require(runs[0].lines.first { $0.hasPrefix("bench ") })
        let counts = try #require(line.wholeMatch(of: /bench load=(\d+) instantiate=(\d+) run=(\d+)/)).output
        let run = try #require(Int(counts.3))
        // 150,049 calls.
        #expect(run > 150_049 * 10)
        #expect(runs[1].lines.contains(line))
    }

    @Test("What is no module, and a pool that is too small, is told in one line, with status 1")
    func cannotLoad() throws {
        let small = try GuestFirmware("fib", for: "mps2-an386").run(on: "mps2-an386", words: ["pool=1360", "stack=1024"])
        #expect(small.status == 1)
        let line = #/mote: exhausted: the pool has no room for the module's register code: .*: needs at least \d+ bytes, \d+ are free, the largest free block is \d+: raise pool in the configuration, or start with a larger pool=/#
        #expect(try small.lines.first?.wholeMatch(of: line) != nil, "\(small.output)")
        let stack = try GuestFirmware("fib", for: "mps2-an386").run(on: "mps2-an386", words: ["pool=1200", "stack=4096"])
        #expect(stack.lines.first?.hasPrefix("mote: exhausted: the pool has no room for the operand stack: ") == true, "\(stack.output)")
        let folder = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let cases: [(bytes: [UInt8], line: String)] = [
            ([], "mote: malformed: the module is empty"),
            (Array("(module)".utf8), "mote: malformed: this is text"),
            // (import "env" "led" (func (param i32)))
            ([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 1, 0x7f, 0, 2, 11, 1, 3, 0x65, 0x6e, 0x76, 3, 0x6c, 0x65, 0x64, 0, 0],
             "mote: unlinkable at 0x00000012: import env.led, a function: (i32) -> (): an import is missing"),
            // (import "mote" "write" (func (param i32)))
            ([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 1, 0x7f, 0, 2, 14, 1, 4, 0x6d, 0x6f, 0x74, 0x65, 5, 0x77, 0x72, 0x69, 0x74, 0x65, 0, 0],
             "mote: unlinkable at 0x00000012: import mote.write, a function: (i32) -> (), but what is offered is (i32, i32) -> (): an imported function has other"),
            // (table 1 funcref) (table 20000000 funcref)
            ([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 4, 10, 2, 0x70, 0, 1, 0x70, 0, 0x80, 0xda, 0xc4, 0x09],
             "mote: exhausted at 0x0000000e: table 1: the pool has no room for the table's elements: "),
        ]
        for (number, item) in cases.enumerated() {
            let module = folder.appending(path: "\(number).wasm")
            try Data(item.bytes).write(to: module)
            let build = try BoardRun("boards/build", ["mps2-an386", "Firmware", module.path, ".build/guests/firmware/bad.elf"])
            try #require(build.status == 0, "\(build.output)")
            let run = try BoardRun("boards/run", ["mps2-an386", ".build/guests/firmware/bad.elf"])
            #expect(run.status == 1)
            #expect(run.lines.first?.hasPrefix(item.line) == true, "\(run.output)")
        }
    }

    @Test("A word that is none, and a number that is not decimal, are refused before anything runs", arguments: ["reprot", "pool", "memory-cap=128k", "app-heap="])
    func unknownWord(word: String) throws {
        let run = try GuestFirmware("hello", for: "mps2-an386").run(on: "mps2-an386", words: ["report", word])
        #expect(run.status == 2 && run.lines.first == "mote: a word is unknown, or its number not decimal: Sources/Firmware/Options.swift has them", "\(run.output)")
        #expect(run.lines.count == 2)
    }

    @Test("A trap is told with its reason and place, with status 134")
    func trap() throws {
        // (module (func (export "main") (result i32) (i32.div_s (i32.const 1) (i32.const 0))))
        let bytes: [UInt8] = [
            0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 8, 1, 4, 0x6d, 0x61, 0x69, 0x6e, 0, 0,
            10, 9, 1, 7, 0, 0x41, 1, 0x41, 0, 0x6d, 0x0b,
        ]
        let module = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).wasm")
        try Data(bytes).write(to: module)
        defer { try? FileManager.default.removeItem(at: module) }
        let build = try BoardRun("boards/build", ["mps2-an386", "Firmware", module.path, ".build/guests/firmware/trap.elf"])
        try #require(build.status == 0, "\(build.output)")
        let run = try BoardRun("boards/run", ["mps2-an386", ".build/guests/firmware/trap.elf"])
        #expect(run.status == 134)
        #expect(run.lines.first?.hasPrefix("mote: trap: integer divide by zero: ") == true && run.lines.dropFirst().first == "  at 0x26 in function 0 \"main\"", "\(run.output)")
    }

    @Test("The backtrace on the console is the host's, byte for byte: names, tables, a recursion that is cut", arguments: [3, 60])
    func backtrace(depth: Int32) throws {
        var module = ModuleBuilder()
        module.table(1)
        module.elements(at: 0, [0])
        let type = module.type([.i32], [.i32])
        let divide = Code.i32(100) + Code.localGet(0) + [0x6d]
        let other = Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.i32(0) + Code.callIndirect(type) + Code.i32(1) + Code.i32Add
        module.function([.i32], [.i32], locals: [(1, .externref)], body: Code.localGet(0) + Code.i32Eqz + Code.if(.i32, divide, else: other))
        module.function([], [.i32], body: Code.i32(depth) + Code.call(0), export: "main")
        // (module … (func $count …))
        let bytes = module.bytes + ModuleBuilder.section(0, text("name") + [1] + leb(8) + [1, 0] + text("count"))
        let file = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).wasm")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let elf = ".build/guests/firmware/backtrace.elf"
        let build = try BoardRun("boards/build", ["mps2-an386", "Firmware", file.path, elf])
        try #require(build.status == 0, "\(build.output)")
        let run = try BoardRun("boards/run", ["mps2-an386", elf])
        let host = try HostRun.backtrace(of: bytes)
        #expect(run.status == 134 && run.lines.first?.hasPrefix("mote: trap: integer divide by zero: ") == true)
        let lines = run.lines.dropFirst().prefix { $0.hasPrefix("  ") }
        #expect(lines.map { $0 + "\n" }.joined() == host, "\(run.output)")
        #expect(lines.count == (depth == 3 ? 5 : 37) && lines.first?.hasSuffix(" in function 0 \"count\"") == true && lines.last?.hasSuffix(" in function 1 \"main\"") == true)
        #expect(lines.contains("  ... 26 more") == (depth == 60))
    }

    @Test("The firmwares hold no allocator and no libm", arguments: ["mps2-an386", "mps2-an385", "riscv32-virt"], ["Firmware", "SpecFirmware"])
    func link(board: String, product: String) throws {
        let run = try BoardRun("tools/check-firmware", [board, ".build/boards/\(board)/\(product).elf"])
        #expect(run.status == 0, "\(run.output)")
    }
}
