// Backtraces of runs that trapped or are paused: each way of calling, each way of standing still.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

/// Refuses and lets wait.
private struct TracedHost: Host {
    var isReady = false
    static var functionCount: Int { 2 }
    static func function(_ index: Int) -> HostFunction {
        switch index {
        case 0: HostFunction("env", "refuse") { unsafe answer($0, TracedHost.refuse) }
        default: HostFunction("env", "wait") { unsafe answer($0, TracedHost.wait) }
        }
    }
    static func refuse(_ h: inout TracedHost, _ c: inout Caller) throws(Trap) { throw .host }
    static func wait(_ h: inout TracedHost, _ c: inout Caller) throws(Trap) -> Int32 {
        guard h.isReady else { throw .resultPending }
        return 7
    }
}

@Suite struct BacktraceTests {
    /// Each frame's function, and the opcode where it stands.
    private func trace<H>(_ world: World<H>, _ bytes: [(Module, [UInt8])]) throws -> [[Int]] {
        try world.frames.map { frame in
            let bytes = try #require(bytes.first { $0.0 == frame.module }).1
            return [Int(frame.function), Int(bytes[Int(try #require(world.offset(of: frame)))])]
        }
    }

    private func add<H>(_ module: ModuleBuilder, to world: World<H>, links: [(String, Instance)] = []) throws -> (Instance, (Module, [UInt8])) {
        let loaded = try world.load(module)
        return (try world.instantiate(loaded, links: links), (loaded, module.bytes))
    }

    @Test("nested calls, through a table too, are the frames from the trap to the function that was called")
    func nested() throws {
        let world = try World(NoHost())
        var module = ModuleBuilder()
        module.table(1)
        module.elements(at: 0, [1])
        let inner = module.function([.i32], [.i32], body: Code.i32(100) + Code.localGet(0) + [0x6d])
        let middle = module.function([.i32], [.i32], body: Code.i32(5) + Code.localGet(0) + Code.call(inner) + Code.i32Add)
        let type = module.type([.i32], [.i32])
        module.function([.i32], [.i32], body: Code.i32(1) + Code.localGet(0) + Code.i32(0) + Code.callIndirect(type) + Code.i32Add, export: "f")
        let (instance, code) = try add(module, to: world)
        #expect(middle == 1)
        #expect(try world.call("f", of: instance, .i32(0)) == .trap(.integerDivideByZero))
        #expect(try trace(world, [code]) == [[0, 0x6d], [1, 0x10], [2, 0x11]])
        #expect(world.frames.allSatisfy { $0.instance == instance })
        #expect(try world.call("f", of: instance, .i32(5)) == .i32(26) && world.frames.isEmpty && world.backtrace == "")
    }

    @Test("frames go through instances, called as imports and through an imported table, with references in frames and arguments")
    func instances() throws {
        let world = try World(NoHost())
        var c = ModuleBuilder()
        c.function([], body: [0x01])
        c.function([.externref], [.i32], locals: [(2, .externref)], body: Code.unreachable, export: "crash")
        let (ic, cc) = try add(c, to: world)
        var b = ModuleBuilder()
        let crash = b.importFunction("c", "crash", [.externref], [.i32])
        b.table(3, export: "table")
        let inB = b.function([.i32], [.i32], locals: [(1, .externref)], body: Code.localGet(0) + Code.localGet(1) + Code.call(crash) + Code.i32Add)
        b.elements(at: 1, [inB])
        let (ib, cb) = try add(b, to: world, links: [("c", ic)])
        var a = ModuleBuilder()
        _ = a.importTable("b", "table", 3)
        let type = a.type([.i32], [.i32])
        let through = a.function([.i32], [.i32], locals: [(3, .funcref)], body: Code.localGet(0) + Code.i32(1) + Code.callIndirect(type))
        a.function([.i32], [.i32], body: Code.localGet(0) + Code.call(through) + Code.i32(1) + Code.i32Add, export: "f")
        let (ia, ca) = try add(a, to: world, links: [("b", ib)])
        #expect(try world.call("f", of: ia, .i32(3)) == .trap(.unreachable))
        #expect(try trace(world, [ca, cb, cc]) == [[1, 0x00], [1, 0x10], [0, 0x11], [1, 0x10]])
        #expect(world.frames.map(\.instance) == [ic, ib, ia, ia])
        let lines = world.backtrace.split(separator: "\n")
        #expect(lines.count == 4 && lines[0].hasSuffix(" in function 1 \"crash\"") && lines[1].hasSuffix(" in function 1 of instance \(ib.number)"))
        #expect(lines[3].hasSuffix(" in function 1 \"f\" of instance \(ia.number)"))
    }

    @Test("a frame with more cells than a byte counts is found, inside and around a call")
    func wide() throws {
        let world = try World(NoHost(), operandStack: 32_768)
        var module = ModuleBuilder()
        let crash = module.function([.i32], [.i32], locals: [(400, .i64), (2, .externref)], body: Code.i32(1) + Code.localGet(0) + [0x6d])
        let uses = (1...300).flatMap { Code.localGet(0) + Code.localSet($0) }
        module.function([.i32], [.i32], locals: [(300, .i32), (2, .externref)], body: uses + Code.localGet(300) + Code.call(crash) + Code.localGet(7) + Code.i32Add, export: "f")
        let (instance, code) = try add(module, to: world)
        #expect(try world.call("f", of: instance, .i32(0)) == .trap(.integerDivideByZero))
        #expect(try trace(world, [code]) == [[0, 0x6d], [1, 0x10]])
        #expect(try world.call("f", of: instance, .i32(1)) == .i32(2))
    }

    @Test("a start function's trap has its frames, although its instance is gone; without its module they are gone too")
    func start() throws {
        let world = try World(NoHost())
        var module = ModuleBuilder()
        let crash = module.function([], body: Code.unreachable)
        module.start = module.function([], locals: [(1, .externref)], body: Code.call(crash))
        let loaded = try world.load(module)
        #expect(throws: InstantiationError.self) { try world.instantiate(loaded) }
        #expect(try trace(world, [(loaded, module.bytes)]) == [[0, 0x00], [1, 0x10]])
        #expect(world.unload(loaded) && world.frames.isEmpty && world.backtrace == "")
    }

    @Test("a start function that is paused has its frames; so has what a host function refused, or lets wait")
    func paused() throws {
        let world = try World(TracedHost())
        var module = ModuleBuilder()
        let refuse = module.importFunction("env", "refuse", [])
        let wait = module.importFunction("env", "wait", [], [.i32])
        let looping = module.function([], locals: [(1, .externref)], body: Code.loop(nil, Code.br(0)))
        module.start = module.function([], body: Code.call(looping))
        module.function([], body: Code.call(refuse))
        module.function([], body: Code.call(4), export: "refused")
        module.function([], [.i32], body: Code.call(wait) + Code.i32(1) + Code.i32Add)
        module.function([], [.i32], body: Code.call(6) + Code.i32(1) + Code.i32Add, export: "waits")
        module.export("wait", .function, wait)
        let loaded = try world.load(module)
        let code = (loaded, module.bytes)
        var instance = Instance.none
        do throws(InstantiationError) { instance = try world.instantiate(loaded, fuel: 20) } catch {
            guard case .paused(.outOfFuel, let started) = error else { throw error }
            instance = started
        }
        #expect(try trace(world, [code]) == [[2, 0x0c], [3, 0x10]])
        try world.runtime.cancel(world.environment)
        #expect(world.frames.isEmpty)
        #expect(try world.call("refused", of: instance) == .trap(.host))
        #expect(try trace(world, [code]) == [[4, 0x10], [5, 0x10]])
        let waits = try world.function("waits", of: instance)
        #expect(try world.runtime.call(waits, Span<Value>(), in: world.environment, host: &world.host) == .awaiting(1))
        #expect(try trace(world, [code]) == [[6, 0x10], [7, 0x10]])
        world.host.isReady = true
        #expect(try world.runtime.resume(world.environment, host: &world.host) == .finished && world.frames.isEmpty)
        // Nobody but the host is there.
        world.host.isReady = false
        let itself = try world.function("wait", of: instance)
        #expect(try world.runtime.call(itself, Span<Value>(), in: world.environment, host: &world.host) == .awaiting(1))
        #expect(world.frames.isEmpty && world.backtrace == "")
        try world.runtime.cancel(world.environment)
    }

    @Test("a run without fuel stands before the first instruction, one that ends in a bulk instruction at that")
    func fuel() throws {
        let world = try World(NoHost())
        var module = ModuleBuilder()
        module.memory(1)
        let fill = module.function([.externref], locals: [(1, .externref)], body: Code.i32(0) + Code.i32(1) + Code.i32(60_000) + Code.memoryFill)
        module.function([.externref], body: Code.localGet(0) + Code.call(fill), export: "f")
        let (instance, code) = try add(module, to: world)
        let function = try world.function("f", of: instance)
        let argument = [Value.externref(Reference(external: 3))]
        #expect(try world.runtime.call(function, argument.span, in: world.environment, fuel: 0, host: &world.host) == .outOfFuel)
        #expect(world.frames.count == 1 && world.frames[0].word == 0)
        #expect(try world.runtime.resume(world.environment, fuel: 30, host: &world.host) == .outOfFuel)
        #expect(try trace(world, [code]) == [[0, 0xfc], [1, 0x10]])
        #expect(try world.runtime.resume(world.environment, host: &world.host) == .finished)
    }

    @Test("10,000 frames are walked without taking anything of the pool; the text has the first 24 and the last 12")
    func deep() throws {
        let world = try World(NoHost(), pool: 1 << 20, operandStack: 400_000)
        var module = ModuleBuilder()
        // f(n) = n == 0 ? crash : f(n - 1) + 1
        let other = Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.call(0) + Code.i32(1) + Code.i32Add
        module.function([.i32], [.i32], body: Code.localGet(0) + Code.i32Eqz + Code.if(.i32, Code.unreachable, else: other))
        module.function([], [.i32], body: Code.i32(9_998) + Code.call(0), export: "f")
        let (instance, code) = try add(module, to: world)
        #expect(try world.call("f", of: instance) == .trap(.unreachable))
        let before = world.pool
        #expect(world.frames.count == 10_000 && world.pool == before)
        let lines = world.backtrace.split(separator: "\n")
        #expect(lines.count == 37 && lines[24] == "  ... 9964 more" && lines[36].hasSuffix(" in function 1 \"f\""))
        #expect(lines[1].hasSuffix(" in function 0") && Set(lines[1...23] + lines[25...35]).count == 1)
        _ = code
    }

    private func name(of frame: StackFrame, in runtime: borrowing Runtime<NoHost>) -> String? {
        guard let name = runtime.functionName(of: frame) else { return nil }
        return String(decoding: name.indices.map { name[$0] }, as: UTF8.self)
    }

    @Test("names come from the name section, else from the first export; a broken name section does no harm")
    func names() throws {
        func name(_ section: [UInt8]) throws -> String? {
            let world = try World(NoHost())
            var module = ModuleBuilder()
            module.function([], body: [0x01], export: "other")
            module.function([], body: Code.unreachable, export: "f")
            module.export("g", .function, 1)
            let instance = try world.instantiate(world.load(module.bytes + section))
            _ = try world.call("f", of: instance)
            let frame = try #require(world.frames.first)
            return self.name(of: frame, in: world.runtime)
        }
        func section(_ part: [UInt8]) -> [UInt8] { ModuleBuilder.section(0, text("name") + part) }
        func functions(_ contents: [UInt8]) -> [UInt8] { [1] + leb(contents.count) + contents }
        #expect(try name([]) == "f")
        #expect(try name(section(functions([2, 0] + text("zero") + [1] + text("größe")))) == "größe")
        #expect(try name(section([0] + leb(2) + text("m") + functions([1, 1] + text("one")))) == "one")
        #expect(try name(section(functions([1, 0] + text("zero")))) == "f")
        #expect(try name(section(functions([9, 1, 80]))) == "f" && name(section([1, 100])) == "f" && name(section([])) == "f")
        #expect(try name(ModuleBuilder.section(0, text("producers")) + section(functions([1, 1] + text("last")))) == "last")
    }

    @Test("what is walked after the environment has gone on, or its words were changed, ends")
    func stale() throws {
        let world = try World(NoHost())
        var module = ModuleBuilder()
        module.function([], locals: [(2, .externref)], body: Code.unreachable)
        module.function([], body: Code.call(0), export: "f")
        module.function([], body: [0x01], export: "fine")
        let (instance, _) = try add(module, to: world)
        #expect(try world.call("f", of: instance) == .trap(.unreachable))
        var trace = try world.runtime.backtrace(of: world.environment)
        #expect(trace.next(in: world.runtime) != nil)
        #expect(try world.call("fine", of: instance) == .nothing)
        #expect(trace.next(in: world.runtime) == nil)
        // Every word of what is read is put through values that a damaged stack may have.
        #expect(try world.call("f", of: instance) == .trap(.unreachable))
        let block = try world.runtime.engine.block(of: world.environment)
        let csp = block.words[EnvironmentBlock.Header.csp]
        let places = [EnvironmentBlock.Header.csp, EnvironmentBlock.Header.top, EnvironmentBlock.Header.pc, EnvironmentBlock.Header.module] + (csp..<min(csp + 8, block.words.count))
        for place in places {
            let kept = block.words[place]
            for value in [0, 1, 2, 4, 0x100, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff] as [UInt32] {
                block.words[place] = value
                #expect(world.frames.count <= 2_048, "\(place) \(value)")
            }
            block.words[place] = kept
        }
        #expect(world.frames.count == 2)
    }
}
