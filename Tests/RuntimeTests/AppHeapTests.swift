// The app heap: where it lies, what reaches it, and what a guest that scribbles over it can do.

import ModuleBuilder
import Testing

@testable import MemoryPool
@testable import Runtime
@testable import WasmFormat

@Suite struct AppHeapTests {
    static let page: UInt32 = 65_536

    /// Exports `load`, `store` (address, value), `load8`, `store8`, `load64`, `store64`, `fill`, `copy`, `init`, `size`; `grow` if it is asked for.
    static func module(_ pages: Int = 1, _ maximum: Int? = nil, pageShift: Int? = nil, grows: Bool = false) -> ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(pages, maximum, pageShift: pageShift, export: "memory")
        let (one, two) = (Code.localGet(0), Code.localGet(1))
        module.function([.i32], [.i32], body: one + Code.memory(Code.i32Load), export: "load")
        module.function([.i32, .i32], body: one + two + Code.memory(Code.i32Store), export: "store")
        module.function([.i32], [.i32], body: one + Code.memory(Code.i32Load8U), export: "load8")
        module.function([.i32, .i32], body: one + two + Code.memory(Code.i32Store8), export: "store8")
        module.function([.i32], [.i64], body: one + Code.memory(Code.i64Load), export: "load64")
        module.function([.i32, .i64], body: one + two + Code.memory(Code.i64Store), export: "store64")
        module.function([.i32, .i32, .i32], body: one + two + Code.localGet(2) + Code.memoryFill, export: "fill")
        module.function([.i32, .i32, .i32], body: one + two + Code.localGet(2) + Code.memoryCopy, export: "copy")
        module.function([.i32, .i32, .i32], body: one + two + Code.localGet(2) + Code.memoryInit(0), export: "init")
        module.function([], [.i32], body: Code.memorySize, export: "size")
        if grows { module.function([.i32], [.i32], body: one + Code.memoryGrow, export: "grow") }
        module.passiveData((0..<100).map { UInt8($0 + 1) })
        return module
    }

    @Test("a module that cannot grow has it behind its declared memory: memory.size does not count it, guest and host read and write it")
    func place() throws {
        let world = try World(NoHost())
        let instance = try world.add(Self.module(), configuration: InstanceConfiguration(appHeapBytes: 1000))
        #expect(try world.call("size", of: instance) == .i32(1))
        #expect(world.size(of: instance) == 65_536)
        #expect(world.range(around: 0, of: instance) == 0..<65_536)
        #expect(world.range(around: 65_536, of: instance) == 65_536..<66_536)
        #expect(world.range(around: 66_535, of: instance) == 65_536..<66_536)
        #expect(world.range(around: 66_536, of: instance) == nil)
        let address = try world.allocate(100, in: instance)
        #expect(address > Self.page && address + 100 <= Self.page + 1000 && address % 8 == 0)
        try world.write(Array(1...100), at: address, of: instance)
        #expect(try world.call("load", of: instance, .i32(Int(address) + 4)) == .i32(0x0807_0605))
        #expect(try world.call("store64", of: instance, .i32(Int(address) + 92), .i64(-2)) == .nothing)
        #expect(try world.read(address + 90, 10, of: instance) == [91, 92, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
        // Nothing of declared memory was touched.
        #expect(try world.runtime.committedMemory(of: instance).peak == 0)
        // Its last byte is inside, the next one is not.
        #expect(try world.call("store", of: instance, .i32(66_532), .i32(-2)) == .nothing)
        #expect(try world.call("load", of: instance, .i32(66_532)) == .i32(-2))
        #expect(try world.call("load", of: instance, .i32(66_533)) == .trap(.outOfBoundsMemoryAccess))
        #expect(try world.call("store8", of: instance, .i32(66_536), .i32(1)) == .trap(.outOfBoundsMemoryAccess))
        #expect(world.isSound)
    }

    @Test("a module that grows has it at the cap, where growth stops; what lies between is out of bounds")
    func cap() throws {
        let world = try World(NoHost())
        // Whole pages only: 3 of them.
        let instance = try world.add(Self.module(grows: true), configuration: InstanceConfiguration(appHeapBytes: 512, cap: 3 * 65_536 + 77))
        let address = try world.allocate(8, in: instance)
        #expect(address >= 3 * Self.page && address < 3 * Self.page + 512)
        #expect(world.range(around: Self.page, of: instance) == nil)
        #expect(try world.call("store8", of: instance, .i32(Int(Self.page)), .i32(1)) == .trap(.outOfBoundsMemoryAccess))
        #expect(try world.call("grow", of: instance, .i32(3)) == .i32(-1))
        #expect(try world.call("grow", of: instance, .i32(2)) == .i32(1))
        #expect(try world.call("grow", of: instance, .i32(1)) == .i32(-1))
        #expect(try world.call("size", of: instance) == .i32(3))
        #expect(try world.call("store8", of: instance, .i32(3 * 65_536 - 1), .i32(7)) == .nothing)
        #expect(try world.call("store8", of: instance, .i32(Int(address)), .i32(9)) == .nothing)
        #expect(try world.call("load8", of: instance, .i32(3 * 65_536 - 1)) == .i32(7))
        #expect(try world.call("load8", of: instance, .i32(Int(address))) == .i32(9))
    }

    @Test("growing without a cap and an app heap are refused together, with the function that grows; a module that never gets to grow is taken")
    func refused() throws {
        let world = try World(NoHost())
        let inUse = world.inUse
        let error = loadError { try world.add(Self.module(grows: true), configuration: InstanceConfiguration(appHeapBytes: 512)) }
        #expect(error?.reason == .appHeapNeedsCap && error?.detail == 10)
        #expect("\(error!.words)".contains("memoryCap"))
        // Its maximum is what it declares, or its memory.grow is never reached.
        _ = try world.add(Self.module(1, 1, grows: true), configuration: InstanceConfiguration(appHeapBytes: 512))
        var dead = Self.module()
        dead.function([], body: Code.return + Code.i32(1) + Code.memoryGrow + Code.drop)
        _ = try world.add(dead, configuration: InstanceConfiguration(appHeapBytes: 512))
        #expect(world.inUse > inUse && world.isSound)
    }

    @Test("sizes that cannot be are refused, and nothing remains")
    func sizes() throws {
        let world = try World(NoHost())
        let module = try world.load(Self.module())
        let top = try world.load(Self.module(65_535))
        let inUse = world.inUse
        for bytes in [1, 47, 1 << 28, UInt32.max] {
            #expect(reason { try world.instantiate(module, configuration: InstanceConfiguration(appHeapBytes: bytes)) } == .appHeapSize, "\(bytes)")
        }
        #expect(reason { try world.instantiate(top, configuration: InstanceConfiguration(appHeapBytes: 65_537)) } == .appHeapSize)
        #expect(world.inUse == inUse)
        // To the last byte of the address space, and the smallest there is.
        let last = try world.instantiate(top, configuration: InstanceConfiguration(appHeapBytes: 65_536))
        #expect(try world.call("store", of: last, .i32(-4), .i32(5)) == .nothing)
        #expect(try world.call("load", of: last, .i32(-4)) == .i32(5))
        for (address, count) in [(-3, 4), (-4, 8), (0, 0)] where count > 0 {
            #expect(try world.call("fill", of: last, .i32(address), .i32(1), .i32(count)) == .trap(.outOfBoundsMemoryAccess))
        }
        #expect(try world.call("load8", of: last, .i32(0)) == .i32(0))
        let small = try world.instantiate(module, configuration: InstanceConfiguration(appHeapBytes: 48))
        let address = try world.allocate(4, in: small)
        try world.write([1, 2, 3, 4], at: address, of: small)
        #expect(guestMemoryError { try world.allocate(4, in: small) } == .exhausted)
    }

    @Test("where a page is one byte it begins at a multiple of 8")
    func bytePages() throws {
        let world = try World(NoHost())
        let instance = try world.add(Self.module(21, pageShift: 0), configuration: InstanceConfiguration(appHeapBytes: 200))
        #expect(world.range(around: 20, of: instance) == 0..<21)
        #expect(world.range(around: 21, of: instance) == nil && world.range(around: 23, of: instance) == nil)
        #expect(world.range(around: 24, of: instance) == 24..<224)
        #expect(try world.allocate(9, in: instance) % 8 == 0)
        #expect(try world.call("store8", of: instance, .i32(21), .i32(1)) == .trap(.outOfBoundsMemoryAccess))
        // Addresses as an instruction has them in itself.
        var near = Self.module(21, pageShift: 0)
        near.function([.i32], [.i32], body: Code.i32(60) + Code.localGet(0) + Code.memory(Code.i32Store) + Code.i32(60) + Code.memory(Code.i32Load), export: "near")
        let other = try world.add(near, configuration: InstanceConfiguration(appHeapBytes: 200))
        #expect(try world.call("near", of: other, .i32(-77)) == .i32(-77))
    }

    /// Every load and store through every way of writing an address: `f`, a store and then a load.
    private static func accesses() -> [(name: String, body: [UInt8], kind: Kind)] {
        let loads: [(UInt8, Kind)] = [
            (0x28, .i32), (0x2a, .f32), (0x2c, .i32), (0x2d, .i32), (0x2e, .i32), (0x2f, .i32), (0x29, .i64), (0x2b, .f64), (0x30, .i64), (0x31, .i64), (0x32, .i64),
            (0x33, .i64), (0x34, .i64), (0x35, .i64),
        ]
        let stores: [Kind: [UInt8]] = [.i32: [0x36, 0x3a, 0x3b], .i64: [0x37, 0x3c, 0x3d, 0x3e], .f32: [0x38], .f64: [0x39]]
        let base = Code.localGet(0)
        let index = Code.localGet(1)
        let ways: [(String, [UInt8], Int)] = [
            ("base", base, 0), ("offset", base, 200), ("far offset", base, 5000), ("base and index", base + index + Code.i32Add, 0),
            ("base and index and offset", base + index + Code.i32Add, 9), ("immediate", base + Code.i32(-5) + Code.i32Add, 0),
            ("constant", base + Code.i32(4000) + Code.i32Add, 0), ("scaled", index + Code.i32(2) + [0x74] + Code.i32(100_000) + Code.i32Add, 0),
            ("absolute", Code.i32(100_008), 0), ("absolute and offset", Code.i32(99_000), 3001),
        ]
        var list: [(String, [UInt8], Kind)] = []
        for (load, kind) in loads {
            for store in stores[kind]! {
                for (name, address, offset) in ways {
                    let body = address + Code.localGet(2 + [.i32, .i64, .f32, .f64].firstIndex(of: kind)!) + Code.memory(store, offset: offset)
                        + address + Code.memory(load, offset: offset)
                    list.append(("\(store) \(load) \(name)", body, kind))
                }
            }
        }
        return list
    }

    @Test("every load and store, however its address is written, does there what it does in declared memory")
    func everyAccess() throws {
        var declared = Self.module(2)
        var behind = Self.module(1)
        let accesses = Self.accesses()
        for access in accesses {
            for _ in 0..<1 {
                declared.function([.i32, .i32, .i32, .i64, .f32, .f64], [access.kind], body: access.body, export: access.name)
                behind.function([.i32, .i32, .i32, .i64, .f32, .f64], [access.kind], body: access.body, export: access.name)
            }
        }
        let world = try World(NoHost(), pool: 1 << 20)
        let a = try world.add(declared)
        let b = try world.add(behind, configuration: InstanceConfiguration(appHeapBytes: 60_000))
        let block = try world.allocate(58_000, in: b)
        #expect(block < 70_000 && block + 58_000 > 120_000)
        let first: UInt32 = 90_000
        let zeros = [UInt8](repeating: 0, count: 30_000)
        try world.write(zeros, at: first, of: a)
        try world.write(zeros, at: first, of: b)
        for (number, access) in accesses.enumerated() {
            for shift in 0..<4 {
                let values: [Value] = [
                    .i32(100_000 + shift), .i32(shift + 40), .i32(number &* 0x1234_5679 | 0x8080), .i64(number &* 0x1234_5678_9abc_def1 | 0x8080_8080), .f32(Float(number) * -1.5),
                    .f64(Double(number) / 3),
                ]
                let expected = world.call(try world.function(access.name, of: a), values)
                #expect(world.call(try world.function(access.name, of: b), values) == expected, "\(access.name) \(shift)")
                guard case .values = expected else {
                    Issue.record("\(access.name): \(expected)")
                    continue
                }
            }
        }
        #expect(try world.read(first, 30_000, of: a) == world.read(first, 30_000, of: b))
        #expect(try world.runtime.committedMemory(of: b).peak == 0)
    }

    @Test("fill, copy and init work in it, into it and out of it, over more than one poll")
    func bulk() throws {
        let world = try World(NoHost(), pool: 1 << 20)
        let instance = try world.add(Self.module(), configuration: InstanceConfiguration(appHeapBytes: 30_000))
        let heap = try world.allocate(20_000, in: instance)
        func run(_ name: String, _ a: UInt32, _ b: UInt32, _ c: UInt32) throws { #expect(try world.call(name, of: instance, .i32(a), .i32(b), .i32(c)) == .nothing, "\(name) \(a) \(b) \(c)") }
        try run("fill", heap, 0xab, 20_000)
        #expect(try world.read(heap, 20_000, of: instance) == Array(repeating: 0xab, count: 20_000))
        // Zeros are written here, where nothing is skipped because it was never touched.
        try run("fill", heap + 5, 0, 9000)
        #expect(try world.read(heap, 9010, of: instance) == Array(repeating: 0xab, count: 5) + Array(repeating: 0, count: 9000) + Array(repeating: 0xab, count: 5))
        let pattern = (0..<9000).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 >> 8) }
        try world.write(pattern, at: 3000, of: instance)
        try run("copy", heap + 1, 3000, 9000)
        #expect(try world.read(heap + 1, 9000, of: instance) == pattern)
        // Overlapping, both ways.
        try run("copy", heap + 300, heap + 1, 9000)
        #expect(try world.read(heap + 300, 9000, of: instance) == pattern)
        try run("copy", heap + 2, heap + 300, 9000)
        #expect(try world.read(heap + 2, 9000, of: instance) == pattern)
        try run("copy", 40_000, heap + 2, 9000)
        #expect(try world.read(40_000, 9000, of: instance) == pattern)
        try run("init", heap + 50, 10, 90)
        #expect(try world.read(heap + 50, 90, of: instance) == (10..<100).map { UInt8($0 + 1) })
        for address in [Self.page + 30_000, Self.page, 7] {
            try run("fill", address, 1, 0)
            try run("copy", address, heap, 0)
            try run("copy", heap, address, 0)
            try run("init", address, 0, 0)
        }
        try world.free(heap, in: instance)
        #expect(world.appHeap(of: instance)?.inUse ?? 999 < 200)
    }

    @Test("a range that begins in declared memory and ends in the app heap, or beyond it, traps, and nothing of it is written")
    func straddling() throws {
        let world = try World(NoHost())
        let instance = try world.add(Self.module(), configuration: InstanceConfiguration(appHeapBytes: 1000))
        try world.write([9, 8, 7, 6, 5, 4, 3, 2], at: Self.page - 8, of: instance)
        let before = try world.read(Self.page, 1000, of: instance)
        let end = Self.page + 1000
        for (address, count) in [(Self.page - 1, 2), (Self.page - 8, 9), (Self.page - 4, 1004), (end - 1, 2), (end - 900, 901), (0, end), (end, 1), (end + 1, 0), (end - 1, .max)] as [(UInt32, UInt32)] {
            let what: Comment = "\(address) \(count)"
            for arguments in [("fill", address, 1), ("fill", address, 0), ("copy", address, 0), ("copy", 0, address), ("init", address, 0)] as [(String, UInt32, UInt32)] {
                #expect(try world.call(arguments.0, of: instance, .i32(arguments.1), .i32(arguments.2), .i32(count)) == .trap(.outOfBoundsMemoryAccess), what)
            }
            #expect(throws: Trap.outOfBoundsMemoryAccess) { try world.read(address, count, of: instance) }
        }
        for address in Self.page - 3..<Self.page {
            #expect(try world.call("load", of: instance, .i32(address)) == .trap(.outOfBoundsMemoryAccess))
            #expect(try world.call("store", of: instance, .i32(address), .i32(-1)) == .trap(.outOfBoundsMemoryAccess))
            #expect(try world.call("store64", of: instance, .i32(address - 4), .i64(-1)) == .trap(.outOfBoundsMemoryAccess))
        }
        for address in end - 7..<end { #expect(try world.call("store64", of: instance, .i32(address), .i64(-1)) == .trap(.outOfBoundsMemoryAccess)) }
        #expect(try world.read(Self.page - 8, 8, of: instance) == [9, 8, 7, 6, 5, 4, 3, 2])
        #expect(try world.read(Self.page, 1000, of: instance) == before)
    }

    @Test("what the module itself puts into memory may not lie there")
    func segments() throws {
        let world = try World(NoHost())
        for offset in [Int32(65_536), 65_535, 66_000] {
            var module = Self.module()
            module.data(at: offset, [1, 2, 3])
            let inUse = world.inUse
            let loaded = try world.load(module)
            #expect(throws: InstantiationError.trapped(.outOfBoundsMemoryAccess, .none)) { try world.instantiate(loaded, configuration: InstanceConfiguration(appHeapBytes: 2000)) }
            #expect(world.unload(loaded) && world.inUse == inUse)
        }
    }

    @Test("blocks do not overlap, keep what they hold, and all of it comes back, over random sequences")
    func random() throws {
        let world = try World(NoHost())
        let instance = try world.add(Self.module(), configuration: InstanceConfiguration(appHeapBytes: 4000))
        let empty = try #require(world.appHeap(of: instance))
        var generator = SplitMix(state: 7)
        var live: [(address: UInt32, contents: [UInt8])] = []
        var refused = 0
        for step in 0..<3000 {
            if live.isEmpty || generator.below(5) < 3 {
                let bytes = generator.below(10) == 0 ? generator.below(3000) : generator.below(120)
                if let address = try? world.allocate(bytes, in: instance) {
                    for other in live {
                        #expect(address >= other.address + UInt32(other.contents.count) + 4 || other.address >= address + bytes + 4 || other.contents.isEmpty || bytes == 0, "\(step)")
                    }
                    let contents = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &+ UInt32(step)) }
                    try world.write(contents, at: address, of: instance)
                    live.append((address, contents))
                } else {
                    refused += 1
                    #expect(world.shortage.need == bytes && world.shortage.largestFree < bytes, "\(step)")
                    #expect(world.shortage.largestFree == world.appHeap(of: instance)?.largestFree)
                }
            } else {
                let block = live.remove(at: Int(generator.below(UInt32(live.count))))
                #expect(try world.read(block.address, UInt32(block.contents.count), of: instance) == block.contents, "\(step)")
                try world.free(block.address, in: instance)
            }
        }
        #expect(refused > 10)
        for block in live { try world.free(block.address, in: instance) }
        let end = try #require(world.appHeap(of: instance))
        #expect(end.inUse == empty.inUse && end.largestFree == empty.largestFree && end.size == 4000 && end.peak > 3500)
        #expect(guestMemoryError { try world.allocate(.max, in: instance) } == .exhausted)
        #expect(guestMemoryError { try world.allocate(empty.largestFree + 1, in: instance) } == .exhausted)
        _ = try world.allocate(empty.largestFree, in: instance)
    }

    @Test("what was not allocated, or was freed already, is refused by name, and nothing changes")
    func wrongFrees() throws {
        let world = try World(NoHost())
        let instance = try world.add(Self.module(), configuration: InstanceConfiguration(appHeapBytes: 1000))
        let a = try world.allocate(40, in: instance)
        let b = try world.allocate(40, in: instance)
        let before = try world.read(Self.page, 1000, of: instance)
        for address in [1, 8, Self.page - 8, Self.page, Self.page + 8, a + 4, a + 8, b + 16, Self.page + 992, Self.page + 1000, .max] {
            #expect(guestMemoryError { try world.free(address, in: instance) } == .notAllocated, "\(address)")
        }
        try world.free(0, in: instance)
        #expect(try world.read(Self.page, 1000, of: instance) == before)
        try world.free(a, in: instance)
        #expect(guestMemoryError { try world.free(a, in: instance) } == .doubleFree)
        try world.free(b, in: instance)
        #expect(guestMemoryError { try world.free(b, in: instance) } == .doubleFree)
    }

    @Test("an imported memory's app heap serves those that import it; their growth stops there too")
    func imported() throws {
        let world = try World(NoHost())
        let owner = try world.add(Self.module(), configuration: InstanceConfiguration(appHeapBytes: 600))
        var builder = ModuleBuilder()
        builder.importMemory("owner", "memory", 1)
        builder.function([.i32], [.i32], body: Code.localGet(0) + Code.memoryGrow, export: "grow")
        builder.function([.i32], [.i32], body: Code.localGet(0) + Code.memory(Code.i32Load8U), export: "load8")
        // What it would have itself is the owner's.
        let other = try world.add(builder, links: [("owner", owner)], configuration: InstanceConfiguration(appHeapBytes: 900))
        let address = try world.allocate(10, in: other)
        #expect(world.appHeap(of: other)?.size == 600)
        try world.write([42], at: address, of: owner)
        #expect(try world.call("load8", of: other, .i32(address)) == .i32(42))
        #expect(try world.call("grow", of: other, .i32(1)) == .i32(-1))
        try world.free(address, in: owner)
        #expect(world.tearDown(other) && world.tearDown(owner) && world.isSound)
    }

    @Test("it costs its bytes and two words where it is, and nothing where it is not; torn down, all is as before")
    func cost() throws {
        let world = try World(NoHost())
        var withMalloc = Self.module()
        withMalloc.function([.i32], [.i32], body: Code.i32(0), export: "malloc")
        withMalloc.function([.i32], [], body: [], export: "free")
        let none = ModuleBuilder()
        for (builder, takes) in [(Self.module(), true), (withMalloc, false), (none, false)] {
            let module = try world.load(builder)
            let before = world.pool
            let bare = try world.instantiate(module)
            let bareBytes = world.inUse - before.inUse
            #expect(world.tearDown(bare))
            let need = try world.runtime.need(of: module, InstanceConfiguration(appHeapBytes: 1020))
            let instance = try world.instantiate(module, configuration: InstanceConfiguration(appHeapBytes: 1020))
            #expect(need.total == UInt64(world.inUse - before.inUse) && need.appHeap == (takes ? 1024 : 0))
            let report = try world.runtime.memoryReport(of: instance, in: world.environment)
            #expect(report.appHeap.size == (takes ? 1020 : 0) && report.appHeap.inUse == UInt64(world.appHeap(of: instance)?.inUse ?? 0))
            // 1020 and a header of 4 are a whole number of 8.
            #expect(world.inUse - before.inUse == bareBytes + (takes ? 1020 + 4 + 8 : 0))
            #expect(world.tearDown(instance))
            #expect(world.pool.inUse == before.inUse && world.pool.largestFree == before.largestFree && world.unload(module))
        }
    }

    @Test("a pool too small for any part of it gives a clean error that names it, and nothing leaks")
    func exhausted() throws {
        var things = Set<LoadError.Thing>()
        var works = false
        let world = try World(NoHost(), pool: 32 << 10)
        let module = try world.load(Self.module())
        for room in stride(from: UInt32(12), through: 1500, by: 8) {
            // The pool has one free block, of this size.
            let largest = world.pool.largestFree
            let block = world.runtime.engine.heap.allocate(largest - room - 4, for: .runtimeStructures)
            let ballast = try #require(block)
            let before = world.pool
            #expect(before.largestFree == room)
            do {
                let instance = try world.instantiate(module, configuration: InstanceConfiguration(appHeapBytes: 512))
                works = true
                let address = try world.allocate(100, in: instance)
                // Declared memory gets what is left.
                let store = try world.call("store", of: instance, .i32(0), .i32(1))
                #expect(store == .nothing || store == .trap(.memoryExhausted))
                try world.free(address, in: instance)
                #expect(world.tearDown(instance))
            } catch let InstantiationError.load(error) {
                #expect(error.reason == .noMemory && !works, "\(room)")
                #expect(world.shortage.need > world.shortage.largestFree, "\(room)")
                things.insert(try #require(error.thing))
            }
            #expect(world.pool.inUse == before.inUse && world.pool.largestFree == before.largestFree && world.isSound, "\(room)")
            world.runtime.engine.heap.free(ballast)
            #expect(world.pool.largestFree == largest)
        }
        #expect(works && things == [.instance, .appHeap], "\(things)")
    }
}

/// A small random generator, the same on every run.
struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
    mutating func below(_ bound: UInt32) -> UInt32 { UInt32(truncatingIfNeeded: next() >> 33) % bound }
}
