// One mutant: loaded, instantiated, all of its functions called, and everything given back.

import Image
import Runtime
import TestGuests
import WasmFormat

/// The fuel of an instantiation and of the first call, in polls.
let mutantFuel: UInt64 = 20_000
/// The fuel of all other calls together. A guest's others are asked for 4,294,967,295 rounds, and never end by themselves: each
/// poll more shows nothing new, and with as many they are nine tenths of the time. A sample's functions are its only ones.
let guestOtherFuel: UInt64 = 1_000

/// A runtime that mutants of one seed go through, one after the other.
@safe struct MutantRun: ~Copyable {
    private let pool: GuardedMemory
    private var runtime: Runtime<WritingHost>
    private var host: WritingHost
    private var links: [(name: UnsafeRawBufferPointer, module: Module)] = unsafe []
    private let bystander: Bystander
    /// What the pool must be like after each mutant.
    private var before: PoolReport

    /// What is wrong with the runtime after the last mutant; nil if nothing is.
    private(set) var failure: String?
    private(set) var calls = 0
    private let otherFuel: UInt64

    init(_ seed: Seed, pool: GuardedMemory) throws {
        var runtime = try unsafe Runtime<WritingHost>(buffer: pool.bytes)
        var links: [(name: UnsafeRawBufferPointer, module: Module)] = unsafe []
        for link in seed.links {
            // These live as long as the process: a few hundred bytes.
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: link.bytes.count, alignment: 1)
            unsafe bytes.copyBytes(from: link.bytes)
            let name = UnsafeMutableRawBufferPointer.allocate(byteCount: link.name.utf8.count, alignment: 1)
            unsafe name.copyBytes(from: link.name.utf8)
            unsafe links.append((UnsafeRawBufferPointer(name), try runtime.load(UnsafeRawBufferPointer(bytes))))
        }
        var host = WritingHost(limit: 64)
        bystander = try Bystander(&runtime, &host)
        self.host = host
        self.pool = pool
        otherFuel = seed.kind == .sample ? mutantFuel : guestOtherFuel
        unsafe self.links = unsafe links
        before = runtime.pool
        self.runtime = runtime
        // The list of instances is made for the first one, and stays.
        unsafe seed.bytes.withUnsafeBytes { _ = unsafe run($0) }
        before = self.runtime.pool
        failure = nil
    }

    /// Runs a mutant to its end. `failure` tells then whether something is left of it.
    @unsafe mutating func run(_ bytes: UnsafeRawBufferPointer) -> Ending {
        failure = nil
        calls = 0
        let ending = unsafe live(bytes)
        let after = runtime.pool
        if after.inUse != before.inUse || after.largestFree != before.largestFree {
            failure = "pool: \(after.inUse) bytes in use and \(after.largestFree) in the largest free block, before it \(before.inUse) and \(before.largestFree)"
        }
        if !runtime.isSound { failure = "the pool's invariants do not hold" }
        if !bystander.isUntouched(in: &runtime, &host) { failure = "another instance was changed" }
        return ending
    }

    /// To be asked after the last mutant.
    mutating func leavesOthersAlone() -> Bool { bystander.ends(in: &runtime, &host) }

    private mutating func live(_ bytes: UnsafeRawBufferPointer) -> Ending {
        let module: Module
        do throws(LoadError) {
            module = unsafe try runtime.load(bytes)
        } catch {
            return Ending(error.phase)
        }
        guard let environment = try? runtime.makeExecutionEnvironment(operandStackBytes: 8 << 10) else {
            if (try? runtime.unload(module)) == nil { failure = "unload refused" }
            return .exhausted
        }
        var others: [Instance] = []
        let ending = unsafe instantiateAndCall(module, bytes, environment, &others)
        if (try? runtime.tearDown(others.span)) == nil { failure = "tearDown of a linked instance refused" }
        if (try? runtime.remove(environment)) == nil { failure = "remove refused" }
        if (try? runtime.unload(module)) == nil { failure = "unload refused" }
        return ending
    }

    private mutating func instantiateAndCall(
        _ module: Module, _ bytes: UnsafeRawBufferPointer, _ environment: ExecutionEnvironment, _ others: inout [Instance]
    ) -> Ending {
        var table: [Link] = []
        for unsafe (name, module) in unsafe links {
            guard let other = try? runtime.instantiate(module, links: Span<Link>(), in: environment, host: &host) else { return .exhausted }
            others.append(other)
            table.append(unsafe Link(name, other))
        }
        let instance: Instance
        do throws(InstantiationError) {
            instance = try runtime.instantiate(module, links: table.span, in: environment, fuel: mutantFuel, host: &host)
        } catch {
            switch error {
            case .load(let error): return Ending(error.phase)
            case .handle: preconditionFailure("a stale handle of a mutant's own")
            case .trapped(_, let rest):
                lookBack(environment)
                tearDown(rest)
                return .startTrapped
            case .paused(_, let rest):
                try? runtime.cancel(environment)
                tearDown(rest)
                return .startOutOfFuel
            }
        }
        let ending = unsafe callExports(of: instance, exports(bytes), environment)
        tearDown(instance)
        return ending
    }

    private mutating func tearDown(_ instance: Instance) {
        if instance != .none && (try? runtime.tearDown(instance)) == nil { failure = "tearDown refused" }
    }

    /// Names of the exports, which are valid: the module has been loaded. `_start` and `main` first.
    private func exports(_ bytes: UnsafeRawBufferPointer) -> [[UInt8]] {
        // Safety: the mutant's bytes, which stay for the length of its run.
        let bytes = unsafe Span<UInt8>(_bytes: bytes.bytes)
        guard let summary = try? summary(bytes) else { return [] }
        var names: [[UInt8]] = []
        var entries = SectionReader<ExportEntry>(summary.exports, of: bytes)
        while let entry = try? entries.next() {
            var name: [UInt8] = []
            for i in 0..<Int(entry.name.count) { name.append(bytes[Int(entry.name.offset) + i]) }
            names.append(name)
        }
        let entry = names.firstIndex(of: Array("_start".utf8)) ?? names.firstIndex(of: Array("main".utf8))
        if let entry { names.swapAt(0, entry) }
        return names
    }

    private func summary(_ bytes: Span<UInt8>) throws(LoadError) -> ModuleSummary {
        // Safety: the view lasts as long as the mutant.
        unsafe try bytes.withUnsafeBytes { bytes throws(LoadError) in
            unsafe ImageBytes.isImage(bytes) ? try ImageCheck.header(bytes).summary() : try ModuleScanner.scan(Span<UInt8>(_bytes: bytes.bytes))
        }
    }

    /// Calls every exported function: the first with zeros, then all with zeros and with all bits set.
    private mutating func callExports(of instance: Instance, _ names: [[UInt8]], _ environment: ExecutionEnvironment) -> Ending {
        var functions: [Function] = []
        for name in names {
            switch try? runtime.export(name.span, of: instance) {
            case .function(let function): functions.append(function)
            case .global(let global): _ = try? runtime.value(of: global)
            case .table, .memory: break
            case nil: failure = "an export is not found"
            }
        }
        guard let first = functions.first else { return .noFunction }
        let ending = call(first, ones: false, fuel: mutantFuel, environment)
        let share = max(otherFuel / UInt64(2 * functions.count), 1)
        for (number, function) in functions.enumerated() {
            let hasParameters = (try? runtime.parameterCount(of: function)) != 0
            if number > 0 { _ = call(function, ones: false, fuel: share, environment) }
            if hasParameters { _ = call(function, ones: true, fuel: share, environment) }
        }
        return ending
    }

    /// Finds every frame of a run that stands, and where the innermost one is.
    private mutating func lookBack(_ environment: ExecutionEnvironment) {
        guard var frames = try? runtime.backtrace(of: environment), let first = frames.next(in: runtime) else { return }
        _ = runtime.offset(of: first)
        _ = runtime.functionName(of: first)
        while frames.next(in: runtime) != nil {}
    }

    private mutating func call(_ function: Function, ones: Bool, fuel: UInt64, _ environment: ExecutionEnvironment) -> Ending {
        calls += 1
        host.output.removeAll(keepingCapacity: true)
        let arguments = (0..<((try? runtime.parameterCount(of: function)) ?? 0)).map { number -> Value in
            switch (try? runtime.parameterType(number, of: function)) ?? .i32 {
            case .i32: .i32(ones ? .max : 0)
            case .i64: .i64(ones ? .max : 0)
            case .f32: .f32(ones ? .max : 0)
            case .f64: .f64(ones ? .max : 0)
            case .funcref: .funcref(.null)
            case .externref: .externref(ones ? Reference(external: 7) : .null)
            }
        }
        switch try? runtime.call(function, arguments.span, in: environment, fuel: fuel, host: &host) {
        case nil: preconditionFailure("a stale handle of a mutant's own")
        case .finished:
            for number in 0..<((try? runtime.resultCount(of: function)) ?? 0) { _ = try? runtime.result(number, of: function, in: environment) }
            return .finished
        case .trapped:
            lookBack(environment)
            return .trapped
        case .outOfFuel, .stopped, .awaiting:
            lookBack(environment)
            // A little further, to see that it can go on.
            _ = try? runtime.resume(environment, fuel: 3, host: &host)
            try? runtime.cancel(environment)
            return .outOfFuel
        }
    }
}

extension Ending {
    init(_ phase: LoadError.Phase) {
        switch phase {
        case .malformed: self = .malformed
        case .invalid: self = .invalid
        case .unlinkable: self = .unlinkable
        case .exhausted: self = .exhausted
        }
    }
}
