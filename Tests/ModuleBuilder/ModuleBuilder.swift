// Builds the bytes of modules for tests: what is asked for, and nothing is checked, so that bad modules can be built as well.
//
//     var module = ModuleBuilder()
//     let add = module.function([.i32, .i32], [.i32], body: Code.localGet(0) + Code.localGet(1) + [0x6a], export: "add")
//     module.bytes

/// A type's byte.
public enum Kind: UInt8, Sendable, CaseIterable {
    case i32 = 0x7f, i64 = 0x7e, f32 = 0x7d, f64 = 0x7c, funcref = 0x70, externref = 0x6f
}

public struct ModuleBuilder {
    /// The entries of a section, each encoded.
    public var types: [[UInt8]] = []
    public var imports: [[UInt8]] = []
    public var functions: [[UInt8]] = []
    public var tables: [[UInt8]] = []
    public var memories: [[UInt8]] = []
    public var globals: [[UInt8]] = []
    public var exports: [[UInt8]] = []
    public var start: Int?
    public var elements: [[UInt8]] = []
    public var hasDataCount = false
    public var bodies: [[UInt8]] = []
    public var data: [[UInt8]] = []

    private var importedFunctions = 0
    private var importedTables = 0
    private var importedGlobals = 0

    public init() {}

    public static let header: [UInt8] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

    public var bytes: [UInt8] {
        var bytes = Self.header
        func add(_ id: UInt8, _ entries: [[UInt8]]) {
            if !entries.isEmpty { bytes += Self.section(id, leb(entries.count) + entries.joined()) }
        }
        add(1, types)
        add(2, imports)
        add(3, functions)
        add(4, tables)
        add(5, memories)
        add(6, globals)
        add(7, exports)
        if let start { bytes += Self.section(8, leb(start)) }
        add(9, elements)
        if hasDataCount { bytes += Self.section(12, leb(data.count)) }
        add(10, bodies)
        add(11, data)
        return bytes
    }

    public static func section(_ id: UInt8, _ contents: [UInt8]) -> [UInt8] { [id] + leb(contents.count) + contents }

    // MARK: types

    /// The index of a function type, which is added if it is not there yet.
    public mutating func type(_ parameters: [Kind], _ results: [Kind] = []) -> Int {
        let entry = Self.type(parameters, results)
        if let index = types.firstIndex(of: entry) { return index }
        types.append(entry)
        return types.count - 1
    }

    public static func type(_ parameters: [Kind], _ results: [Kind]) -> [UInt8] {
        [0x60] + leb(parameters.count) + parameters.map(\.rawValue) + leb(results.count) + results.map(\.rawValue)
    }

    // MARK: imports. All of them come before the functions, tables and globals of the module's own.

    private static func entry(_ module: String, _ name: String, _ kind: UInt8, _ rest: [UInt8]) -> [UInt8] {
        text(module) + text(name) + [kind] + rest
    }

    public mutating func importFunction(_ module: String, _ name: String, _ parameters: [Kind], _ results: [Kind] = []) -> Int {
        imports.append(Self.entry(module, name, 0, leb(type(parameters, results))))
        importedFunctions += 1
        return importedFunctions - 1
    }
    public mutating func importTable(_ module: String, _ name: String, _ minimum: Int, _ maximum: Int? = nil, of kind: Kind = .funcref) -> Int {
        imports.append(Self.entry(module, name, 1, [kind.rawValue] + limits(minimum, maximum)))
        importedTables += 1
        return importedTables - 1
    }
    public mutating func importMemory(_ module: String, _ name: String, _ minimum: Int, _ maximum: Int? = nil) {
        imports.append(Self.entry(module, name, 2, limits(minimum, maximum)))
    }
    public mutating func importGlobal(_ module: String, _ name: String, _ kind: Kind, mutable: Bool) -> Int {
        imports.append(Self.entry(module, name, 3, [kind.rawValue, mutable ? 1 : 0]))
        importedGlobals += 1
        return importedGlobals - 1
    }

    // MARK: definitions

