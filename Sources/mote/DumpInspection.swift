// `mote inspect` on a dump of a board's buffer, or on a saved pool.

import Foundation
import PoolDump

struct DumpInspection {
    let file: String
    var modules: [String] = []
    var buffers: [String] = []
    /// `ADDRESS+LENGTH` of the linear memory of an instance.
    var memory: String?
    var instance = 0
    var json = false

    /// Whether a file is for this, rather than a module: by its first bytes.
    static func isModule(_ bytes: Span<UInt8>) -> Bool { ImageDescription.isImage(bytes) || bytes.count >= 4 && bytes[0] == 0 && bytes[1] == 0x61 && bytes[2] == 0x73 && bytes[3] == 0x6d }

    /// The dump in a file that is no module; nil if it is none either.
    static func dump(_ bytes: [UInt8], others: [[UInt8]], images: [[UInt8]] = []) throws(DumpError) -> PoolDump? {
        do throws(DumpError) {
            return try PoolDump(bytes, others: others, images: images)
        } catch {
            if error == .noRuntime { return nil }
            throw error
        }
    }

    /// False if the bytes are no dump.
    func run(_ bytes: [UInt8]) throws -> Bool {
        func contents(_ path: String) throws -> [UInt8] {
            let memory = try Memory(file: path)
            return memory.span.indices.map { memory.span[$0] }
        }
        let others = try buffers.map(contents)
        let images = try modules.map(contents).filter { ImageDescription.isImage($0.span) }
        let dump: PoolDump
        do throws(DumpError) {
            guard let found = try Self.dump(bytes, others: others, images: images) else { return false }
            dump = found
        } catch {
            throw Exit(.cannotLoad, "\(file): " + (error == .truncated ? "the dump ends too soon: dump the whole buffer" : "another version of the runtime made it: use that version's mote"))
        }
        let report = DumpReport(dump, try modules.map { try DumpModule(file: $0, for: dump) })
        if let memory { return try show(memory, of: dump) }
        if json {
            try StandardOutput.write(json: report)
        } else {
            try StandardOutput.write(report.text(file: file).joined(separator: "\n") + "\n")
        }
        return true
    }

    private func show(_ range: String, of dump: PoolDump) throws -> Bool {
        let parts = range.split(separator: "+").map { Self.number($0) }
        guard parts.count == 2, let address = parts[0], let length = parts[1], length <= 1 << 20 else {
            throw Exit(.usage, "--memory \(range): is no range: write ADDRESS+LENGTH, as 0x400+64, of at most 1 MiB")
        }
        guard let memory = dump.instances.first(where: { $0.number == instance })?.memory else {
            throw Exit(.usage, "--instance \(instance): has no memory in this dump: use another --instance")
        }
        try StandardOutput.write(DumpReport.hex(memory, UInt64(address)..<UInt64(address) + UInt64(length)).map { $0 + "\n" }.joined())
        return true
    }

    private static func number(_ text: Substring) -> UInt32? { text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text) }
}
