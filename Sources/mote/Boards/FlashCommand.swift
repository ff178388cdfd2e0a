// `mote flash`: builds a firmware and runs the board's flash command.

import ArgumentParser
import BoardConfiguration
import Foundation

struct FlashCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flash",
        abstract: "Builds a firmware and writes it into a board's flash.",
        discussion: """
            Runs the command of the board's manifest: OpenOCD, or a copy to the disk that the board's boot loader shows.

            EXAMPLES
              mote flash app.wasm --board stm32f4discovery
              mote flash app.wasm --board pico --print    show the command, run nothing

            EXIT STATUS
              0 it is flashed, 1 it cannot be built, or the command failed, 2 wrong usage.
            """)

    @OptionGroup var target: BoardOptions

    @Flag(help: "Build, and show the command instead of running it.")
    var print = false

    func run() throws {
        let project = try Project(), board = try project.board(target.board)
        guard let words = board.manifest.flashCommand else {
            throw Exit(.usage, "--board: \(board.name) has no flash command: \(board.manifest.qemuMachine == nil ? "add FLASH to boards/\(board.name)/board.toml" : "run it with mote qemu, or add FLASH to boards/\(board.name)/board.toml")")
        }
        let program = String(words.prefix { $0 != " " })
        guard print || Child.isInstalled(program) else { throw Exit(.cannotLoad, "\(program) is missing, which flashes \(board.name): install it (Debian: apt-get install \(program))") }
        let firmware = try target.build()
        _ = try firmware.plan(of: target.file)
        let stem = String(firmware.path.dropLast(4))
        _ = try FirmwareFiles.write(firmware, [.elf] + board.manifest.flashImages.filter { $0 != .elf }, stem: stem, isChosen: true)
        guard let command = try told({ try board.manifest.flashCommand { "\(stem).\($0.rawValue)" } }) else { return }
        if print { return try StandardOutput.write(command + "\n") }
        let run = try Child.run("/bin/sh", ["-c", command], in: project.root, label: "flashing \(board.name)")
        guard run.status == 0 else {
            throw Exit(.cannotLoad, "\(board.name): the flash command ended with status \(run.status): is the board connected? It was: \(command)", details: run.errors + run.output)
        }
        try StandardOutput.write("\(board.name): flashed with \(program)\(board.manifest.hardwareNote.map { " (\($0))" } ?? "")\n")
    }
}
