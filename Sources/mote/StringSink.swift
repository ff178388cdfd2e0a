// Text of the core as a string.

import WasmFormat

/// Collects what is written.
struct StringSink: TextSink {
    private var bytes: [UInt8] = []
    mutating func write(byte: UInt8) { bytes.append(byte) }
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// What a closure writes.
    static func text(_ body: (inout StringSink) -> Void) -> String {
        var sink = StringSink()
        body(&sink)
        return sink.text
    }
}
