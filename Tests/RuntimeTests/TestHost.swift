// A host with a function of every arity, with a result and without, over all value types, and functions that use guest memory.

@testable import Runtime
@testable import WasmFormat

struct TestHost: Host {
    /// What the functions were called with, as one text a call.
    var log: [String] = []
    /// Filled by `view`.
    var seen: [UInt8] = []
    /// The instance that called last.
    var caller: Instance = .none

    static var functionCount: Int { 32 }

    static func function(_ index: Int) -> HostFunction {
        switch index {
        case 0: HostFunction("env", "n0") { unsafe answer($0, TestHost.n0) }
        case 1: HostFunction("env", "n1") { unsafe answer($0, TestHost.n1) }
        case 2: HostFunction("env", "n2") { unsafe answer($0, TestHost.n2) }
        case 3: HostFunction("env", "n3") { unsafe answer($0, TestHost.n3) }
        case 4: HostFunction("env", "n4") { unsafe answer($0, TestHost.n4) }
        case 5: HostFunction("env", "n5") { unsafe answer($0, TestHost.n5) }
        case 6: HostFunction("env", "n6") { unsafe answer($0, TestHost.n6) }
        case 7: HostFunction("env", "n7") { unsafe answer($0, TestHost.n7) }
        case 8: HostFunction("env", "n8") { unsafe answer($0, TestHost.n8) }
        case 9: HostFunction("env", "r0") { unsafe answer($0, TestHost.r0) }
        case 10: HostFunction("env", "r1") { unsafe answer($0, TestHost.r1) }
        case 11: HostFunction("env", "r2") { unsafe answer($0, TestHost.r2) }
        case 12: HostFunction("env", "r3") { unsafe answer($0, TestHost.r3) }
        case 13: HostFunction("env", "r4") { unsafe answer($0, TestHost.r4) }
        case 14: HostFunction("env", "r5") { unsafe answer($0, TestHost.r5) }
        case 15: HostFunction("env", "r6") { unsafe answer($0, TestHost.r6) }
        case 16: HostFunction("env", "r7") { unsafe answer($0, TestHost.r7) }
        case 17: HostFunction("env", "r8") { unsafe answer($0, TestHost.r8) }
        case 18: HostFunction("env", "i32") { unsafe answer($0, TestHost.i32) }
        case 19: HostFunction("env", "u32") { unsafe answer($0, TestHost.u32) }
        case 20: HostFunction("env", "i64") { unsafe answer($0, TestHost.i64) }
        case 21: HostFunction("env", "u64") { unsafe answer($0, TestHost.u64) }
        case 22: HostFunction("env", "f32") { unsafe answer($0, TestHost.f32) }
        case 23: HostFunction("env", "f64") { unsafe answer($0, TestHost.f64) }
        case 24: HostFunction("env", "externref") { unsafe answer($0, TestHost.reference) }
        case 25: HostFunction("env", "trap") { unsafe answer($0, TestHost.trap) }
        case 26: HostFunction("env", "read") { unsafe answer($0, TestHost.read) }
        case 27: HostFunction("env", "write") { unsafe answer($0, TestHost.write) }
        case 28: HostFunction("env", "memory_size") { unsafe answer($0, TestHost.memorySize) }
        case 29: HostFunction("env", "new_reference") { unsafe answer($0, TestHost.newReference) }
        case 30: HostFunction("env", "mixed") { unsafe answer($0, TestHost.mixed) }
        default: HostFunction("env", "who") { unsafe answer($0, TestHost.who) }
        }
    }

    mutating func note(_ values: Any...) { log.append(values.map { "\($0)" }.joined(separator: " ")) }

    static func n0(_ h: inout TestHost, _ c: inout Caller) throws(Trap) { h.note("n0") }
    static func n1(_ h: inout TestHost, _ c: inout Caller, _ p: Int32) throws(Trap) { h.note(p) }
    static func n2(_ h: inout TestHost, _ c: inout Caller, _ p: Int32, _ q: Int64) throws(Trap) { h.note(p, q) }
    static func n3(_ h: inout TestHost, _ c: inout Caller, _ p: Int32, _ q: Int64, _ r: Float) throws(Trap) { h.note(p, q, r) }
    static func n4(_ h: inout TestHost, _ c: inout Caller, _ p: Int32, _ q: Int64, _ r: Float, _ s: Double) throws(Trap) { h.note(p, q, r, s) }
    static func n5(_ h: inout TestHost, _ c: inout Caller, _ p: Int32, _ q: Int64, _ r: Float, _ s: Double, _ t: Reference) throws(Trap) {
        h.note(p, q, r, s, t.externalNumber ?? 0)
    }
    static func n6(_ h: inout TestHost, _ c: inout Caller, _ p: Int32, _ q: Int64, _ r: Float, _ s: Double, _ t: Reference, _ u: UInt32) throws(Trap) {
        h.note(p, q, r, s, t.externalNumber ?? 0, u)
    }
    static func n7(
        _ h: inout TestHost, _ c: inout Caller, _ p: Int32, _ q: Int64, _ r: Float, _ s: Double, _ t: Reference, _ u: UInt32, _ v: UInt64
    ) throws(Trap) { h.note(p, q, r, s, t.externalNumber ?? 0, u, v) }
    static func n8(
        _ h: inout TestHost, _ c: inout Caller, _ p: Int32, _ q: Int64, _ r: Float, _ s: Double, _ t: Reference, _ u: UInt32, _ v: UInt64, _ w: Reference
    ) throws(Trap) { h.note(p, q, r, s, t.externalNumber ?? 0, u, v, w.externalNumber ?? 0) }

