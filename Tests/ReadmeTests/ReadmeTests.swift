// The README's Swift code: Example.swift is it word for word, is compiled, and does what it says. (Its C: MoteTests.)

import Foundation
import ModuleBuilder
import Testing
import WasmFormat

import enum Runtime.Value

@Suite struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("Example.swift is the README's Swift code, word for word")
    func text() throws {
        let example = try String(contentsOf: Self.root.appending(path: "Tests/ReadmeTests/Example.swift"), encoding: .utf8)
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        let start = try #require(readme.range(of: "```swift\n")).upperBound
        let end = try #require(readme.range(of: "```", range: start..<readme.endIndex)).lowerBound
        #expect(readme[start..<end] == example)
    }

    /// The README's `run` in a buffer of 64 KiB.
    private func result(of bytes: [UInt8]) throws(LoadError) -> Value? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
        let module = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 8)
        module.copyBytes(from: bytes)
        defer {
            buffer.deallocate()
            module.deallocate()
        }
        return try run(UnsafeRawBufferPointer(module), in: buffer)
    }

    private func program(_ parameters: [Kind] = [], _ results: [Kind] = [.i32], body: [UInt8]) -> [UInt8] {
        var module = ModuleBuilder()
        _ = module.importFunction("env", "read", [.i32], [.i32])
        module.function(parameters, results, body: body, export: "main")
        return module.bytes
    }

    @Test("the README's Swift code runs a module that reads two sensors")
    func sensors() throws {
        let sum = Code.i32(3) + Code.call(0) + Code.i32(4) + Code.call(0) + [0x6a]
        #expect(try result(of: program(body: sum)) == .i32(700))
    }

    @Test("it takes no module for granted: no main, a main with parameters, without result, that traps, bytes that are no module")
    func others() throws {
        #expect(try result(of: ModuleBuilder.header) == nil)
        #expect(try result(of: program([.i32, .i32], body: Code.i32(1))) == nil)
        #expect(try result(of: program([], [], body: [])) == nil)
        #expect(try result(of: program(body: [0x00])) == nil)
        #expect(throws: LoadError.self) { try result(of: [0, 1, 2, 3]) }
    }
}
