// A guest that writes what it likes into its app heap: errors by name, addresses inside, and not one byte changed anywhere else.

import ModuleBuilder
import Testing

@testable import MemoryPool
@testable import Runtime
@testable import WasmFormat

@Suite struct AppHeapHostilityTests {
    static let bytes: UInt32 = 600
    static let start: UInt32 = 65_536

    /// An instance whose app heap has blocks in use and holes between them.
    private func world() throws -> (World<NoHost>, Instance, live: [UInt32]) {
        let world = try World(NoHost(), pool: 8192, operandStack: 256, maximumModules: 1)
        let instance = try world.add(AppHeapTests.module(), configuration: InstanceConfiguration(appHeapBytes: Self.bytes))
        let all = try (0..<6).map { try world.allocate(UInt32(20 + $0 * 12), in: instance) }
        for i in [1, 3] { try world.free(all[i], in: instance) }
        return (world, instance, [all[0], all[2], all[4], all[5]])
    }

    /// Allocates and frees a little of everything; what came of it. Every address that is given lies inside.
    private func play(_ world: World<NoHost>, _ instance: Instance, _ live: [UInt32]) -> [String] {
        var endings: [GuestMemoryError?] = []
        var given: [UInt32] = []
        for bytes in [8, 30, 200, 0, 590] as [UInt32] {
            endings.append(guestMemoryError {
                let address = try world.allocate(bytes, in: instance)
                #expect(address >= Self.start && address - Self.start <= Self.bytes && bytes <= Self.bytes - (address - Self.start))
                given.append(address)
            })
        }
        for address in live + given + live { endings.append(guestMemoryError { try world.free(address, in: instance) }) }
        _ = world.appHeap(of: instance)
        return endings.map { $0.map { "\($0)" } ?? "done" }
    }

    @Test("each byte of the book-keeping changed, in each of its bits and to 0 and 255: errors by name, nothing outside is touched")
    func everyByte() throws {
        let (world, instance, live) = try world()
        let original = try world.read(Self.start, Self.bytes, of: instance)
        let outside = world.outsideAppHeap(of: instance)
        var seen: [String: Int] = [:]
        for at in 0..<Self.bytes {
            let byte = original[Int(at)]
            for changed in (0..<8).map({ byte ^ 1 << UInt8($0) }) + [0, 255] {
                try world.write(original, at: Self.start, of: instance)
                try world.write([changed], at: Self.start + at, of: instance)
                for ending in play(world, instance, live) { seen[ending, default: 0] += 1 }
            }
        }
        #expect(world.outsideAppHeap(of: instance) == outside)
        #expect(Set(seen.keys).isSubset(of: ["done", "exhausted", "corrupt", "doubleFree", "notAllocated"]))
        #expect(seen["corrupt"] ?? 0 > 1000 && seen["doubleFree"] ?? 0 > 1000 && seen["done"] ?? 0 > 1000, "\(seen)")
    }

    @Test("random words, runs and whole heaps of noise: the same")
    func noise() throws {
        let (world, instance, live) = try world()
        let original = try world.read(Self.start, Self.bytes, of: instance)
        let outside = world.outsideAppHeap(of: instance)
        var generator = SplitMix(state: 11)
        for round in 0..<6000 {
            var contents = original
            switch round % 4 {
            case 0:
                // Numbers that could be links, sizes or headers.
                for _ in 0...generator.below(6) {
                    let word = round % 8 == 0 ? generator.below(160) : UInt32(truncatingIfNeeded: generator.next())
                    let at = Int(generator.below(Self.bytes / 4)) * 4
                    for i in 0..<4 { contents[at + i] = UInt8(truncatingIfNeeded: word >> UInt32(i * 8)) }
                }
            case 1:
                // A word of the heap at another place: headers and links that are sound somewhere else.
                for _ in 0...generator.below(8) {
                    let from = Int(generator.below(Self.bytes / 4)) * 4
                    let to = Int(generator.below(Self.bytes / 4)) * 4
                    for i in 0..<4 { contents[to + i] = original[from + i] }
                }
            case 2:
                let first = generator.below(Self.bytes)
                for i in first..<first + generator.below(Self.bytes - first) + 1 where i < Self.bytes { contents[Int(i)] = UInt8(truncatingIfNeeded: generator.next()) }
            default:
                // Everything behind the mark and the counters, which then still pass.
                for i in 12..<Int(Self.bytes) - 8 { contents[i] = UInt8(truncatingIfNeeded: generator.next()) }
            }
            try world.write(contents, at: Self.start, of: instance)
            _ = play(world, instance, live)
        }
        #expect(world.outsideAppHeap(of: instance) == outside)
        #expect(world.isSound)
        // The instance itself is none the worse, and its app heap's block comes back whole.
        #expect(try world.call("size", of: instance) == .i32(1))
        #expect(world.tearDown(instance) && world.isSound)
    }

    @Test("a guest that zeroes or fills all of it leaves an app heap that says so")
    func wiped() throws {
        for value in [0, 0xff] as [UInt32] {
            let (world, instance, live) = try world()
            #expect(try world.call("fill", of: instance, .i32(Self.start), .i32(value), .i32(Self.bytes)) == .nothing)
            #expect(world.appHeap(of: instance) == nil)
            #expect(guestMemoryError { try world.allocate(8, in: instance) } == .corrupt)
            #expect(guestMemoryError { try world.free(live[0], in: instance) } == .corrupt)
        }
    }
}
