// What the static configuration and the command line ask for; words that are none are ignored. Each has its option of `mote run`.
//
//     bench            count instructions                       memory-cap=BYTES   --memory-cap
//     report           --memory-report                          overcommit         --overcommit
//     pool=BYTES       --pool, at most what is configured        whole, heap-base   --commit whole, --commit heap-base
//     stack=BYTES      --operand-stack                          unchecked          --no-aux-stack-check
//     app-heap=BYTES   --app-heap                               invoke=NAME        --invoke, with up to 8 arg=NUMBER: a value's bits
//     aux-stack=BYTES  --aux-stack

import AppImage
import BoardSupport
import Runtime
import Startup

struct Options {
    /// Whether instructions are counted.
    var isBench = false
    /// Whether the memory report is printed at the end.
    var wantsReport = false
    /// The first pool's bytes.
    var poolBytes: UInt32
    /// Frames and values of the guest's calls.
    var operandStackBytes: UInt32
    /// How the instance uses memory.
    var configuration = InstanceConfiguration()
    /// The command line, in which the export's name lies.
    private var line = InlineArray<256, UInt8>(repeating: 0)
    private var exportName: Range<Int>?
    /// The values that the export is called with, as bits.
    private(set) var arguments = InlineArray<8, UInt64>(repeating: 0)
    private(set) var argumentCount = 0

    /// The export to call; nil where the command line names none.
    var export: Span<UInt8>? {
        @_lifetime(borrow self) get {
            guard let exportName else { return nil }
            return line.span.extracting(exportName)
        }
    }

    init() {
        poolBytes = Configured.word(2)
        operandStackBytes = Configured.word(6)
        configuration.auxStackBytes = Configured.word(7)
        configuration.appHeapBytes = Configured.word(8)
        if Configured.word(9) != .max { configuration.memoryCap = UInt64(Configured.word(9)) }
        let flags = Configured.word(10)
        if flags & 1 != 0 { configuration.memoryGrowth = .overcommit }
        if flags >> 1 & 3 == 1 { configuration.memoryCommitment = .whole }
        if flags >> 1 & 3 == 2 { configuration.memoryCommitment = .cutAtHeapBase }
        configuration.checksAuxStack = flags & 8 == 0
        guard let words = CommandLine.read(into: &line) else { return }
        var start = words.lowerBound
        while start < words.upperBound {
            var end = start
            while end < words.upperBound, line[end] != 0x20 { end += 1 }
            take(start..<end)
            start = end + 1
        }
    }

    private mutating func take(_ place: Range<Int>) {
        let word = line.span.extracting(place)
        if let count = CommandLine.rest(of: word, behind: "invoke=") {
            exportName = place.upperBound - count..<place.upperBound
            return
        }
        if let bits = CommandLine.number64(word, "arg="), argumentCount < 8 {
            arguments[argumentCount] = bits
            argumentCount += 1
            return
        }
        if let bytes = CommandLine.number(word, "pool=") { poolBytes = min(poolBytes, bytes & ~7) }
        if let bytes = CommandLine.number(word, "stack=") { operandStackBytes = bytes }
        if let bytes = CommandLine.number(word, "app-heap=") { configuration.appHeapBytes = bytes }
        if let bytes = CommandLine.number(word, "aux-stack=") { configuration.auxStackBytes = bytes }
        if let bytes = CommandLine.number(word, "memory-cap=") { configuration.memoryCap = UInt64(bytes) }
        if CommandLine.rest(of: word, behind: "bench") == 0 { isBench = true }
        if CommandLine.rest(of: word, behind: "report") == 0 { wantsReport = true }
        if CommandLine.rest(of: word, behind: "overcommit") == 0 { configuration.memoryGrowth = .overcommit }
        if CommandLine.rest(of: word, behind: "whole") == 0 { configuration.memoryCommitment = .whole }
        if CommandLine.rest(of: word, behind: "heap-base") == 0 { configuration.memoryCommitment = .cutAtHeapBase }
        if CommandLine.rest(of: word, behind: "unchecked") == 0 { configuration.checksAuxStack = false }
    }
}
