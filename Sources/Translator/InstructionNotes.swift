// Which instruction each word of a function came from, noted while it is translated: in memory of whoever asks.

/// Notes on a stretch of a function's words. A word belongs to the last instruction that began when it was not written yet, or had been
/// taken back: so a fused instruction is that which completed it.
@safe package struct InstructionNotes {
    /// Of each word of the stretch, the offset of an instruction that began there; 0 where none did.
    private let offsets: UnsafeMutablePointer<UInt32>
    private let first: UInt32
    private let count: UInt32
    /// The place of the last note. All behind it are stale.
    private var last: UInt32 = 0

    /// More words to note than to ask for: the prologue is written in full first.
    package static var margin: UInt32 { 2 }

    /// Notes on `count` words from `first` on. `offsets` has room for `margin` more, is zero, and nobody else's while this value lives.
    @unsafe package init(_ offsets: UnsafeMutablePointer<UInt32>, first: UInt32, count: UInt32) {
        unsafe self.offsets = offsets
        self.first = first
        self.count = count &+ InstructionNotes.margin
    }

    /// An instruction begins, when so many words are there. Constant time but for words taken back, each once.
    mutating func note(_ offset: UInt32, at position: UInt32) {
        let place = position > first ? position &- first : 0
        while last > place {
            // Safety: `last` is below `count`, as is every place that is written.
            unsafe offsets[Int(last)] = 0
            last &-= 1
        }
        guard place < count else { return }
        // Safety: just compared.
        unsafe offsets[Int(place)] = offset
        last = place
    }

    /// Makes of the notes the offset of each word's instruction, where the prologue lost `removed` of its words; `before` for words that no
    /// instruction made.
    package func settle(removed: UInt32, before: UInt32) {
        var offset = before
        // Safety: `removed` is at most `margin`.
        for place in 0..<Int(removed) where unsafe offsets[place] != 0 { offset = unsafe offsets[place] }
        for word in 0..<Int(count &- InstructionNotes.margin) {
            let noted = unsafe offsets[word &+ Int(removed)]
            if noted != 0 { offset = noted }
            unsafe offsets[word] = offset
        }
    }
}
