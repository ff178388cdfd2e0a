// What surrounds a firmware, tried on each board: start, console, exit, faults, files, memory functions, instruction counter.

import BoardConfiguration
import Foundation
import Testing

/// The manifest of every board.
let manifests: [String: BoardManifest] = {
    let folder = BoardRun.root.appending(path: "boards")
    var manifests: [String: BoardManifest] = [:]
    for board in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] {
        guard let text = try? String(contentsOf: folder.appending(path: "\(board)/board.toml"), encoding: .utf8) else { continue }
        manifests[board] = try? BoardManifest(text: text, file: board)
    }
    return manifests
}()
/// Every board that QEMU has.
let boards = manifests.filter { $1.qemuMachine != nil }.keys.sorted()
/// The boards that this file knows by name. Of another one it knows nothing but its manifest, so that a board more takes no change here.
private let firstRow: Set = ["mps2-an386", "mps2-an505", "microbit", "stm32vldiscovery", "lm3s6965evb", "mps2-an385", "mps2-an500", "mps3-an547", "netduinoplus2", "riscv32-virt"]
/// Where QEMU answers a read of nothing: with 0, with memory of the board, or with ones for a bus without devices.
private let answering = ["lm3s6965evb", "mps3-an547", "riscv32-virt"]
/// Without an MPU a store to flash is dropped, and no register tells a fault's cause.
private func isV6(_ board: String) -> Bool { [.cortexM0, .cortexM0Plus].contains(manifests[board]?.core) }

