// Runs the module in its flash, whose import `host.fault` stops the core: what Startup and GuestFault then print is what a test compares.

import AppImage
import BoardSupport
import GuestFault
import Runtime
import Semihosting
import Startup
import WasmFormat

struct FaultHost: Host {
    static var functionCount: Int { 1 }
    static func function(_ index: Int) -> HostFunction { HostFunction("host", "fault") { unsafe answer($0, FaultHost.fault) } }

    /// Swift's trap is what no core executes. With 0 nothing in the pool leads anywhere any more but what says that there is a runtime in it: who looks for
    /// the guest faults too.
    static func fault(_ host: inout FaultHost, _ caller: inout Caller, _ number: UInt32) throws(Trap) {
        if number == 0 { ruinPool() }
        preconditionFailure()
    }

    /// Never inlined: what is stored right before a trap would be left out.
    @inline(never)
    private static func ruinPool() {
        guard let words = unsafe mote_configuration_words() else { return }
        // Safety: the pool is longer, and nobody looks at it any more but the fault's handler.
        let pool = unsafe UnsafeMutablePointer<UInt32>(bitPattern: UInt(words[1]))!
        for index in 9..<256 { unsafe pool[index] = 0x7777_7777 }
    }
}

@c(mote_fault_hook) func tellGuest(_ registers: UnsafePointer<UInt32>?, _ registerCount: UInt32, _ stack: UnsafePointer<UInt32>?, _ stackCount: UInt32) {
    // Safety: the handler's own words.
    unsafe GuestFault.write(FaultHost.self, registers, registerCount, stack, stackCount)
}

@main
struct FaultCheck {
    static func main() {
        var line = InlineArray<256, UInt8>(repeating: 0)
        // Without a guest there is no second line.
        if let words = CommandLine.read(into: &line), CommandLine.rest(of: line.span.extracting(words), behind: "alone") == 0 { preconditionFailure() }
        run()
        mote_exit(1)
    }

    private static func run() {
        guard let words = unsafe mote_configuration_words() else { return }
        // Safety: the linker gave the pool to nobody else, and keeps the module in flash, 4-byte aligned.
        let pool = unsafe UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: UInt(words[1])), count: Int(words[2]))
        let bytes = unsafe UnsafeRawBufferPointer(start: mote_app_bytes(), count: Int(mote_app_length()))
        var host = FaultHost()
        let none: InlineArray<0, Value> = []
        guard var runtime = unsafe try? Runtime<FaultHost>(buffer: pool), let stack = try? runtime.makeExecutionEnvironment(operandStackBytes: 1024),
            let module = unsafe try? runtime.load(bytes), let instance = try? runtime.instantiate(module, links: Span<Link>(), in: stack, host: &host),
            case .function(let main) = try? runtime.export("main", of: instance)
        else { return Board.writeLine("mote: the module does not load") }
        _ = try? runtime.call(main, none.span, in: stack, host: &host)
    }
}
