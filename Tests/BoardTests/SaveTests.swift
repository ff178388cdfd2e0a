// From the board to the host: what a firmware saved in the middle of a run is restored here and finished, and its dump is read.

import Foundation
import PoolDump
import Runtime
import TestGuests
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

    // MARK: every guest, at a hundred points

    @Test("every guest that the board saved at 100 points of its way is finished on the host, from each of them, with the same results", arguments: try GuestFolder.expected())
    func everyPoint(of guest: GuestFolder.Guest) throws {
        let wasm = Data(try guest.bytes())
        let folder = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let module = folder.appending(path: "module.wasm")
        try wasm.write(to: module)
        var points = 0
        var possible: UInt64 = 0
        // The program first, which has the longest run; calls as far as the points are not reached.
        for call in guest.calls.filter({ $0.name == guest.printer }) + guest.calls where points < Self.points {
            let whole = try play(wasm, call)
            possible += max(whole.polls, 1)
            let pool = (Int(whole.peak) + 1024 + 7) & ~7
            let slice = max(1, whole.polls / UInt64(Self.points + 1))
            let saved = folder.appending(path: "saved")
            let arguments = call.arguments.map { "\(bits($0))" }
            let run = try BoardRun("SaveCheck", on: Self.board, words: [module.path, "\(pool)", "\(slice)", "\(Self.points)", saved.path, call.name] + arguments)
            try #require(run.status == 0 && run.output.hasSuffix(whole.outcome == .finished ? "finished\n" : "ended\n"), "\(guest) \(call.name): \(run.output)")
            let file = [UInt8](try Data(contentsOf: saved))
            var at = 0
            while at < file.count {
                let length = (0..<4).reduce(0) { $0 | Int(file[at + 8 + $1]) << ($1 * 8) }
                let ended = try finish(Array(file[at..<at + length]), wasm, pool: pool, call.name)
                #expect(ended.outcome == whole.outcome && ended.results == whole.results, "\(guest) \(call.name), point \(points)")
                // What it had printed before it printed on the board.
                #expect(whole.output.suffix(ended.output.count) == ended.output[...], "\(guest) \(call.name), point \(points)")
                at += length
                points += 1
            }
        }
        // A guest of fewer polls has fewer places where it can pause: it stood at each.
        #expect(points >= Self.points || possible < UInt64(Self.points) && points > 0, "\(guest): \(points) points, \(possible) polls")
    }

    private static let points = 100

    private func bits(_ value: Value) -> UInt64 {
        switch value {
        case .i32(let bits), .f32(let bits): UInt64(bits)
        case .i64(let bits), .f64(let bits): bits
        case .funcref, .externref: 0
        }
    }

    private typealias Ended = (outcome: Outcome, results: [Value], output: [UInt8])

    private func results(_ outcome: Outcome, of function: Function, in environment: ExecutionEnvironment, _ runtime: borrowing Runtime<SaveHost>) throws -> [Value] {
        guard outcome == .finished else { return [] }
        var results: [Value] = []
        for number in 0..<(try runtime.resultCount(of: function)) { results.append(try runtime.result(number, of: function, in: environment)) }
        return results
    }

    /// One run here; its polls and the pool's peak.
    private func play(_ wasm: Data, _ call: ExpectedCall) throws -> (outcome: Outcome, results: [Value], output: [UInt8], polls: UInt64, peak: UInt32) {
        try wasm.withUnsafeBytes { module in
            let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
            defer { pool.deallocate() }
            var host = SaveHost()
            var runtime = try Runtime<SaveHost>(buffer: pool)
            let environment = try runtime.makeExecutionEnvironment(operandStackBytes: 8192)
            let instance = try runtime.instantiate(runtime.load(module), links: Span<Link>(), in: environment, host: &host)
            guard case .function(let function) = try runtime.export(Array(call.name.utf8).span, of: instance) else { throw NotationError(description: call.name) }
            let fuel: UInt64 = 1 << 40
            let outcome = try runtime.call(function, call.arguments.span, in: environment, fuel: fuel, host: &host)
            let results = try results(outcome, of: function, in: environment, runtime)
            return (outcome, results, host.output, fuel - (try runtime.remainingFuel(in: environment) ?? 0), runtime.pool.peak)
        }
    }

    /// Restores at another address and goes on to the end.
    private func finish(_ saved: [UInt8], _ wasm: Data, pool bytes: Int, _ name: String) throws -> Ended {
        try wasm.withUnsafeBytes { module in
            try saved.withUnsafeBytes { saved in
                let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
                defer { pool.deallocate() }
                var host = SaveHost()
                let modules = [module]
                var runtime = try Runtime<SaveHost>(restoring: saved, modules: modules.span, buffer: pool)
                guard let environment = runtime.environment(0), let instance = runtime.instance(0), case .function(let function) = try runtime.export(Array(name.utf8).span, of: instance) else {
                    throw NotationError(description: name)
                }
                let outcome = try runtime.resume(environment, host: &host)
                return (outcome, try results(outcome, of: function, in: environment, runtime), host.output)
            }
        }
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
