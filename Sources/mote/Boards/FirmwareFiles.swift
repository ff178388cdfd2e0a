// The files that a flasher takes, made from the ELF; and what the ELF takes of both memories.

import BoardConfiguration
import Foundation

enum FirmwareFiles {
    /// Writes STEM.bin, .hex, .uf2 beside the ELF, which goes if nobody asked for it. Returns what was written: a .bin whose regions lie too far apart is left out, unless it was asked for.
    /// Throws `Exit`.
    static func write(_ firmware: FirmwareBuild, _ images: [BoardManifest.Image], stem: String, isChosen: Bool) throws -> [BoardManifest.Image] {
        let stem = URL(fileURLWithPath: stem).path
        let segments = firmware.elf.segments
        let span = (segments.map { UInt64($0.address) + UInt64($0.bytes.count) }.max() ?? 0) - UInt64(segments.map(\.address).min() ?? 0)
        var written: [BoardManifest.Image] = []
        for image in images {
            let path = "\(stem).\(image.rawValue)"
            switch image {
            case .elf: break
            case .bin where span > 16 << 20:
                guard isChosen else { continue }
                throw Exit(.cannotLoad, "\(path): the flash regions lie \(ByteSize.grouped(span)) bytes apart: use --format hex, which has addresses")
            case .bin: try copy(firmware, ["-O", "binary", "--gap-fill=0xff"], to: path)
            case .hex: try copy(firmware, ["-O", "ihex"], to: path)
            case .uf2:
                let bytes = try told { try UF2.write(segments, family: firmware.board.manifest.uf2Family, file: path) }
                do { try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic) } catch { throw Exit(.cannotLoad, "\(path): cannot be written: is the disk full?") }
            }
            written.append(image)
        }
        if !images.contains(.elf) { try? FileManager.default.removeItem(atPath: firmware.path) }
        return written
    }

    private static func copy(_ firmware: FirmwareBuild, _ options: [String], to path: String) throws {
        let run = try Child.run(firmware.project.tool("llvm-objcopy"), options + [firmware.path, path], in: firmware.project.root)
        guard run.status == 0 else { throw Exit(.cannotLoad, "\(path): could not be made: \(run.errors.trimmingCharacters(in: .whitespacesAndNewlines))") }
    }
}

/// Sums of a firmware's ELF, in bytes.
struct FirmwareSizes {
    /// Without the module.
    let flash: UInt64
    let pool: UInt64
    let poolStart: UInt64
    let nativeStack: UInt64
    /// .data and .bss.
    let statics: UInt64

    init(_ elf: ElfSections) {
        func symbol(_ name: String) -> UInt64 { UInt64(elf.symbol(named: name) ?? 0) }
        let module = elf.sections.filter { $0.name == ".app" }.reduce(UInt64(0)) { $0 + UInt64($1.bytes) }
        flash = elf.sections.filter(\.isLoaded).reduce(UInt64(0)) { $0 + UInt64($1.bytes) } - module
        pool = symbol("mote_pool_length")
        poolStart = symbol("mote_pool_start")
        nativeStack = symbol("__stack_size")
        statics = symbol("__bss_end") - symbol("__data_start")
    }
}

extension FirmwareBuild {
    /// The operand stack that the firmware makes, in bytes.
    var operandStackBytes: UInt32 { configuration.operandStack ?? elf.symbol(named: "mote_operand_stack") ?? 8192 }

    /// What the module will take of the pool. Throws `Exit` if it cannot start there.
    func plan(of file: String) throws -> PoolPlan {
        let plan = try PoolPlan(of: module, file: file, configuration: configuration, operandStackBytes: operandStackBytes, pool: FirmwareSizes(elf).pool)
        try plan.check(file, pool: FirmwareSizes(elf).pool)
        return plan
    }
}
