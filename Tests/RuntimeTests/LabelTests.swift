// Labels: every one is found from every depth, in few steps.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import Translator

@Suite struct LabelTests {
    @Test("from any open block to any other it is at most 54 steps")
    func steps() {
        var most = 0
        for number in UInt32(0)..<TranslationLimits.nesting {
            for wanted in 0...number {
                var (at, steps) = (number, 0)
                while at > wanted {
                    let target = ControlFrame.skipTarget(at)
                    at = target >= wanted ? target : at - 1
                    steps += 1
                }
                #expect(at == wanted)
                most = max(most, steps)
            }
        }
        #expect(most == 54)
    }

    @Test("a branch out of n of many blocks comes out behind the n-th, whatever lies on the stack between them", arguments: [1, 2, 3, 31, 32, 33, 500, 1_022])
    func branches(depth: Int) throws {
        // Each block's end adds one, so the sum says how many were left at their ends. Every eighth has a value below it.
        var body = Code.localGet(0) + Code.brTable(Array(0..<depth), 0)
        for number in 0..<depth {
            body = Code.block(nil, body) + Code.localGet(1) + Code.i32(1) + Code.i32Add + Code.localSet(1)
            if number % 8 == 7 && number < 1_000 { body = Code.i32(3) + body + Code.drop }
        }
        var module = ModuleBuilder()
        module.function([.i32], [.i32], locals: [(1, .i32)], body: body + Code.localGet(1), export: "f")
        let world = try World(NoHost(), pool: 1 << 20)
        let instance = try world.add(module)
        for label in 0..<depth { #expect(try world.call("f", of: instance, .i32(label)) == .i32(Int32(depth - label))) }
    }

    @Test("a branch from each depth to each label that is around it", arguments: [40])
    func all(depth: Int) throws {
        // On the way in, at depth d, a `br_if` to label l where the argument is d * 64 + l.
        var body: [UInt8] = []
        for inner in (0..<depth).reversed() {
            var tests: [UInt8] = []
            for label in 0...inner { tests += Code.localGet(0) + Code.i32(Int32(inner * 64 + label)) + [0x46] + Code.brIf(label) }
            body = Code.block(nil, tests + body) + Code.localGet(1) + Code.i32(1) + Code.i32Add + Code.localSet(1)
        }
        var module = ModuleBuilder()
        module.function([.i32], [.i32], locals: [(1, .i32)], body: body + Code.localGet(1), export: "f")
        let world = try World(NoHost(), pool: 1 << 20)
        let instance = try world.add(module)
        for inner in 0..<depth {
            for label in 0...inner { #expect(try world.call("f", of: instance, .i32(inner * 64 + label)) == .i32(Int32(inner + 1 - label))) }
        }
    }
}
