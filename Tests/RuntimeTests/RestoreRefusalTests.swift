// What is not as it was saved is refused, each by an error of its own, and the target's bytes stay as they were.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

extension Sleeper {
    /// Restores into fresh buffers. Gives the error, and whether the buffers are as before.
    func attempt(
        _ saved: [UInt8], modules given: [[UInt8]]? = nil, pools: [(bytes: Int, uses: MemoryUse)]? = nil, configuration: Configuration = Configuration(),
        verify: (Span<UInt8>) -> Bool = { _ in true }
    ) -> (error: RestoreError?, isUntouched: Bool) {
        attempt(as: H.self, saved, modules: given, pools: pools, configuration: configuration, verify: verify)
    }

    /// The same with another host.
    func attempt<Other: Host>(
        as _: Other.Type, _ saved: [UInt8], modules given: [[UInt8]]? = nil, pools: [(bytes: Int, uses: MemoryUse)]? = nil,
        configuration: Configuration = Configuration(), verify: (Span<UInt8>) -> Bool = { _ in true }
    ) -> (error: RestoreError?, isUntouched: Bool) {
        let pools = pools ?? [(1 << 16, .all)]
        let buffers = pools.map { UnsafeMutableRawBufferPointer.allocate(byteCount: $0.bytes, alignment: 16) }
        for buffer in buffers { _ = buffer.initializeMemory(as: UInt8.self, repeating: 0x77) }
        let copies = given?.map { bytes in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
            copy.copyBytes(from: bytes)
            return UnsafeRawBufferPointer(copy)
        }
        defer {
            for buffer in buffers { buffer.deallocate() }
            for copy in copies ?? [] { copy.deallocate() }
        }
        do throws(RestoreError) {
            _ = try Sleeper<Other>.restored(saved, copies ?? modules, buffers, pools.map(\.uses), configuration, verify: verify)
            return (nil, false)
        } catch {
            return (error, buffers.allSatisfy { $0.allSatisfy { $0 == 0x77 } })
        }
    }
}

/// The functions of `WaitingHost` the other way round.
struct PermutedHost: Host {
    static var functionCount: Int { 2 }
    static func function(_ index: Int) -> HostFunction { WaitingHost.function(1 - index) }
}

/// The same names, one with another type.
struct RetypedHost: Host {
    static var functionCount: Int { 2 }
    static func function(_ index: Int) -> HostFunction { index == 0 ? WaitingHost.function(0) : HostFunction("env", "note") { unsafe answer($0, RetypedHost.note) } }
    static func note(_ h: inout RetypedHost, _ c: inout Caller, _ n: Int64) throws(Trap) {}
}

/// One function less, and one more.
struct ShorterHost: Host {
    static var functionCount: Int { 1 }
    static func function(_ index: Int) -> HostFunction { WaitingHost.function(index) }
}
struct LongerHost: Host {
    static var functionCount: Int { 3 }
    static func function(_ index: Int) -> HostFunction { WaitingHost.function(index % 2) }
}

@Suite struct RestoreRefusalTests {
    private let sleeper: Sleeper<WaitingHost>
    private let saved: [UInt8]

    init() throws {
        sleeper = try Sleeper(WaitingHost())
        let environment = try sleeper.environment()
        let inner = try sleeper.add(Nested.inner, in: environment)
        let outer = try sleeper.add(Nested.outer, links: [("inner", inner)], in: environment)
        #expect(try sleeper.call(sleeper.function("run", of: outer), Nested.arguments, in: environment, fuel: 9) == .outOfFuel)
        saved = try sleeper.save()
    }

    /// Where things lie in the saved bytes (docs/SAVE.md).
    private enum At {
        static let version = 4, length = 8, hosts = 12, root = 16, layout = 20, code = 24, directory = 28, entries = 52
        static let pool = entries, modules = entries + 20
        static let hostHashes = 16 + 136
    }

