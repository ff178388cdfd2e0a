// Loads and stores at every alignment, on every core: guests may do it, the M0 cannot, and RISC-V need not.

import ModuleBuilder
import Testing

/// A module whose `main` gives an i64 for each load and store, a sum over what it read, or over what memory held then.
private struct UnalignedModule {
    struct Access {
        let name: String
        let opcode: UInt8
        let type: Kind
    }

    static let loads = [
        Access(name: "i32.load", opcode: 0x28, type: .i32), Access(name: "i64.load", opcode: 0x29, type: .i64),
        Access(name: "f32.load", opcode: 0x2a, type: .f32), Access(name: "f64.load", opcode: 0x2b, type: .f64),
        Access(name: "i32.load8_s", opcode: 0x2c, type: .i32), Access(name: "i32.load8_u", opcode: 0x2d, type: .i32),
        Access(name: "i32.load16_s", opcode: 0x2e, type: .i32), Access(name: "i32.load16_u", opcode: 0x2f, type: .i32),
        Access(name: "i64.load8_s", opcode: 0x30, type: .i64), Access(name: "i64.load8_u", opcode: 0x31, type: .i64),
        Access(name: "i64.load16_s", opcode: 0x32, type: .i64), Access(name: "i64.load16_u", opcode: 0x33, type: .i64),
        Access(name: "i64.load32_s", opcode: 0x34, type: .i64), Access(name: "i64.load32_u", opcode: 0x35, type: .i64),
    ]
    static let stores = [
        Access(name: "i32.store", opcode: 0x36, type: .i32), Access(name: "i64.store", opcode: 0x37, type: .i64),
        Access(name: "f32.store", opcode: 0x38, type: .f32), Access(name: "f64.store", opcode: 0x39, type: .f64),
        Access(name: "i32.store8", opcode: 0x3a, type: .i32), Access(name: "i32.store16", opcode: 0x3b, type: .i32),
        Access(name: "i64.store8", opcode: 0x3c, type: .i64), Access(name: "i64.store16", opcode: 0x3d, type: .i64),
        Access(name: "i64.store32", opcode: 0x3e, type: .i64),
    ]

    /// In an instruction's word, at its border, and in a word of its own.
    private static let offsets = [0, 3, 255, 256, 301]
    /// Each of eight alignments twice.
    private static let addresses = 16
    private static let memoryBytes = 340

    let names: [String]
    let bytes: [UInt8]

