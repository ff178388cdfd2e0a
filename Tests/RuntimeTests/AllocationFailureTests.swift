// Every allocation of every guest and sample refused once, alone and with all behind it: a clean error, and the pool of the first day.

import ModuleBuilder
import TestGuests
import Testing

@testable import MemoryPool
@testable import Runtime
@testable import WasmFormat

/// What is played: a module with what it links, and calls.
struct Piece: @unchecked Sendable, CustomStringConvertible {
    var name: String
    var bytes: [UInt8]
    /// Names lie in memory that stays.
    var links: [(name: UnsafeRawBufferPointer, bytes: [UInt8])] = []
    var calls: [(name: String, arguments: [Value])]
    var description: String { name }

    /// Guests, samples and a module that does what they do not: grow memory and tables, and read and write all over.
    static func all() throws -> [Piece] {
        let samples = try Sample.all(in: GuestFolder.samples).filter(\.isSupported)
        return try GuestFolder.expected().map { Piece(name: "\($0)", bytes: try $0.bytes(), calls: $0.calls.map { ($0.name, $0.arguments) }) }
            + samples.map { sample in
                Piece(name: sample.name, bytes: sample.bytes, links: sample.links.map { link in (lasting(link.module), samples.first { $0.name == link.sample }!.bytes) },
                      calls: sample.calls.map { ($0.name, $0.arguments) })
            } + [Piece(name: "grower", bytes: grower.bytes, calls: [("touch", [.i32(100 as UInt32)]), ("grow", []), ("touch", [.i32(60_000 as UInt32)]), ("touch", [.i32(7 as UInt32)])]),
                 Piece(name: "malloc", bytes: allocator(["malloc", "free"]).bytes, calls: []),
                 Piece(name: "AssemblyScript", bytes: allocator(["__new", "__unpin", "__pin"]).bytes, calls: []),
                 Piece(name: "early AssemblyScript", bytes: allocator(["__new", "__release", "__retain"]).bytes, calls: [])]
    }

    /// Allocates upward from its first page, with two pages more each time, and writes into each block.
    private static func allocator(_ names: [String]) -> ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(1, 20)
        module.global(.i32, mutable: true, Code.i32(65_536))
        let isOld = names.count == 2
        let grow = Code.i32(2) + Code.memoryGrow + Code.i32(1) + Code.i32Add + Code.i32Eqz + Code.if(nil, Code.i32(0) + Code.return)
        let store = Code.globalGet(0) + Code.localGet(0) + Code.memory(Code.i32Store)
        let next = Code.globalGet(0) + Code.globalGet(0) + Code.i32(131_072) + Code.i32Add + Code.globalSet(0)
        module.function(isOld ? [.i32] : [.i32, .i32], [.i32], body: grow + store + next, export: names[0])
        module.function([.i32], body: Code.localGet(0) + Code.i32(0) + Code.memory(Code.i32Store), export: names[1])
        if !isOld { module.function([.i32], [.i32], body: Code.localGet(0) + Code.i32(1) + Code.memory(Code.i32Store) + Code.localGet(0), export: names[2]) }
        return module
    }

    private static func lasting(_ name: String) -> UnsafeRawBufferPointer {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: name.utf8.count, alignment: 1)
        buffer.copyBytes(from: name.utf8)
        return UnsafeRawBufferPointer(buffer)
    }

    /// `touch(n)` writes n bytes at n; `grow` makes memory and table larger.
    static var grower: ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(2, 8)
        module.table(2, 50)
        module.table(3, 3, of: .externref)
        module.data(at: 500, Array(repeating: 3, count: 90))
        module.passiveData([1, 2, 3])
        module.function([.i32], body: Code.localGet(0) + Code.i32(1) + Code.localGet(0) + Code.memoryFill, export: "touch")
        module.function([], [.i32], body: Code.i32(1) + Code.memoryGrow + Code.refNull(.funcref) + Code.i32(30) + Code.tableGrow(0) + Code.i32Add, export: "grow")
        return module
    }
}

