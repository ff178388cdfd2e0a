// The stepper: one register instruction at a time gives what a run gives, with frames that can be told at each of them.

import ModuleBuilder
import Stepping
import Testing

@testable import Runtime
@testable import WasmFormat

@Suite struct SteppingTests {
    /// Steps a call to its end; each step's frames, as functions from the innermost outwards.
    private func step<H>(_ name: String, of instance: Instance, _ arguments: [Value], _ modules: [Module], in world: World<H>) throws -> (Ending, [[UInt32]]) {
        let stepper = try Stepper(modules, world.environment, in: world.runtime)
        let function = try world.function(name, of: instance)
        var frames: [[UInt32]] = []
        guard try world.runtime.call(function, arguments.span, in: world.environment, fuel: 0, host: &world.host) == .outOfFuel else { return (.stale, []) }
        while true {
            frames.append(try stepper.frames(in: world.runtime).map(\.function))
            guard case .ended(let outcome) = try stepper.step(&world.runtime, host: &world.host) else { continue }
            switch outcome {
            case .finished:
                let count = try world.runtime.resultCount(of: function)
                return (.values(try (0..<count).map { try world.runtime.result($0, of: function, in: world.environment) }), frames)
            case .trapped(let trap): return (.trap(trap), frames)
            default: return (.outOfFuel, frames)
            }
        }
    }

