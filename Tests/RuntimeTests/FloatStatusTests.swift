// How floats are computed (MXCSR here, FPCR or FPSCR elsewhere): a guest's own while it runs, the host's whenever the host does, whichever way a run is left.

import FloatControl
import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

/// Notes the modes that each of its functions finds.
struct FloatHost: Host {
    var found: [UInt32] = []
    /// What `look` calls in the guest.
    var inner: Function?

    static var functionCount: Int { 3 }
    static func function(_ index: Int) -> HostFunction {
        switch index {
        case 0: HostFunction("env", "look") { unsafe answer($0, FloatHost.look) }
        case 1: HostFunction("env", "wait") { unsafe answer($0, FloatHost.wait) }
        default: HostFunction("env", "fail") { unsafe answer($0, FloatHost.fail) }
        }
    }

    static var modes: UInt32 { mote_float_control() & mote_float_modes() }

    mutating func feedWatchdog() { found.append(Self.modes) }

    static func look(_ h: inout FloatHost, _ c: inout Caller) throws(Trap) {
        h.found.append(modes)
        guard let inner = h.inner else { return }
        let arguments: [Value] = [.f32(FloatStatusTests.one), .f32(FloatStatusTests.small)]
        // A trap or a pause of it is the host's affair.
        _ = try? c.call(inner, arguments.span, fuel: 10, host: &h)
        h.found.append(modes)
    }

    static func wait(_ h: inout FloatHost, _ c: inout Caller) throws(Trap) -> Int32 {
        h.found.append(modes)
        throw .resultPending
    }

    static func fail(_ h: inout FloatHost, _ c: inout Caller) throws(Trap) {
        h.found.append(modes)
        throw .host
    }
}

@Suite struct FloatStatusTests {
    static let one: Float = 1
    /// Three quarters of what the last bit of 1 is worth: to the nearest a sum is rounded up, towards zero it is 1.
    static let small = Float(bitPattern: 0x33c0_0000)
    private static let sum = Float(bitPattern: 0x3f80_0001)
    /// Twice this is no normal number either.
    private static let tiny = Float(bitPattern: 0x0001_0000)

    /// Subnormals are flushed to zero, and sums rounded towards it.
    private static var hostile: UInt32 {
        #if arch(x86_64)
        0xE040
        #else
        3 << 22 | 1 << 24
        #endif
    }

    private static func module() -> ModuleBuilder {
        var module = ModuleBuilder()
        let look = module.importFunction("env", "look", [])
        let wait = module.importFunction("env", "wait", [], [.i32])
        let fail = module.importFunction("env", "fail", [])
        let add = Code.localGet(0) + Code.localGet(1) + Code.f32Add
        module.function([.f32, .f32], [.f32], body: add, export: "add")
        module.function([.f32, .f32], [.f32], body: Code.call(look) + add, export: "looking")
        module.function([.f32, .f32], [.f32], body: Code.call(wait) + Code.drop + add, export: "waiting")
        module.function([.f32, .f32], [.f32], body: Code.call(fail) + add, export: "failing")
        module.function([.f32, .f32], [.f32], body: add + Code.drop + Code.unreachable, export: "trap")
        module.function([.f32, .f32], [.f32], body: add + Code.drop + Code.loop(nil, Code.br(0)) + Code.unreachable, export: "endless")
        return module
    }

    @Test("The host finds its modes again after a result, a trap, a pause, a cancelled run, in its own functions and behind their calls of the guest; the guest never sees them", arguments: [false, true])
    func everyWay(watched: Bool) throws {
        var configuration = Configuration()
        if watched { configuration.watchdogInterval = 3 }
        let world = try World(FloatHost(), configuration: configuration)
        let instance = try world.add(Self.module())
        func function(_ name: String) throws -> Function { try world.function(name, of: instance) }
        let (add, looking, waiting, failing, trap, endless) = (
            try function("add"), try function("looking"), try function("waiting"), try function("failing"), try function("trap"), try function("endless"))
        let arguments: [Value] = [.f32(Self.one), .f32(Self.small)], tiny: [Value] = [.f32(Self.tiny), .f32(Self.tiny)]

        let own = mote_float_control()
        mote_set_float_control(own & ~mote_float_modes() | Self.hostile)
        defer { mote_set_float_control(own) }
        /// What comes of a step, and the modes behind it.
        func after<Result>(_ step: () throws -> Result) rethrows -> (result: Result, modes: UInt32) {
            let result = try step()
            return (result, FloatHost.modes)
        }
        var steps: [(name: String, modes: UInt32)] = []
        var endings: [Ending] = []
        for (name, arguments) in [("nearest", arguments), ("subnormal", tiny)] {
            let (ending, modes) = after { world.call(add, arguments) }
            endings.append(ending)
            steps.append((name, modes))
        }
        for inner in [nil, add, trap, endless] {
            world.host.inner = inner
            let (ending, modes) = after { world.call(looking, arguments) }
            endings.append(ending)
            steps.append(("inner", modes))
        }
        let ways: [(String, Function)] = [("trap", trap), ("host's trap", failing), ("fuel", endless)]
        let left = ways.map { name, function in
            let (ending, modes) = after { world.call(function, arguments, fuel: 10) }
            steps.append((name, modes))
            return ending
        }
        let (first, paused) = try after { try world.begin(waiting, arguments) }
        let (second, resumed) = try after { try world.resume(returning: [.i32(1)]) }
        let awaited = try world.result(of: waiting)
        steps += [("pending", paused), ("resumed", resumed)]
        mote_set_float_control(own)

        #expect(Self.hostile & mote_float_modes() == Self.hostile)
        for (name, modes) in steps { #expect(modes == Self.hostile, "\(name)") }
        #expect(endings == [.values([.f32(Self.sum)]), .values([.f32(Float(bitPattern: 0x0002_0000))])] + [Ending](repeating: .values([.f32(Self.sum)]), count: 4))
        #expect(left == [.trap(.unreachable), .trap(.host), .outOfFuel])
        #expect(first.isAwaiting && second == .finished && awaited == .f32(Self.sum))
        // Four of `looking`, three of them twice, one each of `failing` and `waiting`; and the watchdog's.
        #expect(world.host.found.count >= 9 && watched == (world.host.found.count > 9), "\(world.host.found.count)")
        #expect(world.host.found.allSatisfy { $0 == Self.hostile }, "\(world.host.found)")
    }
}
