// `mote pack`: translates a module into an image, which is put in flash and run there.

import ArgumentParser
import Foundation
import Packing
import Runtime
import WasmFormat

struct PackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Translates a module into an image that runs from flash as it is.",
        discussion: """
            A board's build without the Translator runs images only, and is the smallest there is; every other build runs both. An \
            image takes no RAM for code, types or names. The same module and the same version of mote give the same bytes. \
            docs/IMAGE.md describes them.

            EXAMPLES
              mote pack app.wasm                         writes app.mote beside it
              mote pack app.wasm -o flash/app.mote
              mote pack app.wasm --no-names              without the functions' names
              mote inspect app.mote                      what it has, and needs of RAM

            EXIT STATUS
              0 the image is written, 1 the module cannot be packed, 2 wrong usage.
            """)

    @Argument(help: ArgumentHelp("The module.", valueName: "file.wasm"))
    var file: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write the image; else beside the module, as .mote.", valueName: "file.mote"))
    var output: String?

    @Flag(inversion: .prefixedNo, help: "Keep the names of functions.")
    var names = true

    @Flag(help: "Print JSON.")
    var json = false

    private struct Report: Encodable {
        let file: String
        let bytes: Int
        let code: Int
        let names: Int
        let data: Int
        let instance: UInt64
        let tables: UInt64
        let linearMemory: UInt64?
        let largestFrame: UInt32
    }

    func run() throws {
        let bytes = try Memory(file: file)
        let path = output ?? (file.hasSuffix(".wasm") ? String(file.dropLast(5)) : file) + ".mote"
        let place = URL(fileURLWithPath: path).standardizedFileURL
        guard place != URL(fileURLWithPath: file).standardizedFileURL else { throw Exit(.usage, "\(file): would be written over by its image: use another -o") }
        guard !ImageDescription.isImage(bytes.span) else { throw Exit(.cannotLoad, "\(file): is an image already: pack the .wasm that it was made of") }
        let image: [UInt8]
        do throws(LoadError) {
            image = try Packing.pack(bytes.span.indices.map { bytes.span[$0] }, keepsNames: names)
        } catch {
            throw Exit(.cannotLoad, ErrorReport(file: file, bytes: bytes.span).line(error, shortage: Shortage(), pool: PoolReport()))
        }
        do {
            try Data(image).write(to: place, options: .atomic)
        } catch {
            throw Exit(.cannotLoad, "\(path): cannot be written: is there such a folder, with permission to write and room?")
        }
        let description = ModuleDescription(image.span)
        guard let about = description.image else { fatalError("an image that was just packed") }
        func size(_ name: String) -> Int { description.sections.filter { $0.name == name }.reduce(0) { $0 + Int($1.size) } }
        let report = Report(
            file: path, bytes: image.count, code: size("register code"), names: size("names"), data: size("data"), instance: UInt64(about.need.instance),
            tables: UInt64(about.need.tables), linearMemory: about.need.linearMemory.map { UInt64($0) }, largestFrame: about.need.largestFrame)
        if json { return try StandardOutput.write(json: report) }
        let rest = report.bytes - report.code - report.names - report.data
        let window = report.linearMemory.map { "\($0)" } ?? "unknown (it depends on an imported global)"
        try StandardOutput.write("""
            \(path): \(report.bytes) bytes: register code \(report.code), data \(report.data), names \(report.names), the rest \(rest)
            RAM of an instance: \(report.instance) and tables \(report.tables), linear memory at first \(window); largest frame of the operand stack \(report.largestFrame)

            """)
    }
}
