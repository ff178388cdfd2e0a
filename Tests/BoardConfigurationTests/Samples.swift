// A board and its memory, as the tests use them.

@testable import BoardConfiguration
import Foundation
import Testing

enum Samples {
    static let manifest = """
        # The ARM MPS2 with AN386.
        NAME="ARM MPS2 AN386"
        CORE="cortex-m4"
        FLOAT="single"
        QEMU="mps2-an386"
        CLOCK="25000000"

        SERIAL="UART0, 115200 baud"
        FLASH="openocd -c 'program {elf} verify'"
        UF2="0xE48BFF56"
        FEATURES="default"
        HARDWARE="not run on hardware by us"

        """

    /// A board with two kinds of flash and of RAM.
    static let script = """
        /* A board that does not exist:
         * four regions. */
        MEMORY
        {
            FLASH (rx) : ORIGIN = 0x00000000, LENGTH = 256K
            QSPI  (r)  : ORIGIN = 0x90000000, LENGTH = 1M /* slow */
            RAM   (rw) : ORIGIN = 0x20000000, LENGTH = 64K
            CCM   (rw) : org = 0x10000000, len = 16K
        }
        __stack_size = 8K;
        INCLUDE cortex-m.ld

        """

    /// The repository, also where a link led to this file.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func board() throws -> BoardManifest { try BoardManifest(text: manifest, file: "board.toml") }
    static func map() throws -> MemoryMap { try MemoryMap(text: script, file: "sample.ld") }
    static func configuration(_ text: String) throws -> StaticConfiguration { try StaticConfiguration(text: text, file: "app.toml") }

    /// The description of the `FileError` that `body` throws.
    static func refusal(_ body: () throws -> Void) -> String {
        do { try body() } catch let error as FileError { return error.description } catch { return "another error: \(error)" }
        return "no error"
    }

    /// A folder that is removed when the test ends.
    static func inFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mote-kit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    /// Runs a program; its output and errors together.
    @discardableResult
    static func run(_ program: String, _ arguments: [String], in folder: URL? = nil) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = folder }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
