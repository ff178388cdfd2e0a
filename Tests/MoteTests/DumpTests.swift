// Dumps and saved pools in `mote inspect`: what they show, and that no byte of them is trusted.

import Foundation
import ModuleBuilder
import Packing
import PoolDump
import Runtime
import protocol Runtime.Host
import Testing
import WasmFormat

@testable import mote

/// Never answers at once.
private struct SlowHost: Host {
    static var functionCount: Int { 1 }
    static func function(_ index: Int) -> HostFunction { HostFunction("env", "wait") { unsafe answer($0, SlowHost.wait) } }
    static func wait(_ host: inout SlowHost, _ caller: inout Caller, _ n: Int32, _ r: Reference) throws(Trap) -> Int32 { throw .resultPending }
}

/// A buffer with two instances, one in the other's call and awaiting the host, a run that is out of fuel, one that trapped, and an idle environment.
private struct Scene {
    private(set) var dump: [UInt8] = []
    private(set) var saved: [UInt8] = []
    private(set) var others: [[UInt8]] = []

    static var inner: [UInt8] {
        var module = ModuleBuilder()
        let wait = module.importFunction("env", "wait", [.i32, .externref], [.i32])
        module.memory(1)
        module.data(at: 32, Array("here I am".utf8))
        let count = module.global(.i32, mutable: true, Code.i32(-5))
        module.global(.i64, mutable: false, Code.i64(1 << 40))
        module.global(.f32, mutable: true, Code.f32(1.5))
        module.table(3)
        module.function([.i32, .externref], [.i32], body: Code.localGet(0) + Code.localGet(1) + Code.call(wait), export: "work")
        let step = Code.globalGet(count) + Code.i32(1) + Code.i32Add + Code.globalSet(count)
        module.function([], body: Code.loop(nil, step + Code.br(0)), export: "spin")
        module.function([], body: Code.unreachable, export: "crash")
        return module.bytes
    }
    static var outer: [UInt8] {
        var module = ModuleBuilder()
        let work = module.importFunction("inner", "work", [.i32, .externref], [.i32])
        module.function([.i32, .externref], [.i32], body: Code.localGet(0) + Code.localGet(1) + Code.call(work) + Code.i32(1) + Code.i32Add, export: "run")
        return module.bytes
    }

    /// `packed`: of the modules' images.
    init(pools: [(Int, MemoryUse)] = [(6 << 10, .all)], leading: Int = 0, packed: Bool = false) throws {
        let buffers = pools.map { UnsafeMutableRawBufferPointer.allocate(byteCount: $0.0, alignment: 16) }
        let modules = try [Self.inner, Self.outer].map { wasm in
            let bytes = try packed ? Packing.pack(wasm) : wasm
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
            copy.copyBytes(from: bytes)
            return copy
        }
        defer { for buffer in buffers + modules { buffer.deallocate() } }
        let regions = zip(buffers, pools).map { MemoryRegion($0, for: $1.1) }
        var host = SlowHost()
        var runtime = try Runtime<SlowHost>(regions: regions.span)
        let environments = try (0..<4).map { _ in try runtime.makeExecutionEnvironment(operandStackBytes: 256) }
        let inner = try runtime.instantiate(runtime.load(UnsafeRawBufferPointer(modules[0])), links: Span<Link>(), in: environments[0], host: &host)
        let name = Array("inner".utf8)
        let outer = try name.withUnsafeBytes { name in
            let links = [Link(name, inner)]
            return try runtime.instantiate(runtime.load(UnsafeRawBufferPointer(modules[1])), links: links.span, in: environments[0], host: &host)
        }
        func call(_ name: String, _ instance: Instance, _ arguments: [Value], _ environment: ExecutionEnvironment) throws -> Outcome? {
            guard case .function(let function) = try runtime.export(Array(name.utf8).span, of: instance) else { return nil }
            return try runtime.call(function, arguments.span, in: environment, fuel: 100, host: &host)
        }
        let first = try call("run", outer, [.i32(7), .externref(Reference(external: 3))], environments[0])
        let second = try call("spin", inner, [], environments[1])
        let third = try call("crash", inner, [], environments[2])
        #expect(first == .awaiting(0) && second == .outOfFuel && third == .trapped(.unreachable))
        dump = Array(repeating: 0xee, count: leading) + buffers[0]
        others = buffers.dropFirst().map { Array($0) }
        var written: [UInt8] = []
        try runtime.save { chunk in
            for i in chunk.indices { written.append(chunk[i]) }
            return true
        }
        saved = written
    }
}

