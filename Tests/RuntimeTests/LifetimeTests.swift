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
        return module
    }

    private func user() -> ModuleBuilder {
        var module = ModuleBuilder()
        let get = module.importFunction("a", "get", [], [.i32])
        _ = module.importTable("a", "table", 4)
        _ = module.importGlobal("a", "global", .i32, mutable: true)
        let own = module.function([], [.i32], body: Code.call(get) + Code.i32(1) + Code.i32Add, export: "own")
        module.elements(at: 2, [own])
        return module
    }

    @Test("an instance that another one imports from is not torn down, a module with instances not unloaded; then all memory comes back")
    func order() throws {
        let world = try World(NoHost())
        let before = world.pool
        let (ma, mb) = (try world.load(owner()), try world.load(user()))
        let a = try world.instantiate(ma)
        let b = try world.instantiate(mb, links: [("a", a)])
        #expect(try world.call("own", of: b) == .i32(4))
        #expect(!world.tearDown(a) && !world.unload(ma) && !world.unload(mb))
        #expect(try world.call("own", of: b) == .i32(4))
        #expect(world.tearDown(b) && world.unload(mb) && !world.unload(ma) && world.tearDown(a) && world.unload(ma))
        #expect(world.pool.inUse == before.inUse && world.pool.largestFree == before.largestFree)
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

    @Test("a function of an instance that was torn down traps in whatever table it is left, also when the number is used again")
    func staleFunctions() throws {
        let world = try World(NoHost())
        let a = try world.add(owner())
        let module = try world.load(user())
        let other = try world.load(owner())
        for round in 0..<300 {
            let b = try world.instantiate(module, links: [("a", a)])
            #expect(try world.call("call", of: a, .i32(2)) == .i32(4), "round \(round)")
            #expect(world.tearDown(b))
            #expect(try world.call("call", of: a, .i32(2)) == .trap(.uninitializedElement), "round \(round)")
            // Another instance under the same number, with functions of the same type.
            let c = try world.instantiate(other)
            #expect(try world.call("call", of: a, .i32(2)) == .trap(.uninitializedElement), "round \(round)")
            #expect(world.tearDown(c))
        }
    }

    @Test("a reference so old that its generation comes again never names a function that the instance lacks")
    func oldGeneration() throws {
        let world = try World(NoHost())
        let a = try world.add(owner())
        let module = try world.load(user())
        let b = try world.instantiate(module, links: [("a", a)])
        #expect(try world.call("call", of: a, .i32(2)) == .i32(4))
        #expect(world.tearDown(b))
        // The same number and generation again, without functions.
        let empty = try world.load(ModuleBuilder())
        for _ in 0..<255 { #expect(world.tearDown(try world.instantiate(empty))) }
        let c = try world.instantiate(empty)
        #expect(c == b)
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
        #expect(throws: InstantiationError.outOfFuel(.none)) { try world.instantiate(endless, fuel: 1000) }
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
        #expect(world.tearDown(left) && world.unload(shared) && world.inUse == inUse)
        #expect(try world.call("call", of: a, .i32(2)) == .trap(.uninitializedElement))
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
