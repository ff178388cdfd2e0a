// Manifests of boards: what they say, and each way in which one can be wrong.

@testable import BoardConfiguration
import Foundation
import Testing
import TOMLKit

@Suite("A board's manifest")
struct BoardManifestTests {
    @Test("gives every key's value")
    func values() throws {
        let board = try Samples.board()
        #expect(board.name == "ARM MPS2 AN386")
        #expect(board.core == .cortexM4)
        #expect(board.floatingPoint == .single)
        #expect(board.qemuMachine == "mps2-an386")
        #expect(board.clockHertz == 25_000_000)
        #expect(board.console == "UART0, 115200 baud")
        #expect(board.uf2Family == 0xe48b_ff56)
        #expect(board.hardwareNote == "not run on hardware by us")
        #expect(board.flashImages == [.elf])
        #expect(try board.flashCommand { "build/app.\($0.rawValue)" } == "openocd -c 'program build/app.elf verify'")
    }

    @Test("may leave UF2 out, and values empty")
    func optional() throws {
        let text = Samples.manifest.replacing("UF2=\"0xE48BFF56\"\n", with: "").replacing("FLASH=\"openocd -c 'program {elf} verify'\"", with: "FLASH=\"\"")
            .replacing("QEMU=\"mps2-an386\"", with: "QEMU=\"\"").replacing("not run on hardware by us", with: "")
        let board = try BoardManifest(text: text, file: "board.toml")
        #expect(board.uf2Family == nil && board.flashCommand == nil && board.qemuMachine == nil && board.hardwareNote == nil)
        #expect(try board.flashCommand { _ in "" } == nil)
    }

    @Test("gives the target triple of its core", arguments: [
        ("cortex-m0", "armv6m-none-none-eabi"), ("cortex-m0plus", "armv6m-none-none-eabi"), ("cortex-m3", "armv7em-none-none-eabi"),
        ("cortex-m4", "armv7em-none-none-eabi"), ("cortex-m7", "armv7em-none-none-eabi"), ("cortex-m33", "armv7em-none-none-eabi"),
        ("cortex-m55", "armv7em-none-none-eabi"), ("riscv32", "riscv32-none-none-eabi"),
    ])
    func triple(core: String, triple: String) throws {
        let text = Samples.manifest.replacing("cortex-m4", with: core).replacing("\"single\"", with: core == "cortex-m55" ? "\"double\"" : "\"none\"")
        #expect(try BoardManifest(text: text, file: "board.toml").targetTriple == triple)
    }

    @Test("means the same to TOML and to sh")
    func bothLanguages() throws {
        let table = try TOMLTable(string: Samples.manifest)
        try Samples.inFolder { folder in
            let file = folder.appendingPathComponent("board.toml")
            try Data(Samples.manifest.utf8).write(to: file)
            for key in BoardManifest.keys {
                let shell = try Samples.run("/bin/sh", ["-c", "set -eu; . \"$1\"; printf %s \"$\(key)\"", "sh", file.path])
                #expect(shell.status == 0)
                #expect(shell.text == table[key]?.string)
            }
        }
    }

    @Test("has machine code for each core and FPU that it can name, and for no other", arguments: BoardManifest.Core.allCases, BoardManifest.FloatingPoint.allCases)
    func facts(core: BoardManifest.Core, float: BoardManifest.FloatingPoint) throws {
        let text = Samples.manifest.replacing("cortex-m4", with: core.rawValue).replacing("\"single\"", with: "\"\(float.rawValue)\"")
        let manifest = try? BoardManifest(text: text, file: "board.toml")
        try Samples.inFolder { folder in
            let board = folder.appending(path: "boards/sample")
            try FileManager.default.createDirectory(at: board, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: board.appending(path: "board.toml"))
            let facts = try Samples.run(
                "/bin/sh", ["-c", "set -eu; cd \"$1\"; board=sample; . \"$2\"; echo $TRIPLE $CODE $FPU", "sh", folder.path, Samples.root.appending(path: "boards/facts").path])
            #expect((facts.status == 0) == (manifest != nil), "\(facts.text)")
            guard let manifest else { return }
            let words = facts.text.split(whereSeparator: \.isWhitespace)
            #expect(words.first.map(String.init) == manifest.targetTriple && words.last == (float == .none ? "no" : "yes"), "\(facts.text)")
            // The same machine code only where it runs on both.
            let codes: [BoardManifest.Core: [BoardManifest.FloatingPoint: String]] = [
                .cortexM0Plus: [.none: "cortex-m0"], .cortexM4: [.none: "cortex-m3"], .cortexM7: [.none: "cortex-m3", .single: "cortex-m7-single"],
                .cortexM33: [.none: "cortex-m33-none"],
            ]
            #expect(words.dropFirst().first.map(String.init) == codes[core]?[float] ?? core.rawValue)
        }
    }

