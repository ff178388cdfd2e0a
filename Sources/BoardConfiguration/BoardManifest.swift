// What a build must know of a board: boards/<board>/board.toml, which /bin/sh can source too.
//
//     # The ARM MPS2 with AN386, in QEMU or on the FPGA.
//     NAME="ARM MPS2 AN386"
//     CORE="cortex-m4"
//     FLOAT="single"

import Foundation

/// A board, as its manifest describes it.
public struct BoardManifest: Equatable, Sendable {
    /// The core, named as the compiler's -mcpu has it.
    public enum Core: String, CaseIterable, Sendable {
        case cortexM0 = "cortex-m0"
        case cortexM0Plus = "cortex-m0plus"
        case cortexM3 = "cortex-m3"
        case cortexM4 = "cortex-m4"
        case cortexM7 = "cortex-m7"
        case cortexM33 = "cortex-m33"
        case cortexM55 = "cortex-m55"
        case riscv32

        /// Which floating-point units `boards/facts` has machine code for.
        var floatingPoint: [FloatingPoint] {
            switch self {
            case .cortexM0, .cortexM0Plus, .cortexM3, .riscv32: [.none]
            case .cortexM4, .cortexM33: [.none, .single]
            case .cortexM7: [.none, .single, .double]
            case .cortexM55: [.double]
            }
        }
    }

    /// What the core's FPU computes, which the machine code follows. Arguments are passed in core registers in any case: Swift's ABI is softfp.
    public enum FloatingPoint: String, CaseIterable, Sendable {
        case none, single, double
    }

    /// A line for people.
    public let name: String
    public let core: Core
    public let floatingPoint: FloatingPoint
    /// What `qemu-system-* -machine` takes; nil if QEMU does not have the board.
    public let qemuMachine: String?
    /// Of the core, once the board's start code has run.
    public let clockHertz: UInt32
    /// What the console is, for people: "UART0, 115200 baud, USB of the debugger".
    public let console: String
    /// Flashes an image; placeholders are `Image`'s. Nil for a board that is not flashed from here.
    public let flashCommand: String?
    /// The family that the board's UF2 boot loader takes.
    public let uf2Family: UInt32?
    /// What a person must know before trusting this board: "not run on hardware by us". Nil if it was.
    public let hardwareNote: String?
    /// The rung that the board's firmware has where nobody asks for another; nil: the default.
    public let features: String?

    /// The files that a flash command can name, as `{elf}`, `{bin}`, `{hex}`, `{uf2}`.
    public enum Image: String, CaseIterable, Sendable {
        case elf, bin, hex, uf2
    }

    /// The Embedded Swift standard library exists for these only: armv7em serves M3 and the Armv8-M cores too, with -mcpu.
    public var targetTriple: String {
        switch core {
        case .cortexM0, .cortexM0Plus: "armv6m-none-none-eabi"
        case .riscv32: "riscv32-none-none-eabi"
        default: "armv7em-none-none-eabi"
        }
    }

    /// The images that the flash command needs, in `Image`'s order.
    public var flashImages: [Image] { Image.allCases.filter { flashCommand?.contains("{\($0.rawValue)}") == true } }

    /// The command for /bin/sh, with paths for its placeholders. Nil if the board has none. Throws `FileError` for a path that the shell would
    /// take apart: a placeholder may stand inside quotes, so that quoting the path is no way out.
    public func flashCommand(_ path: (Image) -> String) throws(FileError) -> String? {
        guard var command = flashCommand else { return nil }
        for image in flashImages {
            let file = path(image)
            guard file.utf8.allSatisfy({ $0 >= 0x80 || Self.isPlain($0) }) else {
                throw FileError(file, "the path has a space or a character that the shell reads: flash from a folder without them")
            }
            command = command.replacingOccurrences(of: "{\(image.rawValue)}", with: file)
        }
        return command
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "/._-+@:,=%".utf8.contains(byte)
        }
    }
}
