// Know before you run: what an instance needs is said before, and is what it takes.

import ModuleBuilder
import Testing

@testable import Runtime

@Suite struct NeedTests {
    private func modules() -> [(String, ModuleBuilder)] {
        var modules: [(String, ModuleBuilder)] = [("empty", ModuleBuilder())]
        var module = ModuleBuilder()
        module.memory(1, 3)
        module.data(at: 1000, [1, 2, 3])
        module.data(at: 3000, [0, 0, 7, 0])
        modules.append(("data", module))
        module = ModuleBuilder()
        module.memory(17)
        module.table(10)
        module.table(100, of: .externref)
        module.global(.i64, mutable: true, Code.i64(1))
        module.data(at: 0, [0, 0])
        modules.append(("tables and a memory that nothing touches", module))
        module = ModuleBuilder()
        _ = module.importFunction("env", "n1", [.i32])
        for i in 0..<40 { module.passiveData([UInt8(i)]) }
        module.memory(1)
        module.data(at: 65_530, [1, 2, 3, 4, 5, 6])
        modules.append(("imports, segments, data at the end", module))
        return modules
    }

    @Test("what an instance takes is what was said, item by item, for each commitment")
    func exact() throws {
        for (name, module) in modules() {
            for commitment in [MemoryCommitment.touched, .whole, .cutAtHeapBase] {
                let world = try World(TestHost(), pool: 8 << 20)
                var configuration = InstanceConfiguration()
                configuration.memoryCommitment = commitment
                let loaded = try world.load(module)
                // Four of them: the directory grows with the second and the fourth.
                for _ in 0..<4 {
                    let before = world.inUse
                    let need = try world.runtime.need(of: loaded, configuration)
                    #expect(world.inUse == before)
                    let instance = try world.instantiate(loaded, configuration: configuration)
                    #expect(need.total == UInt64(world.inUse - before), "\(name), \(commitment): \(need)")
                    let report = try world.runtime.memoryReport(of: instance, in: world.environment)
                    #expect(UInt64(report.instance) == need.instance && UInt64(report.tables) == need.tables, "\(name)")
                }
            }
        }
    }

    @Test("where a segment lies at an imported global, the need of memory is not known before")
    func unknown() throws {
        var module = ModuleBuilder()
        _ = module.importGlobal("env", "base", .i32, mutable: false)
        module.memory(1)
        module.data(at: Code.globalGet(0), [1])
        let world = try World(TestHost())
        let need = try world.runtime.need(of: try world.load(module))
        #expect(need.linearMemory == nil && need.total == nil && need.structures > 0)
    }

    @Test("an execution environment takes what was said")
    func environment() throws {
        let world = try World(TestHost())
        let before = world.inUse
        try world.replaceEnvironment(operandStack: 1001)
        let (more, less) = (Runtime<TestHost>.need(operandStackBytes: 8192), Runtime<TestHost>.need(operandStackBytes: 1001))
        #expect(Int(before) - Int(world.inUse) == Int(more) - Int(less))
    }

    @Test("a memory is cut at __heap_base only where no function asks for its size, and the function that does is named")
    func heapBase() throws {
        func module(_ body: [UInt8], base: Int32 = 2000) -> ModuleBuilder {
            var module = ModuleBuilder()
            _ = module.importFunction("env", "n1", [.i32])
            module.memory(1, 4)
            module.global(.i32, mutable: false, Code.i32(base), export: "__heap_base")
            module.function([], body: Code.i32(1) + Code.drop)
            module.function([.i32], [.i32], body: Code.localGet(0) + Code.memory(Code.i32Load) + body, export: "load")
            return module
        }
        let world = try World(TestHost())
        #expect(try world.runtime.heapBaseCut(of: try world.load(module([]))) == .cut(to: 2000))
        #expect(try world.runtime.heapBaseCut(of: try world.load(module(Code.memorySize + Code.i32Add))) == .preventedByFunction(2))
        #expect(try world.runtime.heapBaseCut(of: try world.load(module(Code.i32(1) + Code.memoryGrow + Code.i32Add))) == .preventedByFunction(2))
        #expect(try world.runtime.heapBaseCut(of: try world.load(module([], base: 70_000))) == .noHeapBase)
        #expect(try world.runtime.heapBaseCut(of: try world.load(ModuleBuilder())) == .noHeapBase)
        var configuration = InstanceConfiguration()
        configuration.memoryCommitment = .cutAtHeapBase
        let cut = try world.instantiate(world.load(module([])), configuration: configuration)
        #expect(try world.call("load", of: cut, .i32(1996)) == .i32(0) && world.call("load", of: cut, .i32(1997)) == .trap(.outOfBoundsMemoryAccess))
        let whole = try world.instantiate(world.load(module([])))
        #expect(try world.call("load", of: whole, .i32(65_532)) == .i32(0))
    }

    @Test("memory.grow stops at the cap; it is honest, or promises what a store may find broken")
    func growth() throws {
        var module = ModuleBuilder()
        module.memory(1)
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.memoryGrow, export: "grow")
        module.function([.i32], body: Code.localGet(0) + Code.i32(1) + Code.memory(Code.i32Store), export: "store")
        let world = try World(TestHost(), pool: 4 << 16)
        let loaded = try world.load(module)
        var configuration = InstanceConfiguration()
        configuration.memoryCap = 3 << 16
        let capped = try world.instantiate(loaded, configuration: configuration)
        #expect(try world.call("grow", of: capped, .i32(2)) == .i32(1) && world.call("grow", of: capped, .i32(1)) == .i32(-1))
        configuration.memoryCap = 65_535
        #expect(loadError { try world.instantiate(loaded, configuration: configuration) }?.reason == .memoryAboveCap)
        let honest = try world.instantiate(loaded)
        #expect(try world.call("grow", of: honest, .i32(9)) == .i32(-1) && world.call("grow", of: honest, .i32(1)) == .i32(1))
        configuration = InstanceConfiguration()
        configuration.memoryGrowth = .overcommit
        let promising = try world.instantiate(loaded, configuration: configuration)
        #expect(try world.call("grow", of: promising, .i32(99)) == .i32(1))
        #expect(try world.call("store", of: promising, .i32(90 << 16)) == .nothing)
        #expect(try world.call("store", of: promising, .i32(10 << 16)) == .trap(.memoryExhausted))
        #expect(world.isSound && world.shortage.use == .linearMemories)
    }
}