/// Plays pieces in runtimes that begin anew in one buffer.
final class Stage {
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 << 20, alignment: 16)
    deinit { buffer.deallocate() }

    /// How it went: what was asked for and refused, and whether an error was thrown.
    struct Ending {
        var asked: UInt32 = 0
        var refused: UInt32 = 0
        var hasFailed = false
        /// Blocks of guest memory that the host got.
        var allocated: UInt32 = 0
    }

    /// What allocating or freeing guest memory may end in.
    private func check(_ error: GuestMemoryError?, _ piece: Piece, _ refusal: UInt32?, _ ending: inout Ending) {
        switch error {
        case nil, .noAllocator, .outOfFuel: break
        case .exhausted, .trapped(.memoryExhausted):
            #expect(refusal != nil, "\(piece)")
            ending.hasFailed = true
        case let error?: Issue.record("\(piece), refusal \(String(describing: refusal)): \(error)")
        }
    }

    /// Load, instantiate, allocate as the host, call, free, tear down. `refusal` is the allocation that is refused, the first one being 0.
    func play(_ piece: Piece, fuel: UInt64, refusal: UInt32?, isLasting: Bool = false) throws -> Ending {
        var runtime = try Runtime<WritingHost>(buffer: buffer)
        let before = runtime.pool
        var host = WritingHost()
        var ending = Ending()
        runtime.refuseAllocation(after: refusal ?? .max, isLasting: isLasting)
        var instances: [Instance] = []
        var modules: [Module] = []
        var stack: ExecutionEnvironment?
        do {
            let environment = try runtime.makeExecutionEnvironment(operandStackBytes: 16 << 10)
            stack = environment
            var links: [Link] = []
            for link in piece.links {
                let module = try link.bytes.withUnsafeBytes { try runtime.load($0) }
                modules.append(module)
                let instance = try runtime.instantiate(module, links: Span<Link>(), in: environment, host: &host)
                instances.append(instance)
                links.append(Link(link.name, instance))
            }
            let module = try piece.bytes.withUnsafeBytes { try runtime.load($0) }
            modules.append(module)
            // Of its own where it has no allocator of the guest's to go to.
            var configuration = InstanceConfiguration(appHeapBytes: 512, cap: 4 << 20)
            configuration.auxStackBytes = 1000
            let instance = try runtime.instantiate(module, links: links.span, in: environment, configuration: configuration, fuel: fuel, host: &host)
            instances.append(instance)
            var blocks: [UInt32] = []
            for _ in 0..<3 {
                let failure = guestMemoryError {
                    let address = try runtime.allocateGuestMemory(100, in: instance, environment: environment, fuel: fuel, host: &host)
                    blocks.append(address)
                    _ = try? runtime.put([1, 2, 3], at: address, of: instance)
                }
                check(failure, piece, refusal, &ending)
            }
            let own = runtime.allocate(40)
            if own == nil {
                #expect(refusal != nil && runtime.shortage.need >= 40)
                ending.hasFailed = true
            }
            for call in piece.calls {
                guard case .function(let function) = try runtime.export(Array(call.name.utf8).span, of: instance) else { continue }
                let outcome = try runtime.call(function, call.arguments.span, in: environment, fuel: fuel, host: &host)
                if outcome == .trapped(.memoryExhausted) { ending.hasFailed = true }
                if outcome == .outOfFuel { try runtime.cancel(environment) }
            }
            for address in blocks {
                check(guestMemoryError { try runtime.freeGuestMemory(address, in: instance, environment: environment, fuel: fuel, host: &host) }, piece, refusal, &ending)
            }
            if let own { try runtime.free(own) }
            ending.allocated = UInt32(blocks.count)
        } catch let error as LoadError {
            #expect(error.reason == .noMemory || refusal == nil, "\(piece) \(String(describing: refusal)): \(error)")
            ending.hasFailed = true
        } catch let error as InstantiationError {
            switch error {
            case .load(let error): #expect(error.reason == .noMemory || refusal == nil, "\(piece) \(String(describing: refusal)): \(error)")
            case .trapped(_, let rest): if rest != .none { instances.append(rest) }
            case .paused(_, let rest):
                if let stack { try runtime.cancel(stack) }
                instances.append(rest)
            case .handle(let error): Issue.record("\(piece): \(error)")
            }
            ending.hasFailed = true
        }
        (ending.asked, ending.refused) = runtime.allocationCounts
        // Teardown needs nothing: the refusals go on.
        try runtime.tearDown(instances.span)
        for module in modules { try runtime.unload(module) }
        if let stack { try runtime.remove(stack) }
        #expect(runtime.allocationCounts.asked == ending.asked, "\(piece): teardown allocates")
        #expect(runtime.pool.inUse == before.inUse && runtime.pool.largestFree == before.largestFree, "\(piece), refusal \(String(describing: refusal))")
        let isSound = runtime.engine.heap.pool(0).check()
        #expect(isSound, "\(piece), refusal \(String(describing: refusal))")
        return ending
    }
}

