// Runs that pause: by fuel, by the stop word, for a host's answer; in every place where a run can be; and go on, or end.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

@Suite struct PauseTests {
    /// What a run can be in the middle of. Each export `work` takes n and gives a number; the second module links against the first as "a".
    static var places: [String] { ["loop", "calls", "references", "indirect", "indirect through another table", "between", "indirect between", "fill", "copy", "init", "table", "start", "host"] }

    private static func modules(_ place: String) -> [ModuleBuilder] {
        let count = Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.localTee(0) + Code.brIf(0)
        let sum = Code.localGet(1) + Code.localGet(0) + Code.i32Add + Code.localSet(1)
        let summing = Code.loop(nil, sum + count) + Code.localGet(1)
        /// n + (n − 1) + … by recursion through a call of some kind.
        func recursion(_ call: [UInt8]) -> [UInt8] {
            Code.localGet(0) + Code.if(.i32, Code.localGet(0) + Code.i32(1) + Code.i32Sub + call + Code.localGet(0) + Code.i32Add, else: Code.i32(0))
        }
        var module = ModuleBuilder()
        switch place {
        case "between", "indirect between":
            // Each calls the other through the first one's table, which the second fills.
            let type = module.type([.i32], [.i32])
            module.table(4, export: "table")
            let step = place == "between" ? 1 : 2
            let down = Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.i32(Int32(step)) + Code.callIndirect(type) + Code.localGet(0) + Code.i32Add
            module.function([.i32], [.i32], body: Code.localGet(0) + Code.if(.i32, down, else: Code.i32(0)), export: "sum")
            var other = ModuleBuilder()
            let sum = other.importFunction("a", "sum", [.i32], [.i32])
            _ = other.importTable("a", "table", 4)
            let back = Code.localGet(0) + Code.if(.i32, Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.call(sum) + Code.localGet(0) + Code.i32Add, else: Code.i32(0))
            let work = other.function([.i32], [.i32], body: back, export: "work")
            other.elements(at: 1, [work, work])
            return [module, other]
        case "calls": module.function([.i32], [.i32], body: recursion(Code.call(0)), export: "work")
        case "references":
            // The reference goes down and comes back with the result.
            let down = Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.localGet(1) + Code.call(0) + Code.localGet(0) + Code.i32Add
            module.function([.i32, .externref], [.i32], body: Code.localGet(0) + Code.if(.i32, down, else: Code.localGet(1) + Code.refIsNull))
            module.function([.i32], [.i32], body: Code.localGet(0) + Code.refNull(.externref) + Code.call(0), export: "work")
        case "indirect":
            let type = module.type([.i32], [.i32])
            module.table(1)
            let work = module.function([.i32], [.i32], body: recursion(Code.i32(0) + Code.callIndirect(type)), export: "work")
            module.elements(at: 0, [work])
        case "indirect through another table":
            let type = module.type([.i32], [.i32])
            module.table(1)
            module.table(1)
            module.function([.i32], [.i32], body: recursion(Code.i32(0) + Code.callIndirect(type, table: 1)), export: "work")
            module.elements.append([2, 1, 0x41, 0, 0x0b, 0, 1, 0])
        case "fill", "copy", "init", "table":
            module.memory(2)
            module.table(3_000)
            module.passiveData((0..<20_000).map { UInt8(truncatingIfNeeded: $0 * 7) })
            let instruction = switch place {
            case "fill": Code.i32(3) + Code.i32(0x5a) + Code.i32(70_000) + Code.memoryFill
            case "copy": Code.i32(9) + Code.i32(77) + Code.i32(19_900) + Code.memoryInit(0) + Code.i32(400) + Code.i32(1) + Code.i32(50_000) + Code.memoryCopy
            case "init": Code.i32(9) + Code.i32(77) + Code.i32(19_000) + Code.memoryInit(0)
            default: Code.i32(10) + Code.refFunc(0) + Code.i32(2_900) + Code.tableFill(0) + Code.i32(500) + Code.i32(0) + Code.i32(2_000) + Code.tableCopy()
            }
            let result = place == "table" ? Code.i32(505) + Code.tableGet(0) + Code.refIsNull : Code.i32(12_000) + Code.memory(Code.i32Load) + Code.i32(30_001) + Code.memory(Code.i32Load) + Code.i32Add
            module.function([.i32], [.i32], body: instruction + result, export: "work")
            module.declareElements([0])
        case "start":
            module.global(.i32, mutable: true, Code.i32(0))
            module.start = module.function([], locals: [(2, .i32)], body: Code.i32(60) + Code.localSet(0) + summing + Code.globalSet(0))
            module.function([.i32], [.i32], body: Code.globalGet(0), export: "work")
        case "host":
            let wait = module.importFunction("env", "wait", [.i32], [.i32])
            let body = Code.loop(nil, Code.localGet(1) + Code.localGet(0) + Code.call(wait) + Code.i32Add + Code.localSet(1) + count) + Code.localGet(1)
            module.function([.i32], [.i32], locals: [(1, .i32)], body: body, export: "work")
        default: module.function([.i32], [.i32], locals: [(1, .i32)], body: summing, export: "work")
        }
        return [module]
    }

