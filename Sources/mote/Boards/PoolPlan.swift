// What a module will take of the pool, said before it runs: the tool's own runtime loads it, and its numbers are the board's, to the byte.

import BoardConfiguration
import Runtime
import WasmFormat

/// Bytes of the pools, headers of blocks included, in the order in which they are taken.
struct PoolPlan: Encodable {
    struct Item: Encodable {
        let name: String
        let bytes: UInt64
        let use: SecondPoolUse

        enum CodingKeys: CodingKey { case name, bytes }
    }

    /// In a pool of the size that was asked for; where the module cannot start in that, in the smallest.
    let items: [Item]
    /// Whether a data segment's place depends on an imported global, so that nobody can say how much linear memory is committed at first.
    let isOpen: Bool
    /// The smallest first pool in which the module can start.
    let smallestPool: UInt64

    enum CodingKeys: CodingKey { case items, isOpen, smallestPool }

    private let trial: Trial
    private let configuration: StaticConfiguration

    /// Loads the module's bytes, as they lie in flash. Throws `Exit`.
    init(of module: [UInt8], file: String, configuration: StaticConfiguration, operandStackBytes: UInt32, pool: UInt64) throws {
        trial = Trial(module: module, configuration: configuration, operandStackBytes: operandStackBytes)
        self.configuration = configuration
        // What is wrong with the module itself is found in a pool that is large enough for any.
        guard case .items(let roomy, let isOpen) = trial.load(pool: ConfigurationKey.largestPool, file: file) else {
            if case .refused(let exit) = trial.load(pool: ConfigurationKey.largestPool, file: file) { throw exit }
            throw Exit(.cannotLoad, "\(file): no pool is large enough to load it")
        }
        self.isOpen = isOpen
        smallestPool = trial.smallest(configuration, near: Self.sum(Self.split(roomy, configuration).first), linearMemory: nil)
        if case .items(let items, _) = trial.load(pool: max(pool, smallestPool), file: file) { self.items = items } else { items = roomy }
    }

    /// The smallest first pool if so much of the linear memory is committed in the end, in bytes.
    func smallestPool(committing linearMemory: UInt64) -> UInt64 {
        trial.smallest(configuration, near: smallestPool, linearMemory: linearMemory == 0 ? 0 : (linearMemory + 4 + 3) & ~3)
    }

    /// The smallest first pool if the linear memory grows to `memory-cap`; nil without a cap, or with one that the memory begins beyond.
    var smallestPoolAtCap: UInt64? {
        guard let cap = configuration.memoryCap.map(UInt64.init) else { return nil }
        let pool = smallestPool(committing: cap)
        return pool < smallestPool ? nil : pool
    }

    fileprivate static func sum(_ items: [Item]) -> UInt64 { items.reduce(0) { $0 + $1.bytes } }

    /// What lies in the first pool, and in the second, where each has its own uses.
    fileprivate static func split(_ items: [Item], _ configuration: StaticConfiguration) -> (first: [Item], second: [Item]) {
        guard let uses = configuration.secondPool?.uses, uses != Set(SecondPoolUse.allCases) else { return (items, []) }
        return (items.filter { $0.name == "runtime" || !uses.contains($0.use) }, items.filter { $0.name != "runtime" && uses.contains($0.use) })
    }

    var firstItems: [Item] { Self.split(items, configuration).first }

    /// Throws `Exit` if the module cannot start in the pools that a firmware has.
    func check(_ file: String, pool: UInt64) throws {
        let parts = Self.split(items, configuration), second = UInt64(configuration.secondPool?.bytes ?? 0)
        // Where both pools serve everything, only both together count.
        let isShared = second > 0 && parts.second.isEmpty
        try refuse(file, "pool", smallestPool, has: pool + (isShared ? second : 0), parts.first)
        if !isShared { try refuse(file, "second-pool", Self.sum(parts.second), has: second, parts.second) }
    }

    private func refuse(_ file: String, _ key: String, _ needed: UInt64, has bytes: UInt64, _ items: [Item]) throws {
        guard needed > bytes else { return }
        let listed = items.map { "\($0.name) \(ByteSize.grouped($0.bytes))" }.joined(separator: ", ")
        throw Exit(
            .cannotLoad,
            "\(file): needs \(ByteSize.grouped(needed)) bytes of the \(key) (\(listed)\(needed > Self.sum(items) + 7 ? ", and more while it is translated" : "")); "
                + "it has \(ByteSize.grouped(bytes)): raise \(key) in the configuration, lower its operand-stack, or pack the module")
    }
}