    /// The bytes with one changed, with the checksum that belongs to them.
    private func changed(_ offset: Int, by mask: UInt8, isSummed: Bool = true) -> [UInt8] {
        var bytes = saved
        bytes[offset] ^= mask
        guard isSummed else { return bytes }
        var sum = SavedSum()
        func word(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32($1 * 8) } }
        for at in stride(from: 0, to: bytes.count - 8, by: 4) { sum.add(word(at)) }
        for i in 0..<8 { bytes[bytes.count - 8 + i] = UInt8(truncatingIfNeeded: sum.value >> UInt64(i * 8)) }
        return bytes
    }

    private func expect(_ error: RestoreError, _ attempt: (error: RestoreError?, isUntouched: Bool), _ what: Comment? = nil, _ location: SourceLocation = #_sourceLocation) {
        #expect(attempt.error == error, what, sourceLocation: location)
        #expect(attempt.isUntouched, what, sourceLocation: location)
    }

    @Test("each field of the header that differs has its error")
    func fields() {
        #expect(sleeper.attempt(saved).error == nil)
        #expect(sleeper.attempt(changed(At.directory, by: 0)).error == nil)
        expect(.notSaved, sleeper.attempt(changed(0, by: 1)))
        expect(.layout(Root.layoutVersion ^ 2), sleeper.attempt(changed(At.version, by: 2)))
        expect(.length, sleeper.attempt(changed(At.length, by: 8)))
        expect(.notSaved, sleeper.attempt(changed(At.root, by: 1)))
        expect(.layout(Root.layoutVersion ^ 4), sleeper.attempt(changed(At.layout, by: 4)))
        expect(.counts, sleeper.attempt(changed(At.layout + 1, by: 3)))
        expect(.counts, sleeper.attempt(changed(At.layout + 2, by: 1)))
        expect(.build, sleeper.attempt(changed(At.layout + 3, by: 0x10)), "a feature that no build has")
        expect(.build, sleeper.attempt(changed(At.layout + 3, by: UInt8(Root.counts))))
        expect(.build, sleeper.attempt(changed(At.code, by: 0x80)))
        expect(.region(0), sleeper.attempt(changed(At.pool + 8, by: 8)))
        expect(.region(0), sleeper.attempt(changed(At.pool + 19, by: 1)))
        expect(.module(0), sleeper.attempt(changed(At.modules, by: 1)))
        expect(.module(1), sleeper.attempt(changed(At.modules + 20 + 8, by: 1)))
        expect(.hostFunction(0), sleeper.attempt(changed(At.hostHashes, by: 1)))
        expect(.hostFunction(1), sleeper.attempt(changed(At.hostHashes + 8, by: 1)))
        // A number of functions that would swallow the pool.
        expect(.hostFunction(2), sleeper.attempt(changed(At.hosts, by: 0xf0)))
        expect(.length, sleeper.attempt(changed(At.hosts, by: 3)), "fewer functions: the pool's bytes are displaced")
    }

    @Test("any other byte that changed, and any end that is missing or too much, is noticed")
    func bytes() {
        for offset in stride(from: At.hosts, to: saved.count, by: 97) {
            expect(.checksum, sleeper.attempt(changed(offset, by: 0x40, isSummed: false)), "\(offset)")
        }
        for count in [0, 1, 4, 8, 12, 16, 40, 100, 256, 257, saved.count / 2, saved.count - 256, saved.count - 8, saved.count - 4, saved.count - 1] {
            expect(.length, sleeper.attempt(Array(saved[..<count])), "\(count)")
        }
        for count in [1, 4, 8, 256] { expect(.length, sleeper.attempt(saved + Array(repeating: 0, count: count)), "\(count) more") }
        expect(.notSaved, sleeper.attempt(Array(repeating: 0xff, count: 4096)))
    }

    @Test("another target, module or host is refused; more host functions behind the old ones are not")
    func surroundings() {
        expect(.buffers, sleeper.attempt(saved, pools: []))
        expect(.buffers, sleeper.attempt(saved, pools: [(100, .all)]))
        expect(.buffers, sleeper.attempt(saved, pools: [(1 << 16, .operandStacks)]))
        expect(.region(0), sleeper.attempt(saved, pools: [((1 << 16) - 8, .all)]))
        expect(.region(0), sleeper.attempt(saved, pools: [((1 << 16) + 1, .all)]))
        expect(.counts, sleeper.attempt(saved, pools: [(1 << 16, .all), (1024, .all)]))
        var configuration = Configuration()
        configuration.maximumModules = 5
        expect(.counts, sleeper.attempt(saved, configuration: configuration))
        configuration = Configuration()
        configuration.countsInstructions = true
        expect(.build, sleeper.attempt(saved, configuration: configuration))
        expect(.module(0), sleeper.attempt(saved, modules: [Nested.outer]))
        expect(.module(1), sleeper.attempt(saved, modules: [Nested.inner]))
        expect(.module(0), sleeper.attempt(saved, modules: []))
        for i in Nested.outer.indices {
            var other = Nested.outer
            other[i] ^= 4
            expect(.module(1), sleeper.attempt(saved, modules: [other, Nested.inner]), "byte \(i)")
        }
        #expect(sleeper.attempt(saved, modules: [[1], Nested.outer, Nested.outer, [2, 3], Nested.inner]).error == nil)
        expect(.hostFunction(0), sleeper.attempt(as: PermutedHost.self, saved))
        expect(.hostFunction(1), sleeper.attempt(as: RetypedHost.self, saved))
        expect(.hostFunction(1), sleeper.attempt(as: ShorterHost.self, saved))
        #expect(sleeper.attempt(as: LongerHost.self, saved).error == nil)
    }

    @Test("the verifier has the last word, before anything is written, and again before anything is used")
    func verifier() {
        expect(.refused, sleeper.attempt(saved, verify: { !$0.isEmpty }))
        var ends = 0
        let second = sleeper.attempt(saved, verify: { bytes in
            if bytes.isEmpty { ends += 1 }
            return ends < 2
        })
        #expect(second.error == .changed && !second.isUntouched)
    }

    @Test("a source that fails, or that changes between the two readings, is noticed")
    func source() throws {
        for failing in [0, 256, 512, saved.count & ~255] {
            #expect(restore { offset, _ in Int(offset) < failing } == .source(UInt32(failing)))
        }
        var readings = 0
        #expect(restore { offset, bytes in
            if offset == 0 { readings += 1 }
            if readings == 2 && offset == 1024 { bytes[3] ^= 1 }
            return true
        } == .changed)
        #expect(restore { _, _ in true } == nil)
    }

    /// Restores in a fresh buffer from what `tamper` makes of each chunk.
    private func restore(_ tamper: (UInt32, inout MutableSpan<UInt8>) -> Bool) -> RestoreError? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        let regions = [MemoryRegion(buffer, for: .all)]
        let modules = sleeper.modules
        do throws(RestoreError) {
            _ = try Runtime<WaitingHost>(
                restoring: UInt32(saved.count),
                read: { offset, bytes in
                    for i in bytes.indices { bytes[i] = saved[Int(offset) + i] }
                    return tamper(offset, &bytes)
                }, modules: modules.span, regions: regions.span)
            return nil
        } catch {
            if error == .changed {
                // Nothing that looks like a runtime is left.
                #expect(buffer.load(as: UInt32.self) != Root.marked)
            }
            return error
        }
    }

    @Test("each error says what to do")
    func words() {
        let all: [RestoreError] = [
            .buffers, .source(0), .notSaved, .layout(2), .length, .checksum, .build, .counts, .region(0), .module(0), .hostFunction(0), .refused, .changed,
        ]
        #expect(Set(all.map(\.words.description)).count == all.count)
        for error in all { #expect(error.words.description.contains(": ") || error.words.description.contains(", "), "\(error)") }
    }
}