    /// How a run is made to pause, again and again.
    enum Way: CustomStringConvertible {
        case fuel(UInt64)
        /// A watchdog sets the stop word every so many polls.
        case stop(UInt32)
        case never

        var description: String {
            switch self {
            case .fuel(let polls): "fuel \(polls)"
            case .stop(let polls): "stop \(polls)"
            case .never: "never"
            }
        }
        var fuel: UInt64? { if case .fuel(let polls) = self { polls } else { nil } }
    }

    /// The result, what every byte of memory is, and how often it has paused.
    private func play(_ place: String, _ way: Way) throws -> (result: Value, memory: [UInt8], pauses: Int) {
        var configuration = Configuration()
        var host = PauseHost()
        configuration.stopWord = UnsafePointer(host.stopWord)
        if case .stop(let polls) = way {
            configuration.watchdogInterval = polls
            host.stopsWhenFed = true
        }
        let world = try World(host, pool: 1 << 20, configuration: configuration)
        defer { world.host.stopWord.deallocate() }
        var pauses = 0
        func goOn(_ outcome: Outcome) throws -> Outcome {
            var outcome = outcome
            while outcome != .finished {
                pauses += 1
                guard pauses < 100_000 else { throw Missing(name: "an end") }
                switch outcome {
                case .outOfFuel: break
                case .stopped: world.host.stopWord.pointee = 0
                case .trapped(let trap): throw trap
                default: throw Missing(name: "what \(outcome) is")
                }
                #expect(handleError { try world.begin(Function(reference: .null, definer: .none)) } == .environmentPaused)
                outcome = try world.resume(fuel: way.fuel)
            }
            return outcome
        }
        var links: [(String, Instance)] = []
        var instance = Instance.none
        for module in Self.modules(place) {
            do {
                instance = try world.add(module, links: links, fuel: way.fuel)
            } catch let InstantiationError.paused(outcome, started) {
                _ = try goOn(outcome)
                instance = started
            }
            links.append(("a", instance))
        }
        let function = try world.function("work", of: instance)
        _ = try goOn(world.begin(function, [.i32(50)], fuel: way.fuel))
        let result = try world.result(of: function)
        let size = UInt32(world.runtime.memorySize(of: instance))
        let memory = size == 0 ? [] : try world.read(0, size, of: instance)
        // Nothing is left of it.
        #expect(handleError { try world.resume() } == .notPaused)
        #expect(handleError { try world.cancel() } == .notPaused)
        #expect(world.isSound)
        return (result, memory, pauses)
    }

    @Test("paused anywhere, any number of times, a run gives what it gives at one go", arguments: places)
    func everywhere(place: String) throws {
        let whole = try play(place, .never)
        #expect(whole.pauses == 0)
        for way in [Way.fuel(1), .fuel(2), .fuel(3), .fuel(16), .fuel(17), .stop(1), .stop(2), .stop(5), .stop(16), .stop(23)] {
            let paused = try play(place, way)
            #expect(paused.result == whole.result && paused.memory == whole.memory, "\(place), \(way)")
            #expect(paused.pauses > (way.fuel == 1 ? 20 : 0), "\(place), \(way): \(paused.pauses) pauses")
        }
    }

