// Host calls, polls and stops on a board, counted in guest instructions.

import Foundation
import ModuleBuilder
import Testing

@Suite struct PauseTests {
    /// Runs PauseCheck with time that follows the instructions.
    static func run(_ word: String, _ file: borrowing ModuleFile, on board: String = "mps2-an386") throws -> BoardRun {
        let run = try BoardRun("PauseCheck", on: board, words: [word, file.path], environment: ["QEMU_FLAGS": "-icount shift=7"])
        try #require(run.status == 0, "\(run.output)")
        return run
    }

    // MARK: host calls

    /// A module whose `f` has local 0 count down from 1,000, and does `body` each time, which has local 1 for itself.
    private static func loop(_ body: (_ add: Int) -> [UInt8]) -> [UInt8] {
        var module = ModuleBuilder()
        let add = module.importFunction("host", "add", [.i32, .i32], [.i32])
        let turn = Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.localTee(0)
        module.function([], locals: [(2, .i32)], body: Code.i32(1_000) + Code.localSet(0) + Code.loop(nil, body(add) + turn + Code.brIf(0)), export: "f")
        return module.bytes
    }

    /// What a call of a typed host function (i32, i32) -> i32 takes there and back, the addition that it does excluded.
    static let mostOfHostCall = 60

    @Test("A host call takes few guest instructions there and back", arguments: ["mps2-an386", "mps2-an385"])
    func hostCall(board: String) throws {
        // The arguments are there already, and the result is where it is wanted: what is measured is the call.
        let file = try ModuleFile([
            Self.loop { add in Code.localGet(1) + Code.localGet(0) + Code.call(add) + Code.localSet(1) },
            Self.loop { add in Code.localGet(1) + Code.localGet(0) + Code.i32Add + Code.localSet(1) },
            Self.loop { _ in [] },
        ])
        let counts = try Self.run("count", file, on: board).lines.compactMap { Int($0) }
        try #require(counts.count == 3)
        // One instruction is the addition.
        let cost = (counts[0] - counts[2]) / 1_000 - 1
        print("\(board): a host call \(cost) guest instructions, an add \((counts[1] - counts[2]) / 1_000), a turn of the loop \(counts[2] / 1_000)")
        #expect(cost <= Self.mostOfHostCall, "\(counts)")
    }

    // MARK: stops

