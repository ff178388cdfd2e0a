// NOR flash whose power can be cut within any operation. What a cut leaves are bits of which some hold: after each start the others read as either.

import ModuleStore

/// What the operation that was cut had done.
enum Tear: CaseIterable, Sendable {
    /// Nothing yet.
    case before
    /// Each bit that was to change has, or has not.
    case some
    /// The same, and those that have may read otherwise after another start.
    case weak
    /// All have, but one bit of each word may read otherwise after another start.
    case allWeak
    /// An erase had come to part of the unit; of a write all has been done.
    case part
}

struct SimulatedFlash: Flash {
    let eraseUnit: UInt32
    let writeUnit: UInt32
    let isRewritable: Bool
    let base: UInt32

    /// What holds: a bit is 1 erased, 0 programmed.
    private var solid: [UInt32]
    /// Bits between: programmed or erased by halves.
    private var weak: [UInt32]
    /// What is read in this life.
    private var seen: [UInt32]
    /// How often each word was programmed since it was erased.
    private(set) var programmed: [Int]
    private var random: Random

    /// Erases and writes of units since the power came.
    private(set) var operations = 0
    /// The operation within which the power goes.
    var cut: (operation: Int, tear: Tear)?
    private(set) var isOff = false
    /// Addresses that cannot be programmed any more, or not be erased, or read.
    var deaf: Set<UInt32> = []
    var stuck: Set<UInt32> = []
    var unreadable: Set<UInt32> = []
    /// What each operation was: E or P, and the address.
    private(set) var log: [(isErase: Bool, address: UInt32)] = []

    init(bytes: UInt32, base: UInt32 = 0x3_8000, eraseUnit: UInt32 = 64, writeUnit: UInt32 = 4, isRewritable: Bool = true, seed: Int = 1, used: Bool = false) {
        (self.eraseUnit, self.writeUnit, self.isRewritable, self.base) = (eraseUnit, writeUnit, isRewritable, base)
        random = Random(seed)
        solid = []
        for _ in 0..<bytes / 4 { solid.append(used ? random.word() : .max) }
        weak = solid.map { _ in 0 }
        seen = solid
        programmed = solid.map { $0 == .max ? 0 : 1 }
    }

    /// The same flash, with power again.
    func restarted(cut: (operation: Int, tear: Tear)? = nil) -> SimulatedFlash {
        var flash = self
        (flash.operations, flash.isOff, flash.cut, flash.log) = (0, false, cut, [])
        for index in flash.weak.indices where flash.weak[index] != 0 {
            flash.seen[index] = flash.solid[index] & ~flash.weak[index] | flash.random.word() & flash.weak[index]
        }
        return flash
    }

    private func index(_ address: UInt32) -> Int {
        precondition(address % 4 == 0 && address >= base && Int(address - base) / 4 < solid.count, "outside of the flash")
        return Int(address - base) / 4
    }

    func read(_ address: UInt32) throws(FlashError) -> UInt32 {
        let index = index(address)
        guard !isOff, unreadable.isEmpty || !unreadable.contains(address) else { throw .read(address) }
        return seen[index]
    }

    func byte(_ address: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: seen[index(address & ~3)] >> (8 * (address & 3))) }
    func timesProgrammed(_ address: UInt32) -> Int { programmed[index(address)] }

    mutating func erase(_ address: UInt32) throws(FlashError) {
        precondition(address % eraseUnit == 0)
        let words = index(address)..<index(address) + Int(eraseUnit / 4)
        log.append((true, address))
        guard let tear = try begin(.erase(address)) else {
            guard !stuck.contains(address) else { return }
            for index in words { set(index, solid: .max, weak: 0) }
            for index in words { programmed[index] = 0 }
            return
        }
        for index in words where tear != .before && (tear != .part || random.word() & 1 == 0) {
            // Bits go to 1, or are on their way.
            let changed = ~solid[index] & (tear == .some || tear == .weak ? random.word() : .max)
            let isWeak = tear == .weak ? changed & random.word() : tear == .allWeak ? oneBit(of: changed) : 0
            set(index, solid: solid[index] | changed, weak: isWeak | weak[index])
        }
        throw .erase(address)
    }

    mutating func program(_ address: UInt32, _ words: Span<UInt32>) throws(FlashError) {
        precondition(address % writeUnit == 0 && words.count == Int(writeUnit / 4))
        let first = index(address)
        log.append((false, address))
        let tear = try begin(.program(address))
        if tear != .before {
            for number in words.indices {
                programmed[first + number] += 1
                let isWhole = tear == nil || tear == .allWeak || tear == .part
                let target = ~words[number] & (isWhole ? .max : random.word())
                let isWeak = tear == .weak ? target & random.word() : tear == .allWeak ? oneBit(of: target) : 0
                // What was solid stays so; what is programmed in full now becomes so. Only bits that were not programmed before can be weak.
                let old = ~solid[first + number] & ~weak[first + number]
                let stillWeak = weak[first + number] & ~(target & ~isWeak)
                guard deaf.isEmpty || !deaf.contains(address) else { continue }
                set(first + number, solid: solid[first + number] & ~target, weak: (stillWeak | isWeak) & ~old)
            }
        }
        if tear != nil { throw .program(address) }
    }

    private mutating func oneBit(of word: UInt32) -> UInt32 {
        let bits = (0..<32 as Range<UInt32>).filter { word >> $0 & 1 == 1 }
        return bits.randomElement(using: &random).map { 1 << $0 } ?? 0
    }

    private mutating func set(_ index: Int, solid bits: UInt32, weak weakBits: UInt32) {
        (solid[index], weak[index]) = (bits, weakBits)
        seen[index] = bits & ~weakBits | random.word() & weakBits
    }

    /// Counts the operation; nil if it is to be done in full.
    private mutating func begin(_ error: FlashError) throws(FlashError) -> Tear? {
        guard !isOff else { throw error }
        operations += 1
        guard let cut, cut.operation == operations else { return nil }
        isOff = true
        return cut.tear
    }
}
