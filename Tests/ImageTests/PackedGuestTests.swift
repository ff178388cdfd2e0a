// Every guest and sample, packed: the same results as from .wasm, from two addresses, from memory that cannot be written to, and no RAM for what the image holds.

import Foundation
import Packing
import Runtime
import TestGuests
import Testing

@testable import Image
@testable import WasmFormat

/// An image in pages that cannot be written to, at any multiple of 4 from their start.
@safe final class ReadOnlyImage {
    let bytes: UnsafeRawBufferPointer
    private let start: UnsafeMutableRawPointer
    private let size: Int

    init(_ image: [UInt8], shift: Int = 0) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        size = (image.count + shift + page - 1) / page * page
        // Safety: a new mapping, written to before it is made read-only; unmapped with the object.
        unsafe start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)!
        for i in image.indices { unsafe start.storeBytes(of: image[i], toByteOffset: shift + i, as: UInt8.self) }
        unsafe precondition(mprotect(start, size, PROT_READ) == 0)
        unsafe bytes = UnsafeRawBufferPointer(start: start + shift, count: image.count)
    }
    deinit { unsafe munmap(start, size) }
}

/// What a module did: the results of every call, what it printed, what was taken of the pool.
struct Played: Equatable {
    var outcomes: [Outcome] = []
    var results: [[Value]] = []
    var output: [[UInt8]] = []
}

func play(_ bytes: UnsafeRawBufferPointer, _ calls: [ExpectedCall]) throws -> (played: Played, report: MemoryReport) {
    let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 16)
    defer { unsafe pool.deallocate() }
    var runtime = unsafe try Runtime<WritingHost>(buffer: pool)
    let environment = try runtime.makeExecutionEnvironment(operandStackBytes: 16 << 10)
    var played = Played()
    var report: MemoryReport?
    let module = unsafe try runtime.load(bytes)
    for call in calls {
        var host = WritingHost()
        let instance = try runtime.instantiate(module, links: Span<Link>(), in: environment, host: &host)
        let name = Array(call.name.utf8)
        guard case .function(let function) = try runtime.export(name.span, of: instance) else { throw NotationError(description: "no function \(call.name)") }
        let outcome = try runtime.call(function, call.arguments.span, in: environment, fuel: 1 << 34, host: &host)
        played.outcomes.append(outcome)
        var results: [Value] = []
        if outcome == .finished { for i in 0..<(try runtime.resultCount(of: function)) { results.append(try runtime.result(i, of: function, in: environment)) } }
        played.results.append(results)
        played.output.append(host.output)
        report = try runtime.memoryReport(of: instance, in: environment)
        try runtime.tearDown(instance)
    }
    try runtime.unload(module)
    return (played, try #require(report))
}

struct PackedGuestTests {
    @Test("a guest gives the same from its image as from its .wasm, at two addresses, out of read-only memory, and its image takes no RAM", arguments: try GuestFolder.expected())
    func guests(_ guest: GuestFolder.Guest) throws {
        let wasm = ReadOnlyImage(try guest.bytes(), shift: 1)
        let image = try Packing.pack(guest.bytes())
        let expected = unsafe try play(wasm.bytes, guest.calls)
        for shift in [0, 4, 20] {
            let packed = ReadOnlyImage(image, shift: shift)
            let found = unsafe try play(packed.bytes, guest.calls)
            #expect(found.played == expected.played)
            #expect(found.report.moduleRecords == 0 && found.report.registerCode == 0)
            #expect(found.report.instance == expected.report.instance && found.report.tables == expected.report.tables)
            #expect(found.report.linearMemory == expected.report.linearMemory)
        }
        #expect(expected.report.registerCode > 0)
    }

    @Test("the same module gives the same image, bit for bit, and its checksum holds")
    func deterministic() throws {
        for guest in try GuestFolder.expected() {
            let first = try Packing.pack(guest.bytes())
            #expect(try Packing.pack(guest.bytes()) == first)
            let whole = ReadOnlyImage(first)
            #expect(unsafe Runtime<WritingHost>.isIntact(image: whole.bytes))
        }
    }
}
