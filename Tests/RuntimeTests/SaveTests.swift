// Saving and restoring in the middle of runs: calls between instances, awaited results, references, several buffers, environments side by side.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

/// Answers nothing at once.
struct WaitingHost: Host {
    var log: [Int32] = []

    static var functionCount: Int { 2 }
    static func function(_ index: Int) -> HostFunction {
        index == 0 ? HostFunction("env", "wait") { unsafe answer($0, WaitingHost.wait) } : HostFunction("env", "note") { unsafe answer($0, WaitingHost.note) }
    }
    static func wait(_ h: inout WaitingHost, _ c: inout Caller, _ n: Int32, _ r: Reference) throws(Trap) -> Int32 { throw .resultPending }
    static func note(_ h: inout WaitingHost, _ c: inout Caller, _ n: Int32) throws(Trap) { h.log.append(n) }
}

enum Nested {
    /// `work(n, reference)`: counts to n in memory and a global, waits with the sum, gives what it got; `twice(n)`.
    static var inner: [UInt8] {
        var module = ModuleBuilder()
        let wait = module.importFunction("env", "wait", [.i32, .externref], [.i32])
        module.memory(1)
        let total = module.global(.i32, mutable: true, Code.i32(100), export: "total")
        let step = Code.i32(64) + Code.i32(64) + Code.memory(Code.i32Load) + Code.localGet(0) + Code.i32Add + Code.memory(Code.i32Store)
        let count = Code.globalGet(total) + Code.i32(1) + Code.i32Add + Code.globalSet(total)
        let loop = Code.loop(nil, step + count + Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.localTee(0) + Code.brIf(0))
        module.function(
            [.i32, .externref], [.i32], body: loop + Code.i32(64) + Code.memory(Code.i32Load) + Code.localGet(1) + Code.call(wait), export: "work")
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.i32(2) + Code.i32Mul, export: "twice")
        return module.bytes
    }

    /// `run(n, reference)`: notes n, calls `work`, then what it gave through a table to `twice`, fills memory, and adds; the reference stays in a local.
    static var outer: [UInt8] {
        var module = ModuleBuilder()
        let work = module.importFunction("inner", "work", [.i32, .externref], [.i32])
        let twice = module.importFunction("inner", "twice", [.i32], [.i32])
        let note = module.importFunction("env", "note", [.i32])
        module.memory(1, export: "memory")
        module.table(2)
        module.elements(at: 0, [twice, note])
        let type = module.type([.i32], [.i32])
        let call = Code.localGet(0) + Code.localGet(1) + Code.call(work) + Code.i32(0) + Code.callIndirect(type)
        let fill = Code.i32(16) + Code.i32(7) + Code.i32(5_000) + Code.memoryFill
        module.function(
            [.i32, .externref], [.i32, .externref],
            body: Code.localGet(0) + Code.call(note) + call + fill + Code.i32(5_012) + Code.memory(Code.i32Load) + Code.i32Add + Code.localGet(1), export: "run")
        return module.bytes
    }

    static let arguments: [Value] = [.i32(37), .externref(Reference(external: 4711))]
    /// Twice what was awaited, and the bytes that were filled in.
    static func results(_ awaited: UInt32) -> [Value] { [.i32(awaited &* 2 &+ 0x0707_0707), .externref(Reference(external: 4711))] }
}

@Suite struct SaveTests {
    private func make(_ sleeper: Sleeper<WaitingHost>) throws -> (run: Function, environment: ExecutionEnvironment, inner: Instance) {
        let environment = try sleeper.environment()
        let inner = try sleeper.add(Nested.inner, in: environment)
        let outer = try sleeper.add(Nested.outer, links: [("inner", inner)], in: environment)
        return (try sleeper.function("run", of: outer), environment, inner)
    }

    @Test("a run in calls between instances is saved at each poll, and while it awaits a host function, in one buffer or in three", arguments: [false, true])
    func nested(isSplit: Bool) throws {
        let pools: [(Int, MemoryUse)] = isSplit ? [(8192 + 4, .runtimeStructures), (8192, .operandStacks), (16_384, .linearMemories)] : [(32_768, .all)]
        let sleeper = try Sleeper(WaitingHost(), pools: pools)
        let (run, environment, inner) = try make(sleeper)
        var outcome = try sleeper.call(run, Nested.arguments, in: environment, fuel: 0)
        var pauses = 0
        var awaited = 0
        while outcome != .finished {
            #expect(try sleeper.pause(in: environment) == outcome)
            try sleeper.sleep()
            #expect(try sleeper.pause(in: environment) == outcome)
            pauses += 1
            if case .awaiting(0) = outcome {
                #expect(try sleeper.awaited(in: environment) == [.i32(703), .externref(Reference(external: 4711))])
                // Another environment is free meanwhile.
                let other = try sleeper.environment(512)
                #expect(try sleeper.call(sleeper.function("twice", of: inner), [.i32(21)], in: other) == .finished)
                awaited += 1
                outcome = try sleeper.resume(environment, returning: [.i32(1000)], fuel: 1)
            } else {
                #expect(outcome == .outOfFuel)
                outcome = try sleeper.resume(environment, fuel: 1)
            }
        }
        #expect(pauses > 50 && awaited == 1)
        #expect(try sleeper.results(of: run, in: environment) == Nested.results(1000))
        #expect(sleeper.host.log == [37] && sleeper.isSound)
        #expect(try sleeper.global("total", of: inner) == .i32(137))
        // It lives on: what was restored loads, instantiates, calls and is taken away.
        #expect(try sleeper.call(run, Nested.arguments, in: environment) == .awaiting(0))
        try sleeper.sleep()
        try sleeper.cancelAndClear(environment)
    }

