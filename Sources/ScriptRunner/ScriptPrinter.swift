// A reporter that writes lines of text without a heap: one result line a file, the same on host and board.

import Runtime
import WasmFormat

extension TextSink where Self: ~Copyable {
    public mutating func write(_ text: ScriptSlice) {
        for index in 0..<text.count { write(byte: text[index]) }
    }
}

/// Writes failures and the result line of each script to `sink`, and adds up the counts.
public struct ScriptPrinter<Sink: TextSink>: ScriptReporter {
    public var sink: Sink
    /// Of all scripts so far.
    public private(set) var total = ScriptCounts()
    private var name: ScriptSlice?

    public init(_ sink: Sink) { self.sink = sink }

    public mutating func began(_ name: ScriptSlice) { self.name = name }

    public mutating func failed(_ failure: ScriptFailure) {
        writeName()
        sink.write(":")
        sink.write(failure.line)
        sink.write(": ")
        sink.write(failure.command.words)
        sink.write(": ")
        sink.write(failure.reason)
        if let wanted = failure.wanted {
            sink.write(", wants ")
            sink.write(UInt32(truncatingIfNeeded: min(wanted, UInt64(UInt32.max))))
            sink.write(" bytes")
        }
        sink.write("\n")
    }

    public mutating func skipped(assertions: UInt32, others: UInt32, reason: ScriptSlice) {
        writeName()
        sink.write(": skipped: ")
        sink.write(assertions)
        sink.write(assertions == 1 ? " assertion" : " assertions")
        if others > 0 {
            sink.write(" and ")
            sink.write(others)
            sink.write(others == 1 ? " other command" : " other commands")
        }
        sink.write(": ")
        sink.write(reason)
        sink.write("\n")
    }

    public mutating func ended(_ counts: ScriptCounts) {
        writeName()
        sink.write(": ")
        sink.write(counts)
        sink.write("\n")
        total += counts
    }

    private mutating func writeName() {
        guard let name else { return }
        sink.write(name)
    }
}

extension TextSink where Self: ~Copyable {
    /// `N passed, N failed, N skipped`.
    public mutating func write(_ counts: ScriptCounts) {
        write(counts.passed)
        write(" passed, ")
        write(counts.failed)
        write(" failed, ")
        write(counts.skipped)
        write(" skipped")
    }
}
