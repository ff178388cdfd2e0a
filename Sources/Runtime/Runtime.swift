// The runtime: one buffer, the modules that were loaded into it, their instances, and one host type that answers them.

import MemoryPool
import WasmFormat

/// What a runtime is made with.
public struct Configuration: Sendable {
    /// Puts counters into the code of modules that are loaded: `instructionCount(in:)` then tells the wasm instructions executed.
    /// Costs a word a straight run of code, and makes them slower. For host tools. Default: false.
    public var countsInstructions = false
    public init() {}
}

/// The pool's state. Bytes.
public struct PoolReport: Equatable, Sendable {
    public let size: UInt32
    /// With headers and control block.
    public let inUse: UInt32
    public let peak: UInt32
    /// The largest block that could be allocated now.
    public let largestFree: UInt32
}

@safe public struct Runtime<HostType: Host & ~Copyable>: ~Copyable {
    var engine: Engine
    let configuration: Configuration
    /// Wasm instructions that runs have executed, where modules were loaded with counters.
    public internal(set) var instructionCount: UInt64 = 0

    /// A runtime in `buffer`, which is 8-byte aligned, at most 256 MB, and stays valid and untouched while the runtime lives.
    ///
    /// Throws `.noMemory` if the buffer is too small for the pool's control block (below 48 bytes), too large, or not aligned.
    @unsafe public init(buffer: UnsafeMutableRawBufferPointer, configuration: Configuration = Configuration()) throws(LoadError) {
        // A pool may be larger than what a reference reaches: with more, the offset of a block would lose its top bit.
        guard buffer.count <= HeapReference.reach, let pool = unsafe Pool(formatting: buffer) else { throw LoadError(.noMemory, at: 0) }
        engine = Engine(pool: pool)
        self.configuration = configuration
    }

    /// Gives a module's memory back; false while it has instances.
    public mutating func unload(_ module: Module) -> Bool { engine.unload(module) }

    /// An environment with an operand stack of about this many bytes: frames, values and call records of everything that runs in it.
    ///
    /// Throws `.noMemory`.
    public mutating func makeExecutionEnvironment(operandStackBytes: UInt32) throws(LoadError) -> ExecutionEnvironment {
        let bytes = operandStackBytes > UInt32.max &- 64 ? operandStackBytes : operandStackBytes &+ EnvironmentBlock.Header.count &* 4
        guard let reference = engine.heap.allocate(bytes) else { throw LoadError(.noMemory, at: 0) }
        let identity = engine.nextEnvironment
        engine.nextEnvironment &+= 1
        engine.heap.words(reference)[EnvironmentBlock.Header.identity] = identity
        return ExecutionEnvironment(reference: reference.bits, identity: identity)
    }

    /// Gives an environment's memory back. Nothing may be running in it.
    public mutating func remove(_ environment: ExecutionEnvironment) {
        let block = self.environment(environment)
        precondition(!block.isBusy, "a run is going on in this environment")
        block.words[EnvironmentBlock.Header.identity] = 0
        engine.heap.free(HeapReference(bits: environment.reference))
    }

    func environment(_ environment: ExecutionEnvironment) -> EnvironmentBlock {
        let words = engine.heap.words(HeapReference(bits: environment.reference))
        precondition(words.count > EnvironmentBlock.Header.count && words[EnvironmentBlock.Header.identity] == environment.identity, "environment was removed")
        return EnvironmentBlock(words: words)
    }

    /// Makes an instance: links its imports, allocates it, copies its active segments, calls its start function.
    ///
    /// Imports are resolved first among the links with their module's name, the first whose instance has the export winning, then among the host's
    /// functions. An environment serves one group of linked instances.
    public mutating func instantiate(
        _ module: Module, links: Span<Link>, in environment: ExecutionEnvironment, fuel: UInt64? = nil, host: inout HostType
    ) throws(InstantiationError) -> Instance {
        let instance: Instance
        do throws(LoadError) {
            instance = try engine.instantiate(module, links: links, hostCount: HostType.functionCount, host: { HostType.function($0) })
        } catch {
            throw .load(error)
        }
        if let trap = engine.initialize(instance) { throw .trapped(trap, abandon(instance)) }
        let block = engine.block(of: instance)
        let code = engine.moduleBlock(block.module)
        // The bytes were scanned when the module was loaded.
        guard let summary = try? ModuleScanner.scan(engine.bytes(of: code)), summary.hasStart else { return instance }
        let function = Function(reference: engine.reference(block, function: summary.start))
        let none: InlineArray<0, Value> = []
        switch call(function, none.span, in: environment, fuel: fuel, host: &host) {
        case .finished: return instance
        case .trapped(let trap): throw .trapped(trap, abandon(instance))
        case .outOfFuel: throw .outOfFuel(abandon(instance))
        }
    }

    /// Takes a failed instance back, unless its functions may be in a table or global of another one.
    private mutating func abandon(_ instance: Instance) -> Instance {
        let block = engine.block(of: instance)
        let code = engine.moduleBlock(block.module)
        var mayBeNamed = code.importedGlobals > 0
        for i in 0..<code.tables where engine.ownTable(block, i).isImported { mayBeNamed = true }
        if mayBeNamed || !engine.tearDown(instance) { return instance }
        return .none
    }

    /// Gives an instance's memory back; false while another instance imports from it.
    public mutating func tearDown(_ instance: Instance) -> Bool { engine.tearDown(instance) }

    /// The export of a name (UTF-8 bytes), if there is one.
    public func export(_ name: Span<UInt8>, of instance: Instance) -> Export? { engine.export(name, of: instance) }

    /// The export of a name, if there is one.
    public func export(_ name: StaticString, of instance: Instance) -> Export? {
        // Safety: the static string's own bytes.
        let bytes = unsafe UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return engine.export(unsafe Span(_unsafeElements: bytes), of: instance)
    }

    /// The value of a global.
    public func value(of global: Global) -> Value { engine.value(of: global) }

    public var pool: PoolReport {
        PoolReport(size: engine.heap.pool.length, inUse: engine.heap.pool.inUse, peak: engine.heap.pool.peak, largestFree: engine.heap.pool.largestFree)
    }

    /// What the last allocation that failed would have needed.
    public var shortage: Shortage { engine.heap.shortage }

    /// Where the last run in an environment trapped: the wasm function's index, and the offset of the instruction in its module, in bytes;
    /// `offset` is nil where the pool has no room to find it. nil if no run trapped inside a function.
    public mutating func trapPosition(in environment: ExecutionEnvironment) -> TrapPosition? {
        let words = self.environment(environment).words
        let instance = Instance(bits: words[EnvironmentBlock.Header.trapInstance])
        let module = words[EnvironmentBlock.Header.trapModule]
        let region = Int(module & 0xff)
        // The module may have been unloaded since, and another one loaded in its place.
        guard region > 0, !engine.heap.regions[region].module.isNone, engine.heap.regions[region].generation & 0xff_ffff == module &>> 8 else { return nil }
        let function = words[EnvironmentBlock.Header.trapFunction]
        let word = words[EnvironmentBlock.Header.trapWord]
        var position = TrapPosition(instance: instance, function: function, word: word, offset: nil)
        if !configuration.countsInstructions { position.offset = engine.locate(engine.moduleBlock(engine.heap.regions[region].module), function: function, word: word) }
        return position
    }
}

/// Where a run trapped.
public struct TrapPosition: Equatable, Sendable {
    public let instance: Instance
    /// Index of the function in its module, imports first.
    public let function: UInt32
    /// The word of its register code.
    public let word: UInt32
    /// The instruction's place in the module's bytes.
    public var offset: UInt32?
}
