// Builds that leave something out: what they refuse, by name, and what still runs as ever.

import Foundation
import Testing

// In the suite that builds firmwares one after the other.
extension GuestTests {
    static let withoutFloats = "Translator,Names"
    static let withoutTranslator = "FloatingPoint,Names"
    /// Those that have a float instruction somewhere; each is seen refused where there are none, and all others run.
    static let guestsWithFloats = ["floats", "wide", "debug", "threeways"]

    /// A module whose `main` has this type, these runs of locals and this body (`end` excluded); the body's first instruction is at 0x22 if
    /// there are no locals.
    private static func module(type: [UInt8] = [0x60, 0, 1, 0x7f], locals: [UInt8] = [0], _ body: [UInt8]) -> [UInt8] {
        let code = locals + body + [0x0b]
        let types: [UInt8] = [1, UInt8(type.count + 1), 1] + type
        let functions: [UInt8] = [3, 2, 1, 0, 7, 8, 1, 4] + Array("main".utf8) + [0, 0]
        return [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0] + types + functions + [10, UInt8(code.count + 2), 1, UInt8(code.count)] + code
    }

    @Test("make run builds what the board's manifest names, with an example that such a build runs")
    func manifestFeatures() throws {
        let small = try BoardRun("/usr/bin/env", ["make", "-n", "run", "BOARD=stm32vldiscovery"])
        #expect(small.output.contains("TRAITS='minimal' boards/build stm32vldiscovery Firmware '.build/guests/hello.mote'"), "\(small.output)")
        let other = try BoardRun("/usr/bin/env", ["make", "-n", "run", "BOARD=microbit"])
        #expect(other.output.contains("TRAITS='default' boards/build microbit Firmware '.build/guests/hello.wasm'"), "\(other.output)")
        let wasm = try BoardRun("/usr/bin/env", ["make", "run", "TRAITS=Names", "APP=app.wasm"])
        #expect(wasm.status == 2 && wasm.output.contains("make run: app.wasm: a build with TRAITS=Names runs images only: "), "\(wasm.output)")
    }

    @Test("What make builds for this machine does not see the board: Package.swift would leave mote out")
    func environment() throws {
        let run = try BoardRun("/usr/bin/env", ["make", "--eval=environment: ; @env", "environment", "BOARD=pico", "TRAITS=minimal"])
        #expect(run.status == 0 && !run.lines.contains { $0.hasPrefix("BOARD=") || $0.hasPrefix("TRAITS=") }, "\(run.output)")
    }

    @Test("Integer guests run without FloatingPoint, and in the least build", arguments: [withoutFloats, "minimal"], calls.filter { ["fib", "sieve"].contains($0.guest) })
    func integers(traits: String, call: Call) throws {
        let run = try GuestFirmware(call.guest, for: "mps2-an386", traits: traits).run(on: "mps2-an386")
        let expected = try String(contentsOf: BoardRun.root.appending(path: "guests/expected/\(call.guest).out"), encoding: .utf8)
        #expect(run.status == 0)
        #expect(run.output.hasPrefix(expected + call.results.map { $0 + "\n" }.joined() + "mote: RAM "), "\(run.output)")
    }

    @Test("Every guest without floats gives what is expected from its image in the least build, and takes no RAM for what the image holds", arguments: calls.filter { !guestsWithFloats.contains($0.guest) })
    func images(call: Call) throws {
        let run = try GuestFirmware(call.guest, for: "mps2-an386", traits: "minimal").run(on: "mps2-an386")
        let expected = try String(contentsOf: BoardRun.root.appending(path: "guests/expected/\(call.guest).out"), encoding: .utf8)
        #expect(run.status == 0)
        #expect(run.output.hasPrefix(expected + call.results.map { $0 + "\n" }.joined() + "mote: RAM "), "\(run.output)")
    }

    @Test("A guest with floats runs from its image where the build has them", arguments: calls.filter { guestsWithFloats.contains($0.guest) })
    func floatImage(call: Call) throws {
        let run = try GuestFirmware(call.guest, for: "mps2-an386", packed: true).run(on: "mps2-an386")
        let expected = try String(contentsOf: BoardRun.root.appending(path: "guests/expected/\(call.guest).out"), encoding: .utf8)
        #expect(run.status == 0)
        #expect(run.output.hasPrefix(expected + call.results.map { $0 + "\n" }.joined() + "mote: RAM "), "\(run.output)")
    }

