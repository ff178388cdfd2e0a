// Too little of everything: pools and operand stacks of every size, deep recursion, memory that cannot grow. Of fuel: FuelTests.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

@Suite struct ExhaustionTests {
    /// Memory with a segment, two tables, globals, a start function and recursion: something of everything that allocates.
    private func module() -> ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(1, 4)
        module.table(3)
        module.table(5, of: .externref)
        // So that it is larger than what loading takes for a while.
        module.table(40)
        module.global(.i64, mutable: true, Code.i64(1))
        module.data(at: 300, Array(1...40))
        let sum = module.function(
            [.i32], [.i32], body: Code.localGet(0) + [0x04, 0x7f] + Code.localGet(0) + Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.call(0) + Code.i32Add + [0x05] + Code.i32(0) + [0x0b],
            export: "sum")
        module.elements(at: 1, [sum])
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.localGet(0) + Code.memory(Code.i32Store) + Code.localGet(0) + Code.memory(Code.i32Load), export: "touch")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.memoryGrow, export: "grow")
        module.function([.i32], [.i32], body: Code.refNull(.externref) + Code.localGet(0) + Code.tableGrow(1), export: "grow_table")
        module.start = module.function([], body: Code.i64(5) + Code.globalSet(0) + Code.i32(700) + Code.i32(1) + Code.memory(Code.i32Store8))
        return module
    }

    @Test("with every size of pool from 48 bytes up each stage works or fails cleanly, says what is missing, and nothing leaks")
    func pools() throws {
        let bytes = module().bytes
        var stages = Set<String>()
        var succeeded: Int?
        #expect(reason { try World(NoHost(), pool: 40) } == .noMemory)
        for size in stride(from: 48, through: 4000, by: 8) {
            let world: World<NoHost>
            do { world = try World(NoHost(), pool: size, operandStack: 256) } catch let error as LoadError {
                #expect(error.reason == .noMemory)
                stages.insert("environment")
                continue
            }
            let before = world.pool
            do {
                let module = try world.load(bytes)
                let loaded = world.pool
                do {
                    let instance = try world.instantiate(module)
                    #expect(try world.call("sum", of: instance, .i32(3)) == .i32(6), "\(size)")
                    let touch = try world.call("touch", of: instance, .i32(60_000))
                    if touch == .trap(.memoryExhausted) {
                        stages.insert("touch")
                        #expect(world.shortage.need > world.shortage.largestFree, "\(size)")
                    } else {
                        #expect(touch == .i32(60_000), "\(size)")
                    }
                    // 4 pages could never lie in such a pool: growth is honest.
                    #expect(try world.call("grow", of: instance, .i32(3)) == .i32(-1), "\(size)")
                    let grown = try world.call("grow_table", of: instance, .i32(20))
                    stages.insert(grown == .i32(5) ? "table" : "no table")
                    #expect(grown == .i32(5) || grown == .i32(-1), "\(size)")
                    #expect(world.tearDown(instance), "\(size)")
                    if succeeded == nil { succeeded = size }
                } catch let InstantiationError.load(error) {
                    #expect(error.reason == .noMemory && succeeded == nil, "\(size)")
                    #expect(world.shortage.need > world.shortage.largestFree, "\(size)")
                    stages.insert("instantiate")
                } catch let error as InstantiationError {
                    #expect(error == .trapped(.memoryExhausted, .none) && succeeded == nil, "\(size): \(error)")
                    stages.insert("start")
                }
                #expect(world.pool.inUse == loaded.inUse && world.unload(module), "\(size)")
            } catch let error as LoadError {
                #expect(error.reason == .noMemory && succeeded == nil, "\(size)")
                #expect(world.shortage.need > world.shortage.largestFree, "\(size)")
                stages.insert("load")
            }
            #expect(world.pool.inUse == before.inUse && world.pool.largestFree == before.largestFree, "\(size)")
            #expect(world.isIntact && world.isSound, "\(size)")
        }
        #expect(stages.isSuperset(of: ["environment", "load", "instantiate", "touch", "table", "no table"]), "\(stages)")
        #expect(try #require(succeeded) < 2400, "the smallest pool in which all of it runs")
    }

    @Test("an operand stack of n bytes runs to a depth that grows with n, traps one call deeper, and writes nothing outside")
    func operandStacks() throws {
        let world = try World(NoHost(), pool: 1 << 16)
        let instance = try world.add(module())
        let function = try world.function("sum", of: instance)
        var deepest = -1
        for bytes in stride(from: UInt32(0), through: 1024, by: 4) {
            try world.replaceEnvironment(operandStack: bytes)
            // From here on only the environment's block may change.
            let before = world.outsideEnvironment()
            var depth = -1
            while world.call(function, [.i32(depth + 1)]) == .i32(Int32((depth + 1) * (depth + 2) / 2)) { depth += 1 }
            #expect(world.call(function, [.i32(depth + 1)]) == .trap(.callStackExhausted), "\(bytes)")
            if depth >= 0 { #expect(world.call(function, [.i32(depth)]) == .i32(Int32(depth * (depth + 1) / 2)), "\(bytes)") }
            #expect(world.outsideEnvironment() == before, "\(bytes)")
            #expect(depth >= deepest && depth <= deepest + 1, "\(bytes)")
            deepest = depth
        }
        #expect(deepest > 20)
    }

    @Test("recursion without end is a trap at once or after millions of calls, and takes no native stack")
    func recursion() throws {
        let world = try World(NoHost(), pool: 64 << 20, operandStack: 60 << 20)
        var module = ModuleBuilder()
        module.function([], body: Code.call(0), export: "self")
        module.function([.i64], [.i64], body: Code.localGet(0) + Code.call(2), export: "even")
        module.function([.i64], [.i64], body: Code.localGet(0) + Code.call(1) + Code.i64(1) + Code.i64Add, export: "odd")
        let instance = try world.add(module)
        for name in ["self"] { #expect(try world.call(name, of: instance) == .trap(.callStackExhausted)) }
        #expect(try world.call("even", of: instance, .i64(1)) == .trap(.callStackExhausted))
        #expect(world.innermost?.frame.instance == instance)
    }

    @Test("memory grows in its window, page by page, as far as the pool holds it; grown memory is zero; old bytes stay", arguments: [16, 0])
    func growth(pageShift: Int) throws {
        let world = try World(NoHost(), pool: 300_000)
        var module = ModuleBuilder()
        let page = 1 << pageShift
        module.memory(65_536 / page, pageShift: pageShift)
        module.data(at: 40_000, [9])
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.memoryGrow, export: "grow")
        module.function([], [.i32], body: Code.memorySize, export: "size")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.memory(Code.i32Load8U), export: "load")
        module.function([.i32], body: Code.localGet(0) + Code.i32(7) + Code.memory(Code.i32Store8), export: "store")
        let instance = try world.add(module)
        let before = world.pool.peak
        var size = 65_536
        let step = pageShift == 16 ? 1 : 10_001
        while try world.call("grow", of: instance, .i32(step)) == .i32(Int32(size / page)) {
            size += step * page
            #expect(try world.call("load", of: instance, .i32(size - 1)) == .i32(0) && world.call("load", of: instance, .i32(size)) == .trap(.outOfBoundsMemoryAccess))
        }
        #expect(world.pool.peak == before, "a promise is not yet memory")
        // The window is [40000, size): what grow promised, the pool holds now.
        #expect(size > 200_000 && size < 340_000)
        #expect(try world.call("size", of: instance) == .i32(Int32(size / page)))
        #expect(try world.call("store", of: instance, .i32(size - 1)) == .nothing && world.call("load", of: instance, .i32(size - 1)) == .i32(7))
        #expect(try world.call("load", of: instance, .i32(40_000)) == .i32(9) && world.call("load", of: instance, .i32(40_001)) == .i32(0))
        #expect(try world.call("grow", of: instance, .i32(-1)) == .i32(-1) && world.call("grow", of: instance, .i32(0)) == .i32(Int32(size / page)))
    }

    @Test("the window slides downward in place: nearly the whole pool can be one linear memory, touched from its end to its start")
    func downward() throws {
        let world = try World(NoHost(), pool: 80_000, operandStack: 512)
        var module = ModuleBuilder()
        module.memory(1)
        module.function([.i32], body: Code.localGet(0) + Code.localGet(0) + Code.memory(Code.i32Store), export: "store")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.memory(Code.i32Load), export: "load")
        let instance = try world.add(module)
        for address in stride(from: 65_532, through: 0, by: -4) { #expect(try world.call("store", of: instance, .i32(address)) == .nothing) }
        for address in stride(from: 0, through: 65_532, by: 404) { #expect(try world.call("load", of: instance, .i32(address)) == .i32(Int32(address))) }
        #expect(world.isSound)
    }
}
