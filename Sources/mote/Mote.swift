// The command line tool: run a module on this machine or a board, look into it, measure it, check conformance.

import ArgumentParser
import Foundation

@main
struct Mote: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mote",
        abstract: "Runs, inspects and checks WebAssembly modules with the runtime that runs on the board.",
        discussion: """
            EXAMPLES
              mote run app.wasm                          call _start, else main
              mote run app.wasm --invoke fib 27          196418:i32
              mote pack app.wasm                         app.mote, an image for flash
              mote inspect app.wasm                      what the module has
              mote build app.wasm --board pico           a firmware: .elf, .bin, .hex, .uf2
              mote qemu app.wasm --board mps2-an386      the same, booted in QEMU
              mote flash app.wasm --board pico           the same, written into the board
              mote size app.wasm --board microbit        its flash and RAM, to scale
              mote bench app.wasm --board microbit       instructions and peaks of memory
              mote send app.mote --to /dev/ttyACM0       into a running board's flash
              mote spec ../shared/spec/core-2.0          check conformance on this machine
              mote spec ../shared/spec/core-2.0/i32.json --board mps2-an386

            EXIT STATUS
              0 all went well, 1 a module cannot be loaded or an assertion failed,
              2 wrong usage, 134 a trap.
            """,
        subcommands: [
            RunCommand.self, PackCommand.self, InspectCommand.self, SpecCommand.self, BuildCommand.self, QemuCommand.self, FlashCommand.self, SizeCommand.self,
            BenchCommand.self, SendCommand.self,
        ])

    static func main() {
        let arguments = RunCommand.gatherInvocation(Array(ProcessInfo.processInfo.arguments.dropFirst()))
        do {
            if let word = arguments.first, !word.hasPrefix("-"), word != "help", !configuration.subcommands.contains(where: { $0.configuration.commandName == word }) {
                throw Exit(.usage, "\(word): is no command: \(configuration.subcommands.compactMap { $0.configuration.commandName }.joined(separator: ", ")); for a module: mote run \(word.hasSuffix(".wasm") ? word : "file.wasm")")
            }
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch let exit as Exit {
            StandardError.write(line: exit.line, details: exit.details)
            Foundation.exit(exit.status.rawValue)
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch {
            // Help and version are errors of the parser too, with status 0. Its own status for wrong usage is 64.
            let isUsage = exitCode(for: error) != .success
            let text = Data((fullMessage(for: error) + "\n").utf8)
            (isUsage ? FileHandle.standardError : FileHandle.standardOutput).write(text)
            Foundation.exit(isUsage ? Exit.Status.usage.rawValue : 0)
        }
    }
}