@Suite struct DumpTests {
    @Test("a dump shows memory, globals and the frames of every run; with the modules also names, types and offsets")
    func shows() throws {
        let scene = try Scene()
        try withFile(scene.dump) { dump in
            let plain = try Tool("inspect", dump)
            #expect(plain.status == 0 && plain.errors == "")
            #expect(plain.output.contains("environment 0: awaiting a host function 0, fuel left"))
            #expect(plain.output.contains("  #0 instance 0, function 1 at word") && plain.output.contains("  #1 instance 1, function 1 at word"))
            #expect(plain.output.contains("environment 1: out of fuel, fuel left 0") && plain.output.contains("environment 2: trapped"))
            #expect(plain.output.contains("environment 3: idle") && !plain.output.contains("problem"))
            #expect(plain.output.contains("declared 65536"))
            try withFile(Scene.inner) { inner in
                try withFile(Scene.outer) { outer in
                    let full = try Tool("inspect", dump, "--module", inner, "--module", outer)
                    let wait = try #require(Scene.inner.indices.first { Scene.inner[$0...].starts(with: [0x20, 1, 0x10, 0]) }) + 2
                    #expect(full.output.contains("#0 instance 0, function 1 \"work\" at 0x\(String(wait, radix: 16))"), "\(full.output)")
                    #expect(full.output.contains("function 1 \"run\" at 0x") && full.output.contains("function 2 \"spin\" at 0x"))
                    #expect(full.output.contains("function 3 \"crash\" at 0x") && !full.output.contains("problem"))
                    #expect(full.output.contains("  global 0: 96 mut i32") && full.output.contains("global 1: \(1 << 40) i64") && full.output.contains("global 2: 1.5 mut f32"))
                }
                // Another module of the same length, whose code is another.
                var other = Scene.inner
                let place = try #require(other.indices.first { other[$0...].starts(with: [0x20, 1, 0x10, 0]) })
                other[place - 1] = 1
                other[place - 2] = 0x41
                try withFile(other) { other in
                    let tool = try Tool("inspect", dump, "--module", other)
                    #expect(tool.output.contains("problem: module 0: the register code of function 1 is not what"), "\(tool.output) \(tool.errors)")
                }
            }
            let memory = try Tool("inspect", dump, "--memory", "0x20+20")
            #expect(memory.output.hasPrefix("00000020  68 65 72 65 20 49 20 61 6d 00 00 00 00 00 00 00  here I am.......\n00000030  00 00 00 00 "))
            #expect(try Tool("inspect", dump, "--memory", "65530+8").output == "0000fffa  00 00 00 00 00 00 -- --                          ......  \n")
            #expect(try Tool("inspect", dump, "--memory", "0x20").status == 2 && Tool("inspect", dump, "--memory", "0+4", "--instance", "1").status == 2)
            #expect(try Tool("inspect", dump, "--module", dump).status == 2)
            let json = try JSONSerialization.jsonObject(with: Data(Tool("inspect", dump, "--json").output.utf8)) as? [String: Any]
            #expect((json?["environments"] as? [[String: Any]])?.count == 4 && (json?["problems"] as? [String])?.isEmpty == true)
        }
    }

    @Test("with the images that were loaded a dump shows functions and frames; without them it says which are missing")
    func images() throws {
        let scene = try Scene(packed: true)
        let images = try [Packing.pack(Scene.inner), Packing.pack(Scene.outer)]
        for bytes in [scene.dump, scene.saved] {
            try withFile(bytes) { dump in
                let plain = try Tool("inspect", dump)
                #expect(plain.status == 0 && plain.output.contains("module 0: image of \(images[0].count) bytes\n"))
                #expect(plain.output.contains("problem: module 1: is an image of \(images[1].count) bytes: give it with --module") && !plain.output.contains("damaged"))
                #expect(plain.output.contains("instance 0 of module 0") && plain.output.contains("declared 65536"))
                try withFile(images[0]) { inner in
                    try withFile(images[1]) { outer in
                        let full = try Tool("inspect", dump, "--module", inner, "--module", outer)
                        #expect(full.output.contains("#0 instance 0, function 1 \"work\" at word") && full.output.contains("#1 instance 1, function 1 \"run\" at word"), "\(full.output)")
                        #expect(full.output.contains("function 3 \"crash\" at word") && !full.output.contains("problem"))
                        #expect(full.output.contains("  global 0: 96 mut i32") && full.output.contains("global 1: \(1 << 40) i64") && full.output.contains("records 0, register code 0, functions 3"))
                    }
                }
                // The .wasm is none of its modules.
                try withFile(Scene.inner) { wasm in
                    let tool = try Tool("inspect", dump, "--module", wasm)
                    #expect(tool.status == 2 && tool.errorLines.count == 1)
                }
            }
        }
    }

