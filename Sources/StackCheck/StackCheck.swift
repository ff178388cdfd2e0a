// Measures how much native stack modules take: loads, instantiates and calls those of a file (ModuleFile), each in a new runtime, and prints a line for each.
// What is called is the export "f", without arguments.

import BoardSupport
import Runtime
import Semihosting
import Startup
import WasmFormat

/// Has what a guest can make a host do: look at memory, take and give values, trap.
struct StackHost: Host {
    static var functionCount: Int { 2 }

    static func function(_ index: Int) -> HostFunction {
        index == 0 ? HostFunction("host", "sum") { unsafe answer($0, StackHost.sum) } : HostFunction("host", "mix") { unsafe answer($0, StackHost.mix) }
    }

    static func sum(_ host: inout StackHost, _ caller: inout Caller, _ pointer: UInt32, _ length: UInt32) throws(Trap) -> UInt32 {
        let bytes = try caller.bytes(at: pointer, count: length)
        var sum: UInt32 = 0
        for index in 0..<bytes.byteCount {
            // Safety: the index is below the view's count.
            sum &+= UInt32(unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self))
        }
        return sum
    }

    static func mix(
        _ host: inout StackHost, _ caller: inout Caller, _ a: Int32, _ b: Int64, _ c: Int32, _ d: Int64, _ e: Int32, _ f: Int64, _ g: Int32, _ h: Int64
    ) throws(Trap) -> Int64 {
        if a == 0 { throw .host }
        return Int64(a &+ c &+ e &+ g) &+ b &+ d &+ f &+ h
    }
}

@main
struct StackCheck {
    static func main() {
        var line = InlineArray<256, UInt8>(repeating: 0)
        guard let words = CommandLine.read(into: &line), var file = ModuleFile(line.span.extracting(words)) else { mote_exit(2) }
        while let (provider, module) = unsafe file.next() {
            mote_stack_paint()
            let depth = mote_stack_depth()
            let ending = unsafe run(provider, module, file.pool)
            let peak = mote_stack_peak() &- depth
            Board.write("native stack ")
            Board.write(peak)
            Board.write(": ")
            Board.writeLine(ending)
        }
        mote_exit(0)
    }

    /// All that an embedder does with a module, with the runtime in its own frame. The bytes must outlive it.
    @inline(never) @unsafe
    private static func run(_ provider: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer, _ pool: UnsafeMutableRawBufferPointer) -> StaticString {
        var host = StackHost()
        let name: StaticString = "p"
        do throws(LoadError) {
            var runtime = unsafe try Runtime<StackHost>(buffer: pool)
            let environment = try runtime.makeExecutionEnvironment(operandStackBytes: 16 * 1024)
            do throws(InstantiationError) {
                var instance: Instance
                if provider.count > 0 {
                    let module = unsafe try load(&runtime, provider)
                    instance = try runtime.instantiate(module, links: Span<Link>(), in: environment, host: &host)
                    // Safety: a literal.
                    let links: InlineArray<1, Link> = [unsafe Link(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), instance)]
                    instance = unsafe try runtime.instantiate(load(&runtime, bytes), links: links.span, in: environment, fuel: 10_000, host: &host)
                } else {
                    instance = unsafe try runtime.instantiate(load(&runtime, bytes), links: Span<Link>(), in: environment, fuel: 10_000, host: &host)
                }
                return call(&runtime, instance, environment, &host)
            } catch {
                switch error {
                case .load(let error): return error.phase == .malformed ? "malformed" : error.phase == .invalid ? "invalid" : error.phase == .unlinkable ? "unlinkable" : "exhausted"
                case .handle: return "stale"
                case .trapped: return place(&runtime, environment) == nil ? "trapped at its start, nowhere" : "trapped at its start"
                case .paused: return "out of fuel at its start"
                }
            }
        } catch {
            return "no runtime"
        }
    }

    @unsafe private static func load(_ runtime: inout Runtime<StackHost>, _ bytes: UnsafeRawBufferPointer) throws(InstantiationError) -> Module {
        do throws(LoadError) { return unsafe try runtime.load(bytes) } catch { throw .load(error) }
    }

    /// Where a run trapped.
    private static func place(_ runtime: inout Runtime<StackHost>, _ environment: ExecutionEnvironment) -> UInt32? {
        guard var frames = try? runtime.backtrace(of: environment), let frame = frames.next(in: runtime) else { return nil }
        return runtime.offset(of: frame)
    }

    private static func call(_ runtime: inout Runtime<StackHost>, _ instance: Instance, _ environment: ExecutionEnvironment, _ host: inout StackHost) -> StaticString {
        let none: InlineArray<0, Value> = []
        guard case .function(let function) = try? runtime.export("f", of: instance) else { return "instantiated" }
        switch try? runtime.call(function, none.span, in: environment, fuel: 10_000, host: &host) {
        case .finished: return "finished"
        case .trapped: return place(&runtime, environment) == nil ? "trapped nowhere" : "trapped"
        default: return "out of fuel"
        }
    }
}