    @Test("modules, instances and environments are found by number; each is what it was")
    func found() throws {
        let sleeper = try Sleeper(WaitingHost())
        let (run, environment, inner) = try make(sleeper)
        let second = try sleeper.environment(256)
        #expect(try sleeper.call(run, Nested.arguments, in: environment, fuel: 3) == .outOfFuel)
        let before = sleeper.everyHandle
        try sleeper.sleep()
        #expect(sleeper.everyHandle == before)
        #expect(sleeper.environments == [environment, second] && sleeper.everyHandle.contains("\(inner)"))
    }

    @Test("what is saved is the same wherever the buffers are, and has no word of their addresses")
    func noAddress() throws {
        let sleeper = try Sleeper(WaitingHost())
        let (run, environment, _) = try make(sleeper)
        _ = try sleeper.call(run, Nested.arguments, in: environment, fuel: 7)
        let first = try sleeper.save()
        try sleeper.sleep()
        #expect(try sleeper.save() == first)
        #expect(sleeper.savedBytes == UInt32(first.count))
    }

    @Test("the sink gets pages of 256 bytes; the seal and the verifier see the same bytes, modules and all")
    func seal() throws {
        let sleeper = try Sleeper(WaitingHost())
        let (run, environment, _) = try make(sleeper)
        _ = try sleeper.call(run, Nested.arguments, in: environment, fuel: 7)
        let (saved, sealed, sizes) = try sleeper.sealed()
        #expect(sizes.dropLast().allSatisfy { $0 == 256 } && (4...256).contains(sizes[sizes.count - 1]))
        #expect(sealed == saved + Nested.inner + Nested.outer)
        var seen: [UInt8] = []
        var ends = 0
        _ = sleeper.attempt(saved, verify: { bytes in
            for i in bytes.indices { seen.append(bytes[i]) }
            if bytes.isEmpty { ends += 1 }
            return true
        })
        // Once before anything is written, and once more of what is.
        #expect(seen == sealed + sealed && ends == 2)
    }

    @Test("what cannot be saved is refused by name")
    func refusedSaving() throws {
        let sleeper = try Sleeper(WaitingHost())
        let (_, environment, _) = try make(sleeper)
        sleeper.setState(.running, of: environment)
        #expect(throws: SaveError.running(in: environment)) { try sleeper.save() }
        sleeper.setState(.idle, of: environment)
        #expect(throws: SaveError.sink) { try sleeper.saveIntoNothing() }
        #expect(throws: SaveError.allocator) { try saveWithAllocator() }
        for error in [SaveError.allocator, .sink, .running(in: environment)] { #expect(error.words.description.contains(": ") || error == .sink) }
    }

    private func saveWithAllocator() throws {
        let runtime = try Runtime<WaitingHost>(allocator: .system)
        try runtime.save { _ in true }
    }
}

// What `#expect` cannot ask a runtime, which is not copyable.
extension Sleeper {
    var savedBytes: UInt32? { runtime.savedBytes }
    var environments: [ExecutionEnvironment] { (0..<9).compactMap { runtime.environment($0) } }
    var everyHandle: String {
        let parts = (-1..<300).map { "\(String(describing: runtime.module($0))) \(String(describing: runtime.instance($0))) \(String(describing: runtime.environment($0)))" }
        return parts.joined(separator: "\n")
    }
    func pause(in environment: ExecutionEnvironment) throws -> Outcome? { try runtime.pause(in: environment) }
    func awaited(in environment: ExecutionEnvironment) throws -> [Value] { try (0..<2).map { try runtime.awaitedArgument($0, in: environment) } }
    func global(_ name: String, of instance: Instance) throws -> Value {
        guard case .global(let global) = try runtime.export(Array(name.utf8).span, of: instance) else { throw Missing(name: name) }
        return try runtime.value(of: global)
    }
    func setState(_ state: EnvironmentState, of environment: ExecutionEnvironment) {
        guard let block = try? runtime.engine.block(of: environment) else { return }
        block.state = state
    }
    func saveIntoNothing() throws { try runtime.save { _ in false } }

    func sealed() throws -> (saved: [UInt8], sealed: [UInt8], sizes: [Int]) {
        var (saved, sealed): ([UInt8], [UInt8]) = ([], [])
        var sizes: [Int] = []
        try runtime.save(seal: { bytes in
            for i in bytes.indices { sealed.append(bytes[i]) }
        }) { chunk in
            for i in chunk.indices { saved.append(chunk[i]) }
            sizes.append(chunk.count)
            return true
        }
        return (saved, sealed, sizes)
    }

    /// Ends what is paused, and gives everything back.
    func cancelAndClear(_ environment: ExecutionEnvironment) throws {
        try runtime.cancel(environment)
        let all = (0..<9).compactMap { runtime.instance($0) }
        try runtime.tearDown(all.span)
        for module in (0..<9).compactMap({ runtime.module($0) }) { try runtime.unload(module) }
        for environment in environments { try runtime.remove(environment) }
        guard runtime.isSound else { throw Missing(name: "soundness") }
    }
}