/// Whether RAM has no room for the Translator's work on what these tests run: 16 KB or less.
func isSmall(_ board: String) throws -> Bool { try #require(memoryMap(board).region(named: "RAM")).bytes <= 16 << 10 }

private func memoryMap(_ board: String) throws -> MemoryMap {
    try MemoryMap(text: String(contentsOf: BoardRun.root.appending(path: "linker/\(board).ld"), encoding: .utf8), file: "linker/\(board).ld")
}

@Suite struct BoardTests {
    @Test("The empty firmware prints its line and exits with 0", arguments: boards)
    func emptyFirmware(board: String) throws {
        let run = try BoardRun("EmptyFirmware", on: board)
        #expect(run.output == "mote: empty\n")
        #expect(run.status == 0)
    }

    @Test("A firmware's exit status is the run's", arguments: boards)
    func exitStatus(board: String) throws {
        #expect(try BoardRun("BoardCheck", on: board, words: ["exit"]).status == 7)
    }

    @Test("Each board of the first row is tried") func all() { #expect(Set(boards).isSuperset(of: firstRow)) }

    @Test("A fault prints one line and ends the run with 70", arguments: boards, ["read where nothing is", "write to flash", "trap of Swift", "stack overflow"])
    func fault(board: String, word: String) throws {
        let run = try BoardRun("BoardCheck", on: board, words: [word])
        if word == "read where nothing is" && run.status == 0 && !firstRow.contains(board) { return }
        if word == "write to flash" && isV6(board) || word == "read where nothing is" && answering.contains(board) {
            #expect(run.status == 0, "it faults now: strike the board from the list")
            return
        }
        #expect(run.status == 70)
        #expect(run.lines.count == 1)
        let isRiscV = manifests[board]?.core == .riscv32
        // On Arm a HardFault, which all others become; on RISC-V the cause itself.
        let number = !isRiscV ? 3 : word == "trap of Swift" ? 2 : word == "read where nothing is" ? 5 : 7
        #expect(run.output.hasPrefix("\nmote: fault \(number)"), "\(run.output)")
        let tells = !isV6(board)
        switch word {
        case "read where nothing is": #expect(!tells || run.output.contains("address 0x70000000"), "\(run.output)")
        case "write to flash": #expect(run.output.contains("address 0x"), "\(run.output)")
        case "trap of Swift": #expect(!tells || isRiscV || run.output.contains("cfsr 0x00010000"), "\(run.output)")
        default:
            // It lies first in RAM.
            let start = try #require(memoryMap(board).region(named: "RAM")).start
            let pointer = try #require(run.output.firstMatch(of: /: native stack overflow, sp 0x([0-9a-f]{8})/).flatMap { UInt64($0.1, radix: 16) })
            #expect(pointer < start + 128 && pointer + 1024 > start, "\(run.output)")
        }
    }

    @Test("Where startup makes all below 0x20000000 read-only, RAM that lies there can be written, and the firmware cannot", arguments: manifests.keys.sorted())
    func writableEighths(board: String) throws {
        let (map, core) = (try memoryMap(board), try #require(manifests[board]?.core))
        // Elsewhere what the firmware takes is made read-only, and no more.
        guard [.cortexM0, .cortexM0Plus, .cortexM3, .cortexM4, .cortexM7].contains(core) else { return }
        let name = ".build/boards/\(board)/EmptyFirmware.elf"
        let bytes = try #require(FileManager.default.contents(atPath: BoardRun.root.appending(path: name).path), "no \(name): run `make firmwares`, or `make test`")
        let eighths = try #require(try ElfSections([UInt8](bytes), name: name).symbol(named: "__writable_eighths"))
        #expect(eighths <= 0xff)
        func isWritable(_ address: UInt64) -> Bool { address >= 0x2000_0000 || eighths >> UInt32(address >> 26) & 1 == 1 }
        for region in map.ram { #expect(isWritable(region.start) && isWritable(region.end - 1), "\(region.name)") }
        for region in map.flash { #expect(!isWritable(region.start) && !isWritable(region.end - 1), "\(region.name)") }
    }

    @Test("Without a debugger semihosting answers no, and the board neither faults nor ends", arguments: boards)
    func alone(board: String) throws {
        let run = try BoardRun("BoardCheck", on: board, environment: ["SEMIHOSTING": "off", "TIMEOUT": "2"])
        #expect(run.lines.first == "alone")
        #expect(!run.output.contains("fault"))
        #expect(run.status == 124)
    }

    @Test("A file of the host arrives whole", arguments: boards)
    func file(board: String) throws {
        // Every byte value, and longer than any buffer on the way, if the board has room.
        let map = try memoryMap(board)
        let room = try #require(map.region(named: "RAM")).bytes - map.stackBytes
        let count = room > 112 << 10 ? 70_001 : Int(room / 2) + 1
        let bytes = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 8) })
        let file = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString) with a space, and a comma")
        try bytes.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let run = try BoardRun("BoardCheck", on: board, words: ["f", file.path])
        #expect(run.output == "file \(count) sum \(bytes.reduce(0) { $0 + Int($1) })\n")
        #expect(try BoardRun("BoardCheck", on: board, words: ["f", "/no/such/file"]).status == 4)
    }

    @Test("memcpy, memmove and memset do what loops of bytes do", arguments: boards)
    func memory(board: String) throws {
        #expect(try BoardRun("BoardCheck", on: board, words: ["memory"]).output == "memory 5576 checks\n")
    }

    @Test("The painted stack tells how deep it was", arguments: boards)
    func stack(board: String) throws {
        let run = try BoardRun("BoardCheck", on: board, words: ["paint"])
        let line = try #require(run.lines.last?.split(separator: " "))
        let depth = try #require(Int(line[1]))
        // 256 words, and a few for the frames of the functions below.
        #expect((1024...1200).contains(depth))
        #expect(try Int(line[3]) == Int(memoryMap(board).stackBytes))
    }

    @Test("The counter is exact to one instruction", arguments: boards)
    func counter(board: String) throws {
        let run = try BoardRun("BoardCheck", on: board, words: ["count"], environment: ["QEMU_FLAGS": "-icount shift=7"])
        let counts = run.lines.compactMap { $0.wholeMatch(of: /(\d+) counted (\d+)/)?.output }
        #expect(counts.count == 13)
        for (_, executed, counted) in counts { #expect(executed == counted) }
        #expect(run.lines.last == "nothing counted 0")
    }

    @Test("There is no counter when time does not follow the instructions, or in another measure", arguments: boards, ["", "-icount shift=6"])
    func noCounter(board: String, flags: String) throws {
        let run = try BoardRun("BoardCheck", on: board, words: ["count"], environment: ["QEMU_FLAGS": flags])
        #expect(run.lines.last == "no counter")
        #expect(run.status == 3)
    }

    @Test("The check of firmwares finds the code of another core")
    func checkFirmware() throws {
        let elf = ".build/boards/mps2-an386/BoardCheck.elf"
        #expect(try BoardRun("tools/check-firmware", ["mps2-an386", elf]).status == 0)
        let run = try BoardRun("tools/check-firmware", ["mps2-an385", elf])
        #expect(run.status == 1)
        #expect(run.output.contains("attributes of another core"))
        // A Cortex-M33's: what its attributes allow is disassembled all the same.
        let other = try BoardRun("tools/check-firmware", ["mps2-an385", ".build/boards/mps2-an505/Firmware.elf"])
        #expect(other.status == 1 && other.output.contains("instructions that the cortex-m3 lacks: ") && other.output.contains("vadd.f32"), "\(other.output)")
        let double = try BoardRun("tools/check-firmware", ["mps2-an386", ".build/boards/mps2-an500/Firmware.elf"])
        #expect(double.status == 1 && double.output.contains("instructions that the cortex-m4 lacks: ") && double.output.contains("vadd.f64"), "\(double.output)")
    }

    /// Assembles a few lines and has them checked as if they were a board's firmware.
    private func check(_ instructions: String, as board: String, _ options: [String]) throws -> BoardRun {
        let name = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString)").path
        defer { for suffix in [".s", ".o"] { try? FileManager.default.removeItem(atPath: name + suffix) } }
        let folder = try #require(BoardRun("tools/swift-tools", []).lines.last)
        try instructions.write(toFile: name + ".s", atomically: true, encoding: .utf8)
        let made = try BoardRun("\(folder)/clang", options + ["-c", "-o", name + ".o", name + ".s"])
        try #require(made.status == 0, "\(made.output)")
        return try BoardRun("tools/check-firmware", [board, name + ".o"])
    }

    @Test("The check of firmwares finds each instruction that a core or its FPU lacks, whatever the attributes say", arguments: [
        ("microbit", "cortex-m0", ["0xfbb0f0f1": "udiv", "0xf2400001": "movw", "0xee300a81": "vadd.f32"]),
        ("mps2-an385", "cortex-m3", ["0xfb113002": "smlabb", "0xee300a81": "vadd.f32"]),
        ("mps2-an386", "cortex-m4", ["0xee310b02": "vadd.f64", "0xfe800ac1": "vminnm.f32"]),
        ("mps2-an500", "cortex-m7", ["0xee300981": "vadd.f16", "0xe8d10faf": "lda", "0xef220844": "vadd.i32"]),
        ("mps2-an505", "cortex-m33", ["0xee310b02": "vadd.f64", "0xef220844": "vadd.i32"]),
    ])
    func lackedInstructions(board: String, core: String, foreign: [String: String]) throws {
        // Given by their codes, so that the object's attributes stay the core's own.
        let triple = core == "cortex-m0" ? "armv6m" : core == "cortex-m33" ? "thumbv8m.main" : core == "cortex-m3" ? "thumbv7m" : "thumbv7em"
        let options = ["--target=\(triple)-none-none-eabi", "-mcpu=\(core)"]
        let own = ".syntax unified\n.thumb\nf: movs r0, #1\n bl f\n dmb sy\n bx lr\n .balign 4\n .word 0xfbb0f0f1\n"
        let sound = try check(own, as: board, options)
        #expect(sound.status == 0, "\(sound.output)")
        for (code, name) in foreign {
            let run = try check(own + " .balign 4\ng: .inst.w \(code)\n bx lr\n", as: board, options)
            #expect(run.status == 1 && run.output.contains("instructions that the \(core) lacks: \(name) "), "\(run.output)")
        }
    }

    @Test("A core whose FPU has less than it can have is compiled for that, and checked for it", arguments: [
        ("cortex-m4-none", "cortex-m3", "cortex-m3", "vadd.f32"), ("cortex-m7-single", "cortex-m7+nofp.dp", "cortex-m7-single", "vadd.f64"),
        ("cortex-m7-none", "cortex-m3", "cortex-m3", "vadd.f64"), ("cortex-m33-none", "cortex-m33+nofp+nodsp", "cortex-m33-none", "vadd.f32"),
    ])
    func lessOfAnFPU(chip: String, compiled: String, code: String, lacked: String) throws {
        let (core, float) = (chip.split(separator: "-").dropLast().joined(separator: "-"), chip.split(separator: "-").last ?? "")
        let folder = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder.appending(path: "boards/less"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "CORE=\"\(core)\"\nFLOAT=\"\(float)\"\n".write(to: folder.appending(path: "boards/less/board.toml"), atomically: true, encoding: .utf8)
        let clang = try #require(BoardRun("tools/swift-tools", []).lines.last) + "/clang"
        let lines = "f: \(lacked) \(lacked == "vadd.f32" ? "s0, s1, s2" : "d0, d1, d2")"
        let script = """
            cd '\(folder.path)' && board=less && . '\(BoardRun.root.path)/boards/facts' && echo "$C_OPTIONS $SWIFT_OPTIONS $CODE $DISASSEMBLER_OPTIONS"
            printf '.syntax unified\\n.thumb\\n.fpu fpv5-d16\\n\(lines)\\n' | '\(clang)' --target=thumbv7em-none-none-eabi -mcpu=cortex-m7 -x assembler -c -o code.o -
            '\(clang.dropLast(6))/llvm-objcopy' --remove-section=.ARM.attributes code.o
            '\(clang.dropLast(6))/llvm-objdump' -d $DISASSEMBLER_OPTIONS code.o | tail -n 1
            """
        let run = try BoardRun("/bin/sh", ["-euc", script])
        #expect(run.status == 0 && run.lines.first?.contains("-mcpu=\(compiled)\"") == true && run.lines.first?.contains(" \(code) ") == true, "\(run.output)")
        #expect(run.lines.last?.hasSuffix("<unknown>") == true, "\(run.output)")
    }

    @Test("The check of firmwares finds on RISC-V what rv32imac lacks")
    func checkRiscV() throws {
        func check(_ instructions: String, _ architecture: String, _ abi: String) throws -> BoardRun {
            try self.check(instructions, as: "riscv32-virt", ["--target=riscv32-none-none-eabi", "-march=\(architecture)", "-mabi=\(abi)"])
        }
        let own = "lr.w a0, (a1)\n mul a0, a0, a1\n fence\n csrr a0, mcause\n c.mv a0, a1\n"
        #expect(try check(own, "rv32imac", "ilp32").status == 0)
        let floats = try check(own + "fmadd.s fa0, fa1, fa2, fa3\n flw fa0, 0(a0)\n", "rv32imafc", "ilp32f")
        #expect(floats.status == 1 && floats.output.contains("instructions that the riscv32 lacks: flw fmadd.s"), "\(floats.output)")
        #expect(floats.output.contains("floats in FPU registers at calls") && floats.output.contains("attributes of another core"))
        let bits = try check(own + "maxu a0, a0, a1\n", "rv32imac_zbb", "ilp32")
        #expect(bits.status == 1 && bits.output.contains("instructions that the riscv32 lacks: maxu"), "\(bits.output)")
    }
}
