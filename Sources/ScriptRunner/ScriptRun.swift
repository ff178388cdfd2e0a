// One run of one script: the runtime, the instances that the script can still name, and the counts.
//
//   slots 1…32 ─┐
//   current ────┼──▶ entries (at most 60): module, instance, why it is kept
//   links ──────┘

import Runtime
import WasmFormat

/// The state of one script; about 2 KB, all of it inside. It lies where the caller puts it.
struct ScriptRun: ~Copyable {
    /// Polls (backward branches and calls) that an action may take before it counts as hanging.
    static var fuelOfAnAction: UInt64 { 1 << 32 }
    /// No entry.
    static var none: UInt8 { 0xff }

    /// An instance of the script.
    struct Entry {
        var module: Module
        var instance: Instance
        /// False for a free place; the handles mean nothing then.
        var inUse: Bool
        /// Its functions may be in tables of others (`ScriptModuleFlags.stays`), or it is registered.
        var stays: Bool
    }

    var runtime: Runtime<SpecHost>
    var host: SpecHost
    let environment: ExecutionEnvironment
    var entries: InlineArray<60, Entry>
    var slots: InlineArray<33, UInt8>
    var current: UInt8
    var links: InlineArray<24, Link>
    var linkNames: InlineArray<24, ScriptSlice>
    var linkEntries: InlineArray<24, UInt8>
    var linkCount: Int
    var counts = ScriptCounts()

    /// A runtime in `pool` with `spectest` in it. All slices must outlive the run.
    init(pool: UnsafeMutableRawBufferPointer, operandStackBytes: UInt32, instances: Int, spectest: ScriptSlice, name: ScriptSlice)
        throws(LoadError)
    {
        // Safety: the caller of `ScriptRunner.run` promises that the pool is its own and aligned.
        // Scripts keep all their modules.
        var configuration = Configuration()
        configuration.maximumModules = UInt32(truncatingIfNeeded: instances)
        var runtime = unsafe try Runtime<SpecHost>(buffer: pool, configuration: configuration)
        let environment = try runtime.makeExecutionEnvironment(operandStackBytes: operandStackBytes)
        // Safety: the bytes of `spectest` stay until `ScriptRunner.run` returns, longer than this.
        let module = unsafe try runtime.load(spectest.bytes)
        let instance: Instance
        var host = SpecHost()
        do throws(InstantiationError) {
            // As all instances of a script: modules grow this one's memory too.
            var settings = InstanceConfiguration()
            settings.memoryGrowth = .overcommit
            instance = try runtime.instantiate(module, links: Span<Link>(), in: environment, configuration: settings, host: &host)
        } catch {
            switch error {
            case .load(let error): throw error
            case .trapped, .paused, .handle: throw LoadError(.noMemory, at: 0)  // It has no code that could trap.
            }
        }
        self.runtime = runtime
        self.environment = environment
        self.host = host
        entries = .init(repeating: Entry(module: module, instance: instance, inUse: false, stays: true))
        entries[0].inUse = true
        slots = .init(repeating: Self.none)
        current = Self.none
        // Safety: the name lies in the script or in `ScriptRunner.run`'s frame, both outlive this.
        links = unsafe .init(repeating: Link(name.bytes, instance))
        linkNames = .init(repeating: name)
        linkEntries = .init(repeating: 0)
        linkCount = 1
    }
}

extension ScriptRun {
    /// The entry that a slot names (0: the current instance).
    func entry(slot: Int) -> UInt8 { slot == 0 ? current : slots[slot] }

    /// A free place for one more instance.
    func freeEntry() -> UInt8? {
        for index in entries.indices where !entries[index].inUse { return UInt8(truncatingIfNeeded: index) }
        return nil
    }

    /// True while a later command can reach the instance.
    private func isReachable(_ index: Int) -> Bool {
        if entries[index].stays || Int(current) == index { return true }
        for slot in slots.indices where Int(slots[slot]) == index { return true }
        for link in 0..<linkCount where Int(linkEntries[link]) == index { return true }
        return false
    }

    /// Tears down and unloads what no later command can reach; without it the files with 50 modules would
    /// need the memory of 50. Later instances import from earlier ones, so the last one goes first.
    mutating func sweep() {
        var index = entries.count - 1
        while index > 0 {
            if entries[index].inUse, !isReachable(index) {
                // One that another still needs stays until that one goes.
                do throws(HandleError) {
                    try runtime.tearDown(entries[index].instance)
                    try runtime.unload(entries[index].module)
                    entries[index].inUse = false
                } catch {}
            }
            index -= 1
        }
    }

    /// From now on the exports of an entry can be imported under `name`; a name given twice means the last.
    mutating func register(_ index: UInt8, as name: ScriptSlice) -> Bool {
        var place = 0
        while place < linkCount, !linkNames[place].isEqual(to: name) { place += 1 }
        guard place < ScriptFormat.linkCount else { return false }
        // Safety: the name's bytes are in the script, which outlives the run.
        links[place] = unsafe Link(name.bytes, entries[Int(index)].instance)
        linkNames[place] = name
        linkEntries[place] = index
        if place == linkCount { linkCount += 1 }
        return true
    }
}

extension ScriptSlice {
    func isEqual(to other: ScriptSlice) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }
}
