// Installing: the other slot's module is withdrawn and erased, the new one written and read back, and the header last.

/// A module that comes in, piece by piece.
struct Installation {
    let slot: Slot
    let record: SlotRecord
    /// Bytes that were taken.
    var received: UInt32 = 0
    /// Bytes of the module that lie in flash; whole units.
    var programmed: UInt32 = 0
    /// Of the slot, from its start.
    var erased: UInt32
    /// The unit that is being filled.
    var words = InlineArray<8, UInt32>(repeating: .max)
}

extension ModuleStore {
    /// What was announced of the module that is coming in, and how much of it was taken.
    public var progress: (length: UInt32, checksum: UInt32, received: UInt32)? {
        guard let installation else { return nil }
        return (installation.record.length, installation.record.checksum, installation.received)
    }

    /// Begins to install a module of `length` bytes with this CRC-32, in the slot that is not in use; where neither is, in the one without the newest. The
    /// slot's first erase unit is erased now, each of the others when the module comes to it. An installation that was going on is given up.
    @discardableResult
    public mutating func begin(length: UInt32, checksum: UInt32) throws(StoreError) -> Slot {
        guard length > 0 else { throw .empty }
        guard length <= capacity else { throw .tooLarge(bytes: length, capacity: capacity) }
        let slot = slotToErase()
        guard !isInUse(slot) else { throw .slotInUse(slot) }
        installation = nil
        let sequence = nextSequence()
        do throws(FlashError) {
            try withdrawBeforeErasing(slot)
            try flash.erase(start(of: slot))
        } catch {
            throw .flash(error)
        }
        installation = Installation(slot: slot, record: SlotRecord(sequence: sequence, length: length, checksum: checksum), erased: flash.eraseUnit)
        return slot
    }

    /// Takes the next bytes of the module. After an error the installation is over, but for `.notBegun` and `.tooMany`, which change nothing.
    public mutating func write(_ bytes: Span<UInt8>) throws(StoreError) {
        guard let installation else { throw .notBegun }
        let left = installation.record.length &- installation.received
        guard bytes.count <= Int(left) else {
            throw .tooMany(bytes: installation.received &+ UInt32(truncatingIfNeeded: bytes.count), announced: installation.record.length)
        }
        for index in bytes.indices { try take(bytes[index]) }
    }

    /// Makes the module the newest, if all of it is there and reads as announced. The slot in use stays in use: start the new module, then release the old one's.
    public mutating func commit() throws(StoreError) -> StoredModule {
        guard let begun = installation else { throw .notBegun }
        let record = begun.record
        guard begun.received == record.length else { throw .incomplete(bytes: begun.received, announced: record.length) }
        if begun.programmed < begun.received { try programUnit() }
        installation = nil
        let start = start(of: begun.slot)
        let address = start &+ layout.module
        let found: UInt32
        do throws(FlashError) { found = try checksum(address, length: record.length) } catch { throw .flash(error) }
        guard found == record.checksum else { throw .checksum(found: found, announced: record.checksum) }
        // The CRC is in the last unit: a cut before, or within, leaves no record.
        var at: UInt32 = 0
        while at < layout.record {
            try programRecord(record, start, at)
            at &+= layout.unit
        }
        return StoredModule(slot: begun.slot, sequence: record.sequence, address: address, length: record.length, checksum: record.checksum)
    }

    /// Gives up the installation that is going on, if there is one. What was written is erased by the next one.
    public mutating func cancel() { installation = nil }

    // MARK: taking back

    /// Erases a slot. Throws `.slotInUse`.
    public mutating func erase(_ slot: Slot) throws(StoreError) {
        guard !isInUse(slot) else { throw .slotInUse(slot) }
        if installation?.slot == slot { installation = nil }
        do throws(FlashError) {
            try withdrawBeforeErasing(slot)
            var at: UInt32 = 0
            while at < slotBytes {
                try flash.erase(start(of: slot) &+ at)
                at &+= flash.eraseUnit
            }
        } catch {
            throw .flash(error)
        }
    }

