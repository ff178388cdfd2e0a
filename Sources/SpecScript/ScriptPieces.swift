// A file of the suite in pieces, for boards whose flash does not hold it whole: each is a script of its own, and their counts add up to the file's.

import Foundation
import ScriptRunner

/// The pieces of a file. One begins where nothing that came before is known to what follows; in a run of assertions of a module without state the module comes
/// once more, and so does one that later modules import from.
public struct ScriptPieces: Sendable {
    public struct Piece: Sendable {
        /// A binary script (docs/SPEC-SCRIPTS.md), longer than the limit only where it cannot be cut.
        public let bytes: [UInt8]
        public let assertions: Int
    }

    /// Such as `core-2.0/i32.json`.
    public let name: String
    public private(set) var pieces: [Piece] = []
    public private(set) var skips: [BinaryScript.Skip] = []

    /// Reads and converts the file at `url`, as `BinaryScript` does. `limit`: bytes of a piece.
    public init(contentsOf url: URL, limit: Int, build: BuildFeatures = .ofThisBuild, packed: Bool = false) throws {
        let parts = url.standardizedFileURL.pathComponents.suffix(2)
        try self.init(
            SuiteFile(contentsOf: url), name: parts.joined(separator: "/"), path: url.relativePath, folder: parts.count == 2 ? parts.first ?? "" : "",
            limit: limit, build: build, packed: packed)
    }

    public init(
        _ file: SuiteFile, name: String, path: String? = nil, folder: String, limit: Int, build: BuildFeatures = .ofThisBuild, packed: Bool = false
    ) throws {
        self.name = name
        var selected = SelectedCommands(file, build: build, folder: folder)
        let commands = selected.commands
        let needsCurrent = Self.needsCurrent(commands)
        var conversion = Conversion(name: name, plan: SlotPlan(commands), isPacked: packed)
        // The end, and what was skipped.
        let closing = 1 + selected.skips.reduce(0) { $0 + $1.reason.utf8.count + 16 }
        let empty = conversion.count
        var stateless: Int?
        // Modules without state that are registered, and these commands: each piece begins with them.
        var prelude: [Int] = []
        var hasRegisteredState = false
        var index = 0
        while index < commands.count {
            let start = index
            let before = conversion
            let (module, known) = (stateless, prelude)
            // Up to the next place where a piece may begin.
            repeat {
                if SlotPlan.isModule(commands[index]) { stateless = commands[index].binary.map(ImportScan.isStateless) == true ? index : nil }
                if commands[index].type == "register" {
                    if commands[index].name == nil, let stateless { prelude += [stateless, index] } else { hasRegisteredState = true }
                }
                try conversion.append(&selected, at: index, path ?? name)
                index += 1
            } while index < commands.count && !(!hasRegisteredState && conversion.isForgetful && (!needsCurrent[index] || stateless != nil))
            guard conversion.count + closing > limit, before.count > empty else { continue }
            conversion = before
            let assertions = conversion.assertions
            pieces.append(Piece(bytes: conversion.next(), assertions: assertions))
            for again in known { try conversion.append(&selected, at: again, path ?? name) }
            if needsCurrent[start], let module { try conversion.append(&selected, at: module, path ?? name) }
            for again in start..<index { try conversion.append(&selected, at: again, path ?? name) }
        }
        skips = selected.skips
        let assertions = conversion.assertions
        pieces.append(Piece(bytes: conversion.next(skips), assertions: assertions))
    }

    /// Of each command, whether it or one behind it works on the instance that was current before it.
    private static func needsCurrent(_ commands: [SuiteFile.Command]) -> [Bool] {
        var needs = false
        var result: [Bool] = []
        for command in commands.reversed() {
            if SlotPlan.isModule(command) {
                needs = false
            } else if command.action.map({ $0.module == nil }) ?? (command.type == "register" && command.name == nil) {
                needs = true
            }
            result.append(needs)
        }
        return result.reversed()
    }

    /// Scripts behind each other in one file (`ScriptBundle`).
    public static func bundle(_ scripts: [[UInt8]]) -> [UInt8] {
        var writer = ScriptWriter()
        writer.word(ScriptFormat.bundleMagic)
        for script in scripts {
            writer.word(UInt32(script.count))
            writer.append(script)
        }
        return writer.bytes
    }

    /// Bytes that a script takes of a bundle.
    public static func bundled(_ script: [UInt8]) -> Int { 4 + (script.count + 3) & ~3 }
}
