// Calls from the embedder into a guest: arguments in, the run with its host calls, results out; and what becomes of a run that pauses.

import WasmFormat

extension Runtime where HostType: ~Copyable {
    // MARK: types

    public func parameterCount(of function: Function) throws(HandleError) -> Int { try engine.parameterCount(of: function, HostType.self) }
    public func resultCount(of function: Function) throws(HandleError) -> Int { try engine.resultCount(of: function, HostType.self) }
    public func parameterType(_ number: Int, of function: Function) throws(HandleError) -> ValueType {
        try engine.parameterType(number, of: function, HostType.self)
    }
    public func resultType(_ number: Int, of function: Function) throws(HandleError) -> ValueType {
        try engine.resultType(number, of: function, HostType.self)
    }

    // MARK: calling

    /// Calls a function. `fuel` is counted in polls (backward branches, calls, 256 bytes of a bulk operation); nil is without end.
    ///
    /// Throws `.environmentPaused` while a run is paused in the environment; another environment of the same instance can be called.
    /// Throws `.wrongArguments` if the arguments are not of the function's parameter types. Runs of one instance share its aux stack: paused in two
    /// environments they are right only if the one that began last ends first.
    public mutating func call(
        _ function: Function, _ arguments: Span<Value>, in environment: ExecutionEnvironment, fuel: UInt64? = nil, host: inout HostType
    ) throws(HandleError) -> Outcome {
        var tank = FuelTank(fuel)
        return try engine.call(function, arguments, at: CallPlace(engine.idleBlock(of: environment)), &tank, host: &host)
    }

    /// A result of the last call in an environment, after it `finished` and until the next one.
    public func result(_ number: Int, of function: Function, in environment: ExecutionEnvironment) throws(HandleError) -> Value {
        try engine.result(number, of: function, at: CallPlace(engine.block(of: environment)), HostType.self)
    }

    /// What the last run in an environment left of its fuel, in polls; nil if that had no end.
    public func remainingFuel(in environment: ExecutionEnvironment) throws(HandleError) -> UInt64? {
        let left = try engine.block(of: environment).fuelLeft
        return left == .max ? nil : left
    }

    // MARK: going on

    /// Goes on with the run that is paused in an environment, with `fuel`; a host function whose result was pending is asked again.
    ///
    /// The stop word must be 0 by now: else the answer is `.stopped` at once. Throws `.notPaused`.
    public mutating func resume(_ environment: ExecutionEnvironment, fuel: UInt64? = nil, host: inout HostType) throws(HandleError) -> Outcome {
        var tank = FuelTank(fuel)
        return try engine.resume(engine.block(of: environment), returning: nil, &tank, host: &host)
    }

    /// Gives a run the result of the host function that it awaits, none or one, and goes on. Throws `.notPaused`, `.notAwaiting`.
    ///
    /// Throws `.wrongArguments` for a result of another type than the function's.
    public mutating func resume(
        _ environment: ExecutionEnvironment, returning results: Span<Value>, fuel: UInt64? = nil, host: inout HostType
    ) throws(HandleError) -> Outcome {
        var tank = FuelTank(fuel)
        return try engine.resume(engine.block(of: environment), returning: results, &tank, host: &host)
    }

    /// What the host function that a run awaits was called with. Throws `.notAwaiting`.
    public func awaitedArgument(_ number: Int, in environment: ExecutionEnvironment) throws(HandleError) -> Value {
        let block = try engine.block(of: environment)
        guard block.state == .awaiting else { throw .notAwaiting }
        let signature = HostType.function(Int(block.words[EnvironmentBlock.Header.hostFunction])).signature
        precondition(number >= 0 && number < Int(signature.parameterCount), "no such argument")
        let cells = block.place(block.words[EnvironmentBlock.Header.window])
        let references = block.place(block.words[EnvironmentBlock.Header.csp])
        var cell = 0
        var reference = 0
        for i in 0..<number {
            let type = signature.parameter(i)
            if type.isReference { reference &+= 1 } else { cell &+= Int(type.cells) }
        }
        let type = signature.parameter(number)
        if type.isReference { return Value(type, references[-3 &- reference], 0) }
        return Value(type, cells[cell], type.cells == 2 ? cells[cell &+ 1] : 0)
    }

    /// Ends the run that is paused in an environment, or has trapped there. Its frames are gone; what it did to memories, tables and globals stays, but
    /// for the aux stack pointers of the instances it has frames of: those are as before they were called. Throws `.notPaused`.
    public mutating func cancel(_ environment: ExecutionEnvironment) throws(HandleError) { try engine.cancel(engine.block(of: environment)) }
}
