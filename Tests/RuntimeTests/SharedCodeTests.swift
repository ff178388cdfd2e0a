// Code that several ways share: jumps, returns, the jumps of a br_table; and frames of more than 256 cells.

import ModuleBuilder
import Testing

@testable import Runtime

@Suite struct SharedCodeTests {
    private static let equal: [UInt8] = [0x46]

    /// Loads a module, calls its export "f" with each number and returns what it answers; checks that the code has at most `words` words.
    private func answers(_ module: ModuleBuilder, to numbers: [Int32], words: Int) throws -> [Ending] {
        let world = try World(TestHost())
        let loaded = try world.load(module.bytes)
        let size = try world.runtime.codeWords(loaded)
        #expect(size <= UInt32(words), "\(size) words")
        let instance = try world.instantiate(loaded)
        return try numbers.map { try world.call("f", of: instance, .i32(UInt32(bitPattern: $0))) }
    }

    @Test("conditions that lead to equal returns share them, as far as a short branch reaches", arguments: [false, true])
    func returns(inverted: Bool) throws {
        // if (x == k) return k & 1 ? 7 : 9, three hundred times; the other way around: a block that a branch leaves before its return.
        var body: [UInt8] = []
        for k in 0..<300 {
            let value = Code.i32(k & 1 == 1 ? 7 : 9) + Code.return
            let test = Code.localGet(0) + Code.i32(Int32(k)) + Self.equal
            body += inverted ? Code.block(nil, test + Code.i32Eqz + Code.brIf(0) + value) : test + Code.if(nil, value)
        }
        var module = ModuleBuilder()
        module.function([.i32], [.i32], body: body + Code.i32(1), export: "f")
        // A word each for the first 128 tests, two where the number needs a constant; without sharing it would be 300 more.
        let found = try answers(module, to: [-1, 0, 1, 127, 128, 255, 298, 299, 300], words: 830)
        #expect(found == [1, 9, 7, 7, 9, 7, 9, 7, 1].map { .i32($0) })
    }

    @Test("a return that other ways lead to, too, stays where it is")
    func returnIsTarget() throws {
        // The inner block's end and the branch out of the outer one meet at the second return.
        let five = Code.i32(5) + Code.return
        let body = Code.localGet(0) + Code.if(nil, five)
            + Code.block(nil, Code.block(nil, Code.localGet(1) + Code.brIf(0) + Code.localGet(2) + Code.brIf(1)) + five) + Code.i32(6)
        var module = ModuleBuilder()
        module.function([.i32, .i32, .i32], [.i32], body: body, export: "f")
        let world = try World(TestHost())
        let instance = try world.instantiate(world.load(module.bytes))
        for (a, b, c, expected) in [(1, 0, 0, 5), (0, 1, 0, 5), (0, 1, 1, 5), (0, 0, 1, 6), (0, 0, 0, 5)] {
            #expect(try world.call("f", of: instance, .i32(a), .i32(b), .i32(c)) == .i32(Int32(expected)))
        }
    }

    @Test("branches to a label out of their reach share jumps, forwards and backwards")
    func jumps() throws {
        // Counts x down by the first k that equals it, from the loop's start; leaves when none does.
        var tests: [UInt8] = []
        for k in 1...200 {
            tests += Code.localGet(0) + Code.i32(Int32(k) * 1000) + Self.equal + Code.brIf(1)
            tests += Code.localGet(0) + Code.i32(Int32(k)) + Self.equal + Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.localSet(0) + Code.brIf(0)
            tests += Code.localGet(0) + Code.i32(1) + Code.i32Add + Code.localSet(0)
        }
        var module = ModuleBuilder()
        module.function([.i32], [.i32], body: Code.block(nil, Code.loop(nil, tests)) + Code.localGet(0), export: "f")
        let found = try answers(module, to: [5, 200, 0, 4000, 200_000, 201], words: 2_300)
        #expect(found == [0, 0, 0, 4000, 200_000, 201].map { .i32($0) })
    }

    @Test("a br_table whose values share labels is a table of bytes", arguments: [3, 200, 256])
    func table(labels: Int) throws {
        // Value v goes out of v % labels blocks; the block left says which it was.
        let count = 1_200
        var body = Code.localGet(0) + Code.brTable((0..<count).map { $0 % labels }, labels - 1)
        for i in 0..<labels { body = Code.block(nil, body) + Code.i32(Int32(1000 + i)) + Code.return }
        var module = ModuleBuilder()
        module.function([.i32], [.i32], body: body + Code.i32(0), export: "f")
        let numbers: [Int32] = [0, 1, 2, 3, 199, 200, 255, 256, 1_199, 1_200, -1]
        let found = try answers(module, to: numbers, words: count / 4 + 3 * labels + 16)
        #expect(found == numbers.map { .i32(1000 + ($0 >= 0 && $0 < count ? $0 % Int32(labels) : Int32(labels) - 1)) })
    }

    @Test("a br_table to the function and to a loop, with values, from a table of bytes")
    func tableWithValues() throws {
        // Labels: 0 the loop (no values), so that values go to 1 the block and 2 the function.
        let entries = (0..<64).map { $0 % 2 }
        let inner = Code.i32(40) + Code.localGet(0) + Code.brTable(entries, 1)
        var module = ModuleBuilder()
        module.function([.i32], [.i32], body: Code.block(.i32, inner) + Code.i32(2) + Code.i32Add, export: "f")
        #expect(try answers(module, to: [0, 1, 62, 63, 64], words: 40) == [42, 40, 42, 40, 40].map { .i32($0) })
    }

    @Test("a frame of more than 256 cells keeps its locals over calls, returns through every way, and recurses")
    func wide() throws {
        // 400 locals of 64 bits; local i holds i + x. Every one is read again after a call to itself with x - 1.
        let locals = 400
        var body = Code.localGet(0) + Code.i32Eqz + Code.if(nil, Code.i32(11) + Code.return)
        for i in 1...locals { body += Code.localGet(0) + [0xac] + Code.i64(Int64(i)) + Code.i64Add + Code.localSet(i) }
        body += Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.call(0) + [0xac] + Code.localSet(1)
        body += Code.localGet(1)
        for i in 2...locals { body += Code.localGet(i) + Code.i64Add }
        body += Code.i32WrapI64 + Code.localGet(0) + Code.i32(3) + Self.equal + Code.brIf(0)
        var module = ModuleBuilder()
        module.function([.i32], [.i32], locals: [(locals, .i64)], body: body, export: "f")
        let world = try World(TestHost(), operandStack: 65_536)
        let loaded = try world.load(module.bytes)
        let instance = try world.instantiate(loaded)
        var expected: Int32 = 11
        for x in 1...6 {
            expected += (2...locals).reduce(0) { $0 + Int32($1 + x) }
            #expect(try world.call("f", of: instance, .i32(x)) == .i32(expected))
        }
    }
}
