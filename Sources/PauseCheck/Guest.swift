// A guest of PauseCheck: its runtime, and its export "f", a function without parameters.

import Board
import BoardSupport
import Runtime
import Semihosting
import WasmFormat

struct Guest: ~Copyable {
    var runtime: Runtime<PauseHost>
    let environment: ExecutionEnvironment
    let instance: Instance
    let function: Function
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
            instance = Guest.instantiate(module, provider, &runtime, environment, &host)
            guard case .function(let function)? = try? runtime.export("f", of: instance) else { Guest.fail("no export f") }
            self.function = function
        } catch {
            Guest.fail("a module does not load")
        }
    }

    private static func instantiate(
        _ module: Module, _ provider: Module?, _ runtime: inout Runtime<PauseHost>, _ environment: ExecutionEnvironment, _ host: inout PauseHost
    ) -> Instance {
        do throws(InstantiationError) {
            guard let provider else { return try runtime.instantiate(module, links: Span<Link>(), in: environment, host: &host) }
            let name: StaticString = "p"
            let first = try runtime.instantiate(provider, links: Span<Link>(), in: environment, host: &host)
            // Safety: a literal.
            let links: InlineArray<1, Link> = [unsafe Link(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), first)]
            return try runtime.instantiate(module, links: links.span, in: environment, host: &host)
        } catch {
            fail("a module does not instantiate")
        }
    }

    /// Begins a call of "f".
    mutating func call(fuel: UInt64? = nil) -> Outcome {
        guard let outcome = try? runtime.call(function, Span<Value>(), in: environment, fuel: fuel, host: &host) else { Guest.fail("no call") }
        return outcome
    }

    static func fail(_ reason: StaticString) -> Never {
        Board.writeLine(reason)
        mote_exit(1)
    }
}
