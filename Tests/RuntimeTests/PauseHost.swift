// A host whose functions pause, stop, and call the guest again.

@testable import Runtime
@testable import WasmFormat

struct PauseHost: Host {
    /// The word that stops runs; set by `feedWatchdog` as well, if the test wants.
    let stopWord = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    /// How many more times `wait` says that its result is pending.
    var pending = 0
    var feedings = 0
    var stopsWhenFed = false
    /// What `again` does with the guest.
    var inner: (function: Function, fuel: UInt64?, ending: Ending)?
    var log: [String] = []
    enum Ending { case resume, cancel, leave }

    static var functionCount: Int { 5 }
    static func function(_ index: Int) -> HostFunction {
        switch index {
        case 0: HostFunction("env", "wait") { unsafe answer($0, PauseHost.wait) }
        case 1: HostFunction("env", "wide") { unsafe answer($0, PauseHost.wide) }
        case 2: HostFunction("env", "nothing") { unsafe answer($0, PauseHost.nothing) }
        case 3: HostFunction("env", "stop") { unsafe answer($0, PauseHost.stop) }
        default: HostFunction("env", "again") { unsafe answer($0, PauseHost.again) }
        }
    }

    init() { stopWord.pointee = 0 }

    mutating func feedWatchdog() {
        feedings += 1
        if stopsWhenFed { stopWord.pointee = 1 }
    }

    static func wait(_ h: inout PauseHost, _ c: inout Caller, _ number: Int32) throws(Trap) -> Int32 {
        h.log.append("wait \(number)")
        guard h.pending == 0 else {
            h.pending -= 1
            throw .resultPending
        }
        return number &* 2
    }
    static func wide(_ h: inout PauseHost, _ c: inout Caller, _ a: Int64, _ b: Reference, _ d: Double, _ e: Reference) throws(Trap) -> Reference { throw .resultPending }
    static func nothing(_ h: inout PauseHost, _ c: inout Caller) throws(Trap) { throw .resultPending }
    static func stop(_ h: inout PauseHost, _ c: inout Caller) throws(Trap) { h.stopWord.pointee = 1 }

    static func again(_ h: inout PauseHost, _ c: inout Caller, _ number: Int32) throws(Trap) -> Int32 {
        guard let inner = h.inner else { return -1 }
        let arguments: [Value] = [.i32(UInt32(bitPattern: number))]
        let trap: Trap
        do throws(HandleError) {
            var outcome = try c.call(inner.function, arguments.span, fuel: inner.fuel, host: &h)
            h.log.append("\(outcome)")
            if outcome == .outOfFuel || outcome == .stopped || outcome.isAwaiting {
                // Nothing else may run there.
                do throws(HandleError) { _ = try c.call(inner.function, arguments.span, host: &h) } catch { h.log.append("\(error)") }
                // Or the caller would stop as well.
                let isStopped = outcome == .stopped
                if isStopped { h.stopWord.pointee = 0 }
                switch inner.ending {
                case .resume:
                    if isStopped { outcome = try c.resume(fuel: inner.fuel, host: &h) }
                    for _ in 0..<10_000 where outcome == .outOfFuel { outcome = try c.resume(fuel: inner.fuel, host: &h) }
                    if outcome.isAwaiting { outcome = try c.resume(returning: [Value.i32(1000)].span, host: &h) }
                case .cancel:
                    try c.cancel()
                    return -2
                case .leave: return -3
                }
            }
            switch outcome {
            case .finished:
                guard case .i32(let result) = try c.result(0, of: inner.function, host: h) else { return -4 }
                return Int32(bitPattern: result)
            case .trapped(let reason): trap = reason
            default:
                try c.cancel()
                return -5
            }
        } catch {
            h.log.append("\(error)")
            return -6
        }
        throw trap
    }
}

extension Outcome {
    var isAwaiting: Bool { if case .awaiting = self { true } else { false } }
}
