// A runtime as a test sees it: its pool between guard bytes, files that outlive it, calls that end in values.

import ModuleBuilder
import Testing

@testable import MemoryPool
@testable import Runtime
@testable import WasmFormat

/// How a call ended, with its results.
enum Ending: Equatable {
    case values([Value])
    case trap(Trap)
    case outOfFuel
    /// Not made: a handle was stale.
    case stale

    static let nothing = Ending.values([])
    static func i32(_ value: Int32) -> Ending { .values([.i32(UInt32(bitPattern: value))]) }
}

final class World<H: Host> {
    private static var guardBytes: Int { 64 }
    private let memory: UnsafeMutableRawBufferPointer
    private let poolBytes: Int
    private var buffers: [UnsafeMutableRawBufferPointer] = []
    var runtime: Runtime<H>
    var host: H
    private(set) var environment: ExecutionEnvironment

    init(_ host: H, pool: Int = 1 << 18, operandStack: UInt32 = 8192, counts: Bool = false, maximumModules: UInt32 = 40, configuration: Configuration = Configuration()) throws {
        poolBytes = pool
        memory = .allocate(byteCount: (pool + 7) / 8 * 8 + 2 * Self.guardBytes, alignment: 16)
        _ = memory.initializeMemory(as: UInt8.self, repeating: 0xa5)
        self.host = host
        var configuration = configuration
        configuration.countsInstructions = counts
        configuration.maximumModules = maximumModules
        do {
            let buffer = UnsafeMutableRawBufferPointer(rebasing: memory[Self.guardBytes..<Self.guardBytes + pool])
            runtime = try Runtime(buffer: buffer, configuration: configuration)
            environment = try runtime.makeExecutionEnvironment(operandStackBytes: operandStack)
        } catch {
            memory.deallocate()
            throw error
        }
    }

    /// Whether nothing was written around the pool.
    var isIntact: Bool {
        let end = memory.count - Self.guardBytes
        return memory[..<Self.guardBytes].allSatisfy { $0 == 0xa5 } && memory[(Self.guardBytes + poolBytes)...].allSatisfy { $0 == 0xa5 }
            && end >= poolBytes
    }

    /// The bytes of the pool that are not the environment's block.
    func outsideEnvironment() -> [UInt8] {
        let reference = HeapReference(bits: environment.reference)
        let start = runtime.engine.heap.regions.address(reference) - memory.baseAddress!
        return Array(memory[..<start]) + Array(memory[(start + Int(runtime.engine.heap.regions.size(of: reference)))...])
    }

    /// The pool and the guard bytes around it.
    var everything: UnsafeMutableRawBufferPointer { memory }

    /// Bytes of the pool in use.
    var inUse: UInt32 { runtime.pool.inUse }

    deinit {
        precondition(isIntact, "something was written outside the pool")
        for buffer in buffers { buffer.deallocate() }
        memory.deallocate()
    }

    /// Takes the environment away and makes another one.
    func replaceEnvironment(operandStack: UInt32) throws {
        try runtime.remove(environment)
        environment = try runtime.makeExecutionEnvironment(operandStackBytes: operandStack)
    }

