// A firmware with a module and a static configuration: SwiftPM compiles it once for a core, the linker does the rest in a second.
//
//     board.toml, linker script ┐
//     app.toml ─────────────────┤→ configuration.s, .ld ┐
//     app.wasm ─ packed, if the build runs images only ─┴→ boards/build → app.elf → .bin, .hex, .uf2

import BoardConfiguration
import Foundation
import Packing
import Runtime
import WasmFormat

struct FirmwareBuild {
    let project: Project
    let board: Board
    let configuration: StaticConfiguration
    /// A rung, or traits with commas.
    let features: String
    /// The ELF's path.
    let path: String
    let elf: ElfSections
    /// What lies in its flash: the file's bytes, or the image that was made of them.
    let module: [UInt8]
    let isImage: Bool

    /// Builds it, at `place`, else in the project's build folder. Throws `Exit`.
    init(
        of file: String, for board: Board, in project: Project, configuration: StaticConfiguration, features: String? = nil, keepingAt place: String? = nil
    ) throws {
        self.project = project
        self.board = board
        self.configuration = configuration
        let features = features ?? (configuration.features == "default" ? board.manifest.features ?? "default" : configuration.features)
        self.features = features
        let bytes = try Memory(file: file)
        let traits = Self.traits(of: features)
        (module, isImage) = try Self.module(bytes, file: file, runsWasm: traits.contains("Translator"))
        // The board would refuse it at each start, a build without Names by a number.
        if !traits.contains("FloatingPoint"), Self.needsFloats(module, isImage: isImage) {
            throw Exit(
                .cannotLoad,
                "\(file): computes with f32 or f64, and features \(features) have no FloatingPoint: add it (--features, or features in a configuration), or keep floats out of the guest")
        }

        // The board's folder: another build of ours at the same time has its own files.
        let folder = ".build/boards/\(board.name)", name = "\(folder)/mote-\(getpid())"
        let copy = place.map { URL(fileURLWithPath: $0).path } ?? project.path(".build/firmware/\(board.name)/\(URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent).elf")
        defer { for end in ["wasm", "s", "o", "ld", "elf"] { try? FileManager.default.removeItem(atPath: project.path("\(name).\(end)")) } }
        let made = (module: name + ".wasm", elf: name + ".elf")
        try Self.write(Data(module), project.path(made.module))
        let label = "building for \(board.name)"
        func link(_ inputs: String) throws -> Child.Outcome {
            try Child.run(
                project.path("boards/build"), [board.name, "Firmware", made.module, made.elf], in: project.root,
                environment: ["TRAITS": features, "LINK_INPUTS": inputs], label: label)
        }

        // Once without the configuration: what the firmware has of RAM itself decides whether the buffers fit.
        _ = try told { try Placement(configuration, on: board.manifest, map: board.map) }
        let plain = try link("")
        if plain.status == 0, !configuration.isStandard {
            let firmware = try Self.elf(project.path(made.elf))
            let placement = try told { try Placement(configuration, on: board.manifest, map: board.map, firmwareBytes: Self.ownBytes(firmware, of: board.map)) }
            try Self.write(Data(placement.assembly.utf8), project.path(name + ".s"))
            try Self.write(Data(placement.linkerFragment.utf8), project.path(name + ".ld"))
            let assembler = try Child.run(project.tool("clang"), ["--target=\(board.manifest.targetTriple)", "-c", "-o", name + ".o", name + ".s"], in: project.root)
            guard assembler.status == 0 else { throw Exit(.cannotLoad, "\(configuration.file): its words could not be assembled: \(assembler.errors.prefix(200))") }
            try Self.check(try link("\(name).o -T \(name).ld"), file, features, board, configuration)
        } else {
            try Self.check(plain, file, features, board, configuration)
        }
        elf = try Self.elf(project.path(made.elf))
        path = copy
        let parent = URL(fileURLWithPath: copy).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            try Data(contentsOf: URL(fileURLWithPath: project.path(made.elf))).write(to: URL(fileURLWithPath: copy), options: .atomic)
        } catch { throw Exit(.cannotLoad, "\(copy): cannot be written: is there such a folder, with permission to write and room?") }
    }

    /// The traits that a rung or a list stands for.
    static func traits(of features: String) -> [String] {
        switch features {
        case "minimal": []
        case "default", "full": ["Translator", "FloatingPoint", "Names"]
        default: features.split(separator: ",").map(String.init)
        }
    }

    /// The bytes for the flash: an image where the build runs no other.
    private static func module(_ bytes: borrowing Memory, file: String, runsWasm: Bool) throws -> (bytes: [UInt8], isImage: Bool) {
        let plain = bytes.span.indices.map { bytes.span[$0] }
        let isImage = ImageDescription.isImage(bytes.span)
        if isImage || runsWasm { return (plain, isImage) }
        do throws(LoadError) {
            return (try Packing.pack(plain), true)
        } catch {
            throw Exit(.cannotLoad, ErrorReport(file: file, bytes: bytes.span).line(error, shortage: Shortage(), pool: PoolReport()))
        }
    }

    /// Whether its register code has instructions on floats. What cannot be packed is told when it is loaded.
    private static func needsFloats(_ module: [UInt8], isImage: Bool) -> Bool {
        guard let image = isImage ? module : try? Packing.pack(module) else { return false }
        return ModuleDescription(image.span).image?.features.contains("floats") == true
    }

    /// .data and .bss of a firmware in each region.
    private static func ownBytes(_ elf: ElfSections, of map: MemoryMap) -> [String: UInt64] {
        var bytes: [String: UInt64] = [:]
        for section in elf.sections where section.isAllocated && section.name != ".stack" {
            guard let region = map.ram.first(where: { $0.start <= UInt64(section.address) && UInt64(section.address) < $0.end }) else { continue }
            bytes[region.name, default: 0] += UInt64(section.bytes)
        }
        return bytes
    }

    /// A linked firmware. Throws `Exit`.
    static func elf(_ path: String) throws -> ElfSections {
        guard let bytes = FileManager.default.contents(atPath: path) else { throw Exit(.cannotLoad, "\(path): cannot be read: the build left no firmware") }
        return try told { try ElfSections([UInt8](bytes), name: path) }
    }

    private static func write(_ bytes: Data, _ path: String) throws {
        do {
            try FileManager.default.createDirectory(at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
            try bytes.write(to: URL(fileURLWithPath: path))
        } catch { throw Exit(.cannotLoad, "\(path): cannot be written: is the disk full?") }
    }

    /// Throws `Exit` if the build failed: one line where we know why, else the build's own lines.
    private static func check(_ build: Child.Outcome, _ file: String, _ features: String, _ board: Board, _ configuration: StaticConfiguration) throws {
        guard build.status != 0 else { return }
        // The region that is too small, and by how much in all: the linker tells it again for each section that lies behind.
        var missing: [Substring: Int] = [:]
        for match in build.errors.matches(of: /will not fit in region '(\w+)': overflowed by (\d+) bytes/) {
            missing[match.1] = max(missing[match.1] ?? 0, Int(match.2) ?? 0)
        }
        if let (region, bytes) = missing.max(by: { $0.value < $1.value }) {
            let isRAM = board.map.region(named: String(region))?.isWritable == true
            let remedy = isRAM
                ? "set a smaller native-stack or pool in \(configuration.isStandard ? "a configuration (--config)" : configuration.file)"
                : "use fewer features (it has \(features)), pack the module, or put it in another region (module-region)"
            throw Exit(.cannotLoad, "\(file): firmware and module need \(ByteSize.grouped(UInt64(bytes))) bytes more than \(region) of \(board.name) has: \(remedy)")
        }
        throw Exit(.cannotLoad, "\(file): could not be built for \(board.name) (status \(build.status)); the build's own words follow", details: build.errors)
    }
}
