// An image as `mote inspect` shows it: its header, its parts, and what it has of a module.

import Image
import RegisterCode
import Runtime
import WasmFormat

/// What an image's header says.
struct ImageDescription: Encodable {
    struct Need: Encodable {
        /// Bytes of the global heap.
        let instance: UInt32
        let tables: UInt32
        /// The window that linear memory begins with; nil if it depends on an imported global.
        let linearMemory: UInt32?
        /// Bytes of the operand stack.
        let largestFrame: UInt32
    }
    let version: UInt32
    let features: [String]
    let code: String
    let length: UInt32
    /// Whether it is that of the bytes.
    let checksumIsRight: Bool
    /// Hash of the .wasm, as saved pools have it.
    let source: String
    let need: Need

    static func isImage(_ bytes: Span<UInt8>) -> Bool {
        // Safety: the span's own bytes, for the length of the closure.
        unsafe bytes.withUnsafeBytes { unsafe ImageBytes.isImage($0) }
    }

    init(_ image: ImageBytes) {
        version = image[ImageHeader.version] & 0xffff
        let bits = image[ImageHeader.version] >> 16
        features = (bits & ImageHeader.floats != 0 ? ["floats"] : []) + (bits & ImageHeader.names != 0 ? ["names"] : [])
        code = Self.hex(UInt64(image[ImageHeader.code]))
        length = image[ImageHeader.length]
        checksumIsRight = image.checksum() == image[ImageHeader.checksum]
        source = Self.hex(UInt64(image[ImageHeader.source]) | UInt64(image[ImageHeader.source + 1]) << 32)
        let window = image[ImageHeader.windowBytes]
        need = Need(
            instance: image[ImageHeader.instanceBytes], tables: image[ImageHeader.tableBytes], linearMemory: window == ImageHeader.unknownWindow ? nil : window,
            largestFrame: image[ImageHeader.largestFrame])
    }

    private static func hex(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }

    var lines: [String] {
        [
            "image of version \(version)\(features.isEmpty ? "" : ", with " + features.joined(separator: " and ")); code number \(code)",
            "made of the module with hash \(source); its checksum is \(checksumIsRight ? "right" : "wrong")",
            "RAM of an instance: \(need.instance) bytes and tables \(need.tables), linear memory at first \(need.linearMemory.map { "\($0)" } ?? "unknown"); largest frame \(need.largestFrame)",
        ]
    }
}

extension ModuleDescription {
    /// What an image has; of one whose check fails its header alone.
    mutating func readImage(_ module: Span<UInt8>) {
        // Safety: the span's own bytes, for the length of the closure; nothing of the view leaves it.
        unsafe module.withUnsafeBytes { bytes in
            guard let image = unsafe try? ImageCheck.header(bytes) else { return }
            self.image = ImageDescription(image)
            guard (try? ImageCheck.check(image)) != nil else { return }
            readParts(image)
            // The check has passed: every entry can be read.
            try? readEntries(image)
        }
    }

    private mutating func readParts(_ image: ImageBytes) {
        let names = [
            "imports", "imported globals", "globals", "tables", "memory", "exports", "element segments", "data segments", "constant expressions", "elements", "records", "names", "data",
        ]
        sections.append(SectionDescription(name: "header", offset: 0, size: ImageHeader.bytes, id: 0))
        sections.append(SectionDescription(name: "types", offset: ImageHeader.bytes, size: image.offset(of: .imports) - ImageHeader.bytes, id: 0))
        for part in ImagePart.allCases {
            let offset = image.offset(of: part)
            let end = part == .data ? image.count * 4 : image[part.headerWord + 1]
            if part == .block {
                let code = offset + image[offset / 4 + ModuleHeader.code] * 4
                sections.append(SectionDescription(name: names[Int(part.rawValue)], offset: offset, size: code - offset, id: 0))
                sections.append(SectionDescription(name: "register code", offset: code, size: end - code, id: 0))
            } else if end > offset {
                sections.append(SectionDescription(name: names[Int(part.rawValue)], offset: offset, size: end - offset, id: 0))
            }
        }
    }

