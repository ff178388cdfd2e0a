// One guest as every linker lays it out, and what each layout commits of what it declares: the table of docs/MEMORY.md.

import Foundation
import Runtime
import TestGuests
import Testing
import WasmFormat

/// What a run of `main` took.
private struct Measured {
    var results: [Value]
    var declared: UInt64
    var data: UInt64
    var stack: AuxStackReport?
    var committed: UInt32

    init(_ bytes: [UInt8]) throws {
        let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 16)
        defer { pool.deallocate() }
        self = try bytes.withUnsafeBytes { contents in
            // Safety: pool and module outlive the runtime, which ends here.
            var runtime = try unsafe Runtime<WritingHost>(buffer: pool)
            var host = WritingHost()
            let environment = try runtime.makeExecutionEnvironment(operandStackBytes: 64 << 10)
            let instance = try runtime.instantiate(unsafe runtime.load(contents), links: Span<Link>(), in: environment, host: &host)
            let name = Array("main".utf8)
            guard case .function(let main)? = try runtime.export(name.span, of: instance) else { throw NotationError(description: "no main") }
            let outcome = try runtime.call(main, Span<Value>(), in: environment, host: &host)
            #expect(outcome == .finished)
            return Measured(
                results: try (0..<runtime.resultCount(of: main)).map { try runtime.result($0, of: main, in: environment) }, declared: try Self.declared(bytes), data: try Self.data(bytes),
                stack: try runtime.auxStack(of: instance), committed: try runtime.committedMemory(of: instance).peak)
        }
    }

    private init(results: [Value], declared: UInt64, data: UInt64, stack: AuxStackReport?, committed: UInt32) {
        (self.results, self.declared, self.data, self.stack, self.committed) = (results, declared, data, stack, committed)
    }

    private static func declared(_ bytes: [UInt8]) throws -> UInt64 {
        var memories = SectionReader<MemoryType>(try ModuleScanner.scan(bytes.span).memories, of: bytes.span)
        guard let type = try memories.next() else { return 0 }
        return UInt64(type.limits.minimum) << UInt64(type.pageShift)
    }

    /// Bytes of the active data segments.
    private static func data(_ bytes: [UInt8]) throws -> UInt64 {
        var segments = SectionReader<DataSegment>(try ModuleScanner.scan(bytes.span).data, of: bytes.span)
        var sum: UInt64 = 0
        while let segment = try segments.next() { sum += UInt64(segment.contents.count) }
        return sum
    }
}

@Suite struct LayoutTests {
    /// Layout, how it is linked, where its stack must be found.
    static let layouts: [(name: String, words: String, base: UInt32?, size: UInt32)] = [
        ("datafirst", "clang up to 21: data first, 64 KiB of stack", nil, 65_536),
        ("datafirst-small", "the same with `-z stack-size=4096`", nil, 4_096),
        ("datafirst-bare", "the same, stripped, no `__data_end`", nil, 65_536),
        ("swift", "Embedded Swift: data first, no exports", nil, 65_536),
        ("stackfirst", "LLD from 22, wasi-sdk: stack first, 64 KiB", 0, 65_536),
        ("tiny", "TinyGo: stack first, 4 KiB", 0, 4_096),
        ("debug", "the same, unoptimised, stripped", 0, 4_096),
        ("rust", "Rust: stack first, 1 MiB", 0, 1_048_576),
        ("zig", "Zig: stack first, 1 MiB, `__stack_pointer` exported", 0, 1_048_576),
        ("grows", "Rust, with a heap that grows past page 17", 0, 1_048_576),
    ]

    private static func bytes(_ name: String) throws -> [UInt8] { try GuestFolder.bytes(of: "layouts/\(name)", in: GuestFolder.modules) }

    @Test("the stack is found where the linker put it, and the guest gives the same in every layout", arguments: layouts.map(\.name))
    func found(_ name: String) throws {
        let layout = try #require(Self.layouts.first { $0.name == name })
        let measured = try Measured(Self.bytes(name))
        let stack = try #require(measured.stack)
        if let base = layout.base { #expect(stack.base == base) } else { #expect(stack.base > 1_024) }
        // Without `__data_end` what has no contents counts as stack.
        let unknown: UInt32 = layout.name == "datafirst-bare" || layout.name == "swift" ? 4_096 : 0
        #expect(stack.size >= layout.size && stack.size <= layout.size + unknown)
        // A stack of the guest's own, among the variables without contents, then counts as well.
        if name != "datafirst-bare" { #expect(stack.peak < 4_096) }
        #expect(["swift", "grows"].contains(name) ? stack.peak > 0 : stack.peak > 300)
        if !["swift", "grows"].contains(name) { #expect(try measured.results == Measured(Self.bytes("rust")).results) }
    }

    @Test("a stack that comes first commits at most data, stack used and 2 KB, however large it was declared", arguments: ["stackfirst", "tiny", "debug", "rust", "zig"])
    func committed(_ name: String) throws {
        let measured = try Measured(Self.bytes(name))
        #expect(UInt64(measured.committed) <= measured.data + UInt64(measured.stack?.peak ?? 0) + 2_048)
    }

    @Test("an overflow traps by name in every layout and frame; a stack of the guest's own does not")
    func overflow() throws {
        for layout in Self.layouts where !["swift", "grows"].contains(layout.name) {
            for name in ["dig", "take", "aligned"] {
                let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 << 20, alignment: 16)
                defer { pool.deallocate() }
                try Self.bytes(layout.name).withUnsafeBytes { contents in
                    var runtime = try unsafe Runtime<WritingHost>(buffer: pool)
                    var host = WritingHost()
                    let environment = try runtime.makeExecutionEnvironment(operandStackBytes: 2 << 20)
                    let instance = try runtime.instantiate(unsafe runtime.load(contents), links: Span<Link>(), in: environment, host: &host)
                    func call(_ name: String, _ argument: UInt32?) throws -> Outcome? {
                        let bytes = Array(name.utf8)
                        guard case .function(let function)? = try runtime.export(bytes.span, of: instance) else { return nil }
                        let arguments = argument.map { [Value.i32($0)] } ?? []
                        return try runtime.call(function, arguments.span, in: environment, host: &host)
                    }
                    guard let size = try runtime.auxStack(of: instance)?.size else { throw NotationError(description: "\(layout.name): no stack") }
                    let argument = ["dig": size / 48 + 1, "take": size + 16, "aligned": size / 256 + 1][name]
                    #expect(try call("elsewhere", 10) == .finished)
                    #expect(try call("give", nil) == .trapped(.auxStackUnderflow), "\(layout.name)")
                    let outcome = try call(name, argument)
                    #expect(outcome == .trapped(.auxStackOverflow), "\(layout.name) \(name)")
                }
            }
        }
    }

    @Test("the table of docs/MEMORY.md is what is measured")
    func table() throws {
        let text = try String(contentsOf: GuestFolder.package.appendingPathComponent("docs/MEMORY.md"), encoding: .utf8)
        for layout in Self.layouts {
            let measured = try Measured(Self.bytes(layout.name))
            let numbers = [measured.declared, measured.data, UInt64(measured.stack?.size ?? 0), UInt64(measured.stack?.peak ?? 0), UInt64(measured.committed)]
            let row = "| \(layout.words) | " + numbers.map { $0.formatted(.number.locale(Locale(identifier: "en_US"))) }.joined(separator: " | ") + " |"
            #expect(text.contains(row), "docs/MEMORY.md should have: \(row)")
        }
    }
}
