// Two slots in flash, each for a module: one that runs, and one for the next. docs/STORE.md tells why a cut of the power at any moment leaves one whole.
//
//     first slot    │ header │ module … │ free │        both of the same length, whole erase units
//     second slot   │ header │ module … │ free │

public struct ModuleStore<FlashType: Flash>: ~Copyable {
    public var flash: FlashType
    let layout: SlotLayout
    let first: UInt32
    let second: UInt32
    let slotBytes: UInt32
    /// A bit for each slot that a module runs from.
    private var used: UInt8 = 0
    var installation: Installation?

    /// The slots of `slotBytes` each begin at multiples of the flash's erase unit, and do not overlap.
    public init(flash: FlashType, first: UInt32, second: UInt32, slotBytes: UInt32) {
        let (erase, unit) = (flash.eraseUnit, flash.writeUnit)
        precondition(unit >= 4 && unit <= 32 && unit & (unit &- 1) == 0, "the write unit is 4, 8, 16 or 32 bytes")
        precondition(erase > unit && erase & (erase &- 1) == 0, "the erase unit is a power of 2, and longer than the write unit")
        // Not yet the property: read from a closure before all are set, it miscompiles in a type that is not copyable (Swift 6.3).
        let layout = SlotLayout(unit: unit)
        precondition(slotBytes > 0 && (first | second | slotBytes) & (erase &- 1) == 0, "slots are whole erase units")
        precondition(erase >= layout.module && slotBytes > layout.module, "a slot has room for its header in its first erase unit")
        precondition(first <= second ? second &- first >= slotBytes : first &- second >= slotBytes, "slots overlap")
        precondition(first <= .max &- (slotBytes &- 1) && second <= .max &- (slotBytes &- 1), "a slot ends behind the last address")
        (self.flash, self.layout) = (flash, layout)
        (self.first, self.second, self.slotBytes) = (first, second, slotBytes)
    }

    /// Bytes of the largest module.
    public var capacity: UInt32 { slotBytes &- layout.module }

    func start(of slot: Slot) -> UInt32 { slot == .first ? first : second }

    // MARK: what is there

    /// The module to run: the newest that is whole; nil if there is none. It reads all of both slots, to compute their CRCs.
    public func newest() -> StoredModule? {
        guard let one = module(in: .first) else { return module(in: .second) }
        guard let two = module(in: .second) else { return one }
        return Int32(bitPattern: two.sequence &- one.sequence) > 0 ? two : one
    }

    /// A slot's module, if one is completely there: header and module have their CRCs.
    public func module(in slot: Slot) -> StoredModule? {
        guard let record = record(of: slot) else { return nil }
        let address = start(of: slot) &+ layout.module
        guard (try? checksum(address, length: record.length)) == record.checksum else { return nil }
        return StoredModule(slot: slot, sequence: record.sequence, address: address, length: record.length, checksum: record.checksum)
    }

    /// A slot's record, if it is whole and not withdrawn; what the module's bytes are is not looked at. Flash that cannot be read has no record.
    func record(of slot: Slot) -> SlotRecord? {
        let start = start(of: slot)
        do throws(FlashError) {
            guard try isBlank(start &+ layout.withdrawn) else { return nil }
            let record = SlotRecord(sequence: try flash.read(start &+ 4), length: try flash.read(start &+ 8), checksum: try flash.read(start &+ 12))
            guard try flash.read(start) == SlotRecord.mark, try flash.read(start &+ 16) == record.word(4), record.length > 0, record.length <= capacity
            else { return nil }
            return record
        } catch {
            return nil
        }
    }

    /// Whether a write unit has only ones.
    func isBlank(_ address: UInt32) throws(FlashError) -> Bool {
        for index in 0..<layout.unitWords {
            guard try flash.read(address &+ index &* 4) == .max else { return false }
        }
        return true
    }

    /// The CRC-32 of bytes in flash.
    func checksum(_ address: UInt32, length: UInt32) throws(FlashError) -> UInt32 {
        var crc = CRC32()
        var at: UInt32 = 0
        while at < length {
            crc.add(word: try flash.read(address &+ at), count: min(length &- at, 4))
            at &+= 4
        }
        return crc.value
    }

    // MARK: slots in use

    /// A module runs from the slot, or is about to: it is not erased until `release`.
    public mutating func hold(_ slot: Slot) { used |= 1 &<< slot.rawValue }

    public mutating func release(_ slot: Slot) { used &= ~(1 &<< slot.rawValue) }

    public func isInUse(_ slot: Slot) -> Bool { used & (1 &<< slot.rawValue) != 0 }
}