    /// Adds a function. `locals` are runs of a type; `body` is without its last `end`.
    @discardableResult
    public mutating func function(
        _ parameters: [Kind], _ results: [Kind] = [], locals: [(Int, Kind)] = [], body: [UInt8], export name: String? = nil
    ) -> Int {
        functions.append(leb(type(parameters, results)))
        let runs = locals.flatMap { leb($0.0) + [$0.1.rawValue] }
        let contents = leb(locals.count) + runs + body + [0x0b]
        bodies.append(leb(contents.count) + contents)
        let index = importedFunctions + functions.count - 1
        if let name { export(name, .function, index) }
        return index
    }

    @discardableResult
    public mutating func table(_ minimum: Int, _ maximum: Int? = nil, of kind: Kind = .funcref, export name: String? = nil) -> Int {
        tables.append([kind.rawValue] + limits(minimum, maximum))
        let index = importedTables + tables.count - 1
        if let name { export(name, .table, index) }
        return index
    }

    /// Adds a memory; `pageShift` (0 or 16) writes a custom page size.
    public mutating func memory(_ minimum: Int, _ maximum: Int? = nil, pageShift: Int? = nil, export name: String? = nil) {
        var entry = limits(minimum, maximum)
        if let pageShift {
            entry[0] |= 8
            entry += leb(pageShift)
        }
        memories.append(entry)
        if let name { export(name, .memory, 0) }
    }

    /// Adds a global; `value` is a constant expression without its `end`.
    @discardableResult
    public mutating func global(_ kind: Kind, mutable: Bool, _ value: [UInt8], export name: String? = nil) -> Int {
        globals.append([kind.rawValue, mutable ? 1 : 0] + value + [0x0b])
        let index = importedGlobals + globals.count - 1
        if let name { export(name, .global, index) }
        return index
    }

    public enum ExportKind: UInt8, Sendable { case function, table, memory, global }

    public mutating func export(_ name: String, _ kind: ExportKind, _ index: Int) {
        exports.append(text(name) + [kind.rawValue] + leb(index))
    }

    // MARK: segments

    /// Functions into table 0, from an offset on.
    public mutating func elements(at offset: Int32, _ functions: [Int]) {
        elements.append([0] + Code.i32(offset) + [0x0b] + leb(functions.count) + functions.flatMap { leb($0) })
    }
    public mutating func passiveElements(_ functions: [Int]) {
        elements.append([1, 0] + leb(functions.count) + functions.flatMap { leb($0) })
    }
    public mutating func declareElements(_ functions: [Int]) {
        elements.append([3, 0] + leb(functions.count) + functions.flatMap { leb($0) })
    }
    public mutating func data(at offset: Int32, _ contents: [UInt8]) { data(at: Code.i32(offset), contents) }
    /// At the value of a constant expression, written without its `end`.
    public mutating func data(at offset: [UInt8], _ contents: [UInt8]) {
        data.append([0] + offset + [0x0b] + leb(contents.count) + contents)
    }
    public mutating func passiveData(_ contents: [UInt8]) {
        data.append([1] + leb(contents.count) + contents)
        hasDataCount = true
    }
}

private func limits(_ minimum: Int, _ maximum: Int?) -> [UInt8] {
    guard let maximum else { return [0] + leb(minimum) }
    return [1] + leb(minimum) + leb(maximum)
}

/// A name: its length, its UTF-8.
public func text(_ name: String) -> [UInt8] { leb(name.utf8.count) + Array(name.utf8) }

/// An unsigned LEB128 number.
public func leb(_ number: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = UInt64(number)
    repeat {
        let byte = UInt8(rest & 0x7f)
        rest >>= 7
        bytes.append(rest == 0 ? byte : byte | 0x80)
    } while rest != 0
    return bytes
}

/// A signed LEB128 number.
public func signedLEB(_ number: Int64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = number
    while true {
        let byte = UInt8(truncatingIfNeeded: rest & 0x7f)
        rest >>= 7
        if rest == 0 && byte & 0x40 == 0 || rest == -1 && byte & 0x40 != 0 { return bytes + [byte] }
        bytes.append(byte | 0x80)
    }
}
