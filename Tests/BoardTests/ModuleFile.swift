// Modules on their way to a board: one file, read by the firmware through semihosting (Sources/BoardSupport/ModuleFile.swift).

import Foundation
import ModuleBuilder

/// Removes its file when it goes.
struct ModuleFile: ~Copyable {
    let path: String

    init(_ entries: [(provider: [UInt8], module: [UInt8])]) throws {
        func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + Array(repeating: 0, count: (4 - bytes.count % 4) % 4) }
        func length(_ bytes: [UInt8]) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) } }
        var file = Data()
        for entry in entries { file += length(entry.provider) + length(entry.module) + padded(entry.provider) + padded(entry.module) }
        let url = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).modules")
        try file.write(to: url)
        path = url.path
    }

    init(_ modules: [[UInt8]]) throws { try self.init(modules.map { (provider: [], module: $0) }) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
