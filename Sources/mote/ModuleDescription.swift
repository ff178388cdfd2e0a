// What a module has, in words: its sections, types, imports and exports. For people, so it lives on the host.

import WasmFormat

/// A module as `mote inspect` shows it. What cannot be read is left out: the error comes from the Runtime.
struct ModuleDescription: Encodable {
    var bytes = 0
    var sections: [SectionDescription] = []
    var types: [String] = []
    var imports: [ExternalDescription] = []
    var functions: [FunctionDescription] = []
    var tables: [String] = []
    var memories: [String] = []
    var globals: [String] = []
    var exports: [ExternalDescription] = []
    var start: UInt32?
    /// Of an image.
    var image: ImageDescription?
    /// By function index: from the name section, else its first export's.
    var functionNames: [UInt32: String] = [:]

    enum CodingKeys: String, CodingKey {
        case bytes, image, sections, types, imports, functions, tables, memories, globals, exports, start
    }
}

struct SectionDescription: Encodable {
    let name: String
    /// Of the section's contents, counted from the start of the module.
    let offset: UInt32
    /// In bytes, without the section's header.
    let size: UInt32
    /// Entries, where the section is a vector.
    var count: UInt32?
    let id: UInt8
}

/// An import (with `module`) or an export.
struct ExternalDescription: Encodable {
    var module: String?
    let name: String
    let kind: String
    let type: String
    /// In the index space of its kind.
    let index: UInt32
    /// Of the entry in the module.
    let offset: UInt32
}

/// A function that the module defines.
struct FunctionDescription: Encodable {
    let index: UInt32
    var name: String?
    let type: String
    /// Of the body, counted from the start of the module.
    let offset: UInt32
    let size: UInt32
}

extension ModuleDescription {
    /// The function whose body holds a byte of the module.
    func function(at offset: UInt32) -> FunctionDescription? {
        functions.first { offset >= $0.offset && offset - $0.offset < $0.size }
    }

    /// The section that holds a byte of the module (or ends there, for what ends too soon).
    func section(at offset: UInt32) -> SectionDescription? {
        sections.last { offset >= $0.offset && offset - $0.offset <= $0.size }
    }

    /// The type of a table or memory, imports first.
    func type(of kind: String, _ index: UInt32) -> String? {
        let all = imports.filter { $0.kind == kind }.map(\.type) + (kind == "table" ? tables : memories)
        return index < all.count ? all[Int(index)] : nil
    }

    /// `3 "div"`: the index, and the name if it has one.
    func functionLabel(_ index: UInt32) -> String {
        name(ofFunction: index).map { "\(index) \"\($0)\"" } ?? "\(index)"
    }

    /// From the name section, else the name of its first export.
    func name(ofFunction index: UInt32) -> String? { functionNames[index] }
}
