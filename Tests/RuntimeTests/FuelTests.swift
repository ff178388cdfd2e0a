// Fuel: every loop, call and bulk instruction polls, so that no run goes on without it; what was paused goes on where it was.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

@Suite struct FuelTests {
    /// Bulk instructions of n pieces, by their names, each with the elements or bytes of a piece.
    static let bulk: [(name: String, unit: Int)] = [
        ("memory.fill", 256), ("memory.copy", 256), ("memory.copy down", 256), ("memory.init", 256),
        ("table.fill", 64), ("table.copy", 64), ("table.copy down", 64), ("table.init", 64), ("table.init expressions", 64), ("table.grow", 64),
    ]

    /// The instruction that `bulk` names, on as many bytes or elements as local 0 says; drops what it gives.
    private func instruction(_ name: String) -> [UInt8] {
        let n = Code.localGet(0)
        return switch name {
        case "memory.fill": Code.i32(0) + Code.i32(7) + n + Code.memoryFill
        case "memory.copy": Code.i32(0) + Code.i32(20_000) + n + Code.memoryCopy
        case "memory.copy down": Code.i32(20_000) + Code.i32(0) + n + Code.memoryCopy
        case "memory.init": Code.i32(5) + Code.i32(3) + n + Code.memoryInit(1)
        case "table.fill": Code.i32(0) + Code.refNull(.funcref) + n + Code.tableFill(0)
        case "table.copy": Code.i32(0) + Code.i32(4_500) + n + Code.tableCopy()
        case "table.copy down": Code.i32(4_500) + Code.i32(0) + n + Code.tableCopy()
        case "table.init", "table.init expressions": Code.i32(5) + Code.i32(3) + n + Code.tableInit(0)
        default: Code.refNull(.funcref) + n + Code.tableGrow(1) + Code.drop
        }
    }

