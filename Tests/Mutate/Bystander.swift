// An instance beside the mutants, in their runtime and pool, that none of them can reach: what they do must not show in it.

import ModuleBuilder
import Runtime
import TestGuests

/// Its memory, its global, its table and its code give one number, which must stay; a run of it is paused all the time, and ends as it should.
struct Bystander {
    private let environment: ExecutionEnvironment
    private let paused: ExecutionEnvironment
    private let sum: Function
    private let wanted: Value

    private static let words = 256
    private static let none: [Value] = []

    private static var module: [UInt8] {
        var module = ModuleBuilder()
        module.memory(1)
        module.table(2)
        module.global(.i32, mutable: true, Code.i32(77))
        module.data(at: 0, (0..<words * 4).map { UInt8(truncatingIfNeeded: $0 * 167 + $0 >> 8) })
        let type = module.type([.i32], [.i32])
        let turned = module.function([.i32], [.i32], body: Code.localGet(0) + Code.i32(0x5a5a5a5a) + [0x73])
        module.elements(at: 0, [turned, turned])
        // i in local 0, the sum in local 1: sum = sum * 31 + word.
        let turn = Code.localGet(1) + Code.i32(31) + [0x6c] + Code.localGet(0) + Code.memory(0x28) + [0x6a] + Code.localSet(1)
            + Code.localGet(0) + Code.i32(4) + [0x6a] + Code.localTee(0) + Code.i32(Int32(words * 4)) + [0x49] + Code.brIf(0)
        module.function(
            [], [.i32], locals: [(2, .i32)],
            body: Code.loop(nil, turn) + Code.localGet(1) + Code.globalGet(0) + [0x6a] + Code.i32(1) + Code.callIndirect(type), export: "sum")
        return module.bytes
    }

    init(_ runtime: inout Runtime<WritingHost>, _ host: inout WritingHost) throws {
        let bytes = Self.module
        // These live as long as the process: a few hundred bytes.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 4)
        unsafe copy.copyBytes(from: bytes)
        let module = unsafe try runtime.load(UnsafeRawBufferPointer(copy))
        environment = try runtime.makeExecutionEnvironment(operandStackBytes: 512)
        let instance = try runtime.instantiate(module, links: Span<Link>(), in: environment, host: &host)
        paused = try runtime.makeExecutionEnvironment(operandStackBytes: 512)
        guard case .function(let sum) = try runtime.export("sum", of: instance), try runtime.call(sum, Self.none.span, in: environment, host: &host) == .finished else {
            throw NotationError(description: "the bystander does not run")
        }
        self.sum = sum
        wanted = try runtime.result(0, of: sum, in: environment)
        guard try runtime.call(sum, Self.none.span, in: paused, fuel: 100, host: &host) == .outOfFuel else { throw NotationError(description: "the bystander does not pause") }
    }

    /// Whether it gives what it gave before.
    func isUntouched(in runtime: inout Runtime<WritingHost>, _ host: inout WritingHost) -> Bool {
        guard (try? runtime.call(sum, Self.none.span, in: environment, host: &host)) == .finished else { return false }
        return (try? runtime.result(0, of: sum, in: environment)) == wanted
    }

    /// Whether the run that was paused before all mutants gives the same. To be asked once.
    func ends(in runtime: inout Runtime<WritingHost>, _ host: inout WritingHost) -> Bool {
        guard (try? runtime.resume(paused, host: &host)) == .finished else { return false }
        return (try? runtime.result(0, of: sum, in: paused)) == wanted
    }
}