    static func r0(_ h: inout TestHost, _ c: inout Caller) throws(Trap) -> Int32 { 7 }
    static func r1(_ h: inout TestHost, _ c: inout Caller, _ p: Int64) throws(Trap) -> Int64 { p }
    static func r2(_ h: inout TestHost, _ c: inout Caller, _ p: Int64, _ q: Int64) throws(Trap) -> Int64 { p &* 10 &+ q }
    static func r3(_ h: inout TestHost, _ c: inout Caller, _ p: Int64, _ q: Int64, _ r: Int64) throws(Trap) -> Int64 { (p * 10 + q) * 10 + r }
    static func r4(_ h: inout TestHost, _ c: inout Caller, _ p: Int64, _ q: Int64, _ r: Int64, _ s: Int64) throws(Trap) -> Int64 { p * 1000 + q * 100 + r * 10 + s }
    static func r5(_ h: inout TestHost, _ c: inout Caller, _ p: Int64, _ q: Int64, _ r: Int64, _ s: Int64, _ t: Int64) throws(Trap) -> Int64 {
        p * 10_000 + q * 1000 + r * 100 + s * 10 + t
    }
    static func r6(_ h: inout TestHost, _ c: inout Caller, _ p: Int64, _ q: Int64, _ r: Int64, _ s: Int64, _ t: Int64, _ u: Int64) throws(Trap) -> Int64 {
        p * 100_000 + q * 10_000 + r * 1000 + s * 100 + t * 10 + u
    }
    static func r7(_ h: inout TestHost, _ c: inout Caller, _ p: Int64, _ q: Int64, _ r: Int64, _ s: Int64, _ t: Int64, _ u: Int64, _ v: Int64) throws(Trap) -> Int64 {
        p * 1_000_000 + q * 100_000 + r * 10_000 + s * 1000 + t * 100 + u * 10 + v
    }
    static func r8(
        _ h: inout TestHost, _ c: inout Caller, _ p: Int64, _ q: Int64, _ r: Int64, _ s: Int64, _ t: Int64, _ u: Int64, _ v: Int64, _ w: Int64
    ) throws(Trap) -> Int64 {
        p * 10_000_000 + q * 1_000_000 + r * 100_000 + s * 10_000 + t * 1000 + u * 100 + v * 10 + w
    }

    static func i32(_ h: inout TestHost, _ c: inout Caller, _ p: Int32) throws(Trap) -> Int32 { p }
    static func u32(_ h: inout TestHost, _ c: inout Caller, _ p: UInt32) throws(Trap) -> UInt32 { p }
    static func i64(_ h: inout TestHost, _ c: inout Caller, _ p: Int64) throws(Trap) -> Int64 { p }
    static func u64(_ h: inout TestHost, _ c: inout Caller, _ p: UInt64) throws(Trap) -> UInt64 { p }
    static func f32(_ h: inout TestHost, _ c: inout Caller, _ p: Float) throws(Trap) -> Float { p }
    static func f64(_ h: inout TestHost, _ c: inout Caller, _ p: Double) throws(Trap) -> Double { p }
    static func reference(_ h: inout TestHost, _ c: inout Caller, _ p: Reference) throws(Trap) -> Reference { p }
    static func newReference(_ h: inout TestHost, _ c: inout Caller) throws(Trap) -> Reference { Reference(external: 41) }
    static func mixed(_ h: inout TestHost, _ c: inout Caller, _ p: Reference, _ q: Double, _ r: Reference, _ s: Int32) throws(Trap) -> Reference {
        h.note(p.externalNumber ?? 0, q, r.externalNumber ?? 0, s)
        return s == 0 ? p : r
    }

    /// Traps with the trap of a number.
    static func trap(_ h: inout TestHost, _ c: inout Caller, _ number: Int32) throws(Trap) -> Int32 {
        guard let trap = Trap(rawValue: UInt8(truncatingIfNeeded: number)) else { return number }
        throw trap
    }

    /// Bytes of the guest, into `seen`.
    static func read(_ h: inout TestHost, _ c: inout Caller, _ address: UInt32, _ count: UInt32) throws(Trap) {
        let bytes = try c.bytes(at: address, count: count)
        h.seen = (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }

    /// 1, 2, 3 … into the guest's memory.
    static func write(_ h: inout TestHost, _ c: inout Caller, _ address: UInt32, _ count: UInt32) throws(Trap) {
        var bytes = try c.mutableBytes(at: address, count: count)
        for i in 0..<bytes.byteCount { bytes.storeBytes(of: UInt8(truncatingIfNeeded: i + 1), toByteOffset: i, as: UInt8.self) }
    }

    static func memorySize(_ h: inout TestHost, _ c: inout Caller) throws(Trap) -> UInt64 { c.memorySize }
    static func who(_ h: inout TestHost, _ c: inout Caller) throws(Trap) { h.caller = c.instance }
}
