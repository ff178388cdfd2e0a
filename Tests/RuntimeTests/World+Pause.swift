// Runs that pause, as tests see them: `#expect` cannot pass arrays' spans on.

@testable import Runtime
@testable import WasmFormat

extension World {
    func begin(_ function: Function, _ arguments: [Value] = [], in other: ExecutionEnvironment? = nil, fuel: UInt64? = nil) throws(HandleError) -> Outcome {
        try runtime.call(function, arguments.span, in: other ?? environment, fuel: fuel, host: &host)
    }
    func resume(fuel: UInt64? = nil) throws(HandleError) -> Outcome { try runtime.resume(environment, fuel: fuel, host: &host) }
    func resume(returning results: [Value], fuel: UInt64? = nil) throws(HandleError) -> Outcome {
        try runtime.resume(environment, returning: results.span, fuel: fuel, host: &host)
    }
    func remove() throws(HandleError) { try runtime.remove(environment) }
    func cancel() throws(HandleError) { try runtime.cancel(environment) }
    func awaited(_ number: Int) throws(HandleError) -> Value { try runtime.awaitedArgument(number, in: environment) }
    func result(of function: Function, in other: ExecutionEnvironment? = nil) throws(HandleError) -> Value { try runtime.result(0, of: function, in: other ?? environment) }
    func remainingFuel() throws(HandleError) -> UInt64? { try runtime.remainingFuel(in: environment) }
}
