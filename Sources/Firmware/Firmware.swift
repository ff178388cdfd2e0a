// The firmware: runs the module that was embedded in flash, and exits with the status that `mote run` would have.
//
//     free RAM   │ pool: operand stack, register code, instance, linear memory │ unused │
//
// Words of its command line, all optional (boards/run gives them):
//
//     bench  report  pool=BYTES  stack=BYTES  app-heap=BYTES  aux-stack=BYTES  memory-cap=BYTES  overcommit  whole  heap-base  unchecked

import AppImage
import Board
import BoardSupport
import Runtime
import Semihosting
import Startup
import WasmFormat

/// As those of `mote run`.
enum Status {
    static var success: Int32 { 0 }
    static var cannotLoad: Int32 { 1 }
    static var usage: Int32 { 2 }
    /// As a shell reports a process that aborted: 128 + SIGABRT.
    static var trap: Int32 { 134 }
}

@main
struct Firmware {
    static func main() {
        let options = Options()
        var report = Report()
        mote_stack_paint()
        let depth = mote_stack_depth()
        let status = run(options, &report)
        report.nativeStack = mote_stack_peak() &- depth
        report.write()
        mote_exit(status)
    }

    /// Everything that has to do with the module. The status to exit with.
    @inline(never)
    private static func run(_ options: Options, _ report: inout Report) -> Int32 {
        // Safety: the linker script keeps the module in flash, 4-byte aligned; nothing writes there.
        let bytes = unsafe UnsafeRawBufferPointer(start: mote_app_bytes(), count: Int(mote_app_length()))
        // Safety: nothing else uses free RAM, which is 8-byte aligned.
        let pool = unsafe UnsafeMutableRawBufferPointer(start: mote_free_ram(), count: Int(min(options.poolBytes, mote_free_ram_length()) & ~7))
        let watch = Stopwatch<Board.Counter>(isRunning: options.isBench)
        var host = BoardHost()
        var runtime: Runtime<BoardHost>
        let environment: ExecutionEnvironment
        let module: Module
        let before: UInt64
        do throws(LoadError) {
            runtime = unsafe try Runtime<BoardHost>(buffer: pool)
        } catch {
            return ErrorLine.write(error, nil)
        }
        do throws(LoadError) {
            environment = try runtime.makeExecutionEnvironment(operandStackBytes: options.operandStackBytes)
            before = watch.now()
            module = unsafe try runtime.load(bytes)
        } catch {
            report.note(runtime.pool)
            return ErrorLine.write(error, runtime.shortage)
        }
        let loaded = watch.now()
        let instance: Instance
        do throws(InstantiationError) {
            instance = try runtime.instantiate(module, links: Span<Link>(), in: environment, configuration: options.configuration, host: &host)
        } catch {
            report.note(runtime.pool)
            switch error {
            // Module and environment are a few lines old.
            case .handle: preconditionFailure()
            case .load(let error): return ErrorLine.write(error, linking: module, in: runtime)
            case .trapped(let trap, _): return tell(trap, &runtime, environment)
            case .paused(let outcome, _): return tell(outcome.pause, &runtime, environment)
            }
        }
        let instantiated = watch.now()
        do throws(HandleError) {
            let status = try call(&runtime, instance, environment, &host)
            let ended = watch.now()
            report.note(runtime.pool)
            if options.wantsReport { MemoryLines.write(try runtime.memoryReport(of: instance, in: environment)) }
            report.note(try runtime.operandStack(of: environment), try runtime.committedMemory(of: instance).peak)
            // What an installation would take beside.
            let noted = watch.now()
            let checksum = unsafe options.isBench && Runtime<BoardHost>.isIntact(image: bytes) ? watch.now() &- noted : nil
            watch.write(load: loaded &- before, instantiate: instantiated &- loaded, run: ended &- instantiated, checksum: checksum)
            return status
        } catch {
            // Nothing was given back, so no handle is stale.
            preconditionFailure()
        }
    }

    /// Calls `_start`, else `main` if it takes no parameters, and prints the results.
    @inline(never)
    private static func call(
        _ runtime: inout Runtime<BoardHost>, _ instance: Instance, _ environment: ExecutionEnvironment, _ host: inout BoardHost
    ) throws(HandleError) -> Int32 {
        let none: InlineArray<0, Value> = []
        let function: Function
        if case .function(let start) = try runtime.export("_start", of: instance) {
            function = start
        } else if case .function(let main) = try runtime.export("main", of: instance), try runtime.parameterCount(of: main) == 0 {
            function = main
            // A reactor is set up first.
            if case .function(let initialize) = try runtime.export("_initialize", of: instance), try runtime.parameterCount(of: initialize) == 0 {
                if case .trapped(let trap) = try runtime.call(initialize, none.span, in: environment, host: &host) {
                    return tell(trap, &runtime, environment)
                }
            }
        } else {
            Board.writeLine("mote: the module exports neither _start nor a main without parameters: export one of them")
            return Status.usage
        }
        let outcome = try runtime.call(function, none.span, in: environment, host: &host)
        switch outcome {
        case .finished:
            for number in 0..<(try runtime.resultCount(of: function)) { Board.writeLine(try runtime.result(number, of: function, in: environment)) }
            return Status.success
        case .trapped(let trap): return tell(trap, &runtime, environment)
        case .outOfFuel, .stopped, .awaiting: return tell(outcome.pause, &runtime, environment)
        }
    }

    @inline(never)
    private static func tell(_ trap: Trap, _ runtime: inout Runtime<BoardHost>, _ environment: ExecutionEnvironment) -> Int32 {
        ErrorLine.write(trap, of: environment, &runtime)
    }
}
