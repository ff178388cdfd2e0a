// No module, valid or not, takes more native stack than another one: depth costs workspace or pool, or is refused.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import Translator
@testable import WasmFormat

@Suite struct NativeStackTests {
    /// Modules that would exhaust the native stack of a loader or an interpreter that calls itself.
    static let hostile: [(String, [UInt8])] = {
        func module(_ body: [UInt8], results: [Kind] = []) -> [UInt8] {
            var module = ModuleBuilder()
            module.function([], results, body: body, export: "f")
            return module.bytes
        }
        func nested(_ open: [UInt8], _ depth: Int, close: [UInt8] = [0x0b]) -> [UInt8] {
            module(Array(repeatElement(open, count: depth).joined()) + Array(repeatElement(close, count: depth).joined()))
        }
        var expression = ModuleBuilder()
        expression.global(.i32, mutable: false, Array(repeatElement(Code.i32(1), count: 16).joined()) + Array(repeating: 0x6a, count: 15))
        var deepExpression = ModuleBuilder()
        deepExpression.global(.i32, mutable: false, Array(repeatElement(Code.i32(1), count: 100_000).joined()))
        return [
            ("small", module([])), ("blocks", nested([0x02, 0x40], 1023)), ("too many blocks", nested([0x02, 0x40], 500_000)),
            ("loops", nested([0x03, 0x40], 1023)), ("ifs", nested([0x41, 0, 0x04, 0x40], 1023)), ("unclosed", nested([0x02, 0x40], 1000, close: [])),
            ("dead blocks", module([0x00] + Array(repeatElement([0x02, 0x40], count: 1000).joined()) + Array(repeating: 0x0b, count: 1000))),
            ("operands", module(Array(repeatElement(Code.i32(1), count: 200).joined()) + Array(repeating: 0x6a, count: 199) + Code.drop)),
            ("too many operands", module(Array(repeatElement(Code.i32(1), count: 100_000).joined()))),
            ("expression", expression.bytes), ("deep expression", deepExpression.bytes),
            ("br_table", module(Code.block(nil, Code.i32(0) + Code.brTable(Array(repeating: 0, count: 30_000), 0)))),
            ("recursion", module(Code.call(0))), ("truncated", Array(nested([0x02, 0x40], 1000).dropLast(500))),
        ]
    }()

    @Test("loading, instantiating, running, failing and looking for a trap's place all fit into 64 KB of native stack, and need little of it")
    func depth() throws {
        #if DEBUG
        let most = 56 << 10
        #else
        let most = 32 << 10
        #endif
        var depths: [(String, Int)] = []
        for (name, bytes) in Self.hostile {
            let world = try World(NoHost(), pool: 1 << 20)
            let used = nativeStack(of: 64 << 10) {
                guard let module = try? world.load(bytes), let instance = try? world.instantiate(module) else { return }
                _ = try? world.call("f", of: instance)
                _ = world.trapPosition
            }
            depths.append((name, used))
            #expect(used < most, "\(name): \(used) bytes")
        }
        let least = depths[0].1
        for (name, used) in depths { #expect(used <= least + most / 4, "\(name): \(used) bytes, a small module \(least)") }
        print("native stack:", depths.map { "\($0.0) \($0.1)" }.joined(separator: ", "))
    }
}