    @Test("fuel that is left is told; feeding the watchdog is counted over all calls")
    func remaining() throws {
        var configuration = Configuration()
        configuration.watchdogInterval = 10
        let world = try World(PauseHost(), configuration: configuration)
        let instance = try world.add(Self.modules("loop")[0])
        for polls in [1, 7, 16, 17, 40] {
            #expect(try world.call("work", of: instance, .i32(polls + 1), fuel: 100) == .i32(Int32((polls + 1) * (polls + 2) / 2)))
            #expect(try world.remainingFuel() == UInt64(100 - polls), "\(polls)")
        }
        // 81 polls in all: what a call leaves of its slice is not counted.
        #expect((7...8).contains(world.host.feedings), "\(world.host.feedings)")
        let before = world.host.feedings
        _ = try world.call("work", of: instance, .i32(1001))
        #expect((99...101).contains(world.host.feedings - before))
        #expect(try world.remainingFuel() == nil)
    }

    // MARK: a host's answer

    @Test("a run awaits a host function: asked again, or given the result; its arguments are told")
    func awaiting() throws {
        let world = try World(PauseHost())
        let instance = try world.add(Self.modules("host")[0])
        let work = try world.function("work", of: instance)
        world.host.pending = 3
        #expect(try world.begin(work, [.i32(2)]) == .awaiting(0))
        #expect(try world.awaited(0) == .i32(2))
        #expect(try world.resume() == .awaiting(0))
        #expect(world.host.log == ["wait 2", "wait 2"])
        // Answered in its place: 100. The next one is asked, is pending, asked again and gives 2.
        #expect(try world.resume(returning: [.i32(100)]) == .awaiting(0))
        #expect(world.host.log.last == "wait 1" && world.host.pending == 0)
        #expect(world.refusal(instance) == .paused(in: world.environment))
        #expect(handleError { try world.remove() } == .environmentPaused)
        // Another environment of the instance.
        let other = try world.runtime.makeExecutionEnvironment(operandStackBytes: 1024)
        #expect(try world.begin(work, [.i32(3)], in: other) == .finished)
        #expect(try world.result(of: work, in: other) == .i32(12))
        #expect(try world.resume() == .finished)
        #expect(try world.result(of: work) == .i32(102))
        #expect(handleError { try world.awaited(0) } == .notAwaiting)
        world.host.stopWord.deallocate()
    }

    /// `work(n)` gives 7 × n, for which it waits: called in some way from some place. The last module has it.
    private static func waiting(_ place: String) -> [ModuleBuilder] {
        var module = ModuleBuilder()
        let wait = module.importFunction("env", "wait", [.i32], [.i32])
        let seven = Code.localGet(0) + Code.i32(7) + Code.i32Mul
        let zero = Code.i32(4_321) + Code.i32Sub
        switch place {
        case "start":
            module.global(.i32, mutable: true, Code.i32(0))
            module.start = module.function([], body: Code.i32(5) + Code.call(wait) + Code.globalSet(0))
            module.function([.i32], [.i32], body: seven + Code.globalGet(0) + zero + Code.i32Add, export: "work")
        case "imported start":
            // The host's function itself.
            module.start = module.importFunction("env", "nothing", [])
            module.function([.i32], [.i32], body: seven, export: "work")
        case "deep":
            let down = Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.call(1) + Code.i32(7) + Code.i32Add
            module.function([.i32], [.i32], body: Code.localGet(0) + Code.if(.i32, down, else: Code.i32(0) + Code.call(wait) + zero), export: "work")
        case "indirect":
            let type = module.type([.i32], [.i32])
            module.table(1)
            module.elements(at: 0, [wait])
            module.function([.i32], [.i32], body: seven + Code.localGet(0) + Code.i32(0) + Code.callIndirect(type) + zero + Code.i32Add, export: "work")
        case "between":
            module.function([.i32], [.i32], body: Code.localGet(0) + Code.call(wait) + zero + seven + Code.i32Add, export: "sum")
            var other = ModuleBuilder()
            let sum = other.importFunction("a", "sum", [.i32], [.i32])
            other.function([.i32], [.i32], body: Code.localGet(0) + Code.call(sum), export: "work")
            return [module, other]
        default:
            // The import of another instance is the host's own function, exported again.
            module.export("wait", .function, wait)
            var other = ModuleBuilder()
            let again = other.importFunction("a", "wait", [.i32], [.i32])
            other.function([.i32], [.i32], body: Code.localGet(0) + Code.call(again) + zero + seven + Code.i32Add, export: "work")
            return [module, other]
        }
        return [module]
    }

