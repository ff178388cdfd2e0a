// The folder of the project: boards, linker scripts, and the scripts that build.

import BoardConfiguration
import Foundation

/// Where the firmwares' sources are.
struct Project {
    let root: URL

    /// The current folder or one above it; else that of the tool itself, which SwiftPM built inside the project. Throws `Exit`.
    init() throws {
        let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        let tool = (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])).resolvingSymlinksInPath().deletingLastPathComponent()
        guard let root = [here, tool].lazy.compactMap(Self.root(above:)).first else {
            throw Exit(.usage, "there is no boards/build here or above: run mote in the project's folder, which has the firmwares' sources")
        }
        self.root = root
    }

    private static func root(above folder: URL) -> URL? {
        var folder = folder.standardizedFileURL
        while true {
            if FileManager.default.isExecutableFile(atPath: folder.appending(path: "boards/build").path) { return folder }
            let parent = folder.deletingLastPathComponent().standardizedFileURL
            if parent.path == folder.path || folder.path == "/" { return nil }
            folder = parent
        }
    }

    /// The path of one of the toolchain's programs: clang, llvm-objcopy.
    func tool(_ name: String) throws -> String {
        try Child.run(path("tools/swift-tools"), [], in: root).output.trimmingCharacters(in: .whitespacesAndNewlines) + "/" + name
    }

    func path(_ name: String) -> String { root.appending(path: name).path }

    /// The names of the boards, in order.
    var boards: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path("boards"))) ?? [])
            .filter { FileManager.default.fileExists(atPath: path("boards/\($0)/board.toml")) }.sorted()
    }

    /// A board's manifest and memory map. Throws `Exit`, with the boards that there are for an unknown name.
    func board(_ name: String) throws -> Board {
        guard boards.contains(name) else { throw Exit(.usage, "--board: there is no board \(name): the boards are \(boards.joined(separator: ", "))") }
        let manifest = "boards/\(name)/board.toml", script = "linker/\(name).ld"
        return try told {
            Board(
                name: name, manifest: try BoardManifest(text: try read(manifest), file: manifest),
                map: try MemoryMap(text: try read(script), file: script))
        }
    }

    private func read(_ name: String) throws -> String {
        guard let bytes = FileManager.default.contents(atPath: path(name)) else { throw Exit(.cannotLoad, "\(name): cannot be read: a board has this file (docs/BOARDS.md)") }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A board of the project.
struct Board {
    let name: String
    let manifest: BoardManifest
    let map: MemoryMap
}

/// Runs `body`; what is wrong with a file that a person wrote becomes the line that the tool ends with.
func told<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as FileError { throw Exit(.cannotLoad, error.description) }
}
