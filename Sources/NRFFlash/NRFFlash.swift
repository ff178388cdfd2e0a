// The flash of nRF51 and nRF52, through its controller (nRF51 Series Reference Manual, chapter 6: NVMC).
//
// The core stands still while it runs from flash and this is erased (22 ms a page) or written (46 µs a word). A word of the nRF51 may be written
// twice between two erases.

import ModuleStore
import Serial

public struct NRFFlash: Flash {
    private static var ready: UInt { 0x4001_E400 }
    private static var config: UInt { 0x4001_E504 }
    private static var erasePage: UInt { 0x4001_E508 }

    public let eraseUnit: UInt32
    public var writeUnit: UInt32 { 4 }
    public var isRewritable: Bool { true }

    /// Bytes of a page: 1,024 on the nRF51, 4,096 on the nRF52.
    public init(pageBytes: UInt32) { eraseUnit = pageBytes }

    public func read(_ address: UInt32) throws(FlashError) -> UInt32 { Peripheral.read(UInt(address)) }

    public mutating func erase(_ address: UInt32) throws(FlashError) {
        guard access(2, { Peripheral.write(Self.erasePage, address) }) else { throw .erase(address) }
    }

    public mutating func program(_ address: UInt32, _ words: Span<UInt32>) throws(FlashError) {
        for index in words.indices {
            let place = UInt(address) + UInt(index) * 4
            guard access(1, { Peripheral.write(place, words[index]) }) else { throw .program(UInt32(truncatingIfNeeded: place)) }
        }
    }

    /// Opens the controller for writes (1) or erases (2), and closes it behind. False if it does not become ready.
    private func access(_ mode: UInt32, _ body: () -> Void) -> Bool {
        guard Peripheral.wait(Self.ready, mask: 1, for: 1) else { return false }
        Peripheral.write(Self.config, mode)
        body()
        let isDone = Peripheral.wait(Self.ready, mask: 1, for: 1)
        Peripheral.write(Self.config, 0)
        return isDone
    }
}