    /// Takes a module back that does not start: the other slot's is then the newest, if there is one. One write, which cannot be undone.
    public mutating func withdraw(_ slot: Slot) throws(StoreError) {
        let mark = start(of: slot) &+ layout.withdrawn
        let isBlank: Bool
        do throws(FlashError) {
            try programMark(mark)
            isBlank = try self.isBlank(mark)
        } catch {
            throw .flash(error)
        }
        guard !isBlank else { throw .differs(address: mark) }
    }
}

// MARK: steps

extension ModuleStore {
    private func slotToErase() -> Slot {
        if isInUse(.first) { return .second }
        if isInUse(.second) { return .first }
        return newest()?.slot.other ?? .first
    }

    private func nextSequence() -> UInt32 {
        switch (record(of: .first), record(of: .second)) {
        case (let one?, let two?): (one.isNewer(than: two) ? one : two).sequence &+ 1
        case (let one?, nil), (nil, let one?): one.sequence &+ 1
        case (nil, nil): 1
        }
    }

    /// Before a slot loses its module, the other one's must be beyond doubt; and this one's must be out of the way, or an erase that is cut could leave
    /// bits that read as they were for a while.
    private mutating func withdrawBeforeErasing(_ slot: Slot) throws(FlashError) {
        try settle(slot.other)
        try programMark(start(of: slot) &+ layout.withdrawn)
    }

    /// A commit that was cut may read well and yet not last: some bits may hold less charge than they should. So it is written again, once, before the
    /// other slot is given up; the mark is written when that has been done.
    private mutating func settle(_ slot: Slot) throws(FlashError) {
        guard flash.isRewritable, let record = record(of: slot) else { return }
        let start = start(of: slot)
        guard try isBlank(start &+ layout.settled) else { return }
        try program(start &+ layout.commit, unit(of: record, layout.commit))
        try programMark(start &+ layout.settled)
    }

    /// Zeros, unless something is there already.
    private mutating func programMark(_ address: UInt32) throws(FlashError) {
        guard try isBlank(address) else { return }
        try program(address, InlineArray(repeating: 0))
    }

    private func unit(of record: SlotRecord, _ at: UInt32) -> InlineArray<8, UInt32> {
        var words = InlineArray<8, UInt32>(repeating: .max)
        for index in 0..<layout.unitWords { words[Int(index)] = record.word(at &>> 2 &+ index) }
        return words
    }

    private mutating func programRecord(_ record: SlotRecord, _ start: UInt32, _ at: UInt32) throws(StoreError) {
        try programAndCompare(start &+ at, unit(of: record, at))
    }

    private mutating func program(_ address: UInt32, _ words: InlineArray<8, UInt32>) throws(FlashError) {
        try flash.program(address, words.span.extracting(0..<Int(layout.unitWords)))
    }

    private mutating func programAndCompare(_ address: UInt32, _ words: InlineArray<8, UInt32>) throws(StoreError) {
        do throws(FlashError) { try program(address, words) } catch { throw .flash(error) }
        for index in 0..<layout.unitWords {
            let at = address &+ index &* 4
            let found: UInt32
            do throws(FlashError) { found = try flash.read(at) } catch { throw .flash(error) }
            guard found == words[Int(index)] else { throw .differs(address: at) }
        }
    }

    /// One byte into the unit, and that into flash when it is full.
    private mutating func take(_ byte: UInt8) throws(StoreError) {
        guard let received = installation?.received, let programmed = installation?.programmed else { return }
        let place = received &- programmed
        let shift = (place & 3) &* 8
        installation?.words[Int(place &>> 2)] &= ~(0xFF &<< shift) | UInt32(byte) &<< shift
        installation?.received = received &+ 1
        if place &+ 1 == layout.unit { try programUnit() }
    }

    /// The unit that is being filled, the rest of it ones.
    private mutating func programUnit() throws(StoreError) {
        guard var installing = installation else { return }
        // On the way out through an error nothing goes on.
        installation = nil
        let start = start(of: installing.slot)
        let at = layout.module &+ installing.programmed
        if at >= installing.erased {
            do throws(FlashError) { try flash.erase(start &+ installing.erased) } catch { throw .flash(error) }
            installing.erased &+= flash.eraseUnit
        }
        try programAndCompare(start &+ at, installing.words)
        installing.programmed &+= layout.unit
        installing.words = InlineArray(repeating: .max)
        installation = installing
    }
}
