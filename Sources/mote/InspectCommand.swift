// `mote inspect`: shows what a module has, and whether this runtime takes it.

import ArgumentParser
import Foundation
import Runtime
import WasmFormat

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows a module or an image: types, imports, exports, sections, sizes; or what a dump of a runtime's buffer holds.",
        discussion: """
            Offsets are counted from the start of the module, as in error messages and traps. A module that this runtime rejects is \
            shown as far as it can be read; the error follows, and the exit status is 1.

            EXAMPLES
              mote inspect app.wasm
              mote inspect app.wasm --code               the register code of each function
              mote inspect app.wasm --at 3:17            the wasm of a backtrace's word 17
              mote inspect app.wasm --json               for programs
              mote inspect app.mote                      an image: its parts and RAM too
              mote inspect pool.bin --module app.wasm    a dump of a pool, or a saved one
              mote inspect pool.bin --memory 0x400+64    a range of linear memory in it
            """)

    @Argument(help: ArgumentHelp("The module, the dump or the saved pool.", valueName: "file"))
    var file: String

    @Flag(help: "Show the register code beside the wasm it came from.")
    var code = false

    @Option(help: ArgumentHelp("Show where a word of register code came from, and nothing else.", valueName: "function:word"))
    var at: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("Of a dump: a module that it has, for names and offsets; of an image also for functions and frames. May be given several times.", valueName: "file"))
    var module: [String] = []

    @Option(help: ArgumentHelp("Of a dump: the next of the other buffers, where the file has only the first. May be given several times.", valueName: "file"))
    var buffer: [String] = []

    @Option(help: ArgumentHelp("Of a dump: show a range of linear memory, and nothing else.", valueName: "address+length"))
    var memory: String?

    @Option(help: "Of a dump: whose memory.")
    var instance = 0

    func run() throws {
        let bytes = try Memory(file: file)
        if !DumpInspection.isModule(bytes.span) {
            let content = bytes.span.indices.map { bytes.span[$0] }
            if try DumpInspection(file: file, modules: module, buffers: buffer, memory: memory, instance: instance, json: json).run(content) { return }
        }
        let description = ModuleDescription(bytes.span)
        let rejection = rejection(of: bytes)
        // A file without a single section is no module: the line says more than an empty table.
        if description.sections.isEmpty && description.image == nil, let rejection { throw rejection }
        if let at {
            if let rejection { throw rejection }
            if description.image != nil { throw Exit(.usage, "--at \(at): an image does not know where its code came from: use mote inspect on the .wasm that it was made of") }
            return try StandardOutput.write(line(at: at, of: bytes, description) + "\n")
        }
        if json {
            try StandardOutput.write(json: description)
        } else {
            try StandardOutput.write(description.text(file: file).joined(separator: "\n") + "\n")
        }
        if let rejection { throw rejection }
        guard code else { return }
        try StandardOutput.write((description.image == nil ? listing(of: bytes, description) : imageListing(of: bytes, description)).joined(separator: "\n") + "\n")
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
