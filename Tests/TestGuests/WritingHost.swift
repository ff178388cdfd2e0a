// The host of these tests: `mote.write`, whose text is kept.

import Runtime
import WasmFormat

public struct WritingHost: Host {
    /// What guests wrote, up to `limit` bytes.
    public var output: [UInt8] = []
    /// A mutant may write for as long as it has fuel.
    public let limit: Int

    public init(limit: Int = 1 << 20) { self.limit = limit }

    public static var functionCount: Int { 1 }
    public static func function(_ index: Int) -> HostFunction {
        HostFunction("mote", "write") { unsafe answer($0, WritingHost.write) }
    }

    static func write(_ host: inout WritingHost, _ caller: inout Caller, _ address: UInt32, _ count: UInt32) throws(Trap) {
        let bytes = try caller.bytes(at: address, count: count)
        // The last byte is read whatever the limit is: a view that is too long ends in a fault.
        var last: UInt8 = 0
        // Safety: below the count of the view.
        if count > 0 { last = unsafe bytes.unsafeLoad(fromByteOffset: bytes.byteCount - 1, as: UInt8.self) }
        for i in 0..<min(bytes.byteCount, max(host.limit - host.output.count, 0)) {
            // Safety: as above.
            host.output.append(i == bytes.byteCount - 1 ? last : unsafe bytes.unsafeLoad(fromByteOffset: i, as: UInt8.self))
        }
    }
}
