// `mote build`: a firmware for a board, with a module in its flash.

import ArgumentParser
import BoardConfiguration
import Foundation

struct BuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Builds a firmware for a board, with a module in its flash.",
        discussion: """
            Writes app-BOARD.elf beside app.wasm, and .bin, .hex and (for boards whose boot loader takes it) .uf2. A board's first build \
            takes a minute or two, the next a second. A build without the Translator runs images only: a .wasm is packed for it.

            The static configuration is a small TOML file: how large the buffers are, which memory they lie in, what is built in. What \
            does not fit the board is refused with the line to change.

            EXAMPLES
              mote build app.wasm --board mps2-an386
              mote build app.wasm --board pico --config app.toml
              mote build app.wasm --board stm32vldiscovery --features minimal --format hex
              mote build --new-config > app.toml         a configuration to start from
              mote build --boards                        the boards that there are

            EXIT STATUS
              0 it is built, 1 it does not fit or cannot be built, 2 wrong usage.
            """)

    @Argument(help: ArgumentHelp("The module, or its image.", valueName: "file"))
    var file: String?

    @Option(help: ArgumentHelp("One of the folders of boards/.", valueName: "name"))
    var board: String?

    @OptionGroup var settings: FirmwareOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write, without .elf; else app-BOARD beside the module.", valueName: "path"))
    var output: String?

    @Option(help: ArgumentHelp("What to write: elf, bin, hex, uf2, with commas. Else all that the board takes.", valueName: "formats"))
    var format: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print a configuration to start from.")
    var newConfig = false

    @Flag(help: "List the boards.")
    var boards = false

    private struct Report: Encodable {
        let board: String
        let features: String
        let files: [String: String]
        let flash: UInt64
        let module: Int
        let pool: UInt64
        let poolNeeded: UInt64
        let nativeStack: UInt64
        let statics: UInt64
    }

    func run() throws {
        if newConfig { return try StandardOutput.write(ConfigurationKey.template) }
        let project = try Project()
        if boards { return try StandardOutput.write(try Self.list(project, json: json)) }
        guard let file else { throw Exit(.usage, "build: which module? mote build app.wasm --board NAME") }
        guard let board else { throw Exit(.usage, "build: for which board? --board, one of \(project.boards.joined(separator: ", "))") }
        let target = try project.board(board)
        let images = try formats(target.manifest)
        let stem = output ?? (file.hasSuffix(".wasm") || file.hasSuffix(".mote") ? String(file.dropLast(5)) : file) + "-\(board)"
        let firmware = try FirmwareBuild(of: file, for: target, in: project, configuration: try settings.configuration(), features: settings.features, keepingAt: stem + ".elf")
        let plan = try firmware.plan(of: file)
        let files = try FirmwareFiles.write(firmware, images, stem: stem, isChosen: format != nil)
        let sizes = FirmwareSizes(firmware.elf)
        if json {
            return try StandardOutput.write(json: Report(
                board: board, features: firmware.features, files: Dictionary(uniqueKeysWithValues: files.map { ($0.rawValue, "\(stem).\($0.rawValue)") }),
                flash: sizes.flash, module: firmware.module.count, pool: sizes.pool, poolNeeded: plan.smallestPool, nativeStack: sizes.nativeStack, statics: sizes.statics))
        }
        let skipped = images.filter { !files.contains($0) }
        try StandardOutput.write("""
            \(stem).\(files.map(\.rawValue).joined(separator: ", .")): \(target.manifest.name), features \(firmware.features)\(skipped.isEmpty ? "" : "; no .bin, its flash regions are too far apart")
            flash \(ByteSize.grouped(sizes.flash)) bytes and \(firmware.isImage ? "the image's" : "the module's") \(ByteSize.grouped(UInt64(firmware.module.count))); \
            RAM: pool \(ByteSize.grouped(sizes.pool)), of which the start takes \(ByteSize.grouped(plan.smallestPool))\(plan.isOpen ? " and some linear memory" : ""), \
            native stack \(ByteSize.grouped(sizes.nativeStack)), static \(ByteSize.grouped(sizes.statics))

            """)
    }

    private func formats(_ manifest: BoardManifest) throws -> [BoardManifest.Image] {
        guard let format else { return BoardManifest.Image.allCases.filter { $0 != .uf2 || manifest.uf2Family != nil } }
        var images: [BoardManifest.Image] = []
        for word in format.split(separator: ",", omittingEmptySubsequences: false) {
            guard let image = BoardManifest.Image(rawValue: String(word)) else { throw Exit(.usage, "--format: \(word.isEmpty ? "nothing" : word) is none of elf, bin, hex, uf2") }
            guard image != .uf2 || manifest.uf2Family != nil else { throw Exit(.usage, "--format: \(board ?? "the board") has no UF2 boot loader (its manifest has no UF2): use elf, bin or hex") }
            if !images.contains(image) { images.append(image) }
        }
        return images
    }

    private struct Row: Encodable {
        let board: String
        let name: String
        let core: String
        let flash: UInt64
        let ram: UInt64
        let qemu: String?
        let hardware: String?
    }

    private static func list(_ project: Project, json: Bool) throws -> String {
        let rows = try project.boards.map { name in
            let board = try project.board(name)
            let sum = { (regions: [MemoryMap.Region]) in regions.reduce(UInt64(0)) { $0 + $1.bytes } }
            return Row(
                board: name, name: board.manifest.name, core: board.manifest.core.rawValue, flash: sum(board.map.flash), ram: sum(board.map.ram),
                qemu: board.manifest.qemuMachine, hardware: board.manifest.hardwareNote)
        }
        if json { return try StandardOutput.json(rows) }
        let padded = { (text: String, width: Int) in text.padding(toLength: max(width, text.count + 1), withPad: " ", startingAt: 0) }
        return rows.map { row in
            padded(row.board, 18) + padded(row.core, 14) + padded("flash \(ByteSize.short(row.flash))", 12) + padded("RAM \(ByteSize.short(row.ram))", 10)
                + padded(row.qemu == nil ? "not in QEMU" : "in QEMU", 13) + row.name + "\n"
        }.joined()
    }
}
