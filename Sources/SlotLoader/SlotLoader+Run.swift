// One module's life: loaded, run in slices, given back when a new one has been installed.

import BoardSupport
import ModuleStore
import Runtime
import Startup
import WasmFormat

/// Why a module runs no more.
enum Ended { case notStarted, replaced }

extension SlotLoader {
    /// Returns when another module has been installed, or if this one cannot be started. One that has finished or trapped waits for it.
    @inline(never) @unsafe
    static func run(_ bytes: UnsafeRawBufferPointer, _ line: inout LoaderLine) -> Ended {
        // Safety: free RAM is 8-byte aligned, and belongs to nobody else; the runtime before this one is gone.
        let buffer = unsafe UnsafeMutableRawBufferPointer(start: mote_free_ram(), count: Int(mote_free_ram_length()) & ~7)
        var host = ConsoleHost()
        var runtime: Runtime<ConsoleHost>
        let environment: ExecutionEnvironment
        let module: Module
        do throws(LoadError) { runtime = unsafe try Runtime<ConsoleHost>(buffer: buffer) } catch {
            tell(error)
            return .notStarted
        }
        do throws(LoadError) {
            environment = try runtime.makeExecutionEnvironment(operandStackBytes: operandStackBytes)
            module = unsafe try runtime.load(bytes)
        } catch {
            tell(error)
            return .notStarted
        }
        let instance: Instance
        var outcome = Outcome.finished
        do throws(InstantiationError) {
            instance = try runtime.instantiate(module, links: Span<Link>(), in: environment, fuel: slice, host: &host)
        } catch {
            switch error {
            case .paused(let pause, let made): (outcome, instance) = (pause, made)
            case .load(let error):
                tell(error)
                return .notStarted
            case .trapped(let trap, _):
                tell(trap)
                return .notStarted
            // Module and environment are a few lines old.
            case .handle: return .notStarted
            }
        }
        // Its start function may take long, too.
        guard goOn(&outcome, &runtime, environment, &host, &line) else { return .replaced }
        guard outcome == .finished else {
            if case .trapped(let trap) = outcome { tell(trap) }
            return .notStarted
        }
        return call(instance, &runtime, environment, &host, &line)
    }

    @inline(never)
    private static func call(
        _ instance: Instance, _ runtime: inout Runtime<ConsoleHost>, _ environment: ExecutionEnvironment, _ host: inout ConsoleHost, _ line: inout LoaderLine
    ) -> Ended {
        let none: InlineArray<0, Value> = []
        guard let main = function("_start", of: instance, runtime) ?? function("main", of: instance, runtime),
            var outcome = try? runtime.call(main, none.span, in: environment, fuel: slice, host: &host)
        else {
            Board.writeLine("mote: the module exports neither _start nor a main without parameters: export one of them")
            return .notStarted
        }
        guard goOn(&outcome, &runtime, environment, &host, &line) else { return .replaced }
        if case .trapped(let trap) = outcome { tell(trap) } else { Board.writeLine("mote: the module has finished") }
        line.waitForModule()
        return .replaced
    }

    private static func function(_ name: StaticString, of instance: Instance, _ runtime: borrowing Runtime<ConsoleHost>) -> Function? {
        guard case .function(let function)? = try? runtime.export(name, of: instance), (try? runtime.parameterCount(of: function)) == 0 else { return nil }
        return function
    }

    /// Slice after slice, until the run ends. False if a new module was installed before.
    private static func goOn(
        _ outcome: inout Outcome, _ runtime: inout Runtime<ConsoleHost>, _ environment: ExecutionEnvironment, _ host: inout ConsoleHost, _ line: inout LoaderLine
    ) -> Bool {
        while outcome == .outOfFuel {
            if line.turn() { return false }
            guard let next = try? runtime.resume(environment, fuel: slice, host: &host) else { return true }
            outcome = next
        }
        return true
    }
}
