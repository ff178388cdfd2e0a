// The firmware: runs the module that was embedded in flash, and exits with the status that `mote run` would have.
//
//     pool, in free RAM or where the configuration puts it   │ operand stack, register code, instance, linear memory │ unused │
//
// Options.swift has the words of its command line, all optional (boards/run gives them).

import AppImage
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
        guard Configured.isKnown else {
            Board.writeLine("mote: the configuration is of another version: build it with this firmware's mote build")
            return Status.usage
        }
        guard !options.hasUnknownWord else {
            return refuse("a word is unknown, or its number not decimal: Sources/Firmware/Options.swift has them")
        }
        let watch = Stopwatch(isRunning: options.isBench)
        var host = BoardHost()
        var runtime: Runtime<BoardHost>
        let environment: ExecutionEnvironment
        let module: Module
        let before: UInt64
        do throws(LoadError) {
            runtime = try Configured.makeRuntime(firstPoolBytes: options.poolBytes)
        } catch {
            return ErrorLine.write(error, nil)
        }
        do throws(LoadError) {
            environment = try runtime.makeExecutionEnvironment(operandStackBytes: options.operandStackBytes)
            mote_feed()
            before = watch.now()
            module = unsafe try runtime.load(bytes)
        } catch {
            report.note(runtime.pool)
            return ErrorLine.write(error, runtime.shortage)
        }
        let loaded = watch.now()
        mote_feed()
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
        mote_feed()
        do throws(HandleError) {
            var span = CallSpan()
            let status = try call(options, &runtime, instance, environment, &host, &span)
            report.note(runtime.pool)
            if options.wantsReport { MemoryLines.write(try runtime.memoryReport(of: instance, in: environment)) }
            report.note(try runtime.operandStack(of: environment), try runtime.committedMemory(of: instance).peak)
            // What an installation would take beside.
            let noted = watch.now()
            let checksum = unsafe options.isBench && Runtime<BoardHost>.isIntact(image: bytes) ? (start: noted, end: watch.now()) : nil
            watch.write(before: before, loaded: loaded, instantiated: instantiated, call: span, checksum: checksum)
            return status
        } catch {
            // Nothing was given back, so no handle is stale.
            preconditionFailure()
        }
    }

    /// Calls the export that was asked for, else `_start`, else `main` if it takes no parameters, and prints the results.
    @inline(never)
    private static func call(
        _ options: borrowing Options, _ runtime: inout Runtime<BoardHost>, _ instance: Instance, _ environment: ExecutionEnvironment, _ host: inout BoardHost,
        _ span: inout CallSpan
    ) throws(HandleError) -> Int32 {
        let function: Function
        if options.namesExport {
            guard case .function(let export) = try Options.export(of: instance, in: runtime) else { return refuse("the module exports no function of that name") }
            guard try runtime.parameterCount(of: export) == options.argumentCount else { return refuse("the function takes another number of arguments: give arg= for each, 8 at most") }
            function = export
        } else if case .function(let start) = try runtime.export("_start", of: instance) {
            return try call(start, options, &runtime, environment, &host, &span)
        } else if case .function(let main) = try runtime.export("main", of: instance), try runtime.parameterCount(of: main) == 0 {
            function = main
        } else {
            return refuse("the module exports neither _start nor a main without parameters: export one of them")
        }
        // A reactor is set up first.
        if case .function(let initialize) = try runtime.export("_initialize", of: instance), try runtime.parameterCount(of: initialize) == 0 {
            if case .trapped(let trap) = try runtime.call(initialize, Span<Value>(), in: environment, host: &host) { return tell(trap, &runtime, environment) }
        }
        return try call(function, options, &runtime, environment, &host, &span)
    }

    /// Its frame holds no argument, as most calls have none.
    @inline(never)
    private static func call(
        _ function: Function, _ options: borrowing Options, _ runtime: inout Runtime<BoardHost>, _ environment: ExecutionEnvironment, _ host: inout BoardHost,
        _ span: inout CallSpan
    ) throws(HandleError) -> Int32 {
        let outcome: Outcome
        let count = options.namesExport ? options.argumentCount : 0
        if count > 0 {
            outcome = try callWithArguments(function, count, &runtime, environment, &host, &span)
        } else {
            span.start = Stopwatch.moment()
            outcome = try runtime.call(function, Span<Value>(), in: environment, host: &host)
            span.end = Stopwatch.moment()
        }
        if host.isInLine { Board.writeLine() }
        switch outcome {
        case .finished:
            for number in 0..<(try runtime.resultCount(of: function)) { Board.writeLine(try runtime.result(number, of: function, in: environment)) }
            return Status.success
        case .trapped(let trap): return tell(trap, &runtime, environment)
        case .outOfFuel, .stopped, .awaiting: return tell(outcome.pause, &runtime, environment)
        }
    }

    /// With those of the command line, of which there are as many as the function has parameters.
    @inline(never)
    private static func callWithArguments(
        _ function: Function, _ count: Int, _ runtime: inout Runtime<BoardHost>, _ environment: ExecutionEnvironment, _ host: inout BoardHost, _ span: inout CallSpan
    ) throws(HandleError) -> Outcome {
        var arguments = InlineArray<8, Value>(repeating: .i32(0))
        for number in 0..<count { arguments[number] = value(Options.argument(number), try runtime.parameterType(number, of: function)) }
        span.start = Stopwatch.moment()
        let outcome = try runtime.call(function, arguments.span.extracting(0..<count), in: environment, host: &host)
        span.end = Stopwatch.moment()
        return outcome
    }

    /// A value of bits; a reference is a number of the host's.
    private static func value(_ bits: UInt64, _ type: ValueType) -> Value {
        let low = UInt32(truncatingIfNeeded: bits)
        switch type {
        case .i32: return .i32(low)
        case .i64: return .i64(bits)
        case .f32: return .f32(low)
        case .f64: return .f64(bits)
        case .externref: return .externref(Reference(external: low))
        case .funcref: return .funcref(.null)
        }
    }

    private static func refuse(_ reason: StaticString) -> Int32 {
        Board.write("mote: ")
        Board.writeLine(reason)
        return Status.usage
    }

    @inline(never)
    private static func tell(_ trap: Trap, _ runtime: inout Runtime<BoardHost>, _ environment: ExecutionEnvironment) -> Int32 {
        ErrorLine.write(trap, of: environment, &runtime)
    }
}
