// What an instance keeps of its aux stack: where it lies in linear memory, and how deep it ever was.
//
//     │ bottom │ not checked: bit 0 │     │ start │     │ lowest │

import WasmFormat

/// A view of the three words in an instance's block. 12 bytes, in instances of modules that have an aux stack. What is imported from an instance
/// with an aux stack refers to the owner's.
@safe struct AuxStackWords {
    let words: Words
    static var count: UInt32 { 3 }

    /// The lowest address of the stack, a multiple of 16.
    var bottom: UInt32 { words[0] & ~15 }
    var isChecked: Bool { words[0] & 1 == 0 }
    /// Where the pointer stands when nothing is on the stack.
    var start: UInt32 { words[1] }
    /// The lowest place that the pointer ever had inside the stack.
    var lowest: UInt32 {
        get { words[2] }
        nonmutating set { words[2] = newValue }
    }
    /// An instance whose pointer starts nowhere in its memory has none.
    var isNone: Bool { start == 0 }

    /// What an instance's window begins with for it: the stretch asked for, or nothing.
    func firstWindow(_ configuration: InstanceConfiguration) -> (low: UInt64, high: UInt64) {
        AuxStackWords.firstWindow(bottom: bottom, start: start, configuration)
    }
    static func firstWindow(bottom: UInt32, start: UInt32, _ configuration: InstanceConfiguration) -> (low: UInt64, high: UInt64) {
        guard configuration.auxStackBytes > 0, bottom == 0, start > 0 else { return (.max, 0) }
        return (UInt64(start &- min(start, configuration.auxStackBytes)) & ~7, UInt64(start))
    }

    var isImported: Bool { words[2] > words[1] }
    var owner: HeapReference { HeapReference(bits: words[0]) }

    func set(bottom: UInt32, start: UInt32, isChecked: Bool) {
        words[0] = bottom | (isChecked ? 0 : 1)
        words[1] = start
        words[2] = start
    }
    func set(owner: HeapReference) {
        words[0] = owner.bits
        words[1] = 0
        words[2] = 1
    }
}
