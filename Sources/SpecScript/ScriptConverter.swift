// Converts a file of the suite to a binary script: what does not apply to the build is left out and counted.

import Foundation
import Packing
import ScriptRunner
import WasmFormat

/// A converted file.
public struct BinaryScript: Sendable {
    /// Such as `core-2.0/i32.json`.
    public let name: String
    /// The binary script (docs/SPEC-SCRIPTS.md).
    public let bytes: [UInt8]
    /// Assertions of the file, those that are skipped included.
    public let assertions: Int
    public let skips: [Skip]
    /// How many of its modules are images.
    public let images: Int

    /// Commands that do not apply, for one reason.
    public struct Skip: Sendable, Equatable {
        public let reason: String
        public var assertions = 0
        /// Modules, registers and actions.
        public var others = 0
    }

    /// Reads and converts the file at `url`; the last two parts of its path are its name. `packed`: with the images of its modules.
    public init(contentsOf url: URL, build: BuildFeatures = .ofThisBuild, packed: Bool = false) throws {
        let parts = url.standardizedFileURL.pathComponents.suffix(2)
        let folder = parts.count == 2 ? parts.first ?? "" : ""
        let file = try SuiteFile(contentsOf: url)
        try self.init(file, name: parts.joined(separator: "/"), path: url.relativePath, folder: folder, build: build, packed: packed)
    }

    /// `path` is what errors begin with; else the name.
    public init(_ file: SuiteFile, name: String, path: String? = nil, folder: String, build: BuildFeatures = .ofThisBuild, packed: Bool = false) throws {
        var selected = SelectedCommands(file, build: build, folder: folder)
        var conversion = Conversion(name: name, plan: SlotPlan(selected.commands), isPacked: packed)
        for index in selected.commands.indices { try conversion.append(&selected, at: index, path ?? name) }
        self.name = name
        self.assertions = file.commands.count { $0.isAssertion }
        self.skips = selected.skips
        self.images = conversion.images
        self.bytes = conversion.finish(selected.skips)
    }
}

/// The commands of a file that apply to a build, and why the others do not.
struct SelectedCommands {
    private(set) var commands: [SuiteFile.Command] = []
    private(set) var skips: [BinaryScript.Skip] = []

    init(_ file: SuiteFile, build: BuildFeatures, folder: String) {
        var selection = Selection(build: build, folder: folder)
        for command in file.commands {
            if let reason = selection.exclusion(of: command) { skip(command, reason) } else { commands.append(command) }
        }
    }

    mutating func skip(_ command: SuiteFile.Command, _ reason: String) {
        let index = skips.firstIndex { $0.reason == reason } ?? skips.endIndex
        if index == skips.endIndex { skips.append(BinaryScript.Skip(reason: reason)) }
        if command.isAssertion { skips[index].assertions += 1 } else { skips[index].others += 1 }
    }
}

/// A script while it is written.
struct Conversion {
    private var writer: ScriptWriter
    private var plan: SlotPlan
    private var definitions: [Name: Data] = [:]
    private var lastDefinition: Data?
    private let name: String
    private let isPacked: Bool
    private(set) var images = 0
    /// Assertions in it.
    private(set) var assertions = 0

    init(name: String, plan: SlotPlan, isPacked: Bool) {
        writer = ScriptWriter(name: name)
        self.name = name
        self.plan = plan
        self.isPacked = isPacked
    }

    /// Bytes until now, without an end.
    var count: Int { writer.bytes.count }

    /// Whether what follows knows nothing but the current instance and what is registered.
    var isForgetful: Bool { !plan.hasSlots && lastDefinition == nil }

    /// Ends this script and begins another of the same name. The bytes.
    mutating func next(_ skips: [BinaryScript.Skip] = []) -> [UInt8] {
        let bytes = finish(skips)
        writer = ScriptWriter(name: name)
        assertions = 0
        return bytes
    }

    /// Writes the command of an index, or notes why it does not apply after all. `path` is what errors begin with.
    mutating func append(_ selected: inout SelectedCommands, at index: Int, _ path: String) throws {
        let command = selected.commands[index]
        do {
            try append(command, at: index)
            if command.isAssertion { assertions += 1 }
        } catch let error as UnsupportedValue {
            selected.skip(command, "needs values of type \(error.type)")
        } catch let error as SuiteError {
            throw SuiteError("\(path):\(command.line): \(command.type): \(error)")
        }
    }

    /// Writes a command that applies, or throws and writes nothing.
    private mutating func append(_ command: SuiteFile.Command, at index: Int) throws {
        let before = writer.bytes.count
        do { try write(command, at: index) } catch {
            writer.truncate(to: before)
            throw error
        }
        for name in plan.lastUses[index] ?? [] {
            guard let slot = plan.free(name) else { continue }
            writer.command(.forget, line: command.line)
            writer.number(slot)
        }
    }