    /// What calls in every way, with references, several results and wide frames.
    private func sample() -> ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(1)
        module.table(2)
        module.table(2)
        // 0: three results, two of them references that change places, behind moves that give the references back first.
        module.function([.externref, .i32, .externref], [.externref, .i32, .externref], body: Code.localGet(2) + Code.localGet(1) + Code.localGet(0))
        // 1: n! by recursion
        let other = Code.localGet(0) + Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.call(1) + Code.i32Mul
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.if(.i32, other, else: Code.i32(1)), export: "factorial")
        // 2: a wide frame with references
        let uses = (1...300).flatMap { Code.localGet(0) + Code.localSet($0) }
        module.function([.i32], [.i32], locals: [(300, .i32), (1, .externref)], body: uses + Code.localGet(300) + Code.call(1))
        module.elements(at: 0, [1, 2])
        module.elements.append([2, 1] + Code.i32(0) + [0x0b, 0, 2] + leb(1) + leb(2))
        let type = module.type([.i32], [.i32])
        // 3: all of it
        module.function(
            [.i32], [.i32], locals: [(1, .externref), (1, .i32)],
            body: Code.localGet(1) + Code.i32(3) + Code.localGet(1) + Code.call(0) + Code.drop + Code.localSet(2) + Code.drop
                + Code.i32(5) + Code.i32(1) + Code.i32(2_000) + Code.memoryFill
                + Code.localGet(0) + Code.i32(1) + Code.callIndirect(type)
                + Code.localGet(2) + Code.i32(0) + Code.callIndirect(type, table: 1) + Code.i32Add
                + Code.i32(2_004) + Code.memory(Code.i32Load8U) + Code.i32Add
                + Code.loop(nil, Code.localGet(2) + Code.i32(1) + Code.i32Sub + Code.localTee(2) + Code.brIf(0)),
            export: "all")
        module.function([.i32], [.i32], body: Code.i32(6) + Code.localGet(0) + [0x6d], export: "divide")
        module.function([], [], body: Code.loop(nil, Code.br(0)), export: "forever")
        return module
    }

    @Test("each instruction is one step, and the frames at each are those of its calls")
    func frames() throws {
        let world = try World(NoHost(), operandStack: 16_384)
        let module = try world.load(sample())
        let instance = try world.instantiate(module)
        let expected = try world.call("all", of: instance, .i32(4))
        #expect(expected == .i32(24 + 6 + 1))
        let (ending, frames) = try step("all", of: instance, [.i32(4)], [module], in: world)
        #expect(ending == expected)
        var calls: [[UInt32]] = []
        for frame in frames where calls.last != frame { calls.append(frame) }
        let down = [[3], [0, 3], [3], [2, 3]] + (1...5).map { Array(repeating: 1, count: $0) + [2, 3] }
        let middle = (1...4).reversed().map { Array(repeating: 1, count: $0) + [2, 3] } + [[2, 3], [3]]
        let last = (1...4).map { Array(repeating: 1, count: $0) + [3] } + (1...3).reversed().map { Array(repeating: 1, count: $0) + [3] } + [[3]]
        #expect(calls == (down + middle + last).map { $0.map { UInt32($0) } })
        #expect(calls.allSatisfy { $0.last == 3 } && zip(calls, calls.dropFirst()).allSatisfy { abs($0.count - $1.count) == 1 }, "\(calls)")
        #expect(try world.call("all", of: instance, .i32(4)) == expected)
    }

    @Test("traps are the same; the code is the module's own afterwards")
    func traps() throws {
        let world = try World(NoHost(), operandStack: 16_384)
        let module = try world.load(sample())
        let instance = try world.instantiate(module)
        let before = try world.runtime.registerCode(of: module).words
        #expect(try step("divide", of: instance, [.i32(0)], [module], in: world).0 == .trap(.integerDivideByZero))
        #expect(world.innermost?.frame.function == 4)
        #expect(try step("divide", of: instance, [.i32(3)], [module], in: world).0 == .i32(2))
        #expect(try step("factorial", of: instance, [.i32(-1)], [module], in: world).0 == .trap(.callStackExhausted))
        #expect(try world.runtime.registerCode(of: module).words == before)
    }

    @Test("an instruction that leads to itself is one step each time")
    func itself() throws {
        let world = try World(NoHost())
        let module = try world.load(sample())
        let instance = try world.instantiate(module)
        let stepper = try Stepper([module], world.environment, in: world.runtime)
        let forever = try world.function("forever", of: instance)
        #expect(try world.runtime.call(forever, Span<Value>(), in: world.environment, fuel: 0, host: &world.host) == .outOfFuel)
        let place = try stepper.place(in: world.runtime)
        for _ in 0..<10 { #expect(try stepper.step(&world.runtime, host: &world.host) == .paused) }
        #expect(try stepper.place(in: world.runtime) == place)
        try world.runtime.cancel(world.environment)
    }

    @Test("over calls, out of functions and to breakpoints, in a recursion too")
    func going() throws {
        let world = try World(NoHost())
        let module = try world.load(sample())
        let instance = try world.instantiate(module)
        var stepper = try Stepper([module], world.environment, in: world.runtime)
        let factorial = try world.function("factorial", of: instance)
        #expect(try world.runtime.call(factorial, [Value.i32(5)].span, in: world.environment, fuel: 0, host: &world.host) == .outOfFuel)
        func depth() throws -> Int { try stepper.frames(in: world.runtime).count }
        // Every step over a call stays in the outermost frame.
        var steps = 0
        var end = StepEnd.paused
        while end == .paused {
            #expect(try depth() == 1)
            end = try stepper.next(&world.runtime, host: &world.host)
            steps += 1
        }
        #expect(end == .ended(.finished) && steps < 10)
        #expect(try world.runtime.result(0, of: factorial, in: world.environment) == .i32(120))
        // A breakpoint at its start is met five times more.
        #expect(try world.runtime.call(factorial, [Value.i32(5)].span, in: world.environment, fuel: 0, host: &world.host) == .outOfFuel)
        stepper.breakpoints = [CodePlace(module: 0, function: 1, word: 0)]
        for deep in 2...6 {
            #expect(try stepper.run(&world.runtime, host: &world.host) == .paused)
            #expect(try depth() == deep)
        }
        stepper.breakpoints = []
        for deep in (1...5).reversed() {
            #expect(try stepper.out(&world.runtime, host: &world.host) == .paused)
            #expect(try depth() == deep)
        }
        #expect(try stepper.out(&world.runtime, host: &world.host) == .ended(.finished))
        #expect(try world.runtime.result(0, of: factorial, in: world.environment) == .i32(120))
    }

    @Test("calls between instances and host functions are stepped, awaited results too")
    func instances() throws {
        let world = try World(TestHost())
        var b = ModuleBuilder()
        let n0 = b.importFunction("env", "n0", [])
        b.function([.externref, .i32], [.i32, .externref], body: Code.call(n0) + Code.localGet(1) + Code.i32(1) + Code.i32Add + Code.localGet(0), export: "g")
        let mb = try world.load(b)
        let ib = try world.instantiate(mb)
        var a = ModuleBuilder()
        let g = a.importFunction("b", "g", [.externref, .i32], [.i32, .externref])
        a.function([.externref], [.i32, .externref], body: Code.localGet(0) + Code.i32(41) + Code.call(g), export: "f")
        let ma = try world.load(a)
        let ia = try world.instantiate(ma, links: [("b", ib)])
        let argument = Value.externref(Reference(external: 9))
        let expected = try world.call("f", of: ia, argument)
        #expect(expected == .values([.i32(42), argument]))
        let (ending, frames) = try step("f", of: ia, [argument], [ma, mb], in: world)
        #expect(ending == expected && frames.contains([1, 1]) && frames.allSatisfy { $0.count <= 2 } && world.host.log == ["n0", "n0"])
    }
}
