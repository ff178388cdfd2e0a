// Past bugs of WebAssembly runtimes, as classes: each test is named after what went wrong elsewhere.

import Foundation
import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

@Suite struct BugClassTests {
    /// A module with something of everything that a loader reads.
    private func everything() -> ModuleBuilder {
        var module = ModuleBuilder()
        let host = module.importFunction("env", "n1", [.i32])
        module.table(4, 8, export: "table")
        module.memory(1, 2, export: "memory")
        module.global(.i64, mutable: true, Code.i64(-1), export: "global")
        module.global(.funcref, mutable: false, Code.refFunc(host))
        module.function([.i32, .i64], [.i64], locals: [(3, .f64), (1, .externref)],
                        body: Code.block(.i64, Code.loop(nil, Code.localGet(0) + Code.brIf(0)) + Code.localGet(1) + Code.localGet(0) + Code.brTable([0, 0], 0)) + Code.i64(1) + Code.i64Add,
                        export: "f")
        module.function([], body: Code.i32(1) + Code.call(host), export: "g")
        module.elements(at: 1, [1, 2])
        module.passiveElements([1])
        module.data(at: 10, Array("data".utf8))
        module.passiveData(Array("more".utf8))
        module.start = 2
        return module
    }

    /// Loads, instantiates and calls what takes nothing, all with little fuel; false if the module is refused.
    @discardableResult
    private func survive(_ bytes: [UInt8], _ world: World<TestHost>) throws -> Bool {
        let inUse = world.inUse
        defer { #expect(world.inUse == inUse) }
        guard let module = try? world.load(bytes) else { return false }
        defer { #expect(world.unload(module)) }
        do throws(InstantiationError) {
            let instance = try world.instantiate(module, fuel: 1000)
            if case .function(let function) = world.export("g", of: instance), (try? world.runtime.parameterCount(of: function)) == 0 {
                _ = world.call(function, fuel: 1000)
            }
            #expect(world.tearDown(instance))
        } catch {
            if case .trapped(_, let left) = error, left != .none { #expect(world.tearDown(left)) }
            if case .paused(_, let left) = error { #expect((try? world.runtime.cancel(world.environment)) != nil && world.tearDown(left)) }
        }
        return true
    }

    @Test("1: a module that is cut off at any byte is refused or whole")
    func truncated() throws {
        let world = try World(TestHost())
        let bytes = everything().bytes
        #expect(try survive(bytes, world))
        var ends: Set<Int> = [8]
        var end = 8
        while end < bytes.count {
            // Sections of this module are shorter than 128 bytes.
            end += 2 + Int(bytes[end + 1])
            ends.insert(end)
        }
        #expect(end == bytes.count)
        for count in 0..<bytes.count { 
            // A module may end behind any section; what it lacks then must not be asked for.
            let survives = try survive(Array(bytes[..<count]), world)
            #expect(!survives || count == 8 || ends.contains(count), "\(count)")
         }
    }

    @Test("1, 19: every value of every byte is refused or survives, and leaves the pool as it was")
    func everyByte() throws {
        let world = try World(TestHost())
        let bytes = everything().bytes
        for position in bytes.indices {
            #if DEBUG
            let values = (0..<8).map { bytes[position] ^ 1 << UInt8($0) }
            #else
            let values = Array(UInt8.min...UInt8.max)
            #endif
            for value in values {
                var changed = bytes
                changed[position] = value
                try survive(changed, world)
            }
        }
    }

    @Test("2, 21: br_table counts and depths at their extremes, LEB counts near 2³²")
    func branchTable() throws {
        let world = try World(TestHost())
        func load(_ body: [UInt8]) -> LoadError.Reason? {
            var module = ModuleBuilder()
            module.function([], body: body)
            return reason { _ = world.unload(try world.load(module)) }
        }
        let huge: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x0f]
        #expect(load(Code.i32(0) + [0x0e] + huge + [0, 0]) == .lengthOutOfBounds)
        #expect(load(Code.i32(0) + [0x0e, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0]) == .lengthOutOfBounds)
        #expect(load(Code.i32(0) + [0x0e, 0x80, 0x80, 0x80, 0x80, 0x08, 0, 0]) == .lengthOutOfBounds)
        #expect(load(Code.i32(0) + [0x0e, 1] + huge + [0]) == .unknownLabel)
        #expect(load(Code.i32(0) + [0x0e, 1, 0] + huge) == .unknownLabel)
        #expect(load(Code.i32(0) + [0x0e, 2, 0, 0]) != nil)
        #expect(load([0x0c] + huge) == .unknownLabel)
        for id: UInt8 in [1, 2, 3, 4, 5, 6, 7, 9, 10, 11] {
            for count in [huge, [0xff, 0xff, 0xff, 0xff, 0x07], [0x80, 0x80, 0x80, 0x80, 0x01]] as [[UInt8]] {
                #expect(reason { try world.load(ModuleBuilder.header + ModuleBuilder.section(id, count)) } == .lengthOutOfBounds, "section \(id)")
            }
        }
    }

    @Test("3, 4: block types that are negative, huge or beyond the types, with and without types")
    func blockTypes() throws {
        let world = try World(TestHost())
        for opcode: UInt8 in [0x02, 0x03, 0x04] {
            for type in [[0x00], [0x01], [0x02], [0x7f], [0x3f], [0x41], [0x60], [0x78], [0xff, 0x7f], [0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0x7f],
                         [0x80, 0x80, 0x80, 0x80, 0x70], [0xff, 0xff, 0xff, 0xff, 0xff, 0x00], [0x80, 0x80, 0x80, 0x80, 0x10]] as [[UInt8]] {
                var module = ModuleBuilder()
                module.function([], body: (opcode == 4 ? Code.i32(1) : []) + [opcode] + type + [0x0b])
                let found = reason { _ = world.unload(try world.load(module)) }
                // Type 0 is () -> (); 0x7f lacks its value.
                #expect((found == nil) == (type == [0]), "\(opcode) \(type): \(String(describing: found))")
                // A body where there are no types at all cannot be declared: the function is refused before its body is read.
                let bare = ModuleBuilder.header + ModuleBuilder.section(3, [1, 0]) + ModuleBuilder.section(10, module.bodies.reduce([1], +))
                #expect(reason { try world.load(bare) } == .unknownType)
            }
        }
    }

    @Test("5: names that tools look for may export anything: each is what it is, or refused")
    func exportsOfOtherKinds() throws {
        for name in ["_start", "memory", "main", "_initialize", "__heap_base", "malloc"] {
            let world = try World(TestHost())
            var module = ModuleBuilder()
            let host = module.importFunction("env", "n0", [])
            let variable = module.global(.i64, mutable: true, Code.i64(3))
            module.memory(1)
            module.table(1)
            module.export(name, .function, host)
            module.export(name + "2", .global, variable)
            module.export(name + "3", .memory, 0)
            module.export(name + "4", .table, 0)
            let instance = try world.add(module)
            #expect(try world.call(name, of: instance) == .nothing && world.global(name + "2", of: instance) == .i64(3))
            for kind in 0..<4 {
                for index in [1, 2, 0xffff_ffff] where !(kind == 0 && index == 0) {
                    var bad = ModuleBuilder()
                    bad.exports.append(text(name) + [UInt8(kind)] + leb(index))
                    #expect(reason { try world.load(bad) } == [.unknownFunction, .unknownTable, .unknownMemory, .unknownGlobal][kind])
                }
            }
        }
    }

    @Test("6, 23: the stack is polymorphic behind what never returns; dead code changes no result")
    func polymorphic() throws {
        let dead: [[UInt8]] = [Code.unreachable, Code.br(0), Code.return, Code.i32(0) + Code.brTable([], 0)]
        var use: [[UInt8]] = []
        use.append([])
        use.append(Code.drop)
        use.append(Code.i32Add + Code.drop)
        use.append(Code.select + Code.drop)
        use.append(Code.select + Code.i32Eqz + Code.drop)
        use.append([0x1c, 1, 0x7e] + Code.drop)
        use.append(Code.localSet(0))
        use.append(Code.localTee(0) + Code.drop)
        use.append(Code.if(nil, Code.unreachable + Code.drop, else: Code.unreachable + Code.drop))
        use.append(Code.block(.i32, Code.i32(1) + Code.br(0)) + Code.drop)
        use.append(Code.refIsNull + Code.drop)
        use.append(Code.call(0) + Code.drop)
        use.append(Code.memory(Code.i32Store))
        use.append(Code.loop(nil, Code.br(0)))
        use.append(Code.globalSet(0))
        use.append(Code.brIf(0))
        use.append([0x02, 0x40, 0x00, 0x0e, 0, 0, 0x0b])
        for start in dead {
            for rest in use {
                let world = try World(TestHost())
                var module = ModuleBuilder()
                module.memory(1)
                module.global(.i32, mutable: true, Code.i32(0))
                module.function([.i32], [.i32], body: Code.localGet(0), export: "same")
                module.function([.i32], locals: [(1, .i64)], body: start + rest)
                module.function([.i32], [.i32], body: Code.block(nil, Code.localGet(0) + Code.i32Eqz + Code.brIf(0) + (start == Code.br(0) ? start + rest : [])) + Code.localGet(0) + Code.i32(1) + Code.i32Add, export: "after")
                let instance = try world.add(module)
                for value in [0, 5] { #expect(try world.call("after", of: instance, .i32(value)) == .i32(Int32(value + 1)), "\(start) \(rest)") }
            }
        }
    }

    @Test("7: values below a block stay what they are over global.get, if, else, loops and branches")
    func heights() throws {
        let world = try World(TestHost())
        var module = ModuleBuilder()
        module.global(.i32, mutable: true, Code.i32(3))
        let get = Code.globalGet(0)
        module.function([.i32], [.i32], body: get + get + Code.localGet(0) + Code.if(.i32, get + get + Code.i32Mul, else: get + Code.br(0)) + Code.i32Mul + Code.i32Add, export: "f")
        module.function([.i32], [.i32], body: get + Code.localGet(0) + Code.i32(9) + Code.globalSet(0) + Code.block(.i32, get + Code.localGet(0) + Code.brIf(0) + Code.i32(1) + Code.i32Add) + Code.i32Add + Code.i32Add, export: "g")
        let instance = try world.add(module)
        #expect(try world.call("f", of: instance, .i32(1)) == .i32(3 + 3 * 9) && world.call("f", of: instance, .i32(0)) == .i32(3 + 3 * 3))
        #expect(try world.call("g", of: instance, .i32(2)) == .i32(3 + 2 + 9) && world.call("g", of: instance, .i32(0)) == .i32(9 + 0 + 10))
    }

    @Test("8: every instruction of SIMD and threads is refused by name at load")
    func simd() throws {
        let world = try World(TestHost())
        for (prefix, feature) in [(0xfd, LoadError.Feature.simd), (0xfe, .threads)] as [(UInt8, LoadError.Feature)] {
            for opcode in 0..<256 {
                var module = ModuleBuilder()
                module.function([], body: Code.unreachable + [prefix] + leb(opcode) + Array(repeating: 0, count: 16))
                let error = try #require(loadError { try world.load(module) }, "\(prefix) \(opcode)")
                #expect(error.reason == .featureMissing && error.detail == feature.rawValue, "\(prefix) \(opcode): \(error)")
            }
        }
        #expect(reason { try world.load(ModuleBuilder.header + ModuleBuilder.section(1, [1, 0x60, 1, 0x7b, 0])) } == .featureMissing)
    }

    @Test("9: hundreds of different constants and locals give the right sum", arguments: [100, 255, 256, 257, 1000, 5000])
    func constants(count: Int) throws {
        let world = try World(TestHost(), pool: 1 << 20, operandStack: 1 << 16)
        var module = ModuleBuilder()
        var body: [UInt8] = []
        for i in 0..<count { body += Code.i64(Int64(i) * 0x1_0000_1001) + Code.localSet(i) }
        body += Code.i64(0)
        for i in 0..<count { body += Code.localGet(i) + Code.i64Add }
        module.function([], [.i64], locals: [(count, .i64)], body: body, export: "f")
        let instance = try world.add(module)
        #expect(try world.call("f", of: instance) == .values([.i64(count * (count - 1) / 2 * 0x1_0000_1001)]))
    }

    @Test("10, 16: constant expressions hold what they may hold, whatever the byte; memory starts as zero in a used pool")
    func initializers() throws {
        let world = try World(TestHost())
        let allowed: Set<UInt8> = [0x41]
        for opcode in UInt8.min...UInt8.max {
            let bytes = ModuleBuilder.header + ModuleBuilder.section(6, [1, 0x7f, 0, opcode, 0, 0x0b])
            #expect((reason { _ = world.unload(try world.load(bytes)) } == nil) == allowed.contains(opcode), "\(opcode)")
            let null = ModuleBuilder.header + ModuleBuilder.section(6, [1, 0x70, 0, 0xd0, opcode, 0x0b])
            #expect((reason { _ = world.unload(try world.load(null)) } == nil) == (opcode == 0x70), "\(opcode)")
        }
        #expect(reason { try world.load(ModuleBuilder.header + ModuleBuilder.section(6, [1, 0x7f, 0, 0x0b])) } == .typeMismatch)
        var module = ModuleBuilder()
        module.memory(1)
        module.table(100, of: .externref)
        module.global(.i64, mutable: true, Code.i64(0))
        module.function([.i32], [.i32], locals: [(4, .i32)], body: Code.localGet(0) + Code.memory(Code.i32Load) + Code.localGet(3) + Code.i32Add, export: "load")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.tableGet(0) + Code.refIsNull, export: "null")
        module.function([.i32], body: Code.localGet(0) + Code.i32(-1) + Code.memory(Code.i32Store), export: "store")
        let loaded = try world.load(module)
        for _ in 0..<4 {
            let instance = try world.instantiate(loaded)
            for address in stride(from: 0, to: 4000, by: 4) {
                #expect(try world.call("load", of: instance, .i32(address)) == .i32(0))
                _ = try world.call("store", of: instance, .i32(address))
            }
            for i in 0..<100 { #expect(try world.call("null", of: instance, .i32(i)) == .i32(1)) }
            #expect(world.tearDown(instance))
        }
    }

    @Test("13: bulk operations at 2³¹ and beyond, with sums beyond 2³², trap at once and write nothing")
    func bulk() throws {
        let world = try World(TestHost(), pool: 1 << 19)
        var module = ModuleBuilder()
        module.memory(2)
        module.table(10)
        module.passiveData([1, 2, 3, 4])
        let f = module.function([], body: [])
        module.passiveElements([f, f])
        let three = Code.localGet(0) + Code.localGet(1) + Code.localGet(2)
        for (name, code) in [("fill", Code.memoryFill), ("copy", Code.memoryCopy), ("init", Code.memoryInit(0)), ("tinit", Code.tableInit(0)), ("tcopy", Code.tableCopy())] {
            module.function([.i32, .i32, .i32], body: three + code, export: name)
        }
        module.function([.i32, .i32], body: Code.localGet(0) + Code.refNull(.funcref) + Code.localGet(1) + Code.tableFill(0), export: "tfill")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.memory(Code.i32Load8U), export: "load")
        let instance = try world.add(module)
        let numbers = [0, 1, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_fffe, 0xffff_ffff]
        for a in numbers {
            for n in numbers where a > 1 || n > 1 {
                #expect(try world.call("fill", of: instance, .i32(a), .i32(1), .i32(n)) == .trap(.outOfBoundsMemoryAccess))
                #expect(try world.call("copy", of: instance, .i32(a), .i32(0), .i32(n)) == .trap(.outOfBoundsMemoryAccess))
                #expect(try world.call("copy", of: instance, .i32(0), .i32(a), .i32(n)) == .trap(.outOfBoundsMemoryAccess))
                #expect(try world.call("init", of: instance, .i32(a), .i32(0), .i32(n)) == .trap(.outOfBoundsMemoryAccess))
                #expect(try world.call("init", of: instance, .i32(0), .i32(a), .i32(n)) == .trap(.outOfBoundsMemoryAccess))
                #expect(try world.call("tinit", of: instance, .i32(a), .i32(0), .i32(n)) == .trap(.outOfBoundsTableAccess))
                #expect(try world.call("tinit", of: instance, .i32(0), .i32(a), .i32(n)) == .trap(.outOfBoundsTableAccess))
                #expect(try world.call("tcopy", of: instance, .i32(a), .i32(0), .i32(n)) == .trap(.outOfBoundsTableAccess))
                #expect(try world.call("tfill", of: instance, .i32(a), .i32(n)) == .trap(.outOfBoundsTableAccess))
            }
        }
        #expect(try world.call("load", of: instance, .i32(0)) == .i32(0) && world.call("load", of: instance, .i32(131_071)) == .i32(0))
        #expect(try world.call("fill", of: instance, .i32(131_071), .i32(5), .i32(1)) == .nothing && world.call("load", of: instance, .i32(131_071)) == .i32(5))
    }

    @Test("15: two memories are refused, imported or not, and indices count imports first")
    func indexSpaces() throws {
        let world = try World(TestHost())
        for imported in 0...2 {
            var module = ModuleBuilder()
            for _ in 0..<imported { module.importMemory("a", "m", 1) }
            for _ in imported..<2 { module.memory(1) }
            #expect(reason { try world.load(module) } == .multipleMemories)
        }
        var owner = ModuleBuilder()
        owner.global(.i32, mutable: false, Code.i32(10), export: "g")
        owner.table(1, export: "t")
        owner.function([], [.i32], body: Code.i32(20), export: "f")
        let a = try world.add(owner)
        var user = ModuleBuilder()
        let f = user.importFunction("a", "f", [], [.i32])
        let g = user.importGlobal("a", "g", .i32, mutable: false)
        _ = user.importTable("a", "t", 1)
        user.table(7)
        user.global(.i32, mutable: true, Code.globalGet(g))
        user.global(.i32, mutable: true, Code.i32(12))
        user.function([], [.i32], body: Code.i32(21), export: "own")
        let parts: [[UInt8]] = [
            Code.call(f), Code.call(1), Code.i32Mul, Code.globalGet(0), Code.globalGet(1), Code.globalGet(2), Code.i32Add, Code.i32Add, Code.i32Add, Code.tableSize(1), Code.i32Add,
        ]
        let all = Array(parts.joined())
        user.function([], [.i32], body: all, export: "all")
        let b = try world.add(user, links: [("a", a)])
        #expect(try world.call("all", of: b) == .i32(459))
    }

    @Test("17, 22: bodies that are huge, deep or wide are refused or run, never a crash of the loader")
    func huge() throws {
        let world = try World(TestHost(), pool: 1 << 20)
        var big = ModuleBuilder()
        big.function([], body: Array(repeating: 0x01, count: 1 << 20), export: "g")
        #expect(try survive(big.bytes, world))
        var calls = ModuleBuilder()
        calls.function([], body: Array(repeatElement(Code.call(0), count: 40_000).joined()), export: "g")
        #expect(try !survive(calls.bytes, world))
        for module in StackModule.all { try survive(module.bytes, world) }
        // A small pool, and a module whose counts alone need more.
        let small = try World(TestHost(), pool: 2048, operandStack: 256)
        for module in StackModule.all { try survive(module.bytes, small) }
    }

    @Test("18: what is wrong in its types is refused before anything runs")
    func typeConfusion() throws {
        let world = try World(TestHost())
        var wrong: [[UInt8]] = []
        wrong.append(Code.i32(0) + Code.i64(0) + Code.i32(0) + Code.select + Code.drop)
        wrong.append(Code.i32(0) + [0x8d] + Code.drop)
        wrong.append(Code.f32(1) + [0x8d] + Code.i32(0) + Code.i32(0) + Code.memoryFill)
        wrong.append(Code.refNull(.funcref) + Code.i32(1) + Code.i32Add + Code.drop)
        wrong.append(Code.refNull(.funcref) + Code.refNull(.funcref) + Code.i32(0) + Code.select + Code.drop)
        wrong.append(Code.i32(1) + Code.refIsNull + Code.drop)
        wrong.append(Code.i32(1))
        wrong.append(Code.drop)
        wrong.append(Code.i32Add)
        wrong.append(Code.block(.i32, []) + Code.drop)
        wrong.append(Code.i32(1) + Code.if(.i32, Code.i32(1)) + Code.drop)
        wrong.append(Code.localGet(0) + Code.drop)
        wrong.append(Code.refNull(.externref) + Code.globalSet(0))
        wrong.append(Code.i64(0) + Code.globalSet(0))
        wrong.append(Code.f32(0) + Code.brIf(0))
        for body in wrong {
            var module = ModuleBuilder()
            module.memory(1)
            module.global(.i32, mutable: true, Code.i32(0))
            module.start = module.function([], body: body)
            let error = loadError { try world.load(module) }
            #expect(error?.phase == .invalid, "\(body): \(String(describing: error))")
        }
    }

    @Test("19, 20: a thousand failed loads and instantiations leave the pool and its peak as one does")
    func failures() throws {
        let world = try World(TestHost())
        var unlinked = everything()
        unlinked.imports.append(text("no") + text("where") + [0, 0])
        var failing = ModuleBuilder()
        failing.memory(1)
        failing.data(at: 100, Array(repeating: 1, count: 1000))
        failing.data(at: 65_536, [1])
        let bad = [Array(everything().bytes.dropLast(2)), unlinked.bytes, failing.bytes]
        func once() throws { for bytes in bad { try survive(bytes, world) } }
        try once()
        let pool = world.pool
        for _ in 0..<1000 { try once() }
        #expect(world.pool == pool && world.isSound)
    }

    @Test("24: a module in memory that cannot be written is loaded and run")
    func readOnly() throws {
        let bytes = everything().bytes
        let size = 1 << 16
        let page = try #require(mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(page, size) }
        page.copyMemory(from: bytes, byteCount: bytes.count)
        #expect(mprotect(page, size, PROT_READ) == 0)
        let world = try World(TestHost())
        let module = try world.runtime.load(UnsafeRawBufferPointer(start: page, count: bytes.count))
        let instance = try world.instantiate(module)
        #expect(try world.call("f", of: instance, .i32(0), .i64(41)) == .values([.i64(42)]))
        #expect(world.tearDown(instance) && world.unload(module))
    }
}