    @Test("A timer's interrupt stops every endless run within 16 polls, an empty loop within 1,000 instructions; it goes on, and stops again", arguments: ["mps2-an386", "mps2-an385"])
    func stop(board: String) throws {
        let modules = EndlessModule.all
        let run = try Self.run("stop", ModuleFile(modules.map { ($0.provider, $0.bytes) }), on: board)
        try #require(run.lines.count == modules.count, "\(run.output)")
        for (line, module) in zip(run.lines, modules) {
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            try #require(numbers.count == 3, "\(module.name): \(line)")
            let (instructions, turns, slice) = (numbers[0], numbers[1], numbers[2])
            print("\(board): \(module.name) stops \(instructions) instructions after the interrupt\(module.polls == nil ? "" : ", \(turns) turns"); 16 polls, in and out: \(slice)")
            // What was under way when the interrupt came is up to a poll more; a slice's way in and out weighs less than that.
            #expect(instructions <= slice + slice / 16, "\(module.name): longer than 16 polls")
            // A turn that is under way is one more.
            if let polls = module.polls { #expect(turns <= 16 / polls + 1, "\(module.name): \(turns) turns of \(polls) polls") }
            if module.name == EndlessModule.empty.name { #expect(instructions <= 1_000) }
        }
    }

    // MARK: polls

    @Test("A poll takes three instructions; a look at stop word and fuel comes at every 16th")
    func polls() throws {
        let counts = try Self.run("polls", ModuleFile([EndlessModule.empty.bytes])).lines.compactMap { Int($0) }
        try #require(counts.count == 40)
        let turns = (1..<40).map { counts[$0] - counts[$0 - 1] }
        print("an empty loop's turns: \(turns)")
        // The polls 1 to 16 are one slice.
        #expect(Set(turns[0..<15]).count == 1, "\(turns)")
        #expect(Set(turns[16..<31]) == Set(turns[0..<15]), "\(turns)")
        let look = turns[15] - turns[14]
        print("a look at stop word and fuel: \(look) guest instructions for 16 polls")
        #expect(look <= 100)
        let code = try BoardRun("tools/dispatch", [BoardRun.root.appending(path: ".build/boards/mps2-an386/PauseCheck.elf").path])
        #expect(code.status == 0, "\(code.output)")
        let polls = try #require(code.output.firstMatch(of: /polls: (\d+) of (\d+) instructions at branches, (\d+) of (\d+) at calls/)?.output)
        #expect(Int(polls.1)! > 20 && Int(polls.2)! <= 3)
        #expect(Int(polls.3)! == 2 && Int(polls.4)! <= 3)
    }

    // MARK: the watchdog

    /// A module whose `f` makes 12,345 polls, and `g` one.
    private static var polling: [UInt8] {
        var module = ModuleBuilder()
        let nothing = module.function([], body: [])
        let turn = Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.localTee(0)
        module.function([], locals: [(1, .i32)], body: Code.i32(12_346) + Code.localSet(0) + Code.loop(nil, turn + Code.brIf(0)), export: "f")
        module.function([], body: Code.call(nothing), export: "g")
        return module.bytes
    }

    @Test("The watchdog is fed every 100 polls, in a long call and over many short ones")
    func watchdog() throws {
        let lines = try Self.run("feed", ModuleFile([Self.polling])).lines.map { $0.split(separator: " ").compactMap { Int($0) } }
        try #require(lines.count == 4 && lines.allSatisfy { $0.count == 2 }, "\(lines)")
        #expect(lines[0][0] == 12_345)
        #expect(lines[2][0] == 1_000)
        for line in lines[0...1] { #expect(abs(line[1] - 123) <= 1, "12,345 polls, fed \(line[1]) times") }
        for line in lines[2...3] { #expect(abs(line[1] - 10) <= 1, "1,000 polls, fed \(line[1]) times") }
    }

    // MARK: two runtimes

    @Test("Two runtimes in turn share nothing: neither changes a byte of the other's pool, nor heeds its stop word")
    func twins() throws {
        // Fills memory, a table and a global, calls through the table, grows: whatever lies in a pool.
        var module = ModuleBuilder()
        module.memory(1)
        module.table(8)
        module.global(.i32, mutable: true, Code.i32(1))
        let step = module.function([.i32], [.i32], body: Code.localGet(0) + Code.i32(31) + Code.i32Mul + Code.globalGet(0) + Code.i32Add + Code.globalSet(0) + Code.globalGet(0))
        module.elements(at: 3, [step])
        let store: [UInt8] = Code.localGet(0) + (Code.localGet(0) + Code.i32(3) + Code.callIndirect(0)) + Code.memory(Code.i32Store8)
        let fill: [UInt8] = Code.i32(4_000) + Code.localGet(0) + Code.i32(2_000) + Code.memoryFill
        let sum: [UInt8] = Code.localGet(1) + Code.localGet(0) + Code.memory(Code.i32Load8U, offset: 3_999) + Code.i32Add + Code.localSet(1)
        let turn: [UInt8] = Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.localTee(0)
        var body: [UInt8] = Code.i32(300) + Code.localSet(0)
        body += Code.loop(nil, store + fill + sum + turn + Code.brIf(0))
        body += Code.localGet(1) + Code.globalGet(0) + Code.i32Add
        module.function([], [.i32], locals: [(2, .i32)], body: body, export: "f")
        let run = try Self.run("twins", ModuleFile([module.bytes]))
        let results = run.output.split(whereSeparator: \.isWhitespace)
        #expect(results.count == 3 && Set(results).count == 1, "\(run.output)")
    }
}
