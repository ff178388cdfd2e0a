// What Package.swift says of its traits is what docs/SIZES.md has: both are written by `make sizes`.

import Foundation
import Testing

struct TraitTableTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: CodeSizeTests.packageFolder.appending(path: path), encoding: .utf8)
    }

    @Test func descriptionsEndWithTheCostInTheTable() throws {
        let table = try Self.text("docs/SIZES.md")
        // | name | traits | flash | RAM |, and | trait | flash | RAM |
        var flash: [String: String] = [:]
        for row in table.matches(of: /\| (\w+) \| (?:[A-Za-z, ]+ \| )?([0-9,]+) \| .*\|/) { flash[String(row.1)] = String(row.2) }
        let traits = try Self.text("Package.swift").matches(of: /\.trait\(name: "(\w+)", description: "([^"]*)"/)
        #expect(traits.map { String($0.1) } == ["Translator", "FloatingPoint", "Names", "minimal", "full"])
        for trait in traits {
            let cost = try #require(flash[String(trait.1)], "no row for \(trait.1)")
            #expect(trait.2.hasSuffix(". \(cost) bytes of flash on mps2-an386"), "\(trait.1): \(trait.2)")
        }
        #expect(flash.count == traits.count + 1)    // the rung `default` has no description
    }

    @Test func rungsAreWhatTheTableSays() throws {
        let table = try Self.text("docs/SIZES.md")
        let package = try Self.text("Package.swift")
        func list(_ pattern: Regex<(Substring, Substring)>) throws -> String {
            String(try #require(package.firstMatch(of: pattern)).1.replacing("\"", with: ""))
        }
        let rungs = [
            "minimal": try list(/name: "minimal".*enabledTraits: \[([^\]]*)\]/),
            "default": try list(/\.default\(enabledTraits: \[([^\]]*)\]/),
            "full": try list(/name: "full".*enabledTraits: \[([^\]]*)\]/),
        ]
        for (name, traits) in rungs { #expect(table.contains("| \(name) | \(traits.isEmpty ? "none" : traits) | ")) }
        // Every trait is in the highest rung, so none is left unmeasured.
        let all = package.matches(of: /\.trait\(name: "([A-Z]\w*)"/).map { String($0.1) }
        #expect(rungs["full"] == all.joined(separator: ", "))
    }
}
