// `mote size`: what a firmware takes of flash and RAM, by part, with a picture to scale.

import ArgumentParser
import BoardConfiguration
import Foundation

struct SizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "size",
        abstract: "Shows what a firmware takes of flash and RAM, with the inside of the pool.",
        discussion: """
            Every region of the board's memory is drawn to scale. The pool shows what the module will take when it starts, known to the \
            byte before it runs; and with memory-cap in the configuration, what it takes if its memory grows that far.

            EXAMPLES
              mote size app.wasm --board mps2-an386
              mote size app.wasm --board microbit --config app.toml --svg memory.svg
              mote size app.wasm --board microbit --json

            EXIT STATUS
              0 it fits, 1 it does not, or cannot be built, 2 wrong usage.
            """)

    @OptionGroup var target: BoardOptions

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("Write the picture as SVG too.", valueName: "file.svg"))
    var svg: String?

    private struct Report: Encodable {
        let board: String
        let features: String
        /// The firmware's flash without the module.
        let flash: UInt64
        let module: Int
        let statics: UInt64
        let nativeStack: UInt64
        let pool: UInt64
        /// The smallest pool in which the module can start.
        let poolNeeded: UInt64
        /// The smallest pool in which its memory can grow to memory-cap.
        let poolAtCap: UInt64?
        let poolItems: PoolPlan
        let picture: MemoryPicture
    }

    func run() throws {
        let firmware = try target.build()
        let sizes = FirmwareSizes(firmware.elf), plan = try firmware.plan(of: target.file)
        var parts: [MemoryPicture.Part] = [], place = sizes.poolStart
        for item in plan.firstItems {
            parts.append(MemoryPicture.Part(item.name, at: place, bytes: item.bytes))
            place += item.bytes
        }
        let picture = try told { try MemoryPicture(of: firmware.elf, named: firmware.path, map: firmware.board.map, pool: parts) }
        if let svg {
            do { try Data(picture.svg().utf8).write(to: URL(fileURLWithPath: svg), options: .atomic) } catch { throw Exit(.cannotLoad, "\(svg): cannot be written: is there such a folder, with permission to write and room?") }
        }
        if json {
            return try StandardOutput.write(json: Report(
                board: firmware.board.name, features: firmware.features, flash: sizes.flash, module: firmware.module.count, statics: sizes.statics,
                nativeStack: sizes.nativeStack, pool: sizes.pool, poolNeeded: plan.smallestPool, poolAtCap: plan.smallestPoolAtCap, poolItems: plan, picture: picture))
        }
        let isTerminal = isatty(1) == 1
        let width = isTerminal ? Int(ProcessInfo.processInfo.environment["COLUMNS"] ?? "") ?? 100 : 100
        let noColor = !(ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
        try StandardOutput.write(picture.text(width: width, isColoured: isTerminal && !noColor))
        try StandardOutput.write("""
            \(firmware.board.manifest.name), features \(firmware.features): flash \(ByteSize.grouped(sizes.flash)) and \(firmware.isImage ? "image" : "module") \(ByteSize.grouped(UInt64(firmware.module.count))); \
            the start takes \(ByteSize.grouped(plan.smallestPool)) bytes of the pool\(plan.isOpen ? ", and linear memory that depends on an imported global" : "")\
            \(plan.smallestPoolAtCap.map { ", a memory that grows to its cap \(ByteSize.grouped($0))" } ?? "")

            """)
    }
}