    @Test("a saved pool, a dump of all RAM and a dump in several files show the same")
    func forms() throws {
        func lines(_ dump: PoolDump) -> [String] { Array(DumpReport(dump, []).text(file: "").dropFirst()) }
        let scene = try Scene()
        let expected = lines(try PoolDump(scene.dump))
        #expect(try lines(PoolDump(scene.saved)) == expected)
        #expect(try lines(PoolDump(Scene(leading: 4096).dump)) == expected)
        let split = try Scene(pools: [(4096, .runtimeStructures), (2048, .operandStacks), (2048, .linearMemories)])
        let parts = try lines(PoolDump(split.dump, others: split.others))
        #expect(try parts == lines(PoolDump(split.saved)) && !parts.contains { $0.hasPrefix("problem") })
        #expect(try lines(PoolDump(split.dump)).contains { $0.contains("give it with --buffer") })
    }

    @Test("a dump of another version, one that ends too soon and one that is none are one line each")
    func refused() throws {
        let dump = try Scene().dump
        var other = dump
        other[4] = 9
        #expect(throws: DumpError.layout(9)) { try PoolDump(other) }
        #expect(throws: DumpError.truncated) { try PoolDump(Array(dump[..<40])) }
        #expect(throws: DumpError.noRuntime) { try PoolDump(Array(repeating: 0, count: 4096)) }
        try withFile(other) { path in
            let tool = try Tool("inspect", path)
            #expect(tool.status == 1 && tool.errorLines.count == 1)
        }
    }

    @Test("whatever is changed in a dump, it is read to its end, and nothing outside of it", arguments: [0, 1, 2, 3, 4, 5])
    func hostile(seed: UInt64) throws {
        let scene = try Scene(packed: seed > 3)
        let images = try seed > 3 ? [Packing.pack(Scene.inner), Packing.pack(Scene.outer)] : []
        var random = Random(state: seed &* 0x9e37_79b9_7f4a_7c15 | 1)
        let start = ContinuousClock.now
        for _ in 0..<1500 {
            var bytes = seed & 1 == 0 ? scene.dump : scene.saved
            for _ in 0...random.below(4) { random.edit(&bytes) }
            guard let dump = try? PoolDump(bytes, images: images) else { continue }
            let report = DumpReport(dump, [])
            #expect(!report.text(file: "").isEmpty)
            if let memory = report.instances.first.flatMap({ first in dump.instances.first { $0.number == first.number }?.memory }) {
                #expect(DumpReport.hex(memory, 0..<64).count == 4 && DumpReport.hex(memory, 0xffff_fff0..<0x1_0000_0010).count == 2)
            }
        }
        #expect(ContinuousClock.now - start < .seconds(120))
    }
}

/// xorshift64.
private struct Random {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

    /// A bit, a byte, a word that is likely to hurt, a word from elsewhere, or an end.
    mutating func edit(_ bytes: inout [UInt8]) {
        guard bytes.count > 16 else { return }
        // The beginning has the most to say.
        let at = below(3) == 0 ? below(min(160, bytes.count)) : below(bytes.count)
        func put(_ word: UInt32) {
            let place = min(at & ~3, bytes.count - 4)
            for i in 0..<4 { bytes[place + i] = UInt8(truncatingIfNeeded: word >> UInt32(i * 8)) }
        }
        switch below(6) {
        case 0: bytes[at] ^= 1 << UInt8(below(8))
        case 1: bytes[at] = UInt8(truncatingIfNeeded: next())
        case 2: put([0, 1, .max, 0x7fff_ffff, 0x8000_0000, 0x03ff_ffff, 0xfc00_0000, 4, 0x5fff_ffff][below(9)])
        case 3: put(UInt32(truncatingIfNeeded: next()))
        case 4:
            let from = below(bytes.count - 4) & ~3
            put((0..<4).reduce(0) { $0 | UInt32(bytes[from + $1]) << UInt32($1 * 8) })
        default: if below(4) == 0 { bytes.removeLast(below(bytes.count)) }
        }
    }
}
