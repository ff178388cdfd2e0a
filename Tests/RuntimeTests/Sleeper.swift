// A runtime that is saved, torn down and restored at another address, with its modules' bytes at other addresses too.

@testable import Runtime
@testable import WasmFormat

final class Sleeper<H: Host> {
    var runtime: Runtime<H>
    var host: H
    private var buffers: [UnsafeMutableRawBufferPointer]
    private let uses: [MemoryUse]
    private let configuration: Configuration
    private(set) var modules: [UnsafeRawBufferPointer] = []
    private var shift = 0

    /// Buffers of these lengths and uses.
    init(_ host: H, pools: [(bytes: Int, uses: MemoryUse)], configuration: Configuration = Configuration()) throws {
        self.host = host
        uses = pools.map(\.uses)
        buffers = pools.map { Self.buffer($0.bytes) }
        self.configuration = configuration
        let regions = Self.regions(buffers, uses)
        runtime = try Runtime(regions: regions.span, configuration: configuration)
    }
    convenience init(_ host: H, pool: Int = 1 << 16, configuration: Configuration = Configuration()) throws {
        try self.init(host, pools: [(pool, .all)], configuration: configuration)
    }

    deinit {
        for buffer in buffers { buffer.deallocate() }
        for module in modules { module.deallocate() }
    }

    private static func buffer(_ bytes: Int) -> UnsafeMutableRawBufferPointer {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
        _ = buffer.initializeMemory(as: UInt8.self, repeating: 0xdd)
        return buffer
    }
    private static func regions(_ buffers: [UnsafeMutableRawBufferPointer], _ uses: [MemoryUse]) -> [MemoryRegion] {
        zip(buffers, uses).map { MemoryRegion($0, for: $1) }
    }
    private static func module(_ bytes: some Collection<UInt8>) -> UnsafeRawBufferPointer {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        buffer.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(buffer)
    }

    func load(_ bytes: [UInt8]) throws -> Module {
        modules.append(Self.module(bytes))
        return try runtime.load(modules[modules.count - 1])
    }

    /// Loads and instantiates.
    func add(_ bytes: [UInt8], links: [(StaticString, Instance)] = [], in environment: ExecutionEnvironment) throws -> Instance {
        let links = links.map { Link(UnsafeRawBufferPointer(start: $0.0.utf8Start, count: $0.0.utf8CodeUnitCount), $0.1) }
        return try runtime.instantiate(load(bytes), links: links.span, in: environment, host: &host)
    }

    func environment(_ bytes: UInt32 = 4096) throws -> ExecutionEnvironment { try runtime.makeExecutionEnvironment(operandStackBytes: bytes) }

    func function(_ name: String, of instance: Instance) throws -> Function {
        guard case .function(let function) = try runtime.export(Array(name.utf8).span, of: instance) else { throw Missing(name: name) }
        return function
    }

    func call(_ function: Function, _ arguments: [Value] = [], in environment: ExecutionEnvironment, fuel: UInt64? = nil) throws -> Outcome {
        try runtime.call(function, arguments.span, in: environment, fuel: fuel, host: &host)
    }
    func resume(_ environment: ExecutionEnvironment, returning results: [Value]? = nil, fuel: UInt64? = nil) throws -> Outcome {
        guard let results else { return try runtime.resume(environment, fuel: fuel, host: &host) }
        return try runtime.resume(environment, returning: results.span, fuel: fuel, host: &host)
    }

    func save() throws(SaveError) -> [UInt8] {
        var saved: [UInt8] = []
        try runtime.save { chunk in
            for i in chunk.indices { saved.append(chunk[i]) }
            return true
        }
        return saved
    }

    /// Saves, tears everything down, and restores from a copy, elsewhere.
    func sleep() throws {
        let saved = try save()
        let oldModules = modules
        // Restored modules may be given in any order.
        let newModules = oldModules.map { Self.module($0) }
        let reversed = Array(newModules.reversed())
        let newBuffers = buffers.map { Self.buffer($0.count) }
        for buffer in buffers { _ = buffer.initializeMemory(as: UInt8.self, repeating: 0xdd) }
        for module in modules { UnsafeMutableRawBufferPointer(mutating: module).initializeMemory(as: UInt8.self, repeating: 0xdd) }
        runtime = try Self.restored(saved, reversed, newBuffers, uses, configuration)
        for buffer in buffers { buffer.deallocate() }
        for module in oldModules { module.deallocate() }
        (buffers, modules) = (newBuffers, newModules)
    }

    static func restored(
        _ saved: [UInt8], _ modules: [UnsafeRawBufferPointer], _ buffers: [UnsafeMutableRawBufferPointer], _ uses: [MemoryUse], _ configuration: Configuration,
        verify: (Span<UInt8>) -> Bool = { _ in true }
    ) throws(RestoreError) -> Runtime<H> {
        let regions = Self.regions(buffers, uses)
        return try Runtime<H>(
            restoring: UInt32(saved.count),
            read: { offset, bytes in
                for i in bytes.indices { bytes[i] = saved[Int(offset) + i] }
                return true
            }, modules: modules.span, regions: regions.span, configuration: configuration, verify: verify)
    }
}
