// The host of the specification's scripts: the seven `spectest.print…` functions, which do nothing.

import Runtime
import WasmFormat

/// What a script's modules can import as functions of `spectest` (FORMAT.md, "The `spectest` module").
/// Its globals, memory and table are a small wasm module: `SpectestModule`.
public struct SpecHost: Host {
    public init() {}

    public static var functionCount: Int { 7 }

    public static func function(_ index: Int) -> HostFunction {
        switch index {
        case 0: HostFunction("spectest", "print") { unsafe answer($0, SpecHost.print) }
        case 1: HostFunction("spectest", "print_i32") { unsafe answer($0, SpecHost.printI32) }
        case 2: HostFunction("spectest", "print_i64") { unsafe answer($0, SpecHost.printI64) }
        case 3: HostFunction("spectest", "print_f32") { unsafe answer($0, SpecHost.printF32) }
        case 4: HostFunction("spectest", "print_f64") { unsafe answer($0, SpecHost.printF64) }
        case 5: HostFunction("spectest", "print_i32_f32") { unsafe answer($0, SpecHost.printI32F32) }
        default: HostFunction("spectest", "print_f64_f64") { unsafe answer($0, SpecHost.printF64F64) }
        }
    }

    static func print(_ host: inout SpecHost, _ caller: inout Caller) throws(Trap) {}
    static func printI32(_ host: inout SpecHost, _ caller: inout Caller, _ a: Int32) throws(Trap) {}
    static func printI64(_ host: inout SpecHost, _ caller: inout Caller, _ a: Int64) throws(Trap) {}
    static func printF32(_ host: inout SpecHost, _ caller: inout Caller, _ a: Float) throws(Trap) {}
    static func printF64(_ host: inout SpecHost, _ caller: inout Caller, _ a: Double) throws(Trap) {}
    static func printI32F32(_ host: inout SpecHost, _ caller: inout Caller, _ a: Int32, _ b: Float) throws(Trap) {}
    static func printF64F64(_ host: inout SpecHost, _ caller: inout Caller, _ a: Double, _ b: Double) throws(Trap) {}
}