@Suite struct AllocationFailureTests {
    @Test("each allocation refused, alone or with all that follow, is a clean error, and after teardown the pool is as on the first day", arguments: try Piece.all())
    func refusals(of piece: Piece) throws {
        let stage = Stage()
        // As little fuel as gets to the last allocation that a long run has.
        let whole = try stage.play(piece, fuel: 1 << 17, refusal: nil)
        #expect(whole.asked >= 3, "environment, module, instance")
        let allocators: Set = ["alloc", "malloc", "AssemblyScript", "early AssemblyScript", "hello", "grower"]
        if allocators.contains(piece.name) { #expect(whole.allocated == 3) }
        var fuel: UInt64 = 64
        while try stage.play(piece, fuel: fuel, refusal: nil).asked < whole.asked { fuel *= 2 }
        for isLasting in [false, true] {
            for refusal in 0..<whole.asked {
                let ending = try stage.play(piece, fuel: fuel, refusal: refusal, isLasting: isLasting)
                #expect(ending.refused > 0, "\(piece), refusal \(refusal) is never met")
                // An environment, a module and an instance have no smaller size that they could do with.
                if isLasting && refusal < 3 && piece.links.isEmpty { #expect(ending.hasFailed, "\(piece), refusal \(refusal)") }
            }
        }
    }

    @Test("ten thousand random cycles of mixed modules leave no byte behind, and the pool is in one piece each time that all are gone")
    func cycles() throws {
        let world = try World(NoHost(), pool: 1 << 18)
        let before = world.pool
        var random = Numbers(7)
        var owner = ModuleBuilder()
        owner.memory(1, 3, export: "memory")
        owner.table(6, 40, export: "table")
        owner.data(at: 40, [1, 2, 3, 4])
        owner.function([.i32], body: Code.localGet(0) + Code.i32(1) + Code.memory(Code.i32Store8), export: "run")
        // Puts a function into its owner's table: they need each other.
        var friend = ModuleBuilder()
        _ = friend.importTable("a", "table", 6)
        friend.importMemory("a", "memory", 1)
        friend.function([.i32], body: Code.i32(1) + Code.memoryGrow + Code.drop + Code.localGet(0) + Code.i32(7) + Code.memory(Code.i32Store), export: "run")
        friend.elements(at: 2, [0])
        var refused = ModuleBuilder()
        refused.memory(1)
        refused.data(at: 65_535, [1, 2])
        var small = ModuleBuilder()
        small.global(.i64, mutable: true, Code.i64(1))
        small.function([.i32], body: Code.i64(2) + Code.globalSet(0), export: "run")
        let kinds = [owner.bytes, Piece.grower.bytes, small.bytes, refused.bytes]
        /// Modules that came together, and their instances.
        var lives: [(modules: [Module], instances: [Instance])] = []
        func end(_ index: Int) throws {
            let life = lives.remove(at: index)
            try world.runtime.tearDown(life.instances.span)
            for module in life.modules { try world.runtime.unload(module) }
        }
        for cycle in 0..<10_000 {
            let kind = random.below(kinds.count)
            let module = try world.load(kinds[kind])
            var life = (modules: [module], instances: [Instance]())
            if let instance = try? world.instantiate(module) {
                life.instances.append(instance)
                if kind == 0 {
                    life.modules.append(try world.load(friend.bytes))
                    life.instances.append(try world.instantiate(life.modules[1], links: [("a", instance)]))
                }
                let name = kind == 1 ? "touch" : "run"
                _ = try world.call(name, of: life.instances.last!, .i32(random.below(20_000)))
            }
            #expect((kind == 3) == life.instances.isEmpty)
            lives.append(life)
            while lives.count > random.below(6) { try end(random.below(lives.count)) }
            guard cycle % 250 == 249 else { continue }
            while !lives.isEmpty { try end(lives.count - 1) }
            #expect(world.pool.inUse == before.inUse && world.pool.largestFree == before.largestFree, "cycle \(cycle)")
            #expect(world.isSound, "cycle \(cycle)")
        }
    }
}
