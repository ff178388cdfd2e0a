// A module that runs on this machine: load, link, call, and the words for what goes wrong.

import Runtime
import Stepping
import WasmFormat

/// One instance in a runtime of its own.
struct Guest: ~Copyable {
    private(set) var runtime: Runtime<MoteHost>
    private let file: String
    private let report: ErrorReport
    private let environment: ExecutionEnvironment
    private let module: Module
    private let instance: Instance
    private var host: MoteHost

    /// Loads, links and starts; with `pausesAtStart` a start function is called but has executed nothing yet. `bytes` and the pools must outlive the guest; `uses` as `Runtime.inPools` has them. Throws `Exit`.
    static func load(
        file: String, bytes: borrowing Memory, pool: borrowing Memory, secondPool: borrowing Memory, uses: UInt32, operandStackBytes: UInt32, counting: Bool = false,
        configuration: InstanceConfiguration = InstanceConfiguration(), pausesAtStart: Bool = false
    ) throws -> Guest {
        let report = ErrorReport(file: file, bytes: bytes.span)
        var host = MoteHost()
        var runtime: Runtime<MoteHost>
        do throws(LoadError) {
            var configuration = Configuration()
            configuration.countsInstructions = counting
            // Safety: the pools are the caller's, aligned to 16, and used for nothing else.
            runtime = unsafe try Runtime<MoteHost>.inPools(pool, secondPool, uses: uses, configuration)
        } catch {
            throw Exit(.cannotLoad, "\(file): exhausted: a pool of \(pool.size) bytes holds no runtime: use another --pool")
        }
        let (environment, module, instance) = try instance(
            of: bytes, in: &runtime, host: &host, report: report, operandStackBytes: operandStackBytes, configuration: configuration, pausesAtStart: pausesAtStart)
        return Guest(
            runtime: runtime, file: file, report: report, environment: environment, module: module, instance: instance, host: host)
    }

    private static func instance(
        of bytes: borrowing Memory, in runtime: inout Runtime<MoteHost>, host: inout MoteHost, report: ErrorReport,
        operandStackBytes: UInt32, configuration: InstanceConfiguration, pausesAtStart: Bool
    ) throws -> (ExecutionEnvironment, Module, Instance) {
        let environment: ExecutionEnvironment
        do throws(LoadError) {
            environment = try runtime.makeExecutionEnvironment(operandStackBytes: operandStackBytes)
        } catch {
            let line = report.line(error, shortage: runtime.shortage, pool: runtime.pool)
            throw Exit(.cannotLoad, line)
        }
        let module: Module
        do throws(LoadError) {
            // Safety: the bytes are not written to, and outlive the guest.
            module = unsafe try runtime.load(bytes.contents)
        } catch {
            throw Exit(.cannotLoad, report.line(error, shortage: runtime.shortage, pool: runtime.pool))
        }
        do throws(InstantiationError) {
            return (environment, module, try runtime.instantiate(module, links: Span<Link>(), in: environment, configuration: configuration, fuel: pausesAtStart ? 0 : nil, host: &host))
        } catch {
            switch error {
            // Module and environment are a few lines old.
            case .handle: preconditionFailure()
            case .load(let error):
                var sink = StringSink()
                if error.phase == .unlinkable { try? runtime.describeImport(at: error.offset, of: module, links: Span<Link>(), to: &sink) }
                if error.reason == .unknownImport { sink.write(", but mote run offers mote.write alone") }
                var line = report.line(error, shortage: runtime.shortage, pool: runtime.pool, importText: sink.text)
                if error.thing == .linearMemory {
                    if configuration.memoryCommitment == .whole { line += ", or --commit touched" }
                    if configuration.auxStackBytes > 0 { line += ", or a smaller --aux-stack" }
                }
                throw Exit(.cannotLoad, line)
            case .trapped(let trap, _):
                throw exit(trap, environment, &runtime, report)
            case .paused(let outcome, let instance):
                if pausesAtStart { return (environment, module, instance) }
                throw exit(outcome.pause, environment, &runtime, report)
            }
        }
    }
}

extension Runtime<MoteHost> {
    /// A runtime in one pool, or with `uses` (`ConfigurationWord.uses`) in two. The pools must outlive it, and serve nothing else.
    @unsafe static func inPools(_ first: borrowing Memory, _ second: borrowing Memory, uses: UInt32, _ configuration: Configuration = Configuration()) throws(LoadError) -> Runtime<MoteHost> {
        let buffer = unsafe UnsafeMutableRawBufferPointer(rebasing: first.bytes[..<first.size])
        guard uses != 0 else { return unsafe try Runtime<MoteHost>(buffer: buffer, configuration: configuration) }
        let regions: InlineArray<2, MemoryRegion> = unsafe [
            MemoryRegion(buffer, for: MemoryUse(rawValue: UInt8(truncatingIfNeeded: uses))),
            MemoryRegion(UnsafeMutableRawBufferPointer(rebasing: second.bytes[..<second.size]), for: MemoryUse(rawValue: UInt8(truncatingIfNeeded: uses >> 8))),
        ]
        return try Runtime<MoteHost>(regions: regions.span, configuration: configuration)
    }
}

extension Guest {
    /// The memory report as text.
    var memoryReport: String {
        var sink = StringSink()
        // Neither was given back: there is a report.
        try? runtime.memoryReport(of: instance, in: environment).write(to: &sink)
        return sink.text
    }

