// Calls from the embedder into a guest: arguments in, the run with its host calls, results out.

import WasmFormat

extension Runtime where HostType: ~Copyable {
    // MARK: types

    private func signature(of function: Function) -> HostSignature? {
        guard function.reference.isHostFunction else { return nil }
        return HostType.function(Int(function.reference.function)).signature
    }

    public func parameterCount(of function: Function) throws(HandleError) -> Int {
        if let signature = signature(of: function) { return Int(signature.parameterCount) }
        return Int(try engine.type(of: function).parameterCount)
    }
    public func resultCount(of function: Function) throws(HandleError) -> Int {
        if let signature = signature(of: function) { return signature.result == nil ? 0 : 1 }
        return Int(try engine.type(of: function).resultCount)
    }
    public func parameterType(_ number: Int, of function: Function) throws(HandleError) -> ValueType {
        if let signature = signature(of: function) { return signature.parameter(number) }
        return try engine.type(of: function).parameter(number)
    }
    public func resultType(_ number: Int, of function: Function) throws(HandleError) -> ValueType {
        if let signature = signature(of: function), let result = signature.result { return result }
        return try engine.type(of: function).result(number)
    }

    // MARK: calling

    /// Calls a function. `fuel` is counted in polls (backward branches, calls, 256 bytes of a bulk operation); nil is without end.
    ///
    /// The arguments must have the function's parameter types, and nothing else may be running in the environment: else it is a mistake of the
    /// program, and stops it.
    public mutating func call(
        _ function: Function, _ arguments: Span<Value>, in environment: ExecutionEnvironment, fuel: UInt64? = nil, host: inout HostType
    ) throws(HandleError) -> Outcome {
        let block = try engine.block(of: environment)
        precondition(!block.isBusy, "a run is going on in this environment")
        let count = arguments.count
        let wanted = try parameterCount(of: function)
        precondition(count == wanted, "wrong number of arguments")
        block.words[EnvironmentBlock.Header.trapModule] = 0
        var machine = engine.makeMachine(block)
        // Before anything is written: arguments and results must fit.
        var cells: UInt32 = 0
        var references: UInt32 = 0
        for i in 0..<count {
            let type = try parameterType(i, of: function)
            let given = arguments[i].type
            precondition(type == given, "argument of another type")
            cells &+= type.cells
            if type.isReference { references &+= 1 }
        }
        guard max(cells, try resultCells(of: function)) &+ max(references, 1) &+ 2 <= block.cells else { return .trapped(.callStackExhausted) }
        put(arguments, into: &machine)
        block.isBusy = true
        let outer = engine.runningEnvironment
        engine.runningEnvironment = block
        let outcome = run(&machine, function.reference, fuel, &host)
        engine.runningEnvironment = outer
        block.isBusy = false
        instructionCount &+= machine.instructionCount
        return outcome
    }

    /// Puts arguments where the callee's frame will begin, references where its reference cells will be.
    private func put(_ arguments: Span<Value>, into machine: inout Machine) {
        var cell = 0
        var reference = 0
        for i in 0..<arguments.count {
            let argument = arguments[i]
            let (low, high) = argument.cells
            if argument.type.isReference {
                machine.csp[-3 &- reference] = low
                reference &+= 1
                continue
            }
            machine.fp[cell] = low
            if argument.type.cells == 2 { machine.fp[cell &+ 1] = high }
            cell &+= Int(argument.type.cells)
        }
    }

    private func resultCells(of function: Function) throws(HandleError) -> UInt32 {
        var cells: UInt32 = 0
        for i in 0..<(try resultCount(of: function)) { cells &+= try resultType(i, of: function).cells }
        return cells
    }

    private mutating func run(_ machine: inout Machine, _ target: Reference, _ fuel: UInt64?, _ host: inout HostType) -> Outcome {
        var tank = FuelTank(left: fuel ?? .max)
        guard tank.refill(&machine) else { return .outOfFuel }
        if target.isHostFunction {
            // A host function that an instance exports: no guest is running, there is no memory to see.
            machine.hostFunction = target.function
            guard let trap = answer(&machine, &host) else { return .finished }
            return .trapped(trap)
        }
        if let trap = engine.begin(&machine, target) { return .trapped(trap) }
        while true {
            switch engine.run(&machine, &tank, { HostType.function($0) }) {
            case .hostCall:
                if let trap = answer(&machine, &host) {
                    // At the call, not behind it.
                    machine.pc = machine.pc.advanced(by: -1)
                    engine.notePosition(machine)
                    return .trapped(trap)
                }
            case .outOfFuel: return .outOfFuel
            case .trapped: return .trapped(machine.trap)
            default: return .finished
            }
        }
    }

    /// Has the host function answer that the machine waits for.
    private mutating func answer(_ machine: inout Machine, _ host: inout HostType) -> Trap? {
        let function = HostType.function(Int(machine.hostFunction))
        // Safety: host, engine and machine are exclusively borrowed here for the length of the thunk, which is the only one to use these pointers.
        let trap = unsafe withUnsafeMutablePointer(to: &host) { hostPointer in
            unsafe withUnsafeMutablePointer(to: &engine) { enginePointer in
                unsafe withUnsafeMutablePointer(to: &machine) { machinePointer in
                    // A host without fields has no address of its own, and the compiler gives null; null asks a thunk for its signature.
                    let place = MemoryLayout<HostType>.size == 0 ? UnsafeMutableRawPointer(enginePointer) : UnsafeMutableRawPointer(hostPointer)
                    var call = unsafe HostCall(
                        host: place, engine: enginePointer, machine: machinePointer,
                        cells: machinePointer.pointee.window, references: machinePointer.pointee.csp.advanced(by: -2))
                    unsafe withUnsafeMutablePointer(to: &call) { unsafe function.thunk(UnsafeMutableRawPointer($0)) }
                    return call.trap
                }
            }
        }
        return trap == 0 ? nil : Trap(rawValue: trap) ?? .host
    }

    /// A result of the last call in an environment, after it `finished` and until the next one.
    public func result(_ number: Int, of function: Function, in environment: ExecutionEnvironment) throws(HandleError) -> Value {
        let block = try engine.block(of: environment)
        var cell = 0
        var reference = 0
        for i in 0..<number {
            let type = try resultType(i, of: function)
            if type.isReference { reference &+= 1 } else { cell &+= Int(type.cells) }
        }
        let type = try resultType(number, of: function)
        if type.isReference { return Value(type, block.top[-3 &- reference], 0) }
        return Value(type, block.bottom[cell], type.cells == 2 ? block.bottom[cell &+ 1] : 0)
    }
}
