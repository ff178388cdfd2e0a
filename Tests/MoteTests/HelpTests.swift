// What `--help` prints on a terminal of 80 columns.

import Testing

@Suite struct HelpTests {
    private static let commands = ["run", "pack", "inspect", "spec", "build", "qemu", "flash", "size", "bench", "send"]

    @Test("Each example of a help page is one line", arguments: [[]] + commands.map { [$0] })
    func examples(command: [String]) throws {
        let help = try Tool(command + ["--help"])
        let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "EXAMPLES"), "\(help.output)\(help.errors)")
        let examples = lines[(start + 1)...].prefix { !$0.isEmpty }
        #expect(!examples.isEmpty && help.status == 0)
        for line in examples { #expect(line.hasPrefix("  mote ") && line.count <= 80) }
    }

    @Test("The tool's own page names every command")
    func overview() throws {
        let help = try Tool("--help")
        for command in Self.commands { #expect(help.output.contains("\n  \(command) "), "\(command)") }
    }
}
