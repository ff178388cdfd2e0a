// The aux stack: found, watched, and left alone where it is something else. The modules imitate what compilers emit.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

struct AuxStackTests {
    /// A module with a stack of `size` bytes, as linkers lay it out.
    struct Layout {
        var isFirst = true
        var size: Int32 = 1024
        var name: String?
        var exportsDataEnd = false

        var start: Int32 { isFirst ? size : 1104 + size }
        var dataAddress: Int32 { isFirst ? size : 1024 }
        static let dataBytes = 76
    }

    /// `local.tee` and `global.set` after `i32.sub`, as LLVM opens a frame.
    private static func open(_ bytes: Int32, local: Int = 1) -> [UInt8] {
        Code.globalGet(0) + Code.i32(bytes) + Code.i32Sub + Code.localTee(local) + Code.globalSet(0)
    }
    private static func close(_ bytes: Int32, local: Int = 1) -> [UInt8] {
        Code.localGet(local) + Code.i32(bytes) + Code.i32Add + Code.globalSet(0)
    }

    private func module(_ layout: Layout) -> ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(2, export: "memory")
        module.global(.i32, mutable: true, Code.i32(layout.start), export: layout.name)
        if layout.exportsDataEnd { module.global(.i32, mutable: false, Code.i32(layout.dataAddress + Int32(Layout.dataBytes)), export: "__data_end") }
        // Deeper by frames of 64 bytes, with a store into each.
        let body = Self.open(64) + Code.localGet(1) + Code.localGet(0) + Code.memory(Code.i32Store)
            + Code.localGet(0) + Code.if(nil, Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.call(0)) + Self.close(64)
        module.function([.i32], locals: [(1, .i32)], body: body, export: "dig")
        module.function([.i32], locals: [(1, .i32)], body: Code.globalGet(0) + Code.localGet(0) + Code.i32Sub + Code.localTee(1) + Code.globalSet(0) + Self.closeByLocal, export: "take")
        module.function([.i32], body: Code.localGet(0) + Code.globalSet(0), export: "switch")
        module.function([], body: Code.globalGet(0) + Code.i32(64) + Code.i32Add + Code.globalSet(0), export: "give")
        module.function([], [.i32], body: Code.globalGet(0), export: "pointer")
        module.data(at: layout.dataAddress, [UInt8](repeating: 1, count: Layout.dataBytes))
        return module
    }
    private static let closeByLocal = Code.localGet(1) + Code.localGet(0) + Code.i32Add + Code.globalSet(0)

    private func stack(_ module: ModuleBuilder) throws -> AuxStackReport? {
        let world = try World(NoHost())
        return try world.runtime.auxStack(of: world.add(module))
    }

    static let layouts: [Layout] = [
        Layout(), Layout(name: "__stack_pointer"), Layout(exportsDataEnd: true),
        Layout(isFirst: false), Layout(isFirst: false, name: "__stack_pointer"), Layout(isFirst: false, exportsDataEnd: true),
    ]

    @Test("It is found without names, by its export, with and without __data_end, in both layouts", arguments: layouts)
    func found(_ layout: Layout) throws {
        let base: UInt32 = layout.isFirst ? 0 : 1104
        #expect(try stack(module(layout)) == AuxStackReport(base: base, size: 1024, peak: 0))
    }

    @Test("It overflows at the frame that no longer fits, not before; the peak is what was used", arguments: layouts)
    func overflow(_ layout: Layout) throws {
        let world = try World(NoHost())
        let instance = try world.add(module(layout))
        let dig = try world.function("dig", of: instance)
        #expect(world.call(dig, [.i32(15)]) == .nothing)
        #expect(try world.runtime.auxStack(of: instance)?.peak == 1024)
        let other = try world.add(module(layout))
        #expect(try world.call(world.function("dig", of: other), [.i32(16)]) == .trap(.auxStackOverflow))
        // Nothing was stored below it.
        #expect(try world.runtime.auxStack(of: other)?.peak == 1024)
    }

    @Test("A frame of any size overflows: also one that wraps around, and one that skips the data", arguments: layouts, [1040, 2200, 70_000, 0x7fff_fff0] as [UInt32])
    func largeFrames(_ layout: Layout, _ bytes: UInt32) throws {
        let world = try World(NoHost())
        let instance = try world.add(module(layout))
        #expect(try world.call(world.function("take", of: instance), [.i32(bytes)]) == .trap(.auxStackOverflow))
        #expect(try world.runtime.auxStack(of: instance)?.peak == 0)
        #expect(try world.call(world.function("take", of: instance), [.i32(1024)]) == .nothing)
    }

    @Test("More given back than was taken is an underflow", arguments: layouts)
    func underflow(_ layout: Layout) throws {
        let world = try World(NoHost())
        let instance = try world.add(module(layout))
        let (give, pointer) = try (world.function("give", of: instance), world.function("pointer", of: instance))
        #expect(world.call(give) == .trap(.auxStackUnderflow))
        #expect(world.call(pointer) == .i32(layout.start))
    }

    @Test("As TinyGo's scheduler does: another stack in the heap, deep in it, and back; the check sleeps and wakes", arguments: layouts)
    func switches(_ layout: Layout) throws {
        let world = try World(NoHost())
        let instance = try world.add(module(layout))
        let (set, dig, pointer) = try (world.function("switch", of: instance), world.function("dig", of: instance), world.function("pointer", of: instance))
        for top: UInt32 in [40_000, 131_072, 60_000] {
            #expect(world.call(set, [.i32(top)]) == .nothing)
            #expect(world.call(dig, [.i32(30)]) == .nothing)
            #expect(world.call(pointer) == .i32(Int32(top)))
        }
        #expect(try world.runtime.auxStack(of: instance)?.peak == 0)
        #expect(world.call(set, [.i32(UInt32(layout.start) - 512)]) == .nothing)
        #expect(world.call(dig, [.i32(7)]) == .nothing)
        #expect(try world.runtime.auxStack(of: instance)?.peak == 1024)
        #expect(world.call(dig, [.i32(8)]) == .trap(.auxStackOverflow))
    }

    @Test("A stack among the data is a switch too, where the data come first")
    func switchToData() throws {
        let world = try World(NoHost())
        let instance = try world.add(module(Layout(isFirst: false, exportsDataEnd: true)))
        #expect(try world.call(world.function("switch", of: instance), [.i32(1088)]) == .nothing)
        #expect(try world.call(world.function("dig", of: instance), [.i32(0)]) == .nothing)
    }

    @Test("As longjmp does: back to a pointer that was kept")
    func longjmp() throws {
        let world = try World(NoHost())
        var module = module(Layout())
        let body = Code.globalGet(0) + Code.localSet(0) + Self.open(256) + Self.open(256) + Code.localGet(0) + Code.globalSet(0) + Code.globalGet(0)
        module.function([], [.i32], locals: [(2, .i32)], body: body, export: "jump")
        let instance = try world.add(module)
        #expect(try world.call(world.function("jump", of: instance)) == .i32(1024))
        #expect(try world.runtime.auxStack(of: instance)?.peak == 512)
    }

    @Test("A pointer beyond the memory is no stack: overflow below 0, underflow above")
    func beyond() throws {
        let world = try World(NoHost())
        for (value, trap): (UInt32, Trap) in [(0xffff_ff00, .auxStackOverflow), (131_073, .auxStackUnderflow)] {
            let instance = try world.add(module(Layout()))
            #expect(try world.call(world.function("switch", of: instance), [.i32(value)]) == .trap(trap))
        }
    }

    @Test("Unchecked, it never traps, and its peak is still counted")
    func unchecked() throws {
        let world = try World(NoHost())
        var configuration = InstanceConfiguration()
        configuration.checksAuxStack = false
        let instance = try world.runtime.instantiate(world.load(module(Layout())), links: Span<Link>(), in: world.environment, configuration: configuration, host: &world.host)
        #expect(try world.call(world.function("dig", of: instance), [.i32(15)]) == .nothing)
        #expect(try world.runtime.auxStack(of: instance)?.peak == 1024)
        // The store at an address below 0 is another trap.
        #expect(try world.call(world.function("dig", of: instance), [.i32(16)]) == .trap(.outOfBoundsMemoryAccess))
    }

    @Test("Names of globals: the pointer may be any of them; a module that names others has none")
    func names() throws {
        func named(_ index: Int, _ name: String) -> [UInt8] {
            let list = leb(1) + leb(index) + text(name)
            return ModuleBuilder.section(0, text("name") + [7] + leb(list.count) + list)
        }
        let world = try World(NoHost())
        var module = ModuleBuilder()
        module.memory(1)
        module.global(.i32, mutable: true, Code.i32(100))
        module.global(.i32, mutable: true, Code.i32(2000))
        #expect(try world.runtime.auxStack(of: world.instantiate(world.load(module.bytes + named(1, "__stack_pointer")))) == AuxStackReport(base: 0, size: 2000, peak: 0))
        #expect(try world.runtime.auxStack(of: world.instantiate(world.load(module.bytes + named(1, "~lib/memory/__stack_pointer")))) == nil)
        // With names, what only looks like one is none.
        let likely = self.module(Layout()).bytes
        #expect(try world.runtime.auxStack(of: world.instantiate(world.load(likely))) != nil)
        #expect(try world.runtime.auxStack(of: world.instantiate(world.load(likely + named(0, "~lib/memory/__stack_pointer")))) == nil)
    }

    private static let assemblyScripts: [(Int32, [UInt8])] = [
        // ~lib/memory/__stack_pointer: set without a local.
        (32_896, Code.globalGet(0) + Code.i32(16) + Code.i32Sub + Code.globalSet(0)),
        // The stub allocator's offset, which goes up.
        (32_896, Code.globalGet(0) + Code.i32(16) + Code.i32Add + Code.localTee(0) + Code.globalSet(0)),
        // `left = --counter`.
        (1024, Code.globalGet(0) + Code.i32(1) + Code.i32Sub + Code.localTee(0) + Code.globalSet(0)),
        (1000, Code.globalGet(0) + Code.i32(16) + Code.i32Sub + Code.localTee(0) + Code.globalSet(0)),
        // In the midst of its data.
        (48, Code.globalGet(0) + Code.i32(16) + Code.i32Sub + Code.localTee(0) + Code.globalSet(0)),
    ]

    @Test("AssemblyScript has none: neither its pointer to references, nor its offsets, nor a counter of the program's", arguments: 0..<5)
    func assemblyScript(_ number: Int) throws {
        let (start, body) = Self.assemblyScripts[number]
        let world = try World(NoHost())
        var module = ModuleBuilder()
        module.memory(1)
        module.global(.i32, mutable: true, Code.i32(start))
        module.function([], locals: [(1, .i32)], body: body, export: "f")
        module.data(at: 12, [UInt8](repeating: 0x1c, count: 20))
        module.data(at: 60, [UInt8](repeating: 0x2c, count: 20))
        let instance = try world.add(module)
        #expect(try world.runtime.auxStack(of: instance) == nil)
        #expect(try world.call(world.function("f", of: instance)) == .nothing)
    }

    @Test("An imported pointer shares the owner's stack: peak and overflow are one")
    func imported() throws {
        let world = try World(NoHost())
        let owner = try world.add(module(Layout(name: "__stack_pointer")))
        var module = ModuleBuilder()
        module.importMemory("env", "memory", 1)
        _ = module.importGlobal("env", "__stack_pointer", .i32, mutable: true)
        let dig = module.importFunction("env", "dig", [.i32])
        let body = Self.open(256) + Code.localGet(0) + Code.call(dig) + Self.close(256)
        module.function([.i32], locals: [(1, .i32)], body: body, export: "both")
        module.function([], locals: [(2, .i32)], body: Self.open(1040) + Self.close(1040), export: "large")
        let side = try world.add(module, links: [("env", owner)])
        #expect(try world.call(world.function("both", of: side), [.i32(3)]) == .nothing)
        #expect(try world.runtime.auxStack(of: side)?.peak == 512 && world.runtime.auxStack(of: owner)?.peak == 512)
        #expect(try world.call(world.function("large", of: side)) == .trap(.auxStackOverflow))
        #expect(try world.call(world.function("both", of: side), [.i32(12)]) == .trap(.auxStackOverflow))
    }

    @Test("The owner of an imported pointer is found wherever it stands among the instances, and one that has no stack is none", arguments: 0..<6)
    func owners(before: Int) throws {
        let world = try World(NoHost())
        for _ in 0..<before { _ = try world.add(module(Layout(name: "__stack_pointer"))) }
        let owner = try world.add(module(Layout(name: "__stack_pointer")))
        var side = ModuleBuilder()
        side.importMemory("env", "memory", 1)
        _ = side.importGlobal("env", "__stack_pointer", .i32, mutable: true)
        side.function([], locals: [(1, .i32), (1, .i32)], body: Self.open(256) + Self.close(256), export: "take")
        let friend = try world.add(side, links: [("env", owner)])
        #expect(try world.call(world.function("take", of: friend)) == .nothing)
        #expect(try world.runtime.auxStack(of: owner)?.peak == 256 && world.runtime.auxStack(of: friend)?.peak == 256)
        // Its pointer starts outside of its memory: no stack.
        var bare = ModuleBuilder()
        bare.memory(1, export: "memory")
        bare.global(.i32, mutable: true, Code.i32(1 << 20), export: "__stack_pointer")
        let stranger = try world.add(side, links: [("env", world.add(bare))])
        #expect(try world.runtime.auxStack(of: stranger) == nil)
        #expect(try world.call(world.function("take", of: stranger)) == .nothing)
    }

    private static let requests: [(UInt32, UInt32)] = [(0, 76), (512, 512 + 76), (4096, 1024 + 76)]

    @Test("What is asked for of a stack that comes first is committed at once, and never more than all of it", arguments: requests)
    func committed(_ bytes: UInt32, _ least: UInt32) throws {
        let world = try World(NoHost())
        var configuration = InstanceConfiguration()
        configuration.auxStackBytes = bytes
        let loaded = try world.load(module(Layout()))
        let need = try world.runtime.need(of: loaded, configuration)
        let before = world.inUse
        let instance = try world.runtime.instantiate(loaded, links: Span<Link>(), in: world.environment, configuration: configuration, host: &world.host)
        #expect(need.total == UInt64(world.inUse - before))
        let committed = try world.runtime.committedMemory(of: instance).now
        #expect(committed >= least && committed < least + 256 + 256)
    }

    @Test("A memory or a global that it cannot be: none")
    func none() throws {
        var noMemory = ModuleBuilder()
        noMemory.global(.i32, mutable: true, Code.i32(1024), export: "__stack_pointer")
        #expect(try stack(noMemory) == nil)
        for (kind, value, mutable): (Kind, [UInt8], Bool) in [(.i64, Code.i64(1024), true), (.i32, Code.i32(1024), false), (.i32, Code.i32(0), true), (.i32, Code.i32(65_537), true)] {
            var module = ModuleBuilder()
            module.memory(1)
            module.global(kind, mutable: mutable, value, export: "__stack_pointer")
            #expect(try stack(module) == nil)
        }
    }
}
