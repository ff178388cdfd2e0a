// `mote qemu`: builds a firmware and boots its board in QEMU, with our terminal as its console.

import ArgumentParser
import BoardConfiguration
import Foundation
import Runtime
import WasmFormat

struct QemuCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qemu",
        abstract: "Builds a firmware and boots its board in QEMU.",
        discussion: """
            The board's console is this terminal. It shows what the guest prints, the results, and one line with the RAM and flash that were taken.

            EXAMPLES
              mote qemu app.wasm --board mps2-an386
              mote qemu app.wasm --board microbit --config app.toml --memory-report
              mote qemu app.wasm --board mps2-an505 --invoke add 1 -2

            EXIT STATUS
              0 it ended, 134 it trapped, 1 it cannot be built or loaded, 2 wrong usage, 124 the timeout ended it, 70 the firmware itself faulted.
            """)

    @OptionGroup var target: BoardOptions
    @OptionGroup var call: CallOptions

    @Flag(help: "Print what memory was used for, item by item.")
    var memoryReport = false

    @Option(help: ArgumentHelp("End a run that takes longer; 0 never.", valueName: "seconds"))
    var timeout: UInt32 = 60

    func run() throws {
        let firmware = try target.build()
        try Emulator.checkMachine(firmware.board)
        _ = try firmware.plan(of: target.file)
        let words = try call.words(for: firmware.module, file: target.file) + (memoryReport ? ["report"] : [])
        try Child.become(
            firmware.project.path("boards/run"), try firmware.commandLine(words), in: firmware.project.root,
            environment: ["TIMEOUT": "\(timeout)", "INPUT": "/dev/stdin"])
    }
}

/// The call of an export on a board.
struct CallOptions: ParsableArguments {
    @Option(name: .customLong("invoke"), help: ArgumentHelp("Call this export in the place of _start or main; its arguments follow, up to the next option.", valueName: "name> <argument ..."))
    var export: String?

    @Option(name: .customLong("invoke-argument"), parsing: .unconditionalSingleValue, help: .hidden)
    var arguments: [String] = []

    /// As the firmware's command line has it. Throws `Exit` for an export that there is not, and arguments of another type.
    func words(for module: [UInt8], file: String) throws -> [String] {
        guard let export else { return [] }
        let signature = try Self.signature(of: export, in: module, file: file)
        guard signature.parameters.count == arguments.count else {
            throw Exit(.usage, "\(file): \(export)\(signature.text) takes \(counted(signature.parameters.count, "argument")), not \(arguments.count): give them behind --invoke \(export)")
        }
        guard !export.contains(where: \.isWhitespace) else { throw Exit(.usage, "--invoke: \"\(export)\" has a blank in it, which ends a word of the firmware's command line: export it under another name too") }
        guard arguments.count <= 8 else { throw Exit(.usage, "--invoke: the firmware's command line has room for 8 arguments") }
        return ["invoke=\(export)"] + (try zip(arguments, signature.parameters).map { argument, type in
            guard let bits = ValueText.value(argument, as: type)?.bits else { throw Exit(.usage, "\(file): \"\(argument)\" is no \(type.name): the function is \(export)\(signature.text)") }
            return "arg=\(bits)"
        })
    }

    /// How many results the call gives.
    func resultCount(of module: [UInt8], file: String) throws -> Int {
        let description = ModuleDescription(module.span)
        let name = export ?? (description.exports.contains { $0.name == "_start" && $0.kind == "function" } ? "_start" : "main")
        return try Self.signature(of: name, in: module, file: file).results
    }

    private static let types: [ValueType] = [.i32, .i64, .f32, .f64, .funcref, .externref]

    private static func signature(of export: String, in module: [UInt8], file: String) throws -> (parameters: [ValueType], results: Int, text: String) {
        let functions = ModuleDescription(module.span).exports.filter { $0.kind == "function" }
        guard let type = functions.first(where: { $0.name == export })?.type else {
            throw Exit(.usage, "\(file): exports no function \(export): use --invoke with one of \(functions.map { $0.name + $0.type }.joined(separator: ", "))")
        }
        // As `Signature` writes it: "(i32, i64) -> f32", "() -> ()".
        let sides = type.split(separator: "->", maxSplits: 1).map { side in
            side.split { "(), ".contains($0) }.compactMap { name in Self.types.first { $0.name == name } }
        }
        return (sides.first ?? [], sides.count > 1 ? sides[1].count : 0, type)
    }
}

extension Value {
    /// As the firmware takes it; nil for a reference that is not null.
    var bits: UInt64? {
        switch self {
        case .i32(let bits), .f32(let bits): UInt64(bits)
        case .i64(let bits), .f64(let bits): bits
        case .funcref(let reference), .externref(let reference): reference.isNull ? 0 : nil
        }
    }
}