    private mutating func readEntries(_ image: ImageBytes) throws(LoadError) {
        let bytes = image.bytes
        let summary = image.summary()
        let block = image.offset(of: .block) / 4
        let typeCount = image[block + ModuleHeader.types] & 0xffff
        for type in 0..<typeCount { types.append(Signature.text(try FunctionType(bytes, at: image[block + ModuleHeader.count + type]))) }
        var counts: [String: UInt32] = [:]
        var importTypes: [String: [String]] = [:]
        var imported = SectionReader<ImportEntry>(summary.imports, of: bytes)
        while let entry = try imported.next() {
            let (kind, type): (String, String) =
                switch entry.type {
                case .function(let function): ("function", types[Int(function.rawValue)])
                case .table(let table): ("table", Signature.text(table))
                case .memory(let memory): ("memory", Signature.text(memory))
                case .global(let global): ("global", Signature.text(global))
                }
            imports.append(
                ExternalDescription(
                    module: Self.text(entry.module, of: bytes), name: Self.text(entry.name, of: bytes), kind: kind, type: type, index: counts[kind, default: 0], offset: entry.offset))
            counts[kind, default: 0] += 1
            importTypes[kind, default: []].append(type)
        }
        let importedFunctions = image[block + ModuleHeader.types] >> 16
        let records = block + ModuleHeader.count + typeCount + importedFunctions
        let base = (block + image[block + ModuleHeader.code]) * 4
        let own = image[block + ModuleHeader.functions] & 0xffff
        var functionTypes = importTypes["function"] ?? []
        for number in 0..<own {
            let record = records + number * 4
            let start = image[record]
            let end = number + 1 < own ? image[record + 4] - (image[record + 6] >> 16) * 4 : image[block + ModuleHeader.codeWords] * 4
            let type = types[Int(image[record + 2] & 0xffff)]
            functionTypes.append(type)
            functions.append(FunctionDescription(index: importedFunctions + number, type: type, offset: base + start, size: end - start))
            if let name = image.name(ofFunction: importedFunctions + number) { functionNames[importedFunctions + number] = Self.text(name, of: bytes) }
        }
        var ownTables = SectionReader<TableType>(summary.tables, of: bytes)
        while let table = try ownTables.next() { tables.append(Signature.text(table)) }
        var ownMemories = SectionReader<MemoryType>(summary.memories, of: bytes)
        while let memory = try ownMemories.next() { memories.append(Signature.text(memory)) }
        var ownGlobals = SectionReader<GlobalEntry>(summary.globals, of: bytes)
        while let global = try ownGlobals.next() { globals.append(Signature.text(global.type)) }
        let spaces = [
            functionTypes, (importTypes["table"] ?? []) + tables, (importTypes["memory"] ?? []) + memories, (importTypes["global"] ?? []) + globals,
        ]
        let kinds = ["function", "table", "memory", "global"]
        var exported = SectionReader<ExportEntry>(summary.exports, of: bytes)
        while let entry = try exported.next() {
            let kind = Int(entry.kind.rawValue)
            let name = Self.text(entry.name, of: bytes)
            exports.append(ExternalDescription(name: name, kind: kinds[kind], type: spaces[kind][Int(entry.index)], index: entry.index, offset: entry.offset))
            if kind == 0 && functionNames[entry.index] == nil { functionNames[entry.index] = name }
        }
        for index in functions.indices { functions[index].name = functionNames[functions[index].index] }
        if summary.hasStart { start = summary.start }
    }
}

/// The register code of an image, without the wasm it came from. Throws `LoadError`.
func imageListing(of module: borrowing Memory, _ description: ModuleDescription) throws -> [String] {
    let pool = Memory(count: 1 << 20)
    // Safety: pool and module outlive the runtime, which ends with this function.
    var runtime = unsafe try Runtime<MoteHost>(buffer: pool.bytes)
    let loaded = unsafe try runtime.load(module.contents)
    let counts = try runtime.functionCounts(loaded)
    var lines: [String] = []
    for function in 0..<counts.own {
        let size = try runtime.functionSize(loaded, function)
        lines.append("")
        lines.append("\(description.functionLabel(function + counts.imported)): \(size.words) words, \(size.constants) constants, frame of \(size.stackWords - size.references) cells")
        for constant in 0..<size.constants {
            let value = try runtime.constant(loaded, function, constant)
            lines.append("  k\(constant) = 0x\(String(value, radix: 16))  \(Int32(bitPattern: value))")
        }
        for word in 0..<size.words {
            let number = "\(word)"
            lines.append("  " + number + String(repeating: " ", count: max(1, 6 - number.count)) + Disassembly.text(try runtime.word(loaded, function, word), at: word))
        }
    }
    return lines
}