/// The start of a module, up to where it would run, in the tool's own runtime.
private struct Trial {
    let module: [UInt8]
    let configuration: StaticConfiguration
    let operandStackBytes: UInt32

    enum Outcome {
        case items([PoolPlan.Item], isOpen: Bool)
        /// The pool is too small.
        case exhausted
        case refused(Exit)
    }

    /// The smallest first pool: a multiple of 8. `linearMemory` is what that takes in the place of what it begins with.
    func smallest(_ configuration: StaticConfiguration, near guess: UInt64, linearMemory: UInt64?) -> UInt64 {
        BenchCommand.least(near: (guess + 7) & ~7, step: 8, most: ConfigurationKey.largestPool) { pool in
            guard case .items(var items, _) = load(pool: pool, file: "") else { return false }
            if let linearMemory {
                items.removeAll { $0.name == "linear memory" }
                items.append(PoolPlan.Item(name: "linear memory", bytes: linearMemory, use: .linearMemory))
            }
            return PoolPlan.sum(PoolPlan.split(items, configuration).first) <= pool
        }
    }

    func load(pool size: UInt64, file: String) -> Outcome {
        let bytes = Memory(module), first = Memory(count: Int(size)), second = Memory(count: Int(configuration.secondPool?.bytes ?? 0))
        // A translation uses whatever is free, so that a roomy pool costs time, and pages that are never touched cost none.
        do throws(LoadError) {
            // Safety: the buffers are used for nothing else, and outlive the runtime.
            var runtime = unsafe try Runtime<MoteHost>.inPools(first, second, uses: configuration.secondPool == nil ? 0 : ConfigurationWord.uses(configuration))
            return try start(in: &runtime, bytes)
        } catch {
            guard error.phase != .exhausted else { return .exhausted }
            return .refused(Exit(.cannotLoad, ErrorReport(file: file, bytes: bytes.span).line(error, shortage: Shortage(), pool: PoolReport())))
        }
    }

    private func start(in runtime: inout Runtime<MoteHost>, _ bytes: borrowing Memory) throws(LoadError) -> Outcome {
        // The control blocks and the table of regions.
        var items = [PoolPlan.Item(name: "runtime", bytes: UInt64(runtime.pool.inUse), use: .structures)]
        _ = try runtime.makeExecutionEnvironment(operandStackBytes: operandStackBytes)
        items.append(PoolPlan.Item(name: "operand stack", bytes: Runtime<MoteHost>.need(operandStackBytes: operandStackBytes), use: .operandStack))
        let before = runtime.pool.inUse
        // Safety: the bytes are not written to, and outlive the runtime.
        let loaded = unsafe try runtime.load(bytes.contents)
        items.append(PoolPlan.Item(name: "register code", bytes: UInt64(runtime.pool.inUse - before), use: .structures))
        // The handle is a line old.
        guard let need = try? runtime.need(of: loaded, configuration.instance) else { preconditionFailure() }
        items.append(PoolPlan.Item(name: "instance", bytes: need.instance + need.directory, use: .structures))
        items.append(PoolPlan.Item(name: "tables", bytes: need.tables, use: .structures))
        items.append(PoolPlan.Item(name: "linear memory", bytes: need.linearMemory ?? 0, use: .linearMemory))
        items.append(PoolPlan.Item(name: "app heap", bytes: need.appHeap, use: .linearMemory))
        return .items(items.filter { $0.bytes > 0 }, isOpen: need.linearMemory == nil)
    }
}

extension StaticConfiguration {
    /// The settings of an instance.
    var instance: InstanceConfiguration {
        var settings = InstanceConfiguration()
        settings.memoryCap = memoryCap.map(UInt64.init)
        settings.appHeapBytes = appHeap
        settings.auxStackBytes = auxStack
        settings.checksAuxStack = checksAuxStack
        if overcommit { settings.memoryGrowth = .overcommit }
        settings.memoryCommitment = commit.setting
        return settings
    }
}
