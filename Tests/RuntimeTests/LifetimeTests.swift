// Modules, instances and environments come and go: order, refusals, stale handles, counts, and a pool that is back where it was.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

@Suite struct LifetimeTests {
    private func owner() -> ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(1, export: "memory")
        module.table(4, export: "table")
        module.global(.i32, mutable: true, Code.i32(3), export: "global")
        module.function([], [.i32], body: Code.i32(0) + Code.i32(1) + Code.memory(Code.i32Store) + Code.globalGet(0), export: "get")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.callIndirect(module.type([], [.i32])), export: "call")
        module.function([.i32, .funcref], [], body: Code.localGet(0) + Code.localGet(1) + Code.tableSet(0), export: "put")
        let held = module.global(.funcref, mutable: true, Code.refNull(.funcref))
        module.function([.funcref], [], body: Code.localGet(0) + Code.globalSet(held), export: "hold")
        return module
    }

    /// Imports from an owner. Answers with a reference to `own`, which is in no table.
    private func user() -> ModuleBuilder {
        var module = ModuleBuilder()
        let get = module.importFunction("a", "get", [], [.i32])
        _ = module.importTable("a", "table", 4)
        _ = module.importGlobal("a", "global", .i32, mutable: true)
        let own = module.function([], [.i32], body: Code.call(get) + Code.i32(1) + Code.i32Add, export: "own")
        module.function([], [.funcref], body: Code.refFunc(own), export: "own_reference")
        return module
    }

    private func reference(_ world: World<NoHost>, _ instance: Instance) throws -> Value {
        guard case .values(let values) = try world.call("own_reference", of: instance) else { throw Missing(name: "own_reference") }
        return values[0]
    }

    @Test("who still needs an instance or a module is named, and keeps it; then all memory comes back")
    func order() throws {
        let world = try World(NoHost())
        let before = world.pool
        let (ma, mb) = (try world.load(owner()), try world.load(user()))
        let a = try world.instantiate(ma)
        let b = try world.instantiate(mb, links: [("a", a)])
        #expect(try world.call("own", of: b) == .i32(4))
        #expect(world.refusal(a) == .inUse(by: b))
        #expect(handleError { try world.runtime.unload(ma) } == .inUse(by: a) && handleError { try world.runtime.unload(mb) } == .inUse(by: b))
        #expect(try world.call("own", of: b) == .i32(4))
        #expect(world.tearDown(b) && world.unload(mb) && !world.unload(ma) && world.tearDown(a) && world.unload(ma))
        #expect(world.pool.inUse == before.inUse && world.pool.largestFree == before.largestFree)
    }

    @Test("an import of any kind keeps the instance that it is from", arguments: 0..<4)
    func imports(kind: Int) throws {
        let world = try World(NoHost())
        let a = try world.add(owner())
        var module = ModuleBuilder()
        switch kind {
        case 0: _ = module.importFunction("a", "get", [], [.i32])
        case 1: _ = module.importTable("a", "table", 4)
        case 2: module.importMemory("a", "memory", 1)
        default: _ = module.importGlobal("a", "global", .i32, mutable: true)
        }
        let b = try world.add(module, links: [("a", a)])
        #expect(world.refusal(a) == .inUse(by: b) && world.tearDown(b) && world.tearDown(a))
    }

    @Test("an instance that a table or a global of another one names stays, until the name is taken out or both go as a group", arguments: ["table", "global"])
    func names(place: String) throws {
        let world = try World(NoHost())
        let before = world.pool
        let (ma, mb) = (try world.load(owner()), try world.load(user()))
        let loaded = world.pool
        func pair() throws -> (Instance, Instance) {
            let a = try world.instantiate(ma)
            let b = try world.instantiate(mb, links: [("a", a)])
            let own = try reference(world, b)
            #expect(try (place == "table" ? world.call("put", of: a, .i32(2 as UInt32), own) : world.call("hold", of: a, own)) == .nothing)
            return (a, b)
        }
        let (a, b) = try pair()
        // Each needs the other: by itself neither goes.
        #expect(world.refusal(b) == .inUse(by: a) && world.refusal(a) == .inUse(by: b))
        if place == "table" { #expect(try world.call("call", of: a, .i32(2)) == .i32(4)) }
        let other = try world.add(ModuleBuilder())
        #expect(world.refusal(other, b) == .inUse(by: a), "all or nothing")
        #expect(try world.call("own", of: b) == .i32(4) && world.export("x", of: other) == nil)
        #expect(world.refusal(b, a, b) == nil && world.tearDown(other), "twice named is named")
        #expect(world.refusal(a) == .staleInstance && world.refusal(b, a) == .staleInstance)

        let (c, d) = try pair()
        #expect(try world.call("put", of: c, .i32(2 as UInt32), .funcref(.null)) == .nothing && world.call("hold", of: c, .funcref(.null)) == .nothing)
        #expect(world.tearDown(d) && world.tearDown(c))
        #expect(world.unload(ma) && world.unload(mb) && loaded.inUse > before.inUse)
        #expect(world.refusal() == nil, "no instances are no trouble")
    }

    @Test("numbers of the host's in an externref table name no instance")
    func externrefs() throws {
        let world = try World(NoHost())
        let a = try world.add(owner())
        var module = ModuleBuilder()
        module.table(3, of: .externref)
        module.function([.externref], [], body: Code.i32(1) + Code.localGet(0) + Code.tableSet(0), export: "put")
        let b = try world.add(module)
        // The bits of a reference to a's first function.
        let bits = world.runtime.engine.reference(try world.runtime.engine.block(of: a), function: 0).bits
        #expect(try world.call("put", of: b, .externref(Reference(bits: bits))) == .nothing && world.tearDown(a))
    }

    @Test("a stale handle is an error by name in whatever is asked of it, also when its place is taken again")
    func stale() throws {
        let world = try World(NoHost())
        let (ma, mb) = (try world.load(owner()), try world.load(user()))
        let a = try world.instantiate(ma)
        let b = try world.instantiate(mb, links: [("a", a)])
        let own = try world.function("own", of: b)
        guard case .global(let global) = world.export("global", of: a) else { throw Missing(name: "global") }
        let stack = try world.runtime.makeExecutionEnvironment(operandStackBytes: 512)
        try world.runtime.remove(stack)
        #expect(world.tearDown(b) && world.unload(mb) && world.tearDown(a) && world.unload(ma))
        for round in 0..<2 {
            if round == 1 {
                // The same places, other things.
                let module = try world.load(owner())
                _ = try world.load(user())
                _ = try world.instantiate(module)
                _ = try world.instantiate(module)
                _ = try world.runtime.makeExecutionEnvironment(operandStackBytes: 512)
            }
            #expect(handleError { try world.runtime.unload(ma) } == .staleModule)
            #expect(handleError { try world.instantiate(mb) } == .staleModule)
            #expect(handleError { try world.runtime.codeWords(ma) } == .staleModule)
            for instance in [a, b, .none, Instance(bits: .max), Instance(bits: 255), Instance(bits: 200)] {
                #expect(world.refusal(instance) == .staleInstance)
                #expect(handleError { try world.runtime.export("get", of: instance) } == .staleInstance)
                #expect(handleError { try world.runtime.committedMemory(of: instance) } == .staleInstance)
                let module = try world.load(ModuleBuilder())
                #expect(handleError { try world.instantiate(module, links: [("a", instance)]) } == .staleInstance)
                #expect(world.unload(module))
            }
            #expect(handleError { try world.runtime.value(of: global) } == .staleGlobal)
            #expect(handleError { try world.runtime.parameterCount(of: own) } == .staleFunction)
            #expect(handleError { try world.runtime.resultCount(of: own) } == .staleFunction)
            #expect(handleError { try world.runtime.parameterType(0, of: own) } == .staleFunction)
            #expect(handleError { try world.runtime.resultType(0, of: own) } == .staleFunction)
            #expect(handleError { try world.runtime.result(0, of: own, in: world.environment) } == .staleFunction)
            #expect(world.call(own) == .stale)
            #expect(handleError { try world.runtime.remove(stack) } == .staleEnvironment)
            #expect(handleError { try world.runtime.operandStack(of: stack) } == .staleEnvironment)
            #expect(handleError { try world.runtime.trapPosition(in: stack) } == .staleEnvironment)
            let module = try world.load(owner())
            var host = NoHost()
            #expect(handleError { try world.runtime.instantiate(module, links: Span<Link>(), in: stack, host: &host) } == .staleEnvironment)
            let instance = try world.instantiate(module)
            let get = try world.function("get", of: instance)
            #expect(handleError { try world.runtime.call(get, Span<Value>(), in: stack, host: &host) } == .staleEnvironment)
            #expect(handleError { try world.runtime.result(0, of: get, in: stack) } == .staleEnvironment)
            #expect(world.call(get) == .i32(3) && world.tearDown(instance) && world.unload(module) && world.isSound)
        }
    }

    @Test("environments come and go in any order, and each is found until it is removed")
    func environments() throws {
        let world = try World(NoHost())
        let inUse = world.inUse
        let instance = try world.add(owner())
        let get = try world.function("get", of: instance)
        var random = Numbers(5)
        var live: [ExecutionEnvironment] = []
        var gone: [ExecutionEnvironment] = []
        var host = NoHost()
        for _ in 0..<200 {
            if random.below(2) == 0 { live.append(try world.runtime.makeExecutionEnvironment(operandStackBytes: 256)) } else if let index = random.index(live) {
                try world.runtime.remove(live[index])
                gone.append(live.remove(at: index))
            }
            for stack in live { #expect(try world.runtime.call(get, Span<Value>(), in: stack, host: &host) == .finished) }
            for stack in gone.suffix(4) { #expect(handleError { try world.runtime.operandStack(of: stack) } == .staleEnvironment) }
        }
        for stack in live { try world.runtime.remove(stack) }
        #expect(world.tearDown(instance) && world.inUse > inUse)
    }

    @Test("after any order of making and unmaking the pool is what it was", arguments: 0..<40)
    func orders(seed: Int) throws {
        let world = try World(NoHost(), pool: 1 << 17)
        let before = world.pool
        var random = Numbers(seed)
        var modules: [Module] = []
        var instances: [(Instance, Module)] = []
        for _ in 0..<120 {
            switch random.below(5) {
            case 0: modules.append(try world.load(owner()))
            case 1, 2: if let module = random.pick(modules) { instances.append((try world.instantiate(module), module)) }
            case 3:
                guard let index = random.index(instances) else { continue }
                if random.below(2) == 0 { _ = try world.call("get", of: instances[index].0) }
                #expect(world.tearDown(instances.remove(at: index).0))
            default:
                guard let index = random.index(modules) else { continue }
                let isUsed = instances.contains { $0.1 == modules[index] }
                #expect(world.unload(modules[index]) == !isUsed)
                if !isUsed { modules.remove(at: index) }
            }
        }
        while let index = random.index(instances) { #expect(world.tearDown(instances.remove(at: index).0)) }
        while let index = random.index(modules) { #expect(world.unload(modules.remove(at: index))) }
        #expect(world.pool.inUse == before.inUse && world.pool.largestFree == before.largestFree)
        #expect(world.isSound)
    }

    @Test("a reference that the host kept of an instance that is gone traps when it is called, also when the number is used again")
    func staleFunctions() throws {
        let world = try World(NoHost())
        let a = try world.add(owner())
        let module = try world.load(user())
        let other = try world.load(owner())
        for round in 0..<300 {
            let b = try world.instantiate(module, links: [("a", a)])
            let own = try reference(world, b)
            #expect(world.tearDown(b))
            #expect(try world.call("put", of: a, .i32(2 as UInt32), own) == .nothing)
            #expect(try world.call("call", of: a, .i32(2)) == .trap(.uninitializedElement), "round \(round)")
            // Another instance under the same number, with functions of the same type.
            let c = try world.instantiate(other)
            #expect(try world.call("call", of: a, .i32(2)) == .trap(.uninitializedElement), "round \(round)")
            #expect(world.tearDown(c))
        }
    }

    @Test("a reference so old that its 8 bits of generation come again never names a function that the instance lacks; a handle has 24 bits")
    func oldGeneration() throws {
        let world = try World(NoHost())
        let a = try world.add(owner())
        let module = try world.load(user())
        let b = try world.instantiate(module, links: [("a", a)])
        let own = try reference(world, b)
        let function = try world.function("own", of: b)
        #expect(world.tearDown(b))
        // The same number and generation again, without functions.
        let empty = try world.load(ModuleBuilder())
        for _ in 0..<255 { #expect(world.tearDown(try world.instantiate(empty))) }
        let c = try world.instantiate(empty)
        #expect(c.tag == b.tag && c != b && world.refusal(b) == .staleInstance && world.call(function) == .stale)
        #expect(try world.call("put", of: a, .i32(2 as UInt32), own) == .nothing)
        #expect(try world.call("call", of: a, .i32(2)) == .trap(.uninitializedElement))
    }

    @Test("a trap's position is forgotten with its module, also when another one takes its place")
    func stalePosition() throws {
        let world = try World(NoHost())
        var trapping = ModuleBuilder()
        trapping.function([], body: Code.unreachable, export: "f")
        let module = try world.load(trapping)
        let instance = try world.instantiate(module)
        #expect(try world.call("f", of: instance) == .trap(.unreachable) && world.trapPosition?.function == 0)
        #expect(world.tearDown(instance) && world.trapPosition != nil && world.unload(module) && world.trapPosition == nil)
        _ = try world.load(owner())
        #expect(world.trapPosition == nil)
    }

    @Test("there are 254 instances, and one more is refused; torn down, they make room again")
    func instanceLimit() throws {
        let world = try World(NoHost(), pool: 1 << 18)
        let before = world.pool
        var small = ModuleBuilder()
        small.global(.i32, mutable: true, Code.i32(1), export: "g")
        let module = try world.load(small)
        var instances: [Instance] = []
        for _ in 0..<254 { instances.append(try world.instantiate(module)) }
        let full = world.inUse
        #expect(reason { try world.instantiate(module) } == .tooManyInstances && world.inUse == full)
        #expect(world.tearDown(instances.remove(at: 100)))
        instances.append(try world.instantiate(module))
        #expect(reason { try world.instantiate(module) } == .tooManyInstances)
        for instance in instances { #expect(world.tearDown(instance)) }
        #expect(world.unload(module) && world.pool.inUse == before.inUse && world.pool.largestFree == before.largestFree)
    }

    @Test("there are as many modules as the configuration has it, and one more is refused")
    func regionLimit() throws {
        let world = try World(NoHost(), maximumModules: 4)
        let inUse = world.inUse
        var modules: [Module] = []
        for _ in 0..<4 { modules.append(try world.load(ModuleBuilder())) }
        let full = world.inUse
        #expect(reason { try world.load(ModuleBuilder()) } == .tooManyModules && world.inUse == full)
        #expect(reason { try world.load([]) } == .emptyFile)
        #expect(world.unload(modules.remove(at: 2)))
        modules.append(try world.load(ModuleBuilder()))
        for module in modules { #expect(world.unload(module)) }
        #expect(world.inUse == inUse)
    }

    @Test("a start function runs; one that traps, spends its fuel or is host code ends as it should, and nothing remains")
    func start() throws {
        let world = try World(TestHost())
        let inUse = world.inUse
        func module(_ body: [UInt8]) -> ModuleBuilder {
            var module = ModuleBuilder()
            module.global(.i32, mutable: true, Code.i32(1), export: "g")
            module.memory(1)
            module.start = module.function([], body: body)
            return module
        }
        let store = Code.i32(5) + Code.i32(6) + Code.memory(Code.i32Store)
        let good = try world.load(module(store + Code.i32(42) + Code.globalSet(0)))
        let instance = try world.instantiate(good)
        #expect(try world.global("g", of: instance) == .i32(42))
        #expect(world.tearDown(instance) && world.unload(good) && world.inUse == inUse)

        let bad = try world.load(module(store + Code.unreachable))
        #expect(throws: InstantiationError.trapped(.unreachable, .none)) { try world.instantiate(bad) }
        #expect(world.unload(bad) && world.inUse == inUse)

        let endless = try world.load(module(store + Code.loop(nil, Code.br(0))))
        do throws(InstantiationError) {
            _ = try world.instantiate(endless, fuel: 1000)
            Issue.record("it ended")
        } catch {
            // It is there, in the middle of its start function.
            guard case .paused(.outOfFuel, let paused) = error else { throw error }
            #expect(world.refusal(paused) == .paused(in: world.environment))
            #expect(try world.runtime.resume(world.environment, fuel: 1000, host: &world.host) == .outOfFuel)
            try world.runtime.cancel(world.environment)
            #expect(world.tearDown(paused))
        }
        #expect(world.unload(endless) && world.inUse == inUse)

        var host = ModuleBuilder()
        host.start = host.importFunction("env", "n0", [])
        let hosted = try world.load(host)
        let other = try world.instantiate(hosted)
        #expect(world.host.log == ["n0"] && world.tearDown(other) && world.unload(hosted) && world.inUse == inUse)
    }

    @Test("a segment that does not fit traps; what came before it stays where it was written, and the instance only while a table may name it")
    func failingSegments() throws {
        let world = try World(NoHost())
        let a = try world.add(owner())
        _ = try world.call("get", of: a)
        let inUse = world.inUse
        var private_ = ModuleBuilder()
        private_.memory(1)
        private_.data(at: 0, [1, 2, 3])
        private_.data(at: 65_535, [1, 2])
        let alone = try world.load(private_)
        #expect(throws: InstantiationError.trapped(.outOfBoundsMemoryAccess, .none)) { try world.instantiate(alone) }
        #expect(world.unload(alone) && world.inUse == inUse)

        var sharing = user()
        sharing.elements(at: 2, [1])
        sharing.elements(at: 3, [1, 1])
        let shared = try world.load(sharing)
        var left = Instance.none
        do {
            _ = try world.instantiate(shared, links: [("a", a)])
            Issue.record("it must trap")
        } catch {
            guard case .trapped(.outOfBoundsTableAccess, let instance) = error else { throw error }
            left = instance
        }
        #expect(left != .none)
        #expect(try world.call("call", of: a, .i32(2)) == .i32(4))
        #expect(world.refusal(left) == .inUse(by: a))
        #expect(try world.call("put", of: a, .i32(2 as UInt32), .funcref(.null)) == .nothing)
        #expect(world.tearDown(left) && world.unload(shared) && world.inUse == inUse)

        // One that put nothing there before it trapped is gone.
        var useless = user()
        useless.elements(at: 3, [1, 1])
        let module = try world.load(useless)
        #expect(throws: InstantiationError.trapped(.outOfBoundsTableAccess, .none)) { try world.instantiate(module, links: [("a", a)]) }
    }
}

/// Numbers that repeat (a linear congruential generator; the constants are Knuth's MMIX).
struct Numbers {
    private var state: UInt64
    init(_ seed: Int) { state = UInt64(seed) &* 2_862_933_555_777_941_757 &+ 3_037_000_493 }
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
    mutating func index<T>(_ array: [T]) -> Int? { array.isEmpty ? nil : below(array.count) }
    mutating func pick<T>(_ array: [T]) -> T? { index(array).map { array[$0] } }
}
