// Stores over simulated flash, and what the tests do with them.

import ModuleStore
import Testing

struct Geometry: Sendable, CustomTestStringConvertible {
    var eraseUnit: UInt32 = 64
    var writeUnit: UInt32 = 4
    var isRewritable = true
    var slotBytes: UInt32 = 192

    var testDescription: String { "erase \(eraseUnit), write \(writeUnit), \(isRewritable ? "rewritable" : "written once"), slots of \(slotBytes)" }

    func flash(seed: Int = 1, used: Bool = false) -> SimulatedFlash {
        SimulatedFlash(bytes: 2 * slotBytes, eraseUnit: eraseUnit, writeUnit: writeUnit, isRewritable: isRewritable, seed: seed, used: used)
    }

    func store(_ flash: SimulatedFlash) -> ModuleStore<SimulatedFlash> {
        ModuleStore(flash: flash, first: flash.base, second: flash.base + slotBytes, slotBytes: slotBytes)
    }
}

func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc = CRC32()
    for byte in bytes { crc.add(byte) }
    return crc.value
}

/// A module of its own bytes.
func module(_ number: Int, _ count: Int) -> [UInt8] {
    var random = Random(1_000 + number)
    return random.bytes(count)
}

/// Installs as a firmware does: in pieces, that are no multiples of anything.
@discardableResult
func install(_ bytes: [UInt8], _ store: inout ModuleStore<SimulatedFlash>, piece: Int = 13) throws(StoreError) -> StoredModule {
    try store.begin(length: UInt32(bytes.count), checksum: crc(bytes))
    var at = 0
    while at < bytes.count {
        let end = min(at + piece, bytes.count)
        try store.write(bytes[at..<end].span)
        at = end
    }
    return try store.commit()
}

/// The bytes of the module that a start would run, every one of them read; nil if there is none.
func running(_ store: borrowing ModuleStore<SimulatedFlash>) -> [UInt8]? {
    guard let module = store.newest() else { return nil }
    return (0..<module.length).map { store.flash.byte(module.address + $0) }
}

/// A start: holds what it runs.
func start(_ store: inout ModuleStore<SimulatedFlash>) -> [UInt8]? {
    guard let module = store.newest() else { return nil }
    store.hold(module.slot)
    return running(store)
}
