// A guest on the host, step by step as the firmware runs it: for what must be the same on both.

import Foundation
import Runtime
import protocol Runtime.Host
import Testing
import WasmFormat

/// Prints nowhere: what the guest prints is compared elsewhere.
private struct SilentHost: Host {
    static var functionCount: Int { 1 }
    static func function(_ index: Int) -> HostFunction { HostFunction("mote", "write") { unsafe answer($0, SilentHost.write) } }
    static func write(_ host: inout SilentHost, _ caller: inout Caller, _ pointer: UInt32, _ count: UInt32) throws(Trap) {
        _ = try caller.bytes(at: pointer, count: count)
    }
}

private struct Text: TextSink {
    var bytes: [UInt8] = []
    mutating func write(byte: UInt8) { bytes.append(byte) }
}

struct HostRun {
    /// Where `main` of a module traps.
    static func backtrace(of module: [UInt8]) throws -> String {
        let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { pool.deallocate() }
        var text = Text()
        try module.withUnsafeBytes { contents in
            var runtime = try Runtime<SilentHost>(buffer: pool)
            var host = SilentHost()
            let stack = try runtime.makeExecutionEnvironment(operandStackBytes: 8 << 10)
            let instance = try runtime.instantiate(runtime.load(contents), links: Span<Link>(), in: stack, host: &host)
            guard case .function(let main)? = try runtime.export("main", of: instance) else { return }
            guard case .trapped = try runtime.call(main, Span<Value>(), in: stack, host: &host) else { return }
            try runtime.writeBacktrace(of: stack, to: &text)
        }
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// The i64 results of `main` of a module.
    static func results(of module: [UInt8]) throws -> [Int64] {
        let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { pool.deallocate() }
        var results: [Int64] = []
        try module.withUnsafeBytes { contents in
            var runtime = try Runtime<SilentHost>(buffer: pool)
            var host = SilentHost()
            let stack = try runtime.makeExecutionEnvironment(operandStackBytes: 8 << 10)
            let instance = try runtime.instantiate(runtime.load(contents), links: Span<Link>(), in: stack, host: &host)
            guard case .function(let main)? = try runtime.export("main", of: instance) else { return }
            guard case .finished = try runtime.call(main, Span<Value>(), in: stack, host: &host) else { return }
            for index in 0..<(try runtime.resultCount(of: main)) {
                guard case .i64(let bits) = try runtime.result(index, of: main, in: stack) else { return }
                results.append(Int64(bitPattern: bits))
            }
        }
        return results
    }

    /// The memory report after the run.
    private(set) var report = ""
    /// Wasm instructions executed, if they were counted.
    private(set) var instructions: UInt64 = 0

    init(_ guest: String, pool bytes: Int, operandStack: UInt32, counting: Bool = false, settings: InstanceConfiguration = InstanceConfiguration()) throws {
        let wasm = try Data(contentsOf: BoardRun.root.appending(path: ".build/guests/\(guest).wasm"))
        let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
        defer { pool.deallocate() }
        var text = Text()
        var executed: UInt64 = 0
        try wasm.withUnsafeBytes { contents in
            var configuration = Configuration()
            configuration.countsInstructions = counting
            var runtime = try Runtime<SilentHost>(buffer: pool, configuration: configuration)
            var host = SilentHost()
            let stack = try runtime.makeExecutionEnvironment(operandStackBytes: operandStack)
            let module = try runtime.load(contents)
            let need = try runtime.need(of: module, settings)
            let before = runtime.pool.inUse
            let instance = try runtime.instantiate(module, links: Span<Link>(), in: stack, configuration: settings, host: &host)
            // Said before, to the byte.
            #expect(need.total == UInt64(runtime.pool.inUse - before), "\(guest): \(need)")
            for name: StaticString in ["_start", "main"] {
                guard case .function(let function)? = try runtime.export(name, of: instance) else { continue }
                let outcome = try runtime.call(function, Span<Value>(), in: stack, host: &host)
                #expect(outcome == .finished)
                break
            }
            try runtime.memoryReport(of: instance, in: stack).write(to: &text)
            executed = runtime.instructionCount
        }
        report = String(decoding: text.bytes, as: UTF8.self)
        instructions = executed
    }
}