    private mutating func write(_ command: SuiteFile.Command, at index: Int) throws {
        switch command.type {
        case "module": try module(command, try Self.binary(of: command), at: index)
        case "module_definition":
            let binary = try Self.binary(of: command)
            lastDefinition = binary
            if let name = command.name { definitions[Name(name)] = binary }
            try module(.definition, command, binary)
        case "module_instance":
            // The runner keeps no definitions: the bytes are in the script once more.
            guard let binary = command.module.map({ definitions[Name($0)] }) ?? lastDefinition else {
                throw SuiteError("no module definition for this instance")
            }
            try module(command, binary, at: index)
        case "register":
            writer.command(.register, line: command.line)
            writer.number(try plan.slot(command.name))
            writer.name(Name(command.registeredAs ?? ""))
        case "action": try action(.action, command)
        case "assert_return":
            try action(.assertReturn, command)
            writer.number(command.expected?.count ?? 0)
            for value in command.expected ?? [] { try writer.pattern(value) }
        case "assert_trap":
            try action(.assertTrap, command)
            writer.byte(ScriptTrap(text: command.text).rawValue)
        case "assert_exhaustion": try action(.assertExhaustion, command)
        case "assert_uninstantiable":
            let binary = try Self.binary(of: command)
            writer.command(.assertUninstantiable, line: command.line)
            writer.byte(ImportScan(binary).stays ? ScriptModuleFlags.stays : 0)
            writer.byte(ScriptTrap(text: command.text).rawValue)
            writer.module(try bytes(of: binary))
        case "assert_unlinkable": try module(.assertUnlinkable, command, try Self.binary(of: command))
        case "assert_invalid": try rejection(.assertInvalid, command)
        case "assert_malformed": try rejection(.assertMalformed, command)
        case "assert_invalid_custom": try module(.assertValid, command, try Self.binary(of: command))
        default: throw SuiteError("this command is none of the suite's (docs/SPEC-SCRIPTS.md)")
        }
    }

    private mutating func module(_ command: SuiteFile.Command, _ binary: Data, at index: Int) throws {
        var slot = 0
        if plan.isUsedLater.contains(index), let name = SlotPlan.bound(by: command) { slot = try plan.bind(name) }
        writer.command(.module, line: command.line)
        writer.byte(ImportScan(binary).stays ? ScriptModuleFlags.stays : 0)
        writer.number(slot)
        writer.module(try bytes(of: binary))
    }

    /// A command that has a valid module and nothing else.
    private mutating func module(_ kind: ScriptCommand, _ command: SuiteFile.Command, _ binary: Data) throws {
        writer.command(kind, line: command.line)
        writer.module(try bytes(of: binary))
    }

    /// A command whose module no step may take: packing neither, so there is no image of it.
    private mutating func rejection(_ kind: ScriptCommand, _ command: SuiteFile.Command) throws {
        let binary = [UInt8](try Self.binary(of: command))
        if isPacked {
            let isTaken = (try? Packing.pack(binary)) != nil
            guard !isTaken else { throw SuiteError("the module can be packed, and must not") }
        }
        writer.command(kind, line: command.line)
        writer.module(binary)
    }

    /// What the script has of a valid module.
    private mutating func bytes(of binary: Data) throws -> [UInt8] {
        guard isPacked else { return [UInt8](binary) }
        do throws(LoadError) {
            let image = try Packing.pack([UInt8](binary))
            images += 1
            return image
        } catch {
            throw SuiteError("the module cannot be packed: at \(error.offset): \(error.words)")
        }
    }

    private mutating func action(_ kind: ScriptCommand, _ command: SuiteFile.Command) throws {
        guard let action = command.action else { throw SuiteError("the field action is missing") }
        writer.command(kind, line: command.line)
        writer.byte(action.type == "get" ? ScriptAction.get.rawValue : ScriptAction.invoke.rawValue)
        writer.number(try plan.slot(action.module))
        writer.name(Name(action.field))
        guard action.type != "get" else { return }
        writer.number(action.args?.count ?? 0)
        for value in action.args ?? [] { try writer.argument(value) }
    }

    private static func binary(of command: SuiteFile.Command) throws -> Data {
        guard let binary = command.binary else { throw SuiteError("the field binary is missing") }
        return binary
    }

    /// The bytes, closed by the skips.
    mutating func finish(_ skips: [BinaryScript.Skip]) -> [UInt8] {
        for skip in skips {
            writer.command(.skipped, line: 0)
            writer.number(skip.assertions)
            writer.number(skip.others)
            writer.name(Name(skip.reason))
        }
        writer.command(.end, line: 0)
        return writer.bytes
    }
}

extension ScriptTrap {
    /// The kind of trap that the reference interpreter's message tells; `any` for messages of later features.
    init(text: String?) {
        let kinds: [(String, ScriptTrap)] = [
            ("unreachable", .unreachable), ("integer divide by zero", .integerDivideByZero),
            ("integer overflow", .integerOverflow), ("invalid conversion to integer", .invalidConversion),
            ("out of bounds memory access", .outOfBoundsMemory), ("out of bounds table access", .outOfBoundsTable),
            ("undefined element", .undefinedElement), ("uninitialized element", .uninitializedElement),
            ("indirect call type mismatch", .indirectCallTypeMismatch), ("call stack exhausted", .callStackExhausted),
        ]
        self = kinds.first { text?.hasPrefix($0.0) ?? false }?.1 ?? .any
    }
}
