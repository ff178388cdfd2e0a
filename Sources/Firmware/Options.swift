// What the command line asks for; other words are ignored. Each has its option of `mote run`.
//
//     bench            count instructions                       memory-cap=BYTES   --memory-cap
//     report           --memory-report                          overcommit         --overcommit
//     pool=BYTES       --pool                                   whole, heap-base   --commit whole, --commit heap-base
//     stack=BYTES      --operand-stack                          unchecked          --no-aux-stack-check
//     app-heap=BYTES   --app-heap
//     aux-stack=BYTES  --aux-stack

import Board
import BoardSupport
import Runtime

struct Options {
    /// Whether instructions are counted.
    var isBench = false
    /// Whether the memory report is printed at the end.
    var wantsReport = false
    /// Memory for everything, at most.
    var poolBytes: UInt32 = Board.poolBytes
    /// Frames and values of the guest's calls.
    var operandStackBytes: UInt32 = 8 * 1024
    /// How the instance uses memory.
    var configuration = InstanceConfiguration()

    init() {
        var line = InlineArray<256, UInt8>(repeating: 0)
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
        if let bytes = number(word, "pool=") { poolBytes = bytes }
        if let bytes = number(word, "stack=") { operandStackBytes = bytes }
        if let bytes = number(word, "app-heap=") { configuration.appHeapBytes = bytes }
        if let bytes = number(word, "aux-stack=") { configuration.auxStackBytes = bytes }
        if let bytes = number(word, "memory-cap=") { configuration.memoryCap = UInt64(bytes) }
        if rest(of: word, behind: "bench") == 0 { isBench = true }
        if rest(of: word, behind: "report") == 0 { wantsReport = true }
        if rest(of: word, behind: "overcommit") == 0 { configuration.memoryGrowth = .overcommit }
        if rest(of: word, behind: "whole") == 0 { configuration.memoryCommitment = .whole }
        if rest(of: word, behind: "heap-base") == 0 { configuration.memoryCommitment = .cutAtHeapBase }
        if rest(of: word, behind: "unchecked") == 0 { configuration.checksAuxStack = false }
    }

    /// Bytes behind a word's beginning; nil if it begins otherwise.
    @inline(never)
    private func rest(of word: Span<UInt8>, behind name: StaticString) -> Int? {
        let count = name.utf8CodeUnitCount
        guard word.count >= count else { return nil }
        for index in 0..<count {
            // Safety: below the literal's count.
            guard unsafe name.utf8Start[index] == word[index] else { return nil }
        }
        return word.count - count
    }

    /// The number behind a name with its equals sign; nil for another word, and where there are no digits or too many.
    @inline(never)
    private func number(_ word: Span<UInt8>, _ name: StaticString) -> UInt32? {
        guard let digits = rest(of: word, behind: name), digits > 0, digits < 10 else { return nil }
        var number: UInt32 = 0
        for index in word.count - digits..<word.count {
            let byte = word[index]
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            number = number &* 10 &+ UInt32(byte &- 0x30)
        }
        return number
    }
}
