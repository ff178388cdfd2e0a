// From the board to the host: what a firmware saved in the middle of a run is restored here and finished, and its dump is read.

import Foundation
import PoolDump
import Runtime
import protocol Runtime.Host
import Testing
import WasmFormat

/// The same names and types as SaveCheck's host.
private struct SaveHost: Host {
    static var functionCount: Int { 1 }
    static func function(_ index: Int) -> HostFunction { HostFunction("mote", "write") { unsafe answer($0, SaveHost.write) } }
    var output: [UInt8] = []
    static func write(_ host: inout SaveHost, _ caller: inout Caller, _ pointer: UInt32, _ length: UInt32) throws(Trap) {
        let bytes = try caller.bytes(at: pointer, count: length)
        for i in 0..<bytes.byteCount { host.output.append(unsafe bytes.unsafeLoad(fromByteOffset: i, as: UInt8.self)) }
    }
}

/// One after the other: they share the folder of a board's build.
@Suite(.serialized) struct SaveTests {
    private static let board = "mps2-an386"
    private static let poolBytes = 48 << 10

    @Test("a run that the board saved in the middle is finished on the host with the same result", arguments: [("crc32", "768372851"), ("vm", "597672256"), ("callind", "2892482494")])
    func boardToHost(guest: String, result: String) throws {
        let wasm = try Data(contentsOf: BoardRun.root.appending(path: ".build/guests/\(guest).wasm"))
        let folder = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (saved, dump) = (folder.appending(path: "saved"), folder.appending(path: "dump"))
        let elf = ".build/guests/firmware/\(Self.board)-save-\(guest).elf"
        let build = try BoardRun("boards/build", [Self.board, "SaveCheck", ".build/guests/\(guest).wasm", elf])
        try #require(build.status == 0, "\(build.output)")
        let whole = try play(wasm, fuel: 1 << 40)
        let polls = whole.polls
        let run = try BoardRun("boards/run", [Self.board, elf, "\(polls / 2)", saved.path, dump.path])
        try #require(run.status == 0 && run.output.hasSuffix("out of fuel\n"), "\(run.output)")

        // What the guest had printed on the board, and the rest here.
        let bytes = [UInt8](try Data(contentsOf: saved))
        let ended = try finish(bytes, wasm)
        #expect(ended.results == [.i32(try #require(UInt32(result)))] && ended.results == whole.results)
        #expect(run.output.dropLast("out of fuel\n".count) + String(decoding: ended.output, as: UTF8.self) == String(decoding: whole.output, as: UTF8.self))
        // The host, at the same place of the run, saves the very same bytes.
        #expect(try play(wasm, fuel: polls / 2).saved == bytes)

        // The board too, after a new start, in another buffer.
        let again = try BoardRun("boards/run", [Self.board, elf, "0", saved.path])
        #expect(again.status == 0 && again.output == String(decoding: ended.output, as: UTF8.self) + "\(result)\n", "\(again.output)")

        let view = try PoolDump([UInt8](Data(contentsOf: dump)))
        #expect(view.instances.count == 1 && view.modules.map(\.region.length) == [wasm.count])
        let environments = view.environments
        #expect(environments.isWhole && environments.all.map(\.state) == ["out of fuel"] && environments.all.allSatisfy { $0.isWhole && !$0.frames.isEmpty })
    }

    private typealias Played = (results: [Value], output: [UInt8], polls: UInt64, saved: [UInt8])

    /// What SaveCheck does, here.
    private func play(_ wasm: Data, fuel: UInt64) throws -> Played {
        try wasm.withUnsafeBytes { module in
            let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.poolBytes, alignment: 16)
            defer { pool.deallocate() }
            // As the board's RAM: what is free is saved as it is.
            _ = pool.initializeMemory(as: UInt8.self, repeating: 0)
            var host = SaveHost()
            var runtime = try Runtime<SaveHost>(buffer: pool)
            let environment = try runtime.makeExecutionEnvironment(operandStackBytes: 4096)
            let instance = try runtime.instantiate(runtime.load(module), links: Span<Link>(), in: environment, host: &host)
            guard case .function(let main) = try runtime.export("main", of: instance) else { return ([], [], 0, []) }
            let none: [Value] = []
            let outcome = try runtime.call(main, none.span, in: environment, fuel: fuel, host: &host)
            let results = outcome == .finished ? [try runtime.result(0, of: main, in: environment)] : []
            var saved: [UInt8] = []
            try runtime.save { chunk in
                for i in chunk.indices { saved.append(chunk[i]) }
                return true
            }
            return (results, host.output, fuel - (try runtime.remainingFuel(in: environment) ?? 0), saved)
        }
    }

    private func finish(_ saved: [UInt8], _ wasm: Data) throws -> (results: [Value], output: [UInt8]) {
        try wasm.withUnsafeBytes { module in
            try saved.withUnsafeBytes { saved in
                let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.poolBytes, alignment: 16)
                defer { pool.deallocate() }
                var host = SaveHost()
                let modules = [module]
                var runtime = try Runtime<SaveHost>(restoring: saved, modules: modules.span, buffer: pool)
                guard let environment = runtime.environment(0), let instance = runtime.instance(0), case .function(let main) = try runtime.export("main", of: instance) else {
                    return ([], [])
                }
                let pause = try runtime.pause(in: environment)
                #expect(pause == .outOfFuel)
                let outcome = try runtime.resume(environment, host: &host)
                #expect(outcome == .finished)
                return ([try runtime.result(0, of: main, in: environment)], host.output)
            }
        }
    }
}