    /// `loop` counts down from n; the instruction of that name does its n and gives 1; `endless` does so for ever.
    private func polls(_ name: String) -> ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(1)
        module.table(9_000)
        module.table(0)
        module.function([], body: [0x01], export: "nothing")
        let count = Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.localTee(0) + Code.brIf(0)
        module.function([.i32], [.i32], body: Code.loop(nil, count) + Code.i32(1), export: "loop")
        module.data(at: 0, [1, 2, 3])
        module.passiveData(Array(repeating: 9, count: 16_400))
        if name == "table.init expressions" {
            module.elements = [[5, 0x70] + leb(4_100) + Array(repeatElement([0xd0, 0x70, 0x0b], count: 4_100).joined())]
        } else {
            module.passiveElements(Array(repeating: 0, count: 4_100))
        }
        if name != "loop" { module.function([.i32], [.i32], body: instruction(name) + Code.i32(1), export: name) }
        module.function([.i32], body: Code.loop(nil, instruction(name) + Code.br(0)), export: "endless")
        return module
    }

    @Test("fuel is exact: n polls are allowed, the next one ends the run, and later runs work", arguments: [("loop", 1)] + bulk)
    func exact(name: String, unit: Int) throws {
        let world = try World(NoHost())
        let instance = try world.add(polls(name))
        #expect(try world.call("nothing", of: instance, fuel: 0) == .outOfFuel && world.call("nothing", of: instance, fuel: 1) == .nothing)
        for polls in [1, 2, 3, 14, 15, 16, 17, 18, 31, 32, 33, 34, 60] {
            // So many polls: the last round or piece does not poll. A table that moves as it grows costs more: here each is new.
            func call(_ fuel: UInt64?) throws -> Ending {
                guard name == "table.grow" else { return try world.call(name, of: instance, .i32((polls + 1) * unit), fuel: fuel) }
                let world = try World(NoHost())
                return try world.call(name, of: world.add(self.polls(name)), .i32((polls + 1) * unit), fuel: fuel)
            }
            #expect(try call(0) == .outOfFuel)
            #expect(try call(UInt64(polls - 1)) == .outOfFuel, "\(polls)")
            #expect(try call(UInt64(polls)) == .i32(1), "\(polls)")
            #expect(try call(nil) == .i32(1))
        }
        #expect(try world.call("loop", of: instance, .i32(0), fuel: 100_000) == .outOfFuel)
        #expect(try world.call("loop", of: instance, .i32(5)) == .i32(1))
    }

    @Test("a bulk instruction in an endless loop ends with its fuel, whatever its length", arguments: bulk)
    func endless(name: String, unit: Int) throws {
        let world = try World(NoHost(), pool: 1 << 20)
        let instance = try world.add(polls(name))
        for length in [0, 1, unit, unit * 16, unit * 17, unit * 64] {
            #expect(try world.call("endless", of: instance, .i32(length), fuel: 1_000) == .outOfFuel, "\(length)")
        }
        #expect(world.isSound)
    }

    /// `data(n)` and `elements(n)` do a `memory.init` and a `table.init` of n from the last of many segments.
    private func far(segments: Int, entries: Int) -> ModuleBuilder {
        var module = ModuleBuilder()
        module.memory(1)
        module.table(100, export: "table")
        let f = module.function([], body: [])
        for _ in 0..<segments {
            module.passiveData([])
            module.passiveElements([])
        }
        module.passiveData([5, 6, 7, 8])
        module.passiveElements(Array(repeating: f, count: entries))
        module.function([.i32], [.i32], body: Code.i32(0) + Code.i32(1) + Code.localGet(0) + Code.memoryInit(segments) + Code.i32(0) + Code.memory(Code.i32Load), export: "data")
        let index = Code.i32(0) + Code.i32(Int32(entries - 1))
        module.function([.i32], [.i32], body: index + Code.localGet(0) + Code.tableInit(segments) + Code.i32(0) + Code.tableGet(0) + Code.refIsNull, export: "elements")
        return module
    }

    @Test("on the way to a segment 64 others, or 64 entries, are a poll; a walk that pauses ends at the right one")
    func walk() throws {
        let world = try World(NoHost(), pool: 1 << 20)
        let instance = try world.add(far(segments: 6_400, entries: 6_400))
        // The sections on the way may make a poll more, the entry that is copied one less.
        for (name, polls, length, result, trap) in [
            ("data", 100, 2, Ending.i32(0x07_06), Trap.outOfBoundsMemoryAccess), ("elements", 200, 1, .i32(0), .outOfBoundsTableAccess),
        ] {
            let least = try #require((0..<300).first { try! world.call(name, of: instance, .i32(length), fuel: UInt64($0)) != .outOfFuel })
            #expect((polls - 1...polls + 2).contains(least), "\(name): \(least)")
            #expect(try world.call(name, of: instance, .i32(length), fuel: UInt64(least)) == result)
            #expect(try world.call(name, of: instance, .i32(length * 2)) == .trap(trap))
        }
    }

    @Test("segments of every shape are stepped over, and a dropped one is empty")
    func shapes() throws {
        let world = try World(NoHost())
        var module = ModuleBuilder()
        module.memory(1)
        module.table(10)
        module.table(10)
        module.global(.i32, mutable: true, Code.i32(0))
        let f = module.function([], body: [])
        let expressions: [UInt8] = [2, 0xd0, 0x70, 0x0b, 0xd2] + leb(f) + [0x0b]
        module.elements = [
            [0, 0x41, 0, 0x0b, 1, 0], [1, 0, 3, 0x80, 0x80, 0, 0, 0], [2, 1, 0x41, 1, 0x0b, 0, 1, 0], [3, 0, 1, 0], [4, 0x41, 2, 0x0b] + expressions,
            [5, 0x70] + expressions, [6, 1, 0x41, 0, 0x0b, 0x70] + expressions, [7, 0x70] + expressions, [1, 0, 1, 0],
        ]
        module.data(at: 0, [1])
        module.passiveData([2, 3])
        module.data.append([2, 0, 0x41, 8, 0x0b, 3, 4, 5, 6])
        module.passiveData([7, 8])
        // What it gives: whether the element is null, or the byte.
        for segment in module.elements.indices {
            let copy = Code.i32(9) + Code.localGet(0) + Code.i32(1) + Code.tableInit(segment)
            module.function([.i32], [.i32], body: copy + Code.i32(9) + Code.tableGet(0) + Code.refIsNull, export: "elements\(segment)")
        }
        for segment in module.data.indices {
            let copy = Code.i32(99) + Code.localGet(0) + Code.i32(1) + Code.memoryInit(segment)
            module.function([.i32], [.i32], body: copy + Code.i32(99) + Code.memory(Code.i32Load8U), export: "data\(segment)")
        }
        module.function([], body: Code.elemDrop(8) + Code.dataDrop(3), export: "drop")
        let instance = try world.instantiate(world.load(custom + module.bytes.dropFirst(8)))
        for (name, index, result) in [("elements1", 2, 0), ("elements5", 0, 1), ("elements5", 1, 0), ("elements8", 0, 0), ("data1", 0, 2), ("data1", 1, 3), ("data3", 1, 8)] {
            #expect(try world.call(name, of: instance, .i32(index)) == .i32(Int32(result)), "\(name)")
        }
        for name in ["elements0", "elements2", "elements3", "elements4", "elements6", "elements7"] {
            #expect(try world.call(name, of: instance, .i32(0)) == .trap(.outOfBoundsTableAccess), "\(name)")
        }
        for (name, index) in [("elements1", 3), ("elements5", 2), ("elements8", 1)] {
            #expect(try world.call(name, of: instance, .i32(index)) == .trap(.outOfBoundsTableAccess), "\(name)")
        }
        for (name, index) in [("data0", 0), ("data2", 0), ("data1", 2), ("data3", 2)] {
            #expect(try world.call(name, of: instance, .i32(index)) == .trap(.outOfBoundsMemoryAccess), "\(name)")
        }
        #expect(try world.call("drop", of: instance) == .nothing)
        #expect(try world.call("elements8", of: instance, .i32(0)) == .trap(.outOfBoundsTableAccess) && world.call("data3", of: instance, .i32(0)) == .trap(.outOfBoundsMemoryAccess))
    }

    /// A header and custom sections, one of them long.
    private let custom: [UInt8] = ModuleBuilder.header + ModuleBuilder.section(0, [1, 0x61]) + ModuleBuilder.section(0, [1, 0x62] + Array(repeating: 9, count: 5_000))

    @Test("a table that ran out of fuel as it grew has only elements that were filled, and grows on later; moving it is paid for")
    func growth() throws {
        let world = try World(NoHost(), pool: 1 << 20)
        var module = ModuleBuilder()
        module.table(10, 50_000)
        module.table(6_400)
        let f = module.function([], body: [])
        module.declareElements([f])
        module.function([.i32], [.i32], body: Code.refFunc(f) + Code.localGet(0) + Code.tableGrow(0), export: "grow")
        module.function([.i32], [.i32], body: Code.refFunc(f) + Code.localGet(0) + Code.tableGrow(1), export: "move")
        module.function([], [.i32], body: Code.tableSize(0), export: "size")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.tableGet(0) + Code.refIsNull, export: "is null")
        let instance = try world.add(module)
        #expect(try world.call("grow", of: instance, .i32(6_400), fuel: 20) == .outOfFuel)
        guard case .values(let values) = try world.call("size", of: instance) else { throw Missing(name: "size") }
        let size = try #require(values.first).cells.low
        #expect((10 + 64...10 + 64 * 21).contains(Int(size)))
        for i in 0..<Int(size) { #expect(try world.call("is null", of: instance, .i32(i)) == .i32(i < 10 ? 1 : 0)) }
        #expect(try world.call("grow", of: instance, .i32(6_400)) == .i32(Int32(size)) && world.call("size", of: instance) == .i32(Int32(size) + 6_400))
        #expect(try world.call("is null", of: instance, .i32(Int(size) + 6_399)) == .i32(0))
        #expect(try world.call("grow", of: instance, .i32(50_000)) == .i32(-1) && world.call("grow", of: instance, .i32(-1)) == .i32(-1))
        #expect(world.isSound)
        // Two elements more, and no room behind the table: 6,400 are moved for a hundred polls.
        for (fuel, ending) in [(99, Ending.outOfFuel), (100, .i32(6_400))] {
            let world = try World(NoHost(), pool: 1 << 20)
            let instance = try world.add(module)
            #expect(try world.call("move", of: instance, .i32(2), fuel: UInt64(fuel)) == ending)
            if ending == .outOfFuel { #expect(try world.call("move", of: instance, .i32(2), fuel: 1) == .i32(6_400)) }
            #expect(world.isSound)
        }
    }
}