    init(floats: Bool) {
        func isIn(_ access: Access) -> Bool { floats || access.type == .i32 || access.type == .i64 }
        var module = ModuleBuilder()
        module.memory(1)
        module.data(at: 0, (0..<Self.memoryBytes).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ $0 >> 3 &+ 0x85) })
        let loads = Self.loads.filter(isIn), stores = Self.stores.filter(isIn)
        let functions = loads.map { module.function([], [.i64], locals: [(1, .i32), (1, .i64)], body: Self.load($0)) }
            + stores.map { module.function([], [.i64], locals: [(1, .i32), (1, .i64)], body: Self.store($0)) }
            + [module.function([], [.i64], locals: [(1, .i32), (1, .i64)], body: Self.bulk)]
        module.function([], functions.map { _ in .i64 }, body: functions.flatMap { Code.call($0) }, export: "main")
        names = (loads + stores).map(\.name) + ["memory.fill and memory.copy"]
        bytes = module.bytes
    }

    /// Sums of two instructions that do the same differ.
    private static func begin(_ access: Access) -> [UInt8] { Code.i64(Int64(access.opcode)) + Code.localSet(1) }

    /// The sum, local 1, times a prime and what is on the stack added.
    private static func add(_ value: [UInt8]) -> [UInt8] {
        Code.localGet(1) + Code.i64(1_099_511_628_211) + [0x7e] + value + Code.i64Add + Code.localSet(1)
    }

    /// `body` for each address from 0 up, which is local 0.
    private static func turns(_ count: Int, _ body: [UInt8]) -> [UInt8] {
        Code.i32(0) + Code.localSet(0) + Code.loop(nil, body + Code.localGet(0) + Code.i32(1) + Code.i32Add + Code.localTee(0) + Code.i32(Int32(count)) + [0x49] + Code.brIf(0))
    }

    /// A value of the type on the stack, as an i64.
    private static func widened(_ type: Kind) -> [UInt8] {
        switch type {
        case .i32: [0xac]               // i64.extend_i32_s
        case .f32: [0xbc, 0xac]         // i32.reinterpret_f32
        case .f64: [0xbd]               // i64.reinterpret_f64
        default: []
        }
    }

    private static func narrowed(_ type: Kind) -> [UInt8] {
        switch type {
        case .i32: [0xa7]
        case .f32: [0xa7, 0xbe]
        case .f64: [0xbf]
        default: []
        }
    }

    /// A sum over all of memory, byte by byte.
    private static let sum = turns(memoryBytes, add(Code.localGet(0) + Code.memory(0x31))) + Code.localGet(1)

    private static func load(_ access: Access) -> [UInt8] {
        let perAddress = offsets.flatMap { add(Code.localGet(0) + Code.memory(access.opcode, offset: $0) + widened(access.type)) }
        let constants = [1, 2, 3, 5, 7].flatMap { add(Code.i32($0) + Code.memory(access.opcode, offset: 4) + widened(access.type)) }
        return begin(access) + turns(addresses, perAddress) + constants + Code.localGet(1)
    }

    private static func store(_ access: Access) -> [UInt8] {
        // What is stored is the sum itself, which each store changes.
        let perAddress = offsets.flatMap {
            add(Code.i64(0x1234_5678_9abc_def0)) + Code.localGet(0) + Code.localGet(1) + narrowed(access.type) + Code.memory(access.opcode, offset: $0)
        }
        let constants = [1, 2, 3, 5, 7].flatMap { add(Code.i64(1)) + Code.i32($0) + Code.localGet(1) + narrowed(access.type) + Code.memory(access.opcode, offset: 60) }
        return begin(access) + turns(addresses, perAddress) + constants + sum
    }

    private static let bulk: [UInt8] = {
        // Lengths grow with the address, and the copies overlap either way.
        let fill = Code.localGet(0) + Code.i32(200) + Code.i32Add + Code.localGet(0) + Code.localGet(0) + Code.memoryFill
        let up = Code.localGet(0) + Code.i32(65) + Code.i32Add + Code.localGet(0) + Code.i32(62) + Code.i32Add + Code.localGet(0) + Code.i32(17) + Code.i32Add + Code.memoryCopy
        let down = Code.localGet(0) + Code.i32(120) + Code.i32Add + Code.localGet(0) + Code.i32(127) + Code.i32Add + Code.localGet(0) + Code.i32(9) + Code.i32Add + Code.memoryCopy
        return turns(addresses, fill + up + down) + sum
    }()
}

// In the suite that builds firmwares one after the other.
extension GuestTests {
    @Test("Unaligned loads and stores of every width give on every board what they give on the host", arguments: boards)
    func unaligned(board: String) throws {
        let traits = try #require(manifests[board]).features ?? "default"
        let module = UnalignedModule(floats: traits == "default")
        let host = try HostRun.results(of: module.bytes)
        try #require(host.count == module.names.count && Set(host).count == host.count)
        let run = try GuestFirmware(module.bytes, for: board, traits: traits, packed: isSmall(board)).run(on: board)
        #expect(run.status == 0, "\(run.output)")
        let lines = run.lines.filter { $0.hasSuffix(":i64") }
        try #require(lines.count == host.count, "\(run.output)")
        for (name, (line, result)) in zip(module.names, zip(lines, host)) { #expect(line == "\(result):i64", "\(name)") }
    }
}
