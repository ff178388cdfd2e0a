// What the store refuses, or could not do. In every case the module that was there before is still there.

public enum StoreError: Error, Equatable, Sendable {
    /// A module runs from the slot that would have to be erased.
    case slotInUse(Slot)
    case empty
    case tooLarge(bytes: UInt32, capacity: UInt32)
    case flash(FlashError)
    /// What was programmed at an address reads otherwise.
    case differs(address: UInt32)
    /// More bytes than were announced.
    case tooMany(bytes: UInt32, announced: UInt32)
    /// Fewer bytes than were announced.
    case incomplete(bytes: UInt32, announced: UInt32)
    /// The bytes in the slot are not those that were announced.
    case checksum(found: UInt32, announced: UInt32)
    /// No installation is going on.
    case notBegun

    /// As it goes over the console: a number, and two more.
    public var code: (kind: UInt8, first: UInt32, second: UInt32) {
        switch self {
        case .slotInUse(let slot): (1, UInt32(slot.rawValue), 0)
        case .empty: (2, 0, 0)
        case .tooLarge(let bytes, let capacity): (3, bytes, capacity)
        case .flash(.read(let address)): (4, address, 0)
        case .flash(.erase(let address)): (4, address, 1)
        case .flash(.program(let address)): (4, address, 2)
        case .differs(let address): (5, address, 0)
        case .tooMany(let bytes, let announced): (6, bytes, announced)
        case .incomplete(let bytes, let announced): (7, bytes, announced)
        case .checksum(let found, let announced): (8, found, announced)
        case .notBegun: (9, 0, 0)
        }
    }

    /// Nil for numbers that no error has.
    public init?(code kind: UInt8, _ first: UInt32, _ second: UInt32) {
        switch (kind, second) {
        case (1, 0):
            guard first <= 1 else { return nil }
            self = .slotInUse(first == 0 ? .first : .second)
        case (2, 0) where first == 0: self = .empty
        case (3, _): self = .tooLarge(bytes: first, capacity: second)
        case (4, 0): self = .flash(.read(first))
        case (4, 1): self = .flash(.erase(first))
        case (4, 2): self = .flash(.program(first))
        case (5, 0): self = .differs(address: first)
        case (6, _): self = .tooMany(bytes: first, announced: second)
        case (7, _): self = .incomplete(bytes: first, announced: second)
        case (8, _): self = .checksum(found: first, announced: second)
        case (9, 0) where first == 0: self = .notBegun
        default: return nil
        }
    }
}
