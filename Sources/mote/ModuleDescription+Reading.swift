// Reads a module's description with the readers of WasmFormat, as far as its bytes can be read.

import WasmFormat

extension ModuleDescription {
    init(_ module: Span<UInt8>) {
        bytes = module.count
        guard !ImageDescription.isImage(module) else {
            readImage(module)
            return
        }
        guard module.count >= 8, module.count <= Int(ImplementationLimits.moduleSize) else { return }
        do throws(LoadError) { try readSections(module) } catch {}
        // Each of these stops at the first entry that cannot be read; the Runtime says what is wrong with it.
        do throws(LoadError) { try readTypes(module) } catch {}
        var spaces = IndexSpaces()
        do throws(LoadError) { try readImports(module, &spaces) } catch {}
        do throws(LoadError) { try readDefinitions(module) } catch {}
        do throws(LoadError) { try readFunctions(module, &spaces) } catch {}
        do throws(LoadError) { try readNames(module) } catch {}
        do throws(LoadError) { try readExports(module, spaces) } catch {}
        for export in exports where export.kind == "function" && functionNames[export.index] == nil { functionNames[export.index] = export.name }
        for index in functions.indices { functions[index].name = name(ofFunction: functions[index].index) }
    }

    /// The types of imported and own functions, by index.
    private struct IndexSpaces {
        var functions: [String] = []
        var tables: UInt32 = 0
        var memories: UInt32 = 0
        var globals: UInt32 = 0
    }

    private mutating func readSections(_ module: Span<UInt8>) throws(LoadError) {
        let names = [
            "custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code",
            "data", "data count",
        ]
        var reader = ByteReader(module, at: 8)
        while !reader.isAtEnd {
            let id = try reader.byte()
            let sizeOffset = reader.offset
            let size = try reader.u32()
            let offset = reader.offset
            var section = try reader.take(size, lengthAt: sizeOffset)
            var name = Int(id) < names.count ? names[Int(id)] : "section \(id)"
            var count: UInt32?
            switch id {
            case 0: name += " " + Self.quoted(try section.name(), of: module)
            case 8: start = try section.u32()
            case 1...11: count = try section.u32()
            default: break
            }
            sections.append(SectionDescription(name: name, offset: offset, size: size, count: count, id: id))
        }
    }

    /// The entries of a section, or none.
    private func entries(_ id: UInt8, _ module: Span<UInt8>) throws(LoadError) -> Section {
        guard let section = sections.first(where: { $0.id == id }), let count = section.count else { return .none }
        var reader = ByteReader(module, in: ByteRange(offset: section.offset, count: section.size))
        _ = try reader.u32()
        return Section(offset: reader.offset, end: section.offset + section.size, count: count)
    }

    private mutating func readTypes(_ module: Span<UInt8>) throws(LoadError) {
        var reader = SectionReader<TypeEntry>(try entries(1, module), of: module)
        while let entry = try reader.next() {
            types.append(Signature.text(try FunctionType(module, at: entry.offset)))
        }
    }

    private func type(_ index: TypeIndex) -> String {
        index.rawValue < types.count ? types[Int(index.rawValue)] : "type \(index.rawValue)?"
    }

    private mutating func readImports(_ module: Span<UInt8>, _ spaces: inout IndexSpaces) throws(LoadError) {
        var reader = SectionReader<ImportEntry>(try entries(2, module), of: module)
        while let entry = try reader.next() {
            let (kind, type, index): (String, String, UInt32)
            switch entry.type {
            case .function(let function):
                (kind, type, index) = ("function", self.type(function), UInt32(spaces.functions.count))
                spaces.functions.append(type)
            case .table(let table):
                (kind, type, index) = ("table", Signature.text(table), spaces.tables)
                spaces.tables += 1
            case .memory(let memory):
                (kind, type, index) = ("memory", Signature.text(memory), spaces.memories)
                spaces.memories += 1
            case .global(let global):
                (kind, type, index) = ("global", Signature.text(global), spaces.globals)
                spaces.globals += 1
            }
            imports.append(
                ExternalDescription(
                    module: Self.text(entry.module, of: module), name: Self.text(entry.name, of: module), kind: kind, type: type,
                    index: index, offset: entry.offset))
        }
    }

    private mutating func readDefinitions(_ module: Span<UInt8>) throws(LoadError) {
        var tables = SectionReader<TableType>(try entries(4, module), of: module)
        while let table = try tables.next() { self.tables.append(Signature.text(table)) }
        var memories = SectionReader<MemoryType>(try entries(5, module), of: module)
        while let memory = try memories.next() { self.memories.append(Signature.text(memory)) }
        var globals = SectionReader<GlobalEntry>(try entries(6, module), of: module)
        while let global = try globals.next() { self.globals.append(Signature.text(global.type)) }
    }

    private mutating func readFunctions(_ module: Span<UInt8>, _ spaces: inout IndexSpaces) throws(LoadError) {
        var declared = SectionReader<TypeIndex>(try entries(3, module), of: module)
        let bodies = try entries(10, module)
        var reader = ByteReader(module, in: ByteRange(offset: bodies.offset, count: bodies.end - bodies.offset))
        while let function = try declared.next() {
            let type = type(function)
            let index = UInt32(spaces.functions.count)
            spaces.functions.append(type)
            guard !reader.isAtEnd else { continue }
            let size = try reader.u32()
            functions.append(FunctionDescription(index: index, type: type, offset: reader.offset, size: size))
            try reader.skip(size)
        }
    }

    private mutating func readExports(_ module: Span<UInt8>, _ spaces: IndexSpaces) throws(LoadError) {
        var reader = SectionReader<ExportEntry>(try entries(7, module), of: module)
        while let entry = try reader.next() {
            let index = Int(entry.index)
            func imported(_ kind: String) -> [String] { imports.filter { $0.kind == kind }.map(\.type) }
            let (kind, all): (String, [String]) =
                switch entry.kind {
                case .function: ("function", spaces.functions)
                case .table: ("table", imported("table") + tables)
                case .memory: ("memory", imported("memory") + memories)
                case .global: ("global", imported("global") + globals)
                }
            exports.append(
                ExternalDescription(
                    name: Self.text(entry.name, of: module), kind: kind, type: index < all.count ? all[index] : "?",
                    index: entry.index, offset: entry.offset))
        }
    }

    /// The function names of the custom section "name" (core specification 2.0, 7.4.1).
    private mutating func readNames(_ module: Span<UInt8>) throws(LoadError) {
        guard let section = sections.first(where: { $0.name == "custom \"name\"" }) else { return }
        var reader = ByteReader(module, in: ByteRange(offset: section.offset, count: section.size))
        _ = try reader.name()
        while !reader.isAtEnd {
            let id = try reader.byte()
            let sizeOffset = reader.offset
            var part = try reader.take(try reader.u32(), lengthAt: sizeOffset)
            guard id == 1 else { continue }
            for _ in 0..<(try part.u32()) {
                let index = try part.u32()
                functionNames[index] = Self.text(try part.name(), of: module)
            }
        }
    }

    /// The text of a name, control characters made visible.
    static func text(_ range: ByteRange, of module: Span<UInt8>) -> String {
        let bytes = (Int(range.offset)..<Int(range.end)).map { module[$0] }
        return String(decoding: bytes, as: UTF8.self).unicodeScalars.map { scalar in
            scalar.value < 0x20 || scalar.value == 0x7f ? scalar.escaped(asASCII: true) : String(scalar)
        }.joined()
    }

    private static func quoted(_ range: ByteRange, of module: Span<UInt8>) -> String { "\"\(text(range, of: module))\"" }
}
