// The store without cuts: what it keeps, and what it refuses.

import ModuleStore
import ModuleSender
import Testing

@Suite struct StoreTests {
    static let geometries = [
        Geometry(), Geometry(writeUnit: 8), Geometry(eraseUnit: 128, writeUnit: 16, slotBytes: 256), Geometry(eraseUnit: 128, writeUnit: 32, isRewritable: false, slotBytes: 384),
        Geometry(eraseUnit: 1024, slotBytes: 8192),
    ]

    @Test("The CRC is that of IEEE 802.3")
    func checksum() {
        #expect(crc(Array("123456789".utf8)) == 0xCBF4_3926)
        var words = CRC32()
        words.add(word: 0x3433_3231)
        words.add(word: 0x3837_3635)
        words.add(word: 0xFFFF_FF39, count: 1)
        #expect(words.value == 0xCBF4_3926)
    }

    @Test("Modules of every length that fits are kept to the byte, in turn in both slots; what flash held before does not matter", arguments: geometries, [false, true])
    func lengths(geometry: Geometry, used: Bool) throws {
        var store = geometry.store(geometry.flash(used: used))
        #expect(running(store) == nil)
        let capacity = Int(store.capacity)
        let lengths = geometry.slotBytes > 1000 ? [1, capacity / 2, capacity - 1, capacity] : Array(1...capacity)
        for (number, length) in lengths.enumerated() {
            let bytes = module(number, length)
            let installed = try install(bytes, &store, piece: 1 + number % 67)
            #expect(installed.slot == (number % 2 == 0 ? .first : .second) && installed.sequence == UInt32(number + 1))
            #expect(store.newest() == installed && running(store) == bytes && installed.address % 8 == 0)
            // A new start sees the same.
            store = geometry.store(store.flash.restarted())
            #expect(store.newest() == installed && running(store) == bytes)
        }
    }

    @Test("No word is programmed more often than the flash allows between two erases", arguments: geometries)
    func wear(geometry: Geometry) throws {
        var store = geometry.store(geometry.flash())
        for number in 0..<6 {
            try install(module(number, Int(store.capacity) / 2), &store)
            store = geometry.store(store.flash.restarted())
            #expect(store.flash.programmed.max() ?? 0 <= (geometry.isRewritable ? 2 : 1))
        }
        // The erases of the module's units only.
        try install(module(9, 1), &store)
        #expect(store.flash.log.filter(\.isErase).count == 1)
    }

    @Test("A slot in use is not erased: the error names it, and the flash is not touched")
    func inUse() throws {
        let geometry = Geometry()
        var store = geometry.store(geometry.flash())
        let old = module(1, 100)
        let first = try install(old, &store)
        store.hold(first.slot)
        #expect(throws: StoreError.slotInUse(.first)) { try store.erase(.first) }
        // The new one goes to the other, however often.
        for number in 2..<5 {
            let installed = try install(module(number, 90), &store)
            #expect(installed.slot == .second && store.module(in: .first) == first)
        }
        // Both in use, as between the start of the new and the end of the old one.
        store.hold(.second)
        let operations = store.flash.operations
        #expect(throws: StoreError.slotInUse(.second)) { try store.begin(length: 10, checksum: 0) }
        #expect(throws: StoreError.slotInUse(.second)) { try store.erase(.second) }
        #expect(store.flash.operations == operations)
        store.release(.first)
        let installed = try install(old, &store)
        #expect(installed.slot == .first)
        #expect("\(StoreError.slotInUse(.second))" == "slot 1 is in use: start the module of the other slot, or stop this one, before it is erased")
        store.release(.second)
        try store.erase(.second)
        #expect(store.module(in: .second) == nil && running(store) == old)
    }

    @Test("What cannot be installed is refused with the numbers, and the module that is there stays")
    func refusals() throws {
        let geometry = Geometry()
        var store = geometry.store(geometry.flash())
        let old = module(1, 150)
        try install(old, &store)
        #expect(throws: StoreError.tooLarge(bytes: 161, capacity: 160)) { try store.begin(length: 161, checksum: 0) }
        #expect("\(StoreError.tooLarge(bytes: 161, capacity: 160))".hasPrefix("the module has 161 bytes, a slot has room for 160: "))
        #expect(throws: StoreError.tooLarge(bytes: .max, capacity: 160)) { try store.begin(length: .max, checksum: 0) }
        #expect(throws: StoreError.empty) { try store.begin(length: 0, checksum: 0) }
        #expect(throws: StoreError.notBegun) { try store.write([1].span) }
        #expect(throws: StoreError.notBegun) { try store.commit() }
        let new = module(2, 40)
        let (most, rest) = (Array(new[..<39]), Array(new[39...]))
        try store.begin(length: 40, checksum: crc(new) ^ 1)
        #expect(throws: StoreError.tooMany(bytes: 41, announced: 40)) { try store.write([UInt8](repeating: 0, count: 41).span) }
        try store.write(most.span)
        #expect(throws: StoreError.incomplete(bytes: 39, announced: 40)) { try store.commit() }
        try store.write(rest.span)
        #expect(throws: StoreError.checksum(found: crc(new), announced: crc(new) ^ 1)) { try store.commit() }
        #expect(running(store) == old && store.progress == nil)
        try store.begin(length: 40, checksum: crc(new))
        try store.write(new.span)
        store.cancel()
        #expect(throws: StoreError.notBegun) { try store.commit() }
        #expect(running(store) == old)
        try install(new, &store)
        #expect(running(store) == new)
    }

