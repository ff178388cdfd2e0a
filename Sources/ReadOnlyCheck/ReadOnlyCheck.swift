// Shows that a module's bytes are only read: it loads modules while the MPU lets nobody write to them, nor to anything else but stack and pool.
//
//     ReadOnlyCheck FILE         loads each module of a file (ModuleFile) twice into one runtime, instantiates both and calls their main
//     ReadOnlyCheck FILE WHERE   writes a word: to the file, to flash, or between file and pool, which all must fault, or to the pool
//
//     RAM   │ stack │ file │                      │ pool, 2 MB from half of RAM on │

import BoardSupport
import Runtime
import Semihosting
import Startup
import WasmFormat

struct ReadOnlyHost: Host {
    static var functionCount: Int { 1 }
    static func function(_ index: Int) -> HostFunction { HostFunction("mote", "write") { unsafe answer($0, ReadOnlyHost.write) } }

    static func write(_ host: inout ReadOnlyHost, _ caller: inout Caller, _ pointer: UInt32, _ length: UInt32) throws(Trap) {
        Board.write(try caller.bytes(at: pointer, count: length))
    }
}

@main
struct ReadOnlyCheck {
    /// Where the pool lies, and log2 of its bytes.
    static var pool: UInt { 0x2020_0000 }
    static var poolShift: UInt32 { 21 }

    static func main() {
        var line = InlineArray<256, UInt8>(repeating: 0)
        guard let words = CommandLine.read(into: &line) else { mote_exit(2) }
        var end = words.lowerBound
        while end < words.upperBound, line[end] != 0x20 { end += 1 }
        guard var file = ModuleFile(line.span.extracting(words.lowerBound..<end)) else { mote_exit(2) }
        let addresses = file.addresses
        guard addresses.upperBound < pool, MemoryProtection.close(but: pool, shift: poolShift) else { mote_exit(3) }
        guard end == words.upperBound else {
            write(line[end + 1], addresses.lowerBound, addresses.upperBound & ~3 + 4)
            mote_exit(0)
        }
        while let (one, other) = unsafe file.next() {
            guard unsafe twice(one), unsafe twice(other) else { mote_exit(1) }
        }
        mote_exit(0)
    }

    private static func write(_ place: UInt8, _ file: UInt, _ free: UInt) {
        let address = switch place {
        case UInt8(ascii: "f"): file
        case UInt8(ascii: "i"): 0x400 as UInt
        case UInt8(ascii: "b"): free
        default: pool
        }
        // Safety: none, on purpose.
        unsafe UnsafeMutablePointer<UInt32>(bitPattern: address)!.pointee = 1
        Board.writeLine("written")
    }

    /// Whether the module ended as it should, both times it was loaded.
    @inline(never) @unsafe
    private static func twice(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count > 0 else { return true }
        let buffer = unsafe UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: pool), count: 1 << Int(poolShift))
        do throws(LoadError) {
            var runtime = unsafe try Runtime<ReadOnlyHost>(buffer: buffer)
            let environment = try runtime.makeExecutionEnvironment(operandStackBytes: 8192)
            // Both before one runs, so that neither has the first's leavings.
            let modules = unsafe (try runtime.load(bytes), try runtime.load(bytes))
            return call(&runtime, modules.0, environment) && call(&runtime, modules.1, environment)
        } catch {
            Board.write("not loaded at ")
            Board.write(error.offset)
            Board.writeLine()
            return false
        }
    }

    /// Calls `_start`, or `main`; prints its result if it has one.
    @inline(never)
    private static func call(_ runtime: inout Runtime<ReadOnlyHost>, _ module: Module, _ environment: ExecutionEnvironment) -> Bool {
        var host = ReadOnlyHost()
        let none: InlineArray<0, Value> = []
        guard let instance = try? runtime.instantiate(module, links: Span<Link>(), in: environment, host: &host) else { return false }
        var function: Function
        switch (try? runtime.export("_start", of: instance), try? runtime.export("main", of: instance)) {
        case (.function(let start), _): function = start
        case (_, .function(let main)): function = main
        default: return false
        }
        guard (try? runtime.call(function, none.span, in: environment, host: &host)) == .finished else { return false }
        if case .i32(let result) = try? runtime.result(0, of: function, in: environment) {
            Board.write(result)
            Board.writeLine()
        }
        return true
    }
}
