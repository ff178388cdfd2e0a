import Runtime
import WasmFormat

struct Sensors: Host {
    var calls = 0
    static var functionCount: Int { 1 }
    static func function(_ index: Int) -> HostFunction { HostFunction("env", "read") { unsafe answer($0, Sensors.read) } }
    static func read(_ host: inout Sensors, _ caller: inout Caller, _ channel: UInt32) throws(Trap) -> Int32 {
        host.calls += 1
        return Int32(channel) * 100
    }
}

func run(_ wasm: UnsafeRawBufferPointer, in buffer: UnsafeMutableRawBufferPointer) throws(LoadError) -> Value? {
    var runtime = unsafe try Runtime<Sensors>(buffer: buffer)                // 8-byte aligned; everything lies in it
    let stack = try runtime.makeExecutionEnvironment(operandStackBytes: 2048)
    let module = unsafe try runtime.load(wasm)                               // read where it lies, never copied or changed
    var host = Sensors()
    do throws(InstantiationError) {
        let instance = try runtime.instantiate(module, links: Span<Link>(), in: stack, host: &host)
        guard case .function(let main)? = try? runtime.export("main", of: instance),    // nil too were a handle stale
            (try? runtime.parameterCount(of: main)) == 0, (try? runtime.resultCount(of: main)) != 0,
            (try? runtime.call(main, Span<Value>(), in: stack, host: &host)) == .finished
        else { return nil }
        return try? runtime.result(0, of: main, in: stack)
    } catch {
        guard case .load(let reason) = error else { return nil }             // its start function trapped
        throw reason
    }
}