    @Test("is refused with its line and a remedy", arguments: [
        ("CORE=", "CROE=", "board.toml:3: unknown key CROE: did you mean CORE?"),
        ("CORE=\"cortex-m4\"\n", "", "board.toml:11: CORE is missing: add CORE=\"…\""),
        ("\"cortex-m4\"", "\"cortex-m44\"", "board.toml:3: CORE: \"cortex-m44\" is not known: did you mean cortex-m4?"),
        ("\"cortex-m4\"", "\"cortex-m0\"", "board.toml:4: FLOAT: for a cortex-m0 there is no code with \"single\": use one of none"),
        ("\"single\"", "\"quad\"", "board.toml:4: FLOAT: \"quad\" is not known: use one of none, single, double"),
        ("\"25000000\"", "\"25 MHz\"", "board.toml:6: CLOCK: \"25 MHz\" is no frequency: write Hz as a decimal number, \"25000000\""),
        ("\"25000000\"", "\"0\"", "board.toml:6: CLOCK: \"0\" is no frequency: write Hz as a decimal number, \"25000000\""),
        ("NAME=\"ARM MPS2 AN386\"", "NAME=\"\"", "board.toml:2: NAME: it is empty: write a line for people"),
        ("{elf}", "{else}", "board.toml:9: FLASH: unknown placeholder {else}: use one of {elf}, {bin}, {hex}, {uf2}"),
        ("{elf}", "{elf", "board.toml:9: FLASH: unknown placeholder {elf verify'}: use one of {elf}, {bin}, {hex}, {uf2}"),
        ("\"0xE48BFF56\"", "\"12\"", "board.toml:10: UF2: \"12\" is no UF2 family: write it as \"0xE48BFF56\", or leave the line out"),
        ("\"0xE48BFF56\"", "\"\"", "board.toml:10: UF2: \"\" is no UF2 family: write it as \"0xE48BFF56\", or leave the line out"),
        ("UF2=", "NAME=", "board.toml:10: NAME is set on line 2 already: remove one of them"),
        ("CORE=", "CORE = ", "board.toml:3: not KEY=\"value\": write it so, without spaces around = and nothing behind it, or begin the line with #"),
        ("\"single\"", "\"single\" # FPU", "board.toml:4: not KEY=\"value\": write it so, without spaces around = and nothing behind it, or begin the line with #"),
        ("\"single\"", "\"", "board.toml:4: not KEY=\"value\": write it so, without spaces around = and nothing behind it, or begin the line with #"),
        ("115200", "$(id)", "board.toml:8: SERIAL: TOML and sh read $ differently: leave it out, or use ' in the place of \""),
        ("115200", "a\\b", "board.toml:8: SERIAL: TOML and sh read \\ differently: leave it out, or use ' in the place of \""),
    ])
    func refusals(old: String, new: String, message: String) {
        let text = Samples.manifest.replacing(old, with: new, maxReplacements: 1)
        #expect(Samples.refusal { _ = try BoardManifest(text: text, file: "board.toml") } == message)
    }

    @Test("refuses {uf2} without a family, and a path that sh takes apart")
    func flashCommand() throws {
        let text = Samples.manifest.replacing("UF2=\"0xE48BFF56\"\n", with: "").replacing("{elf}", with: "{uf2}")
        #expect(Samples.refusal { _ = try BoardManifest(text: text, file: "board.toml") } == "board.toml:9: FLASH: {uf2} needs the board's family: add UF2=\"0x…\"")
        let board = try Samples.board()
        for path in ["a b.elf", "a'b", "$HOME/a.elf", "a;b", "a\nb"] {
            #expect(Samples.refusal { _ = try board.flashCommand { _ in path } }.contains("flash from a folder without them"))
        }
    }
}
