// The guest with a malloc of its own, allocated in by the host between its calls.

import Runtime
import TestGuests
import Testing
import WasmFormat

@Suite struct AllocatorTests {
    @Test("blocks from alloc.wasm's malloc hold what the host writes, through the guest's own work, and its heap is empty when they are back")
    func malloc() throws {
        let guest = try #require(try GuestFolder.expected().first { $0.name == "alloc" })
        let player = try Player()
        let instance = try player.instance(of: guest.bytes())
        func used() throws -> UInt32? {
            guard case .results(let values) = try player.call("used", [], of: instance)?.expectation, case .i32(let bytes) = values.first else { return nil }
            return bytes
        }
        let main = try #require(guest.calls.first { $0.name == "main" }).expectation
        #expect(try player.call("main", [], of: instance)?.expectation == main && used() == 0)
        var blocks: [(address: UInt32, contents: [UInt8])] = []
        for i in 0..<40 {
            let contents = (0..<i * 50 + 1).map { UInt8(truncatingIfNeeded: $0 * 3 + i) }
            let address = try player.allocate(UInt32(contents.count), in: instance)
            try player.write(contents, at: address, of: instance)
            blocks.append((address, contents))
            if i % 3 == 2 { try player.free(blocks.remove(at: i / 3).address, in: instance) }
        }
        let mine = try #require(try used())
        #expect(mine >= UInt32(blocks.reduce(0) { $0 + $1.contents.count }))
        // A map and a tree come and go around them. Its answer has what is in use in it.
        #expect(try player.call("main", [], of: instance) != nil && used() == mine)
        for block in blocks { #expect(try player.read(block.address, UInt32(block.contents.count), of: instance) == block.contents) }
        #expect(throws: GuestMemoryError.exhausted) { try player.allocate(0x7fff_ffff, in: instance) }
        #expect(throws: GuestMemoryError.exhausted) { try player.allocate(8 << 20, in: instance) }
        for block in blocks { try player.free(block.address, in: instance) }
        #expect(try used() == 0)
        #expect(try player.call("main", [], of: instance)?.expectation == main)
    }
}
