// One module in a runtime of its own, called through the API as an embedder does.

import Runtime
import Stepping
import TestGuests
import WasmFormat

/// What became of a call.
struct Played: Equatable {
    var expectation: Expectation
    var output: String
}

final class Player {
    private let pool: UnsafeMutableRawBufferPointer
    private var modules: [UnsafeMutableRawBufferPointer] = []
    private var runtime: Runtime<WritingHost>
    private let environment: ExecutionEnvironment
    private var host = WritingHost()
    private var loaded: [Module] = []

    init(poolBytes: Int = 4 << 20) throws {
        let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: poolBytes, alignment: 16)
        // Safety: the pool is freed with this object, and used for nothing else.
        var runtime = try unsafe Runtime<WritingHost>(buffer: pool)
        environment = try runtime.makeExecutionEnvironment(operandStackBytes: 64 << 10)
        unsafe self.pool = pool
        self.runtime = runtime
    }

    /// Loads and links; the links' names are strings that live as long as the player.
    func instance(of bytes: [UInt8], links: [(name: String, instance: Instance)] = []) throws -> Instance {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
        copy.copyBytes(from: bytes)
        unsafe modules.append(copy)
        let module = unsafe try runtime.load(UnsafeRawBufferPointer(rebasing: copy[..<bytes.count]))
        loaded.append(module)
        var table: [Link] = []
        for link in links {
            let name = UnsafeMutableRawBufferPointer.allocate(byteCount: link.name.utf8.count, alignment: 1)
            name.copyBytes(from: link.name.utf8)
            unsafe modules.append(name)
            table.append(unsafe Link(UnsafeRawBufferPointer(name), link.instance))
        }
        return try runtime.instantiate(module, links: table.span, in: environment, host: &host)
    }

    /// Calls an export, steps `most` instructions of it and lets it run on; nil if there is no such function. At each step the frames are one more or less
    /// than before, or as many, and the outermost is the same function's.
    func step(_ name: String, _ arguments: [Value], of instance: Instance, most: Int, fuel: UInt64? = nil) throws -> Played? {
        let bytes = Array(name.utf8)
        guard case .function(let function) = try? runtime.export(bytes.span, of: instance) else { return nil }
        host.output = []
        var outcome = try runtime.call(function, arguments.span, in: environment, fuel: 0, host: &host)
        let stepper = try Stepper(loaded, environment, in: runtime)
        var frames = try stepper.frames(in: runtime)
        var steps = 0
        stepping: while outcome == .outOfFuel && steps < most {
            switch try stepper.step(&runtime, host: &host) {
            case .ended(let end):
                outcome = end
                break stepping
            case .paused: steps += 1
            }
            let next = try stepper.frames(in: runtime)
            guard abs(next.count - frames.count) <= 1, next.last?.function == frames.last?.function, next.last?.instance == frames.last?.instance else {
                throw NotationError(description: "\(name): from \(frames.count) frames to \(next.count) at step \(steps)")
            }
            frames = next
        }
        if outcome == .outOfFuel { outcome = try runtime.resume(environment, fuel: fuel, host: &host) }
        return try played(function, outcome)
    }

    /// Calls an export in pieces: `fuel` says how much the call, and then each resume, is given.
    func call(_ name: String, _ arguments: [Value], of instance: Instance, inSlicesOf fuel: () -> UInt64) throws -> Played? {
        let bytes = Array(name.utf8)
        guard case .function(let function) = try? runtime.export(bytes.span, of: instance) else { return nil }
        host.output = []
        var outcome = try runtime.call(function, arguments.span, in: environment, fuel: fuel(), host: &host)
        while outcome == .outOfFuel { outcome = try runtime.resume(environment, fuel: fuel(), host: &host) }
        return try played(function, outcome)
    }

    /// All that an instance has of memory.
    func memory(of instance: Instance) throws -> [UInt8] {
        let size = runtime.memorySize(of: instance)
        return size == 0 ? [] : try runtime.contents(at: 0, UInt32(size), of: instance)
    }

    /// Calls an export; nil if there is no such function.
    func call(_ name: String, _ arguments: [Value], of instance: Instance, fuel: UInt64? = nil) throws -> Played? {
        let bytes = Array(name.utf8)
        guard case .function(let function) = try? runtime.export(bytes.span, of: instance) else { return nil }
        host.output = []
        return try played(function, try runtime.call(function, arguments.span, in: environment, fuel: fuel, host: &host))
    }

    private func played(_ function: Function, _ outcome: Outcome) throws -> Played {
        let output = String(decoding: host.output, as: UTF8.self)
        switch outcome {
        case .finished:
            let results = try (0..<runtime.resultCount(of: function)).map { try runtime.result($0, of: function, in: environment) }
            return Played(expectation: .results(results), output: output)
        case .trapped: return Played(expectation: .trap, output: output)
        case .outOfFuel, .stopped, .awaiting:
            try runtime.cancel(environment)
            return Played(expectation: .loops, output: output)
        }
    }

    func allocate(_ bytes: UInt32, in instance: Instance) throws -> UInt32 {
        try runtime.allocateGuestMemory(bytes, in: instance, environment: environment, host: &host)
    }
    func free(_ address: UInt32, in instance: Instance) throws {
        try runtime.freeGuestMemory(address, in: instance, environment: environment, host: &host)
    }
    func read(_ address: UInt32, _ count: UInt32, of instance: Instance) throws -> [UInt8] { try runtime.contents(at: address, count, of: instance) }
    func write(_ contents: [UInt8], at address: UInt32, of instance: Instance) throws { try runtime.put(contents, at: address, of: instance) }

    func global(_ name: String, of instance: Instance) -> Value? {
        let bytes = Array(name.utf8)
        guard case .global(let global) = try? runtime.export(bytes.span, of: instance) else { return nil }
        return try? runtime.value(of: global)
    }

    deinit {
        for memory in unsafe modules { unsafe memory.deallocate() }
        unsafe pool.deallocate()
    }
}

// A view borrows the runtime, so that it can be taken of a variable only: these have it as `self`.
extension Runtime where HostType: ~Copyable {
    fileprivate mutating func contents(at address: UInt32, _ count: UInt32, of instance: Instance) throws -> [UInt8] {
        let bytes = try bytes(at: address, count: count, of: instance)
        return (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
    fileprivate mutating func put(_ contents: [UInt8], at address: UInt32, of instance: Instance) throws {
        var bytes = try mutableBytes(at: address, count: UInt32(contents.count), of: instance)
        for i in 0..<contents.count { bytes.storeBytes(of: contents[i], toByteOffset: i, as: UInt8.self) }
    }
}