    @Test("Without FloatingPoint a float instruction is refused by name, with its place", arguments: [
        // i32.const 1; i32.reinterpret_f32 (f32.const 0)
        ([0x43, 0, 0, 0, 0, 0xbc], 0x22),
        // i32.const 0; f32.load; drop; i32.const 1: no memory either, but the instruction is what is missed first
        ([0x41, 0, 0x2a, 2, 0, 0x1a, 0x41, 1], 0x24),
        // i32.const 1; return; i32.trunc_sat_f64_s: never executed
        ([0x41, 1, 0x0f, 0xfc, 2], 0x25),
    ] as [([UInt8], Int)])
    func floatInstruction(body: [UInt8], offset: Int) throws {
        let run = try GuestFirmware(Self.module(body), for: "mps2-an386", traits: Self.withoutFloats).run(on: "mps2-an386")
        #expect(run.status == 1)
        let place = String(offset, radix: 16)
        #expect(run.lines.first?.hasPrefix("mote: malformed at 0x000000\(place): floating point: add the trait FloatingPoint") == true, "\(run.output)")
    }

    @Test("A guest with floats is refused without FloatingPoint, in words or by number", arguments: guestsWithFloats, [(withoutFloats, "floating point: "), ("minimal", "reason 10, detail 9")])
    func floatGuest(guest: String, refusal: (traits: String, text: String)) throws {
        let run = try GuestFirmware(guest, for: "mps2-an386", traits: refusal.traits).run(on: "mps2-an386")
        #expect(run.status == 1)
        #expect(run.lines.first?.contains(": \(refusal.text)") == true, "\(run.output)")
    }

    @Test("Without FloatingPoint values of float types pass through locals and results, as bits")
    func floatValues() throws {
        // (func (export "main") (result f64) (local f32 f64) local.get 1)
        let module = Self.module(type: [0x60, 0, 1, 0x7c], locals: [2, 1, 0x7d, 1, 0x7c], [0x20, 1])
        let run = try GuestFirmware(module, for: "mps2-an386", traits: Self.withoutFloats).run(on: "mps2-an386")
        #expect(run.status == 0)
        #expect(run.lines.first == "0x0000000000000000:f64", "\(run.output)")
    }

    @Test("Without the Translator a module is refused in one line that says what is missing")
    func noTranslator() throws {
        let run = try GuestFirmware("fib", for: "mps2-an386", traits: Self.withoutTranslator).run(on: "mps2-an386")
        #expect(run.status == 1)
        #expect(run.lines.first == "mote: malformed: the Translator, without which no .wasm runs: add the trait Translator to the build")
        #expect(run.lines.count == 2)
    }

    @Test("Firmware without FloatingPoint computes no float, and with it does", arguments: [withoutFloats, "minimal", "default"])
    func floatCode(traits: String) throws {
        let firmware = try GuestFirmware("fib", for: "mps2-an386", traits: traits)
        let run = try BoardRun("tools/check-firmware", ["mps2-an386", firmware.elf], environment: ["TRAITS": "minimal"])
        #expect(run.status == (traits == "default" ? 1 : 0))
        #expect(run.output.contains("floats without the trait") == (traits == "default"), "\(run.output)")
    }

    @Test("The dispatch is the same in the least build")
    func leastDispatch() throws {
        let firmware = try GuestFirmware("hello", for: "mps2-an386", traits: "minimal")
        let listing = try BoardRun("tools/dispatch", [BoardRun.root.appending(path: firmware.elf).path])
        #expect(listing.status == 0, "\(listing.output)")
    }

    @Test("The default rung takes the flash that docs/SIZES.md says, within 1,024 bytes")
    func defaultSize() throws {
        let table = try String(contentsOf: BoardRun.root.appending(path: "docs/SIZES.md"), encoding: .utf8)
        let row = try #require(table.firstMatch(of: /\| default \| [A-Za-z, ]+ \| ([0-9,]+) \|/))
        let written = try #require(Int(row.1.replacing(",", with: "")))
        let firmware = try GuestFirmware("fib", for: "mps2-an386")
        let empty = ".build/boards/mps2-an386/EmptyFirmware.elf"
        let line = try BoardRun("tools/firmware-size", [firmware.elf, empty]).output
        let measured = try #require(line.firstMatch(of: /\(([0-9,]+) over/).flatMap { Int($0.1.replacing(",", with: "")) })
        #expect(abs(measured - written) <= 1024, "\(measured) bytes, docs/SIZES.md says \(written): run `make sizes` if that is meant")
    }
}
