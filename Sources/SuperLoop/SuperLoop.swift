// An example to copy: four guests in one super-loop. Three compute; one waits for bytes from the console, which an interrupt receives.
//
// Every guest has an instance and an execution environment of its own. The loop gives each some fuel in turn; one that awaits a byte takes no time until there
// is one. `make superloop` runs it (guests/tasks.c); it ends when the line "stop" was received.

import AppImage
import BoardSupport
import MPS2Interrupts
import Runtime
import Semihosting
import Startup
import WasmFormat

/// What guests import: a print, and a read that cannot be answered at once.
struct Console: Host {
    static var functionCount: Int { 2 }

    static func function(_ index: Int) -> HostFunction {
        index == 0 ? HostFunction("mote", "write") { unsafe answer($0, Console.write) } : HostFunction("console", "receive") { unsafe answer($0, Console.receive) }
    }

    static func write(_ console: inout Console, _ caller: inout Caller, _ pointer: UInt32, _ length: UInt32) throws(Trap) {
        Board.write(try caller.bytes(at: pointer, count: length))
    }

    /// Pauses the guest: its call is `.awaiting`, until the loop resumes it with the byte.
    static func receive(_ console: inout Console, _ caller: inout Caller) throws(Trap) -> Int32 { throw .resultPending }
}

/// A guest that runs, and how its last turn ended.
struct Task {
    let environment: ExecutionEnvironment
    let function: Function
    var outcome: Outcome
}

@main
struct SuperLoop {
    /// Fuel of a turn, in polls: some milliseconds at 25 MHz.
    private static var slice: UInt64 { 5_000 }

    static func main() {
        // Safety: the module lies in flash and stays; free RAM, 8-byte aligned, belongs to nobody else.
        let bytes = unsafe UnsafeRawBufferPointer(start: mote_app_bytes(), count: Int(mote_app_length()))
        let buffer = unsafe UnsafeMutableRawBufferPointer(start: mote_free_ram(), count: 32 * 1_024)
        var console = Console()
        guard var runtime = unsafe try? Runtime<Console>(buffer: buffer), let module = unsafe try? runtime.load(bytes) else { fail("the module does not load") }
        mote_console_start_receiving()

        // Task 0 listens. Each begins with its first turn.
        let first = begin(0, "listen", module, &runtime, &console)
        var tasks = InlineArray<4, Task>(repeating: first)
        for index in 1..<4 { tasks[index] = begin(index, "count", module, &runtime, &console) }

        while tasks[0].outcome != .finished {
            mote_feed()
            for index in tasks.indices {
                if let outcome = turn(tasks[index], &runtime, &console) { tasks[index].outcome = outcome }
            }
        }

        guard case .i32(let count)? = try? runtime.result(0, of: first.function, in: first.environment) else { fail("no result") }
        Board.write(count)
        Board.write(" bytes received, by interrupts: ")
        Board.write(mote_console_interrupts())
        Board.writeLine()
        mote_exit(0)
    }

    /// An instance of its own, and a call that runs until it awaits something or its fuel is used up.
    private static func begin(_ number: Int, _ name: StaticString, _ module: Module, _ runtime: inout Runtime<Console>, _ console: inout Console) -> Task {
        let arguments: InlineArray<1, Value> = [.i32(UInt32(number))]
        guard let environment = try? runtime.makeExecutionEnvironment(operandStackBytes: 1_024),
            let instance = try? runtime.instantiate(module, links: Span<Link>(), in: environment, host: &console),
            case .function(let function)? = try? runtime.export(name, of: instance),
            let outcome = try? runtime.call(function, arguments.span, in: environment, fuel: slice, host: &console)
        else { fail("a task does not begin") }
        return Task(environment: environment, function: function, outcome: outcome)
    }

    /// A turn; nil if it has nothing to do.
    private static func turn(_ task: Task, _ runtime: inout Runtime<Console>, _ console: inout Console) -> Outcome? {
        switch task.outcome {
        case .outOfFuel:
            return try? runtime.resume(task.environment, fuel: slice, host: &console)
        case .awaiting:
            let byte = mote_console_received()
            guard byte >= 0 else { return nil }
            let results: InlineArray<1, Value> = [.i32(UInt32(byte))]
            return try? runtime.resume(task.environment, returning: results.span, fuel: slice, host: &console)
        case .finished: return nil
        case .trapped, .stopped: fail("a task trapped")
        }
    }

    private static func fail(_ reason: StaticString) -> Never {
        Board.writeLine(reason)
        mote_exit(1)
    }
}
