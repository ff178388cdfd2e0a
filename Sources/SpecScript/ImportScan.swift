// What a module imports, read from its bytes: whose exports, and whether its functions can get into other instances.

/// The imports of a module that may be invalid or even malformed.
struct ImportScan {
    /// The module names that it imports from.
    private(set) var modules: Set<Name> = []
    /// Its functions may lie in tables and globals of other instances once it has run (`ScriptModuleFlags.stays`).
    private(set) var stays = false

    private var bytes: ArraySlice<UInt8>
    /// For each function type, whether a parameter is a funcref: such a function can put it into a table.
    private var takesFunctionReference: [Bool] = []

    private struct Malformed: Error {}

    /// Whether a module has functions and nothing that they could change: no imports, table, memory, global, start function. Another instance of it in the
    /// middle of a script is no other.
    static func isStateless(_ module: some Sequence<UInt8>) -> Bool {
        let bytes = Array(module)
        var at = 8
        while at < bytes.count {
            let section = bytes[at]
            var (size, shift) = (0, 0)
            repeat {
                at += 1
                guard at < bytes.count, shift < 35 else { return false }
                size |= Int(bytes[at] & 0x7f) << shift
                shift += 7
            } while bytes[at] >= 0x80
            at += 1 + size
            if [2, 4, 5, 6, 8].contains(section) { return false }
        }
        return at == bytes.count
    }

    init(_ module: some Sequence<UInt8>) {
        bytes = Array(module)[...]
        // What cannot be read to its end will not be instantiated either; if it is, it is kept.
        do { try scan() } catch { stays = true }
    }

    private mutating func scan() throws {
        bytes = bytes.dropFirst(8)
        while let section = bytes.popFirst() {
            let size = Int(try number())
            guard size <= bytes.count else { throw Malformed() }
            let rest = bytes.dropFirst(size)
            bytes = bytes.prefix(size)
            if section == 1 { try types() }
            if section == 2 { return try imports() }
            bytes = rest
        }
    }

    private mutating func types() throws {
        for _ in 0..<(try number()) {
            guard try byte() == 0x60 else { throw Malformed() }
            takesFunctionReference.append(try valueTypes().contains(0x70))
            _ = try valueTypes()
        }
    }

    private mutating func valueTypes() throws -> [UInt8] {
        let count = Int(try number())
        guard count <= bytes.count else { throw Malformed() }
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }

    private mutating func imports() throws {
        for _ in 0..<(try number()) {
            let module = try name()
            modules.insert(module)
            _ = try name()
            switch try byte() {
            case 0:
                let type = Int(try number())
                guard type < takesFunctionReference.count else { throw Malformed() }
                if takesFunctionReference[type], module != Name("spectest") { stays = true }
            case 1:
                _ = try byte()
                try limits()
                stays = true
            case 2: try limits()
            case 3:
                let type = try byte()
                let isMutable = try byte() == 1
                if isMutable, type == 0x70 { stays = true }
            default: throw Malformed()
            }
        }
    }

    private mutating func limits() throws {
        let flags = try byte()
        _ = try number()
        if flags & 1 != 0 { _ = try number() }
        if flags & 8 != 0 { _ = try number() }
    }

    private mutating func name() throws -> Name {
        let count = Int(try number())
        guard count <= bytes.count else { throw Malformed() }
        defer { bytes = bytes.dropFirst(count) }
        return Name(bytes: bytes.prefix(count))
    }

    private mutating func byte() throws -> UInt8 {
        guard let byte = bytes.popFirst() else { throw Malformed() }
        return byte
    }

    private mutating func number() throws -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            value |= UInt64(next & 0x7f) << shift
            if next < 0x80 { return value }
            shift += 7
            guard shift < 64 else { throw Malformed() }
        }
    }
}
