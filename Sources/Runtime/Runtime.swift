// The runtime: one buffer, the modules that were loaded into it, their instances, and one host type that answers them.

import MemoryPool
import WasmFormat

/// What a runtime is made with.
@safe public struct Configuration: Sendable {
    /// Puts counters into the code of modules that are loaded: `instructionCount(in:)` then tells the wasm instructions executed.
    /// Costs a word a straight run of code, and makes them slower. For host tools. Default: false.
    public var countsInstructions = false
    /// How many modules can be loaded at the same time, 1 to 60. Each takes 20 bytes at the start of the first buffer. Default: 4.
    public var maximumModules: UInt32 = 4
    /// A word of the embedder's, outside of all buffers given to the runtime, that stays as long as the runtime: a run stops, within 16 polls, while it is not
    /// 0. Setting it is all that an interrupt or another task may do to a runtime. Default: none.
    nonisolated(unsafe) public var stopWord: UnsafePointer<UInt32>?
    /// Polls from one call of the host's `feedWatchdog` to the next, over all runs; 0: never. Default: 0.
    public var watchdogInterval: UInt32 = 0
    /// How much native stack, in bytes from the frame of the outermost call on, may be in use where the run began whose host function calls a guest. That
    /// host function's own frames, and what the nested run takes itself, come on top. Default: 4,096, or 65,536 on 64-bit machines.
    public var nativeStackBytes: UInt32 = MemoryLayout<Int>.size == 4 ? 4_096 : 65_536
    public init() {}
}

/// The pool's state. Bytes.
public struct PoolReport: Equatable, Sendable {
    public internal(set) var size: UInt32 = 0
    /// With headers and control block.
    public internal(set) var inUse: UInt32 = 0
    public internal(set) var peak: UInt32 = 0
    /// The largest block that could be allocated now.
    public internal(set) var largestFree: UInt32 = 0
    public init() {}
}

@safe public struct Runtime<HostType: Host & ~Copyable>: ~Copyable {
    var engine: Engine
    let configuration: Configuration
    /// Wasm instructions that runs have executed, where modules were loaded with counters.
    public var instructionCount: UInt64 { engine.instructionCount }

    deinit { engine.heap.giveAllBack() }

    /// Gives a module's memory back. Throws `.inUse` with an instance of it, if there is one.
    public mutating func unload(_ module: Module) throws(HandleError) { try engine.unload(module) }

    /// An environment with an operand stack of about this many bytes: frames, values and call records of everything that runs in it.
    ///
    /// Throws `.noMemory`.
    public mutating func makeExecutionEnvironment(operandStackBytes: UInt32) throws(LoadError) -> ExecutionEnvironment {
        try engine.makeEnvironment(operandStackBytes: operandStackBytes)
    }

    /// Gives an environment's memory back. Nothing may be running in it.
    public mutating func remove(_ environment: ExecutionEnvironment) throws(HandleError) { try engine.remove(environment) }

    /// Makes an instance: links its imports, allocates it, copies its active segments, calls its start function.
    ///
    /// Imports are resolved first among the links with their module's name, the first whose instance has the export winning, then among the host's
    /// functions. An environment serves one group of linked instances.
    public mutating func instantiate(
        _ module: Module, links: Span<Link>, in environment: ExecutionEnvironment, configuration: InstanceConfiguration = InstanceConfiguration(), fuel: UInt64? = nil,
        host: inout HostType
    ) throws(InstantiationError) -> Instance {
        let code: ModuleBlock
        do throws(HandleError) {
            code = try engine.heap.regions.block(of: module)
            try engine.heap.regions.requireIdle(environment)
            for i in 0..<links.count { _ = try engine.block(of: links[i].instance) }
        } catch {
            throw .handle(error)
        }
        let block: InstanceBlock
        var summary = ModuleSummary()
        do throws(LoadError) {
            try engine.fill(&summary, of: code)
            block = try engine.instantiate(code, &summary, links: links, configuration, hostCount: HostType.functionCount, host: { HostType.function($0) })
        } catch {
            throw .load(error)
        }
        let instance = block.handle
        if let trap = engine.initialize(block, code, &summary) { throw .trapped(trap, abandon(instance)) }
        guard summary.hasStart else { return instance }
        let function = engine.handle(engine.reference(block, function: summary.start))
        let none: InlineArray<0, Value> = []
        let outcome: Outcome
        do throws(HandleError) { outcome = try call(function, none.span, in: environment, fuel: fuel, host: &host) } catch { throw .handle(error) }
        switch outcome {
        case .finished: return instance
        case .trapped(let trap): throw .trapped(trap, abandon(instance))
        case .outOfFuel, .stopped, .awaiting: throw .paused(outcome, instance)
        }
    }

    /// Takes a failed instance back, unless a table or global of another one names a function of it now.
    private mutating func abandon(_ instance: Instance) -> Instance {
        do throws(HandleError) {
            try tearDown(instance)
            return .none
        } catch {
            return instance
        }
    }

    /// Gives an instance's memory back.
    ///
    /// Throws `.inUse` with an instance that imports from it, or a table or global of which names one of its functions. Takes time in proportion to
    /// what all instances import and to the size of their tables.
    public mutating func tearDown(_ instance: Instance) throws(HandleError) {
        let group: InlineArray<1, Instance> = [instance]
        try engine.tearDown(group.span)
    }

    /// Gives the memory of several instances back, whatever they need of each other: of all, or of none while an instance that is not among them
    /// needs one of them, which `.inUse` then has. Room for those whose functions are in each other's tables.
    public mutating func tearDown(_ group: Span<Instance>) throws(HandleError) { try engine.tearDown(group) }

    /// The export of a name (UTF-8 bytes), if there is one.
    public func export(_ name: Span<UInt8>, of instance: Instance) throws(HandleError) -> Export? { try engine.export(name, of: instance) }

    /// The export of a name, if there is one.
    public func export(_ name: StaticString, of instance: Instance) throws(HandleError) -> Export? {
        // Safety: the static string's own bytes.
        let bytes = unsafe UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return try engine.export(unsafe Span(_unsafeElements: bytes), of: instance)
    }

    /// The value of a global.
    public func value(of global: Global) throws(HandleError) -> Value { try engine.value(of: global) }

    /// The pools of all buffers together.
    public var pool: PoolReport {
        var report = PoolReport()
        // The table of regions lies in the first buffer, too.
        let table = engine.heap.regions.bytes
        (report.size, report.inUse, report.peak) = (table, table, table)
        for region in 0..<engine.heap.poolRegions where engine.heap.isPool(region, for: .all) {
            let pool = engine.heap.regions.pool(region)
            report.size &+= pool.length
            report.inUse &+= pool.inUse
            report.peak &+= pool.peak
            report.largestFree = max(report.largestFree, pool.largestFree)
        }
        return report
    }

    /// What the last allocation that failed would have needed.
    public var shortage: Shortage { engine.heap.shortage }
}