    private func keep(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 8)
        buffer.copyBytes(from: bytes)
        buffers.append(buffer)
        return UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count])
    }

    func load(_ bytes: [UInt8]) throws(LoadError) -> Module { try runtime.load(keep(bytes)) }
    func load(_ module: ModuleBuilder) throws(LoadError) -> Module { try load(module.bytes) }

    func instantiate(_ module: Module, links: [(String, Instance)] = [], configuration: InstanceConfiguration = InstanceConfiguration(), fuel: UInt64? = nil) throws(InstantiationError) -> Instance {
        let links = links.map { Link(keep(Array($0.0.utf8)), $0.1) }
        return try runtime.instantiate(module, links: links.span, in: environment, configuration: configuration, fuel: fuel, host: &host)
    }

    // What `#expect` cannot call on a runtime, which is not copyable.
    func unload(_ module: Module) -> Bool { (try? runtime.unload(module)) != nil }
    func tearDown(_ instance: Instance) -> Bool { (try? runtime.tearDown(instance)) != nil }
    /// Why a group is not torn down.
    func refusal(_ group: Instance...) -> HandleError? {
        do throws(HandleError) { try runtime.tearDown(group.span) } catch { return error }
        return nil
    }
    /// Where the last run stands, with its place in the module.
    var innermost: (frame: StackFrame, offset: UInt32?)? {
        guard var frames = try? runtime.backtrace(of: environment), let frame = frames.next(in: runtime) else { return nil }
        return (frame, runtime.offset(of: frame))
    }
    var frames: [StackFrame] {
        guard var frames = try? runtime.backtrace(of: environment) else { return [] }
        var all: [StackFrame] = []
        while let frame = frames.next(in: runtime) { all.append(frame) }
        return all
    }
    func offset(of frame: StackFrame) -> UInt32? { runtime.offset(of: frame) }
    /// The backtrace as text.
    var backtrace: String {
        var sink = Text()
        try? runtime.writeBacktrace(of: environment, to: &sink)
        return String(decoding: sink.bytes, as: UTF8.self)
    }
    var pool: PoolReport { runtime.pool }
    var isSound: Bool { runtime.isSound }
    var shortage: Shortage { runtime.shortage }

    /// Loads and instantiates.
    func add(
        _ module: ModuleBuilder, links: [(String, Instance)] = [], configuration: InstanceConfiguration = InstanceConfiguration(), fuel: UInt64? = nil
    ) throws -> Instance {
        try instantiate(load(module), links: links, configuration: configuration, fuel: fuel)
    }

    func export(_ name: String, of instance: Instance) -> Export? { try? runtime.export(Array(name.utf8).span, of: instance) }

    func function(_ name: String, of instance: Instance) throws -> Function {
        guard case .function(let function) = export(name, of: instance) else { throw Missing(name: name) }
        return function
    }

    func global(_ name: String, of instance: Instance) throws -> Value {
        guard case .global(let global) = export(name, of: instance) else { throw Missing(name: name) }
        return try runtime.value(of: global)
    }

    func call(_ function: Function, _ arguments: [Value] = [], fuel: UInt64? = nil) -> Ending {
        switch try? runtime.call(function, arguments.span, in: environment, fuel: fuel, host: &host) {
        case nil: .stale
        case .finished: .values((0..<((try? runtime.resultCount(of: function)) ?? 0)).compactMap { try? runtime.result($0, of: function, in: environment) })
        case .trapped(let trap): .trap(trap)
        case .outOfFuel, .stopped, .awaiting: (try? runtime.cancel(environment)) == nil ? .stale : .outOfFuel
        }
    }

    func call(_ name: String, of instance: Instance, _ arguments: Value..., fuel: UInt64? = nil) throws -> Ending {
        call(try function(name, of: instance), arguments, fuel: fuel)
    }
}

private struct Text: TextSink {
    var bytes: [UInt8] = []
    mutating func write(byte: UInt8) { bytes.append(byte) }
}

struct Missing: Error { let name: String }

extension Value {
    static func i32(_ value: Int) -> Value { .i32(UInt32(truncatingIfNeeded: value)) }
    static func i64(_ value: Int) -> Value { .i64(UInt64(bitPattern: Int64(value))) }
    static func f32(_ value: Float) -> Value { .f32(value.bitPattern) }
    static func f64(_ value: Double) -> Value { .f64(value.bitPattern) }
}

/// What is wrong with a handle that a closure uses.
func handleError(_ body: () throws -> some Any) -> HandleError? {
    do {
        _ = try body()
        return nil
    } catch let error as HandleError {
        return error
    } catch let InstantiationError.handle(error) {
        return error
    } catch {
        Issue.record("\(error)")
        return nil
    }
}

/// The reason of the `LoadError` that a closure throws, from wherever.
func reason(_ body: () throws -> some Any) -> LoadError.Reason? { loadError(body)?.reason }

func loadError(_ body: () throws -> some Any) -> LoadError? {
    do {
        _ = try body()
        return nil
    } catch let error as LoadError {
        return error
    } catch let InstantiationError.load(error) {
        return error
    } catch {
        Issue.record("\(error)")
        return nil
    }
}
