// The README's C code: compiled by the README's command, and run.

import Foundation
import Testing

@Suite struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("the README's C code is built by the README's command and runs")
    func guest() throws {
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        let start = try #require(readme.range(of: "```c\n")).upperBound
        let end = try #require(readme.range(of: "```", range: start..<readme.endIndex)).lowerBound
        let command = try #require(readme.split(separator: "\n").first { $0.contains("/clang --target=wasm32") })

        let folder = FileManager.default.temporaryDirectory.appending(path: "mote-readme-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appending(path: "app.c")
        let module = folder.appending(path: "app.wasm")
        try String(readme[start..<end]).write(to: source, atomically: true, encoding: .utf8)

        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", String(command).replacing("app.wasm", with: module.path).replacing("app.c", with: source.path)]
        shell.currentDirectoryURL = Self.root
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        let tool = try Tool("run", module.path)
        #expect(tool.output == "Hello!\n42:i32\n" && tool.status == 0, "\(tool.errors)")
    }
}
