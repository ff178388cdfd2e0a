// A guest of PauseCheck: its runtime, and its exports: "f", and "g" where it has one, functions without parameters.

import BoardSupport
import Runtime
import Semihosting
import WasmFormat

struct Guest: ~Copyable {
    var runtime: Runtime<PauseHost>
    let environment: ExecutionEnvironment
    let instance: Instance
    let f: Function
    let g: Function?
    /// Whether its start function has stopped, and waits in the environment.
    let hasStoppedAtStart: Bool
    var host = PauseHost()

    /// What does not load ends the firmware. The bytes must outlive the guest.
    @unsafe init(
        _ entry: (provider: UnsafeRawBufferPointer, module: UnsafeRawBufferPointer), in pool: UnsafeMutableRawBufferPointer, _ configuration: Configuration = Configuration()
    ) {
        do throws(LoadError) {
            runtime = unsafe try Runtime<PauseHost>(buffer: pool, configuration: configuration)
            environment = try runtime.makeExecutionEnvironment(operandStackBytes: 4_096)
            let module = unsafe try runtime.load(entry.module)
            let provider: Module? = unsafe entry.provider.count > 0 ? try runtime.load(entry.provider) : nil
            (instance, hasStoppedAtStart) = Guest.instantiate(module, provider, &runtime, environment, &host)
            guard case .function(let f)? = try? runtime.export("f", of: instance) else { Guest.fail("no export f") }
            self.f = f
            if case .function(let g)? = try? runtime.export("g", of: instance) { self.g = g } else { g = nil }
        } catch {
            Guest.fail("a module does not load")
        }
    }

    private static func instantiate(
        _ module: Module, _ provider: Module?, _ runtime: inout Runtime<PauseHost>, _ environment: ExecutionEnvironment, _ host: inout PauseHost
    ) -> (Instance, Bool) {
        do throws(InstantiationError) {
            guard let provider else { return (try runtime.instantiate(module, links: Span<Link>(), in: environment, host: &host), false) }
            let name: StaticString = "p"
            let first = try runtime.instantiate(provider, links: Span<Link>(), in: environment, host: &host)
            // Safety: a literal.
            let links: InlineArray<1, Link> = [unsafe Link(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), first)]
            return (try runtime.instantiate(module, links: links.span, in: environment, host: &host), false)
        } catch {
            guard case .paused(.stopped, let instance) = error else { fail("a module does not instantiate") }
            return (instance, true)
        }
    }

    // MARK: running

    mutating func call(fuel: UInt64? = nil) -> Outcome { call(f, fuel) }

    mutating func callG(fuel: UInt64? = nil) -> Outcome {
        guard let g else { Guest.fail("no export g") }
        return call(g, fuel)
    }

    private mutating func call(_ function: Function, _ fuel: UInt64?) -> Outcome {
        guard let outcome = try? runtime.call(function, Span<Value>(), in: environment, fuel: fuel, host: &host) else { Guest.fail("no call") }
        return outcome
    }

    mutating func resume(fuel: UInt64? = nil) -> Outcome {
        guard let outcome = try? runtime.resume(environment, fuel: fuel, host: &host) else { Guest.fail("no run to resume") }
        return outcome
    }

    mutating func cancel() {
        if (try? runtime.cancel(environment)) == nil { Guest.fail("no run to cancel") }
    }

    /// The first word of its memory, where guests count their turns; nil if it has none. Good while the guest does not grow its memory.
    mutating func turns() -> UnsafePointer<UInt32>? {
        guard let bytes = try? runtime.bytes(at: 0, count: 4, of: instance) else { return nil }
        // Safety: a byte of the pool, 8-byte aligned as every block is; these guests leave their memory where it is.
        return unsafe bytes.withUnsafeBytes { unsafe $0.baseAddress?.assumingMemoryBound(to: UInt32.self) }
    }

    static func fail(_ reason: StaticString) -> Never {
        Board.writeLine(reason)
        mote_exit(1)
    }
}
