// What the static configuration and the command line ask for; a word that is none is refused. Each has its option of `mote run`.
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
    /// Whether the command line has a word that is none of these, or a size that is no number.
    private(set) var hasUnknownWord = false
    /// Whether the command line names an export, and how many arguments it has. They are read when they are needed: the line would lie below all that runs.
    private(set) var namesExport = false
    private(set) var argumentCount = 0
    static var arguments: Int { 8 }

    /// The export that the command line names, if there is one of that name.
    @inline(never)
    static func export(of instance: Instance, in runtime: borrowing Runtime<BoardHost>) throws(HandleError) -> Export? {
        var line = WordLine()
        var export: Export?
        while let place = line.next() {
            guard let count = CommandLine.rest(of: line.word(at: place), behind: "invoke=") else { continue }
            export = try runtime.export(line.word(at: place.upperBound - count..<place.upperBound), of: instance)
        }
        return export
    }

    /// The bits of the argument of a number, counted from 0.
    @inline(never)
    static func argument(_ number: Int) -> UInt64 {
        var line = WordLine()
        var left = number
        while let place = line.next() {
            guard let bits = CommandLine.number64(line.word(at: place), "arg=") else { continue }
            if left == 0 { return bits }
            left -= 1
        }
        return 0
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
        readLine()
    }

    @inline(never)
    private mutating func readLine() {
        var line = WordLine()
        while let place = line.next() { take(line.word(at: place)) }
    }

    @inline(never)
    private mutating func take(_ word: Span<UInt8>) {
        if CommandLine.rest(of: word, behind: "invoke=") != nil { namesExport = true }
        else if CommandLine.number64(word, "arg=") != nil { argumentCount = min(argumentCount + 1, Options.arguments) }
        else if let bytes = CommandLine.number(word, "pool=") { poolBytes = min(poolBytes, bytes & ~7) }
        else if let bytes = CommandLine.number(word, "stack=") { operandStackBytes = bytes }
        else if let bytes = CommandLine.number(word, "app-heap=") { configuration.appHeapBytes = bytes }
        else if let bytes = CommandLine.number(word, "aux-stack=") { configuration.auxStackBytes = bytes }
        else if let bytes = CommandLine.number(word, "memory-cap=") { configuration.memoryCap = UInt64(bytes) }
        else if CommandLine.rest(of: word, behind: "bench") == 0 { isBench = true }
        else if CommandLine.rest(of: word, behind: "report") == 0 { wantsReport = true }
        else if CommandLine.rest(of: word, behind: "overcommit") == 0 { configuration.memoryGrowth = .overcommit }
        else if CommandLine.rest(of: word, behind: "whole") == 0 { configuration.memoryCommitment = .whole }
        else if CommandLine.rest(of: word, behind: "heap-base") == 0 { configuration.memoryCommitment = .cutAtHeapBase }
        else if CommandLine.rest(of: word, behind: "unchecked") == 0 { configuration.checksAuxStack = false }
        else if !word.isEmpty { hasUnknownWord = true }
    }
}

/// The command line, word by word. It lies in the frame of whoever reads it.
private struct WordLine {
    private var bytes = InlineArray<256, UInt8>(repeating: 0)
    private var rest: Range<Int>

    init() { rest = CommandLine.read(into: &bytes) ?? 0..<0 }

    /// The place of the next word.
    mutating func next() -> Range<Int>? {
        guard !rest.isEmpty else { return nil }
        var end = rest.lowerBound
        while end < rest.upperBound, bytes[end] != 0x20 { end += 1 }
        defer { rest = min(end + 1, rest.upperBound)..<rest.upperBound }
        return rest.lowerBound..<end
    }

    @_lifetime(borrow self)
    func word(at place: Range<Int>) -> Span<UInt8> { bytes.span.extracting(place) }
}
