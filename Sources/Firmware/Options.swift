// What the command line asks for: `bench`, `report`, `pool=BYTES`, `stack=BYTES`; other words are ignored.

import Board
import BoardSupport

struct Options {
    /// Whether instructions are counted.
    var isBench = false
    /// Whether the memory report is printed at the end.
    var wantsReport = false
    /// Memory for everything, at most.
    var poolBytes: UInt32 = Board.poolBytes
    /// Frames and values of the guest's calls.
    var operandStackBytes: UInt32 = 8 * 1024

    init() {
        var line = InlineArray<128, UInt8>(repeating: 0)
        guard let words = CommandLine.read(into: &line) else { return }
        var start = words.lowerBound
        while start < words.upperBound {
            var end = start
            while end < words.upperBound, line[end] != 0x20 { end += 1 }
            take(line.span.extracting(start..<end))
            start = end + 1
        }
    }

    private mutating func take(_ word: Span<UInt8>) {
        guard let first = word.indices.first else { return }
        // Each word has a letter of its own at its start.
        switch word[first] {
        case UInt8(ascii: "b"): isBench = true
        case UInt8(ascii: "r"): wantsReport = true
        case UInt8(ascii: "p"): if let bytes = number(word) { poolBytes = bytes }
        case UInt8(ascii: "s"): if let bytes = number(word) { operandStackBytes = bytes }
        default: break
        }
    }

    /// The digits behind the equals sign.
    private func number(_ word: Span<UInt8>) -> UInt32? {
        var number: UInt32 = 0
        var isBehind = false
        for index in word.indices {
            let byte = word[index]
            if isBehind {
                guard byte >= 0x30, byte <= 0x39, number < 100_000_000 else { return nil }
                number = number &* 10 &+ UInt32(byte &- 0x30)
            }
            if byte == 0x3D { isBehind = true }
        }
        return isBehind ? number : nil
    }
}
