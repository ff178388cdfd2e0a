// The speed of the loop, held: guest instructions on the board for each wasm instruction, and the machine code of the dispatch.

import Foundation
import Runtime
import protocol Runtime.Host
import Testing
import WasmFormat

/// Prints nowhere; only the instructions count here.
private struct SilentHost: Host {
    static var functionCount: Int { 1 }
    static func function(_ index: Int) -> HostFunction { HostFunction("mote", "write") { unsafe answer($0, SilentHost.write) } }
    static func write(_ host: inout SilentHost, _ caller: inout Caller, _ pointer: UInt32, _ count: UInt32) throws(Trap) {}
}

// In the suite that builds firmwares one after the other.
extension GuestTests {
    /// Wasm instructions that a guest's `main` executes, counted on the host.
    private func wasmInstructions(_ guest: String) throws -> UInt64 {
        let bytes = try Data(contentsOf: BoardRun.root.appending(path: ".build/guests/\(guest).wasm"))
        let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { pool.deallocate() }
        return try bytes.withUnsafeBytes { contents in
            var configuration = Configuration()
            configuration.countsInstructions = true
            var runtime = try Runtime<SilentHost>(buffer: pool, configuration: configuration)
            var host = SilentHost()
            let stack = try runtime.makeExecutionEnvironment(operandStackBytes: 8192)
            let module = try runtime.load(contents)
            let instance = try runtime.instantiate(module, links: Span<Link>(), in: stack, host: &host)
            guard case .function(let main)? = try runtime.export("main", of: instance) else { return 0 }
            let outcome = try runtime.call(main, Span<Value>(), in: stack, host: &host)
            #expect(outcome == .finished)
            return runtime.instructionCount
        }
    }

    @Test("A wasm instruction takes few guest instructions, with every check and the poll", arguments: [("fib", 6.0), ("sieve", 5.0)])
    func speed(_ guest: String, _ most: Double) throws {
        let run = try GuestFirmware(guest, for: "mps2-an386").run(on: "mps2-an386", words: ["bench"], environment: ["QEMU_FLAGS": "-icount shift=0"])
        let count = try #require(run.output.firstMatch(of: /run=([0-9]+)/).flatMap { Double($0.1) })
        let wasm = try wasmInstructions(guest)
        #expect(wasm > 1_000_000)
        let ratio = count / Double(wasm)
        #expect(ratio <= most, "\(guest): \(count) guest instructions for \(wasm) of wasm")
    }

    @Test("The dispatch is ldr, uxtb, tbh")
    func dispatch() throws {
        let firmware = try GuestFirmware("hello", for: "mps2-an386")
        let listing = try BoardRun("tools/dispatch", [BoardRun.root.appending(path: firmware.elf).path])
        #expect(listing.status == 0, "\(listing.output)")
    }
}
