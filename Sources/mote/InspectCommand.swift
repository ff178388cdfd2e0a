// `mote inspect`: shows what a module has, and whether this runtime takes it.

import ArgumentParser
import Foundation
import Runtime
import WasmFormat

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows a module: types, imports, exports, sections, sizes.",
        discussion: """
            Offsets are counted from the start of the module, as in error messages and traps. A module that this runtime rejects is \
            shown as far as it can be read; the error follows, and the exit status is 1.

            EXAMPLES
              mote inspect app.wasm
              mote inspect app.wasm --code               the register code of each function
              mote inspect app.wasm --at 3:17            the wasm of word 17 of function 3, as a backtrace without offsets has it
              mote inspect app.wasm --json               for programs
            """)

    @Argument(help: ArgumentHelp("The module.", valueName: "file.wasm"))
    var file: String

    @Flag(help: "Show the register code beside the wasm it came from.")
    var code = false

    @Option(help: ArgumentHelp("Show where a word of register code came from, and nothing else.", valueName: "function:word"))
    var at: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let bytes = try Memory(file: file)
        let description = ModuleDescription(bytes.span)
        let rejection = rejection(of: bytes)
        // A file without a single section is no module: the line says more than an empty table.
        if description.sections.isEmpty, let rejection { throw rejection }
        if let at {
            if let rejection { throw rejection }
            return try StandardOutput.write(line(at: at, of: bytes, description) + "\n")
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try StandardOutput.write(String(decoding: try encoder.encode(description), as: UTF8.self) + "\n")
        } else {
            try StandardOutput.write(description.text(file: file).joined(separator: "\n") + "\n")
        }
        if let rejection { throw rejection }
        guard code else { return }
        try StandardOutput.write(listing(of: bytes, description).joined(separator: "\n") + "\n")
    }

    /// Decodes, validates and translates; nil if this runtime takes the module. Imports are not looked for.
    private func rejection(of bytes: borrowing Memory) -> Exit? {
        let pool = Memory(count: 64 << 20)
        do throws(LoadError) {
            // Safety: the pool is our own, aligned to 16, and lives to the end of this function.
            var runtime = unsafe try Runtime<MoteHost>(buffer: pool.bytes)
            do throws(LoadError) {
                // Safety: nobody writes to the bytes.
                _ = unsafe try runtime.load(bytes.contents)
            } catch {
                let report = ErrorReport(file: file, bytes: bytes.span)
                return Exit(.cannotLoad, report.line(error, shortage: runtime.shortage, pool: runtime.pool))
            }
        } catch {
            return Exit(.cannotLoad, "\(file): no runtime in a pool of 64 MiB")
        }
        return nil
    }
}