    /// What `--commit heap-base` did.
    var heapBaseCut: String {
        switch try? runtime.heapBaseCut(of: module) {
        case .cut(let end)?: "  cut at __heap_base: the memory ends at \(end)"
        case .preventedByFunction(let function)?:
            "  not cut at __heap_base: function \(report.module.functionLabel(function)) asks for the memory's size, or grows it"
        case .noHeapBase?, nil: "  not cut at __heap_base: the module has no memory of its own, or exports no __heap_base inside it (-Wl,--export=__heap_base)"
        }
    }

    /// The function to call: an export by name, else `_start`, else `main` without parameters. Throws `Exit`.
    func function(_ name: String?) throws -> Function {
        if let name {
            if let function = exported(name) { return function }
            throw Exit(.usage, "\(file): exports no function \(name): \(choice)")
        }
        if let start = exported("_start") { return start }
        guard let main = exported("main") else {
            throw Exit(.usage, "\(file): exports neither _start nor main: \(choice)")
        }
        return main
    }

    private func exported(_ name: String) -> Function? {
        let bytes = Array(name.utf8)
        guard case .function(let function) = try? runtime.export(bytes.span, of: instance) else { return nil }
        return function
    }

    /// What to write instead.
    private var choice: String {
        let functions = report.module.exports.filter { $0.kind == "function" }.map { "\($0.name)\($0.type)" }
        return functions.isEmpty ? "it exports no function at all" : "use --invoke with one of " + functions.joined(separator: ", ")
    }

    /// The arguments as values of the function's parameter types. Throws `Exit` naming the signature.
    func values(_ arguments: [String], for function: Function, named name: String) throws -> [Value] {
        let parameters = try (0..<runtime.parameterCount(of: function)).map { try runtime.parameterType($0, of: function) }
        let results = try (0..<runtime.resultCount(of: function)).map { try runtime.resultType($0, of: function) }
        let signature = "\(name)\(Signature.text(parameters, results))"
        guard parameters.count == arguments.count else {
            throw Exit(.usage, "\(file): \(signature) takes \(counted(parameters.count, "argument")), not \(arguments.count): give them behind --invoke \(name)")
        }
        var values: [Value] = []
        for (argument, type) in zip(arguments, parameters) {
            guard let value = ValueText.value(argument, as: type) else {
                throw Exit(.usage, "\(file): \"\(argument)\" is no \(type.name): the function is \(signature)")
            }
            values.append(value)
        }
        return values
    }

    /// Calls and returns the results. Throws `Exit` for a trap and for the end of the fuel.
    mutating func call(_ function: Function, _ arguments: [Value], fuel: UInt64?) throws -> [Value] {
        let outcome = try runtime.call(function, arguments.span, in: environment, fuel: fuel, host: &host)
        return try results(of: function, outcome)
    }

    private mutating func results(of function: Function, _ outcome: Outcome) throws -> [Value] {
        switch outcome {
        case .finished:
            return try (0..<runtime.resultCount(of: function)).map { try runtime.result($0, of: function, in: environment) }
        case .trapped(let trap): throw Self.exit(trap, environment, &runtime, report)
        case .outOfFuel, .stopped, .awaiting: throw Self.exit(outcome.pause, environment, &runtime, report)
        }
    }

    /// Steps through a call, as standard input says, and before it through the start function if that has been called; `_initialize` is not stepped. nil if it was ended before its end. Throws `Exit`.
    mutating func step(_ function: Function, _ arguments: [Value], of bytes: borrowing Memory) throws -> [Value]? {
        let map: CodeMap
        do {
            map = try CodeMap(module, of: bytes.span, report.module, in: &runtime)
        } catch let error as LoadError {
            throw Exit(.cannotLoad, report.line(error, shortage: runtime.shortage, pool: runtime.pool))
        }
        var session = StepSession(report.module, map, instance, try Stepper([module], environment, in: runtime))
        if runtime.isPaused(environment) {
            guard case .ended(let outcome) = try session.go(&runtime, &host) else { return nil }
            if outcome != .finished { _ = try results(of: function, outcome) }
        }
        try initialize(fuel: nil)
        // Without fuel it is called, and that is all. A function of the host's has ended.
        let outcome = try runtime.call(function, arguments.span, in: environment, fuel: 0, host: &host)
        guard outcome == .outOfFuel else { return try results(of: function, outcome) }
        guard case .ended(let outcome) = try session.go(&runtime, &host) else { return nil }
        return try results(of: function, outcome)
    }

    /// A reactor (a module without `_start` that exports `_initialize`) is set up by that call.
    mutating func initialize(fuel: UInt64?) throws {
        guard exported("_start") == nil, let initialize = exported("_initialize"),
            try runtime.parameterCount(of: initialize) == 0
        else { return }
        _ = try call(initialize, [], fuel: fuel)
    }

    /// `app.wasm: trap: integer divide by zero: …`, and the backtrace.
    private static func exit(_ trap: Trap, _ environment: ExecutionEnvironment, _ runtime: inout Runtime<MoteHost>, _ report: ErrorReport) -> Exit {
        var line = "\(report.file): trap: \(trap.words)"
        // Before looking for places, which takes from the pool too.
        if trap == .memoryExhausted { line += ": " + report.memory(runtime.shortage, runtime.pool) }
        if trap == .callStackExhausted { line += ": use a larger --operand-stack" }
        var frames = StringSink()
        // The environment is there.
        try? runtime.writeBacktrace(of: environment, to: &frames)
        return Exit(.trap, line, details: frames.text)
    }
}
