// Numbers we sell, held: the size of register code against the wasm that it came from.

import Foundation
import Runtime
import protocol Runtime.Host
import Testing
import WasmFormat

struct NoHost: Host {
    static var functionCount: Int { 0 }
    static func function(_ index: Int) -> HostFunction { preconditionFailure("a host without functions") }
}

struct CodeSizeTests {
    static let guests = URL(fileURLWithPath: ProcessInfo.processInfo.environment["MOTE_GUESTS"] ?? ".build/guests", relativeTo: packageFolder)
    static let packageFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Register code is no larger than the wasm code with minimal LEBs, summed over the guests: `wide` with its frame of 286 cells and its
    /// 560 constants included. Padding of the linker's five-byte indices is taken off: 4 bytes for each 0x80 0x80 0x80 0x80 0x00 and its like.
    @Test func registerCodeIsNoLargerThanWasm() throws {
        let sum = try sizes(in: Self.guests, atLeast: 20)
        #expect(sum.register * 100 <= sum.wasm * 96, "\(sum.register) bytes of register code for \(sum.wasm) of wasm code:\n\(sum.table)")
    }

    /// The same over any real modules that the folder MOTE_MODULES holds.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["MOTE_MODULES"] != nil,
                   "MOTE_MODULES does not name a folder of real modules: their size is NOT CHECKED"))
    func registerCodeOfRealModulesIsNoLargerThanWasm() throws {
        let sum = try sizes(in: URL(fileURLWithPath: ProcessInfo.processInfo.environment["MOTE_MODULES"] ?? ""), atLeast: 1)
        print(sum.table)
        #expect(sum.register <= sum.wasm, "\(sum.register) bytes of register code for \(sum.wasm) of wasm code:\n\(sum.table)")
    }

    private func sizes(in folder: URL, atLeast count: Int) throws -> (register: Int, wasm: Int, table: String) {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).filter { $0.pathExtension == "wasm" }
        try #require(files.count >= count, "no modules in \(folder.path): for the guests run `make guests`")
        var sum = (register: 0, wasm: 0, table: "")
        for file in files.sorted(by: { $0.path < $1.path }) {
            let bytes = [UInt8](try Data(contentsOf: file))
            let register = try registerBytes(bytes)
            let wasm = Self.bodyBytes(bytes)
            sum.register += register
            sum.wasm += wasm
            sum.table += "\(file.deletingPathExtension().lastPathComponent) \(register) of \(wasm)\n"
        }
        return sum
    }

    private func registerBytes(_ bytes: [UInt8]) throws -> Int {
        let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 16)
        defer { pool.deallocate() }
        return try bytes.withUnsafeBytes { contents in
            var runtime = try Runtime<NoHost>(buffer: pool)
            let module = try runtime.load(contents)
            return Int(try runtime.codeWords(module)) * 4
        }
    }

    /// Bytes of the function bodies, without their sizes, less what padded LEBs waste.
    private static func bodyBytes(_ bytes: [UInt8]) -> Int {
        var position = 8
        func leb() -> Int {
            var value = 0
            var shift = 0
            while true {
                let byte = bytes[position]
                position += 1
                value |= Int(byte & 0x7f) << shift
                shift += 7
                if byte < 0x80 { return value }
            }
        }
        while position < bytes.count {
            let id = bytes[position]
            position += 1
            let size = leb()
            let end = position + size
            if id == 10 {
                var sum = 0
                for _ in 0..<leb() {
                    let body = leb()
                    sum += body
                    // A padded index: five bytes of which the last is 0.
                    var i = position
                    while i + 4 < position + body {
                        if bytes[i] >= 0x80 && bytes[i + 1] == 0x80 && bytes[i + 2] == 0x80 && bytes[i + 3] == 0x80 && bytes[i + 4] == 0 {
                            sum -= 4
                            i += 5
                        } else {
                            i += 1
                        }
                    }
                    position += body
                }
                return sum
            }
            position = end
        }
        return 0
    }
}