    @Test("it awaits inside a start function, deep calls, an indirect call, another instance, an import that is exported again", arguments: [
        "start", "imported start", "deep", "indirect", "between", "again",
    ])
    func awaitingEverywhere(place: String) throws {
        let world = try World(PauseHost())
        world.host.pending = 2
        var links: [(String, Instance)] = []
        var instance = Instance.none
        var waits = 0
        func answer(_ outcome: Outcome) throws -> Outcome {
            guard outcome.isAwaiting else { return outcome }
            waits += 1
            // Asked again it is still pending; then it is told.
            let again = try world.resume()
            #expect(again == outcome)
            return try world.resume(returning: place == "imported start" ? [] : [.i32(4_321)])
        }
        for module in Self.waiting(place) {
            do {
                instance = try world.add(module, links: links)
            } catch let InstantiationError.paused(outcome, started) {
                #expect(try answer(outcome) == .finished)
                instance = started
            }
            links.append(("a", instance))
        }
        let work = try world.function("work", of: instance)
        #expect(try answer(world.begin(work, [.i32(6)])) == .finished)
        #expect(try world.result(of: work) == .i32(42) && waits == 1)
        world.host.stopWord.deallocate()
    }

    @Test("references and wide values go through a pause; a host function without result, or called without a guest, awaits as well")
    func values() throws {
        let world = try World(PauseHost())
        var module = ModuleBuilder()
        let wide = module.importFunction("env", "wide", [.i64, .externref, .f64, .externref], [.externref])
        let nothing = module.importFunction("env", "nothing", [])
        module.function([.externref], [.externref], body: Code.i64(-5) + Code.refNull(.externref) + Code.f64(1.5) + Code.localGet(0) + Code.call(wide), export: "work")
        module.function([], [.i32], body: Code.call(nothing) + Code.i32(9), export: "none")
        module.export("direct", .function, wide)
        let instance = try world.add(module)
        let mine = Value.externref(Reference(external: 77))
        let answer = Value.externref(Reference(external: 78))
        for (name, arguments) in [("work", [mine]), ("direct", [.i64(UInt64(bitPattern: -5)), .externref(.null), .f64((1.5 as Double).bitPattern), mine])] {
            let function = try world.function(name, of: instance)
            #expect(try world.begin(function, arguments) == .awaiting(1))
            #expect(try world.awaited(0) == .i64(UInt64(bitPattern: -5)))
            #expect(try world.awaited(1) == .externref(.null))
            #expect(try world.awaited(2) == .f64((1.5 as Double).bitPattern))
            #expect(try world.awaited(3) == mine)
            #expect(try world.resume(returning: [answer]) == .finished)
            #expect(try world.result(of: function) == answer)
        }
        let none = try world.function("none", of: instance)
        #expect(try world.begin(none, []) == .awaiting(2))
        #expect(try world.resume(returning: []) == .finished)
        #expect(try world.result(of: none) == .i32(9))
        // Cancelled instead.
        #expect(try world.begin(none, []) == .awaiting(2))
        try world.cancel()
        #expect(world.tearDown(instance))
        world.host.stopWord.deallocate()
    }

    @Test("a stop word that is set stops at once, again and again, and lets go on when it is 0")
    func stopped() throws {
        var configuration = Configuration()
        let host = PauseHost()
        configuration.stopWord = UnsafePointer(host.stopWord)
        let world = try World(host, configuration: configuration)
        defer { host.stopWord.deallocate() }
        var module = ModuleBuilder()
        let stop = module.importFunction("env", "stop", [])
        module.global(.i32, mutable: true, Code.i32(0), export: "g")
        // Sets the word, then counts polls for ever.
        module.function([], body: Code.call(stop) + Code.loop(nil, Code.globalGet(0) + Code.i32(1) + Code.i32Add + Code.globalSet(0) + Code.br(0)), export: "work")
        let instance = try world.add(module)
        let work = try world.function("work", of: instance)
        #expect(try world.begin(work, []) == .stopped)
        guard case .i32(let polls) = try world.global("g", of: instance) else { throw Missing(name: "g") }
        #expect(polls <= 16)
        for _ in 0..<3 { #expect(try world.resume(fuel: 1000) == .stopped) }
        #expect(try world.global("g", of: instance) == .i32(polls))
        host.stopWord.pointee = 0
        #expect(try world.resume(fuel: 1000) == .outOfFuel)
        try world.cancel()
        // Set before a call, it does not begin.
        host.stopWord.pointee = 5
        #expect(try world.begin(work, []) == .stopped)
        try world.cancel()
        #expect(world.tearDown(instance))
    }
}