    @Test("Flash that fails is found before the commit, with the address, whichever unit it is; the old module stays")
    func badFlash() throws {
        let geometry = Geometry()
        var good = geometry.store(geometry.flash())
        let (old, new, third) = (module(1, 120), module(2, 120), module(3, 120))
        try install(old, &good)
        try install(new, &good)
        let used = good.flash.restarted()
        var log: [(isErase: Bool, address: UInt32)] = []
        do {
            var store = geometry.store(used)
            try install(third, &store)
            log = store.flash.log
        }
        var marks = 0
        for (isErase, address) in log {
            var flash = used
            if isErase { flash.stuck = [address] } else { flash.deaf = [address] }
            var store = geometry.store(flash)
            do {
                try install(third, &store)
                // The marks, and the word that is written once more, are not read back: what they are for is not needed now.
                #expect(address == flash.base + 24 || address == flash.base + 192 + 16 || address == flash.base + 192 + 20)
                marks += 1
            } catch StoreError.differs(let at) {
                #expect(isErase ? at >= address && at < address + 64 : at == address)
                #expect(store.progress == nil && running(store) == new)
            }
        }
        #expect(marks == 3)
        // A word that cannot be read is no module, and no crash.
        var flash = used
        flash.unreadable = [flash.base + 192 + 40]
        var store = geometry.store(flash)
        #expect(running(store) == old)
        flash.unreadable = [flash.base + 192 + 40, flash.base + 4]
        store = geometry.store(flash)
        #expect(store.newest() == nil)
        #expect(throws: StoreError.flash(.read(flash.base + 40))) {
            flash.unreadable = [flash.base + 40]
            store = geometry.store(flash)
            try install(old, &store)
        }
    }

    @Test("A module that is withdrawn gives way to the one before")
    func withdraw() throws {
        let geometry = Geometry()
        var store = geometry.store(geometry.flash())
        let (old, new) = (module(1, 50), module(2, 60))
        try install(old, &store)
        let bad = try install(new, &store)
        let mark = store.flash.base + 192 + 24
        store.flash.deaf = [mark]
        #expect(throws: StoreError.differs(address: mark)) { try store.withdraw(bad.slot) }
        #expect(running(store) == new)
        store.flash.deaf = []
        try store.withdraw(bad.slot)
        #expect(running(store) == old)
        store = geometry.store(store.flash.restarted())
        #expect(running(store) == old && store.module(in: bad.slot) == nil)
        let again = try install(new, &store)
        #expect(again.slot == bad.slot && running(store) == new)
    }

    @Test("The count of installations may wrap")
    func wrap() throws {
        let geometry = Geometry()
        var store = geometry.store(geometry.flash())
        try install(module(1, 20), &store)
        // The first slot's record by hand, with the last number that there is.
        var record: [UInt32] = [0x3154_534D, .max, 20, crc(module(1, 20))]
        var sum = CRC32()
        for word in record { sum.add(word: word) }
        record.append(sum.value)
        var flash = store.flash
        let body = (0..<5 as Range<UInt32>).map { index in (0..<4 as Range<UInt32>).reduce(0) { $0 | UInt32(flash.byte(flash.base + 32 + index * 4 + $1)) << (8 * $1) } }
        try flash.erase(flash.base)
        for (index, word) in record.enumerated() { try flash.program(flash.base + UInt32(index) * 4, [word].span) }
        for (index, word) in body.enumerated() { try flash.program(flash.base + 32 + UInt32(index) * 4, [word].span) }
        store = geometry.store(flash)
        #expect(store.newest()?.sequence == .max && running(store) == module(1, 20))
        for number in 2..<5 {
            let installed = try install(module(number, 30), &store)
            #expect(installed.sequence == UInt32(number - 2) && running(store) == module(number, 30))
        }
    }

    @Test("Any flipped bit of a slot leaves the other slot's module, or the same one; never another")
    func flippedBits() throws {
        let geometry = Geometry(slotBytes: 128)
        var store = geometry.store(geometry.flash())
        let (old, new) = (module(1, 70), module(2, 70))
        try install(old, &store)
        let installed = try install(new, &store)
        let base = store.flash.base + 128
        for bit in 0..<128 * 8 as Range<UInt32> {
            var flash = store.flash
            let address = base + bit / 32 * 4
            var words = (0..<32 as Range<UInt32>).map { index in (0..<4 as Range<UInt32>).reduce(0) { $0 | UInt32(flash.byte(base + index * 4 + $1)) << (8 * $1) } }
            words[Int(address - base) / 4] ^= 1 << (bit % 32)
            try flash.erase(base)
            try flash.erase(base + 64)
            for (index, word) in words.enumerated() { try flash.program(base + UInt32(index) * 4, [word].span) }
            let after = geometry.store(flash)
            let isOutside = bit / 8 >= 32 + 70 || (20..<24).contains(bit / 8) || (28..<32).contains(bit / 8)
            #expect(running(after) == (isOutside ? new : old) && (after.newest() == installed) == isOutside, "bit \(bit)")
        }
    }

    @Test("Errors cross the line as three numbers")
    func codes() {
        let errors: [StoreError] = [
            .slotInUse(.first), .slotInUse(.second), .empty, .tooLarge(bytes: 7, capacity: 5), .flash(.read(12)), .flash(.erase(1024)), .flash(.program(.max)),
            .differs(address: 16), .tooMany(bytes: 3, announced: 2), .incomplete(bytes: 1, announced: 2), .checksum(found: 1, announced: 2), .notBegun,
        ]
        for error in errors {
            let code = error.code
            #expect(StoreError(code: code.kind, code.first, code.second) == error)
            let words = "\(error)"
            #expect(words.contains(": ") && !words.contains("\n"))
        }
        #expect(Set(errors.map { "\($0)" }).count == errors.count)
        for kind in 0...255 as ClosedRange<UInt8> where kind == 0 || kind > 9 { #expect(StoreError(code: kind, 0, 0) == nil) }
    }
}
