// Host functions that call the guest again: above their caller, on its fuel, as deep as the native stack allows.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

@Suite struct NestedCallTests {
    /// `outer(n)` calls `again(n)` with values on its stack and in memory, and adds them to what that gives. `inner(n)` sums n + … + 1; `deep(n)` calls `again(n - 1)`.
    private func module() -> ModuleBuilder {
        var module = ModuleBuilder()
        let again = module.importFunction("env", "again", [.i32], [.i32])
        let wait = module.importFunction("env", "wait", [.i32], [.i32])
        let stop = module.importFunction("env", "stop", [])
        module.memory(1, 40)
        let outer = Code.i32(100) + Code.i32(5_000) + Code.i32(1_000) + Code.memory(Code.i32Store)
            + Code.localGet(0) + Code.call(again) + Code.i32Add + Code.i32(5_000) + Code.memory(Code.i32Load) + Code.i32Add
        module.function([.i32], [.i32], body: outer, export: "outer")
        let sum = Code.localGet(1) + Code.localGet(0) + Code.i32Add + Code.localSet(1)
        let count = Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.localTee(0) + Code.brIf(0)
        module.function([.i32], [.i32], locals: [(1, .i32)], body: Code.loop(nil, sum + count) + Code.localGet(1), export: "inner")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.i32(1) + Code.i32Add + Code.call(again), export: "deep")
        module.function([.i32], [.i32], body: Code.i32(1) + Code.memoryGrow + Code.drop + Code.i32(100_000) + Code.i32(7) + Code.memory(Code.i32Store) + Code.localGet(0), export: "grow")
        module.function([.i32], [.i32], body: Code.unreachable, export: "trap")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.call(wait), export: "wait")
        module.function([.i64], [.i32], body: Code.i32(1), export: "other type")
        module.function([.i32], body: [], export: "no result")
        module.function([.i32], [.i32], locals: [(1, .i32)], body: Code.call(stop) + Code.loop(nil, sum + count) + Code.localGet(1), export: "stopping")
        return module
    }

    @Test("a guest's function has the type that the guest chose: another one, or no result, is an error of the call")
    func types() throws {
        let (world, instance) = try world()
        for name in ["other type", "no result"] {
            world.host.inner = (try world.function(name, of: instance), nil, .leave)
            #expect(try world.call("outer", of: instance, .i32(1)) == .i32(-6 + 1_100))
            #expect(world.host.log.last == "wrongArguments")
        }
        let inner = try world.function("inner", of: instance)
        #expect(handleError { try world.begin(inner, []) } == .wrongArguments)
        #expect(handleError { try world.begin(inner, [.i64(1)]) } == .wrongArguments)
        #expect(handleError { try world.result(of: world.function("no result", of: instance)) } == .wrongArguments)
        world.host.stopWord.deallocate()
    }

    @Test("cancelling gives the aux stack's frames back, also those of a run that called the host, which called the guest")
    func auxStack() throws {
        var module = ModuleBuilder()
        let again = module.importFunction("env", "again", [.i32], [.i32])
        module.memory(2, export: "memory")
        module.global(.i32, mutable: true, Code.i32(1_024), export: "__stack_pointer")
        module.data(at: 1_024, [UInt8](repeating: 1, count: 76))
        let open = Code.globalGet(0) + Code.i32(64) + Code.i32Sub + Code.localTee(1) + Code.globalSet(0)
        let close = Code.localGet(1) + Code.i32(64) + Code.i32Add + Code.globalSet(0)
        module.function([.i32], [.i32], locals: [(1, .i32)], body: open + close + Code.localGet(0), export: "inner")
        module.function([], locals: [(1, .i32), (1, .i32)], body: Code.globalGet(0) + Code.i32(64) + Code.i32Sub + Code.localTee(0) + Code.globalSet(0)
            + Code.i32(1) + Code.call(again) + Code.drop + Code.loop(nil, Code.br(0)), export: "outer")
        let world = try World(PauseHost(), pool: 1 << 20)
        let instance = try world.add(module)
        #expect(try world.runtime.auxStack(of: instance) != nil)
        let outer = try world.function("outer", of: instance)
        for isNested in [false, true] {
            world.host.inner = isNested ? (try world.function("inner", of: instance), nil, .leave) : nil
            for _ in 0..<3 {
                #expect(try world.begin(outer, fuel: 50) == .outOfFuel)
                #expect(try world.global("__stack_pointer", of: instance) == .i32(960))
                try world.cancel()
                #expect(try world.global("__stack_pointer", of: instance) == .i32(1_024))
            }
        }
        world.host.stopWord.deallocate()
    }

    @Test("cancelling gives back the frames of every instance in a chain that has an aux stack of its own", arguments: [false, true])
    func auxStacksOfAChain(traps: Bool) throws {
        func module(_ body: ([UInt8], [UInt8]) -> [UInt8], importing: Bool) -> ModuleBuilder {
            var module = ModuleBuilder()
            if importing { _ = module.importFunction("b", "f", []) }
            module.memory(2)
            module.global(.i32, mutable: true, Code.i32(1_024), export: "__stack_pointer")
            module.data(at: 1_024, [UInt8](repeating: 1, count: 76))
            let open = Code.globalGet(0) + Code.i32(64) + Code.i32Sub + Code.localTee(0) + Code.globalSet(0)
            let close = Code.localGet(0) + Code.i32(64) + Code.i32Add + Code.globalSet(0)
            module.function([], locals: [(1, .i32)], body: body(open, close), export: "f")
            return module
        }
        let world = try World(PauseHost(), pool: 1 << 20)
        // c ends nowhere, b has called it twice: the first time it returned.
        let c = try world.add(module({ open, close in open + close + open + (traps ? Code.unreachable : Code.loop(nil, Code.br(0))) }, importing: false))
        let b = try world.add(module({ open, close in open + Code.call(0) + close }, importing: true), links: [("b", c)])
        let a = try world.add(module({ open, close in open + close + open + Code.call(0) + close }, importing: true), links: [("b", b)])
        let f = try world.function("f", of: a)
        for _ in 0..<2 {
            #expect(try world.begin(f, fuel: 50) == (traps ? .trapped(.unreachable) : .outOfFuel))
            for instance in [a, b, c] { #expect(try world.global("__stack_pointer", of: instance) == .i32(960)) }
            try world.cancel()
            for instance in [a, b, c] { #expect(try world.global("__stack_pointer", of: instance) == .i32(1_024)) }
        }
        world.host.stopWord.deallocate()
    }

    private func world(_ configuration: Configuration = Configuration()) throws -> (World<PauseHost>, Instance) {
        let world = try World(PauseHost(), pool: 1 << 20, operandStack: 32 << 10, configuration: configuration)
        return (world, try world.add(module()))
    }

    @Test("a nested call's result is its caller's; memory that it moved is looked for again")
    func nested() throws {
        let (world, instance) = try world()
        for (name, n, result) in [("inner", 10, 55 + 1_100), ("grow", 3, 3 + 1_100)] as [(String, Int32, Int32)] {
            world.host.inner = (try world.function(name, of: instance), nil, .leave)
            #expect(try world.call("outer", of: instance, .i32(UInt32(n))) == .i32(result))
        }
        world.host.inner = (try world.function("trap", of: instance), nil, .leave)
        #expect(try world.call("outer", of: instance, .i32(1)) == .trap(.unreachable))
        #expect(world.innermost?.frame.function == 3)
        world.host.stopWord.deallocate()
    }

    @Test("one that pauses is resumed, cancelled, or ends with its host function", arguments: [
        (PauseHost.Ending.resume, 5_050 + 1_100 as Int32), (.cancel, -2 + 1_100), (.leave, -3 + 1_100),
    ])
    func paused(ending: PauseHost.Ending, result: Int32) throws {
        let (world, instance) = try world()
        world.host.inner = (try world.function("inner", of: instance), 3, ending)
        #expect(try world.call("outer", of: instance, .i32(100)) == .i32(result))
        #expect(world.host.log == ["outOfFuel", "environmentPaused"])
        // Awaiting, in a nested run.
        world.host.log = []
        world.host.pending = 1
        world.host.inner = (try world.function("wait", of: instance), nil, ending)
        #expect(try world.call("outer", of: instance, .i32(8)) == .i32(ending == .resume ? 1000 + 1_100 : result))
        #expect(world.host.log == ["wait 8", "awaiting(0)", "environmentPaused"])
        world.host.stopWord.deallocate()
    }

    @Test("one that the stop word stops is resumed, cancelled, or ends with its host function; its caller goes on", arguments: [
        (PauseHost.Ending.resume, 5_050 + 1_100 as Int32), (.cancel, -2 + 1_100), (.leave, -3 + 1_100),
    ])
    func stopped(ending: PauseHost.Ending, result: Int32) throws {
        let host = PauseHost()
        var configuration = Configuration()
        configuration.stopWord = UnsafePointer(host.stopWord)
        let world = try World(host, pool: 1 << 20, operandStack: 32 << 10, configuration: configuration)
        let instance = try world.add(module())
        world.host.inner = (try world.function("stopping", of: instance), nil, ending)
        #expect(try world.call("outer", of: instance, .i32(100)) == .i32(result))
        #expect(world.host.log == ["stopped", "environmentPaused"])
        host.stopWord.deallocate()
    }

    @Test("it runs on its caller's fuel: what it uses is gone, and no more than that can be used")
    func fuel() throws {
        let (world, instance) = try world()
        world.host.inner = (try world.function("inner", of: instance), nil, .cancel)
        // One poll for the call of the host, 49 in the nested loop.
        #expect(try world.call("outer", of: instance, .i32(50), fuel: 1_000) == .i32(1_275 + 1_100))
        #expect(try world.remainingFuel() == 1_000 - 50)
        #expect(try world.call("outer", of: instance, .i32(50), fuel: 20) == .i32(-2 + 1_100))
        #expect(world.host.log.last == "environmentPaused")
        #expect(try world.remainingFuel() == 0)
        // In slices of every size the whole gives the same.
        world.host.inner = (try world.function("inner", of: instance), 7, .resume)
        #expect(try world.call("outer", of: instance, .i32(50)) == .i32(1_275 + 1_100))
        world.host.stopWord.deallocate()
    }

    @Test("guest and host that call each other for ever end in a trap of their own, and the native stack stays within its bound")
    func depth() throws {
        var depths: [Int] = []
        for bytes in [4_096, 65_536, 131_072] as [UInt32] {
            var configuration = Configuration()
            configuration.nativeStackBytes = bytes
            let (world, instance) = try world(configuration)
            world.host.inner = (try world.function("deep", of: instance), nil, .leave)
            #expect(try world.call("deep", of: instance, .i32(0)) == .trap(.nativeStackExhausted))
            depths.append(world.host.log.count)
            // It works on.
            world.host.inner = (try world.function("inner", of: instance), nil, .leave)
            #expect(try world.call("outer", of: instance, .i32(10)) == .i32(55 + 1_100))
            world.host.stopWord.deallocate()
        }
        #expect(depths[0] < depths[1] && depths[1] < depths[2], "\(depths)")
        // Where the operand stack is the smaller one, that ends it.
        var configuration = Configuration()
        configuration.nativeStackBytes = 131_072
        let world = try World(PauseHost(), operandStack: 128, configuration: configuration)
        let instance = try world.add(module())
        world.host.inner = (try world.function("deep", of: instance), nil, .leave)
        #expect(try world.call("deep", of: instance, .i32(0)) == .trap(.callStackExhausted))
        world.host.stopWord.deallocate()
    }
}
