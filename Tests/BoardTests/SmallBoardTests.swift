// The two smallest boards: guests from images in flash, and on the larger of the two a .wasm that the board translates; what they take is held against what there is.

import Foundation
import Testing
import WasmFormat

// In the suite that builds firmwares one after the other.
extension GuestTests {
    /// What a firmware's last line says, in bytes.
    private struct Taken {
        let all: Int
        let pool: (peak: Int, size: Int)
        let nativeStack: (peak: Int, size: Int)
        let statics: Int

        init(_ run: BoardRun) throws {
            let line = try #require(run.lines.last, "\(run.output)")
            let pattern = #/mote: RAM (\d+) bytes: pool (\d+) of (\d+) \(.*\), native stack (\d+) of (\d+), static (\d+); .*/#
            let numbers = try #require(line.wholeMatch(of: pattern), "\(run.output)").output
            func number(_ text: Substring) throws -> Int { try #require(Int(text)) }
            all = try number(numbers.1)
            pool = (try number(numbers.2), try number(numbers.3))
            nativeStack = (try number(numbers.4), try number(numbers.5))
            statics = try number(numbers.6)
        }
    }

    /// Prints and gives what is expected, inside the board's RAM; an eighth of the native stack is left for a host's functions and interrupts.
    private func check(_ run: BoardRun, _ guest: String, ram: Int) throws {
        let call = try #require(Self.calls.first { $0.guest == guest })
        let expected = try String(contentsOf: BoardRun.root.appending(path: "guests/expected/\(guest).out"), encoding: .utf8)
        #expect(run.status == 0)
        #expect(run.output.hasPrefix(expected + call.results.map { $0 + "\n" }.joined() + "mote: RAM "), "\(run.output)")
        let taken = try Taken(run)
        #expect(taken.pool.size + taken.nativeStack.size + taken.statics <= ram, "\(run.output)")
        #expect(taken.pool.peak <= taken.pool.size && taken.all < ram)
        #expect(taken.nativeStack.peak * 8 <= taken.nativeStack.size * 7, "\(run.output)")
    }

    @Test("stm32vldiscovery, 8 KB of RAM in all, runs a sensor's program and one that allocates, from images", arguments: ["sensor", "mailbox"])
    func eightKilobytes(guest: String) throws {
        try check(GuestFirmware(guest, for: "stm32vldiscovery", traits: "minimal").run(on: "stm32vldiscovery"), guest, ram: 8 << 10)
    }

    @Test("microbit, 16 KB, runs them from images with the Translator on board", arguments: ["sensor", "mailbox", "alloc"])
    func sixteenKilobytes(guest: String) throws {
        let firmware = try GuestFirmware(guest, for: "microbit", packed: true)
        // The larger heap needs more than three quarters of the pool.
        try check(firmware.run(on: "microbit", words: guest == "alloc" ? ["stack=1024"] : []), guest, ram: 16 << 10)
    }

    @Test("microbit loads and runs .wasm modules, one of more than 4 KB of code", arguments: ["bench", "sensor", "mailbox", "fib"])
    func translates(guest: String) throws {
        let module = try [UInt8](Data(contentsOf: BoardRun.root.appending(path: ".build/guests/\(guest).wasm")))
        if guest == "bench" { #expect(try Self.codeBytes(module) >= 4096) }
        try check(GuestFirmware(guest, for: "microbit").run(on: "microbit"), guest, ram: 16 << 10)
    }

    /// Bytes of a module's code section.
    private static func codeBytes(_ module: [UInt8]) throws -> Int {
        var at = 8
        while at < module.count {
            let section = module[at]
            var (size, shift) = (0, 0)
            repeat {
                at += 1
                size |= Int(module[at] & 0x7f) << shift
                shift += 7
            } while module[at] >= 0x80
            if section == 10 { return size }
            at += 1 + size
        }
        return 0
    }
}
