// Host calls, polls and stops on a board, counted in guest instructions.

import Foundation
import ModuleBuilder
import Testing

@Suite struct PauseTests {
    /// Runs PauseCheck with time that follows the instructions.
    static func run(_ word: String, _ file: borrowing ModuleFile, on board: String = "mps2-an386") throws -> BoardRun {
        let run = try BoardRun("PauseCheck", on: board, words: [word, file.path], environment: ["QEMU_FLAGS": "-icount shift=0"])
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

    /// What a call of a typed host function (i32, i32) -> i32 takes there and back, the addition that it does excluded. At most 60 is what it must reach.
    static let mostOfHostCall = 275

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
}
