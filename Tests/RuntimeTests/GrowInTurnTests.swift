// Several memories that grow in one pool: what that takes at most, and what it moves.

import ModuleBuilder
import Testing

@testable import MemoryPool
@testable import Runtime
@testable import WasmFormat

@Suite struct GrowInTurnTests {
    /// `store(a)` writes a's low byte, plus 1, at a; `load(a)`; `grow` asks for a page.
    private var module: ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(1, 8)
        module.function([.i32], body: Code.localGet(0) + Code.localGet(0) + Code.i32(1) + Code.i32Add + Code.memory(Code.i32Store8), export: "store")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.memory(Code.i32Load8U), export: "load")
        module.function([], [.i32], body: Code.i32(1) + Code.memoryGrow, export: "grow")
        return module
    }

    private func store(_ world: World<NoHost>, _ instance: Instance, _ address: Int) throws -> Ending { try world.call("store", of: instance, .i32(address)) }

    /// All that was written is there, and what lies between is zero.
    private func check(_ world: World<NoHost>, _ instance: Instance, upTo end: Int, step: Int) throws {
        for address in stride(from: 0, to: end, by: step) {
            #expect(try world.call("load", of: instance, .i32(address)) == .i32(Int32((address + 1) & 0xff)))
            #expect(try world.call("load", of: instance, .i32(address + 1)) == .i32(0))
        }
    }

    @Test("memories that grow in turn need at most 1.5 times what they end with, and a pool of hardly more is enough", arguments: [2, 3, 5])
    func turns(count: Int) throws {
        let end = 60_000
        // What the windows end with, a sixteenth for the last step of each, and 3 KB for the rest.
        let world = try World(NoHost(), pool: (count * end * 17 / 16 + 3072) & ~7, operandStack: 512)
        let loaded = try world.load(module)
        let instances = try (0..<count).map { _ in try world.instantiate(loaded) }
        for address in stride(from: 0, to: end, by: 100) {
            for instance in instances { #expect(try store(world, instance, address) == .nothing, "\(address)") }
        }
        let report = world.pool
        #expect(Double(report.peak) <= 1.1 * Double(report.inUse), "peak \(report.peak), in use \(report.inUse)")
        for instance in instances { try check(world, instance, upTo: end, step: 100) }
        #expect(world.isSound)
        for instance in instances { #expect(world.tearDown(instance)) }
    }

    @Test("memory.grow is honest between windows: what others leave is promised, and no more", arguments: [false, true])
    func honest(isSecond: Bool) throws {
        let world = try World(NoHost(), pool: 160 << 10, operandStack: 512)
        let loaded = try world.load(module)
        let pair = [try world.instantiate(loaded), try world.instantiate(loaded)]
        for instance in pair { #expect(try store(world, instance, 100) == .nothing && store(world, instance, 20_000) == .nothing) }
        let grower = pair[isSecond ? 1 : 0]
        #expect(try world.call("grow", of: grower) == .i32(1))
        #expect(try store(world, grower, 131_000) == .nothing)
        // Two windows of 131,000 and 20,000 bytes: nothing more can be had.
        let inUse = world.inUse
        for instance in pair { #expect(try world.call("grow", of: instance) == .i32(-1)) }
        #expect(world.inUse == inUse && world.isSound)
        #expect(try world.call("load", of: grower, .i32(20_000)) == .i32(33) && world.call("load", of: pair[0], .i32(100)) == .i32(101))
        #expect(try store(world, pair[isSecond ? 0 : 1], 60_000) == .trap(.memoryExhausted))
    }

    @Test("windows that grow downward and upward, come and go: contents stay, and nothing is left", arguments: 0..<20)
    func random(seed: Int) throws {
        let world = try World(NoHost(), pool: 100 << 10, operandStack: 512)
        let loaded = try world.load(module)
        let before = world.pool
        var random = Numbers(seed)
        var lives: [(instance: Instance, written: Set<Int>)] = []
        for _ in 0..<400 {
            if lives.count < 2 || lives.count < 5 && random.below(20) == 0 { lives.append((try world.instantiate(loaded), [])) }
            let index = random.below(lives.count)
            if random.below(30) == 0 {
                #expect(world.tearDown(lives.remove(at: index).instance))
                continue
            }
            // Near 30,000, and further away as time goes by.
            let address = 30_000 + random.below(12_000) - 6_000
            if try store(world, lives[index].instance, address) == .nothing { lives[index].written.insert(address) }
            for life in lives {
                if let address = life.written.randomElement() { #expect(try world.call("load", of: life.instance, .i32(address)) == .i32(Int32((address + 1) & 0xff))) }
            }
        }
        #expect(world.isSound)
        for life in lives {
            for address in 23_000..<37_000 where life.written.contains(address) || address % 16 == 0 {
                #expect(try world.call("load", of: life.instance, .i32(address)) == .i32(life.written.contains(address) ? Int32((address + 1) & 0xff) : 0))
            }
            #expect(world.tearDown(life.instance))
        }
        #expect(world.pool.inUse == before.inUse && world.pool.largestFree == before.largestFree)
    }
}
