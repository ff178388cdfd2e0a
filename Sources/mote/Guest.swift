// A module that runs on this machine: load, link, call, and the words for what goes wrong.

import Runtime
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

    /// Loads, links and starts. `bytes` and `pool` must outlive the guest. Throws `Exit`.
    static func load(
        file: String, bytes: borrowing Memory, pool: borrowing Memory, operandStackBytes: UInt32, counting: Bool = false,
        configuration: InstanceConfiguration = InstanceConfiguration()
    ) throws -> Guest {
        let report = ErrorReport(file: file, bytes: bytes.span)
        var host = MoteHost()
        var runtime = try runtime(in: pool, file: file, counting: counting)
        let (environment, module, instance) = try instance(
            of: bytes, in: &runtime, host: &host, report: report, operandStackBytes: operandStackBytes, configuration: configuration)
        return Guest(
            runtime: runtime, file: file, report: report, environment: environment, module: module, instance: instance, host: host)
    }

    private static func runtime(in pool: borrowing Memory, file: String, counting: Bool) throws -> Runtime<MoteHost> {
        do throws(LoadError) {
            // Safety: the pool is the caller's, aligned to 16, and used for nothing else.
            var configuration = Configuration()
            configuration.countsInstructions = counting
            return unsafe try Runtime<MoteHost>(buffer: pool.bytes, configuration: configuration)
        } catch {
            throw Exit(.cannotLoad, "\(file): exhausted: a pool of \(pool.size) bytes holds no runtime: use another --pool")
        }
    }

    private static func instance(
        of bytes: borrowing Memory, in runtime: inout Runtime<MoteHost>, host: inout MoteHost, report: ErrorReport,
        operandStackBytes: UInt32, configuration: InstanceConfiguration
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
            return (environment, module, try runtime.instantiate(module, links: Span<Link>(), in: environment, configuration: configuration, host: &host))
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
                // Before looking for the place, which allocates too.
                let shortage = runtime.shortage
                throw Exit(.trap, line(trap, report: report, position: try? runtime.trapPosition(in: environment), shortage: shortage, pool: runtime.pool))
            case .paused(let outcome, _):
                throw Exit(.trap, line(outcome.pause, report: report, position: try? runtime.trapPosition(in: environment)))
            }
        }
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
            let many = "\(parameters.count) \(parameters.count == 1 ? "argument" : "arguments")"
            throw Exit(.usage, "\(file): \(signature) takes \(many), not \(arguments.count): give them behind --invoke \(name)")
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
        switch outcome {
        case .finished:
            return try (0..<runtime.resultCount(of: function)).map { try runtime.result($0, of: function, in: environment) }
        case .trapped(let trap):
            let shortage = runtime.shortage
            throw Exit(.trap, Self.line(trap, report: report, position: try? runtime.trapPosition(in: environment), shortage: shortage, pool: runtime.pool))
        case .outOfFuel, .stopped, .awaiting:
            throw Exit(.trap, Self.line(outcome.pause, report: report, position: try? runtime.trapPosition(in: environment)))
        }
    }

    /// A reactor (a module without `_start` that exports `_initialize`) is set up by that call.
    mutating func initialize(fuel: UInt64?) throws {
        guard exported("_start") == nil, let initialize = exported("_initialize"),
            try runtime.parameterCount(of: initialize) == 0
        else { return }
        _ = try call(initialize, [], fuel: fuel)
    }

    /// `app.wasm: trap in function 3 "div" at 0x5c: integer divide by zero: …`.
    private static func line(
        _ trap: Trap, report: ErrorReport, position: TrapPosition?, shortage: Shortage = Shortage(), pool: PoolReport? = nil
    ) -> String {
        var place = ""
        if let position {
            let offset = position.offset.map { "0x" + String($0, radix: 16) } ?? "word \(position.word) of its register code"
            place = " in function \(report.module.functionLabel(position.function)) at \(offset)"
        }
        var line = "\(report.file): trap\(place): \(trap.words)"
        if trap == .memoryExhausted, let pool { line += ": " + report.memory(shortage, pool) }
        if trap == .callStackExhausted { line += ": use a larger --operand-stack" }
        return line
    }
}
