// A slot's header: it is written last, and makes the module beside it one.
//
//     0       4          8        12        16            unit…     + unit      + unit, to a multiple of 8
//     │ mark  │ sequence │ length │ CRC-32  │ CRC-32 of   │ settled │ withdrawn │ module …
//     │       │          │        │ of the  │ the words   │         │           │
//     │       │          │        │ module  │ before      │         │           │
//
// The first five words are the record; it is padded with ones to the flash's write units, as each mark is one unit: nothing is programmed twice but on purpose.

public enum Slot: UInt8, Sendable {
    case first = 0, second = 1

    public var other: Slot { self == .first ? .second : .first }
}

/// A module that lies in a slot, whole.
public struct StoredModule: Equatable, Sendable {
    public let slot: Slot
    /// Of two slots the higher one is the newer: it counts the installations.
    public let sequence: UInt32
    /// Of the module's first byte, a multiple of 8 from the slot's start.
    public let address: UInt32
    /// Bytes.
    public let length: UInt32
    /// CRC-32 of the module.
    public let checksum: UInt32
}

struct SlotRecord {
    /// "MST1"; it changes with the layout.
    static var mark: UInt32 { 0x3154_534D }
    static var words: UInt32 { 5 }

    let sequence: UInt32
    let length: UInt32
    let checksum: UInt32

    /// A word of the record; ones behind it.
    func word(_ index: UInt32) -> UInt32 {
        switch index {
        case 0: return Self.mark
        case 1: return sequence
        case 2: return length
        case 3: return checksum
        case 4:
            var crc = CRC32()
            for index in 0..<4 as Range<UInt32> { crc.add(word: word(index)) }
            return crc.value
        default: return .max
        }
    }

    /// Whether this one was installed later. The count may wrap.
    func isNewer(than other: SlotRecord) -> Bool { Int32(bitPattern: sequence &- other.sequence) > 0 }
}

/// Where things lie in a slot, from its start. It follows from the flash's write unit alone.
struct SlotLayout {
    let unit: UInt32

    var unitWords: UInt32 { unit &>> 2 }
    /// Bytes of the record with its padding.
    var record: UInt32 { (SlotRecord.words &* 4 &+ unit &- 1) & ~(unit &- 1) }
    /// The record's last unit, which has the CRC: with it the module is there.
    var commit: UInt32 { record &- unit }
    /// Not all ones: the commit was written a second time, without a cut.
    var settled: UInt32 { record }
    /// Not all ones: the slot has no module, whatever its record says.
    var withdrawn: UInt32 { record &+ unit }
    var module: UInt32 { (record &+ 2 &* unit &+ 7) & ~7 }
}
