// Runs: begun, driven with their host calls until they end or pause, resumed, cancelled.
//
// A run that pauses leaves what it needs to go on in its environment's header; no native frame is part of it.

import WasmFormat

/// Where a run's first cells and last record lie: on an empty operand stack, or above the frame that called a host function.
struct CallPlace {
    let environment: EnvironmentBlock
    let base: Cells
    let top: Cells
    /// What the aux stack's pointer was when the run began that is at this place.
    var auxStackPointer: UInt32 = 0

    init(_ environment: EnvironmentBlock) {
        self.init(environment, base: environment.bottom, top: environment.top)
    }
    init(_ environment: EnvironmentBlock, base: Cells, top: Cells) {
        self.environment = environment
        self.base = base
        self.top = top
    }
    /// Cells between the two.
    var cells: Int { (Int(bitPattern: top.address) &- Int(bitPattern: base.address)) / 4 }

    /// The place of the run that is going on, or paused, in an environment.
    init(runIn environment: EnvironmentBlock) {
        let words = environment.words
        self.init(environment, base: environment.place(words[EnvironmentBlock.Header.base]), top: environment.place(words[EnvironmentBlock.Header.top]))
    }
    func note() {
        environment.words[EnvironmentBlock.Header.base] = environment.offset(of: base)
        environment.words[EnvironmentBlock.Header.top] = environment.offset(of: top)
        environment.words[EnvironmentBlock.Header.auxStackPointer] = auxStackPointer
    }
}

extension Engine {
    // MARK: beginning

    /// Calls a function.
    mutating func call<H: Host & ~Copyable>(
        _ function: Function, _ arguments: Span<Value>, at place: CallPlace, _ tank: inout FuelTank, host: inout H
    ) throws(HandleError) -> Outcome {
        let count = arguments.count
        let wanted = try parameterCount(of: function, H.self)
        guard count == wanted else { throw .wrongArguments }
        // Before anything is written: arguments and results must fit.
        var cells: UInt32 = 0
        var references: UInt32 = 0
        for i in 0..<count {
            let type = try parameterType(i, of: function, H.self)
            let given = arguments[i].type
            guard type == given else { throw .wrongArguments }
            cells &+= type.cells
            if type.isReference { references &+= 1 }
        }
        var results: UInt32 = 0
        for i in 0..<(try resultCount(of: function, H.self)) { results &+= try resultType(i, of: function, H.self).cells }
        let words = place.environment.words
        words[EnvironmentBlock.Header.instance] = 0
        words[EnvironmentBlock.Header.module] = 0
        guard Int(max(cells, results) &+ max(references, 1) &+ 2) <= place.cells else {
            place.environment.state = .idle
            return .trapped(.callStackExhausted)
        }
        var machine = makeMachine(place)
        put(arguments, at: machine.fp, references: machine.csp)
        place.note()
        if function.reference.isHostFunction {
            // A host function that an instance exports: no guest is running, there is no memory to see.
            machine.hostFunction = function.reference.function
            return drive(&machine, &tank, place, asking: machine.fp, host: &host)
        }
        if let trap = begin(&machine, function.reference) {
            place.environment.state = .idle
            return .trapped(trap)
        }
        noteAuxStack(machine, place.environment)
        // What comes first is a look at stop word and fuel.
        machine.fuel = -1
        return drive(&machine, &tank, place, asking: nil, host: &host)
    }

    /// Puts values where a frame begins, references where its reference cells are: below a record, of two words.
    func put(_ values: Span<Value>, at cells: Cells, references: Cells) {
        var cell = 0
        var reference = 0
        for i in 0..<values.count {
            let value = values[i]
            let (low, high) = value.cells
            if value.type.isReference {
                references[-3 &- reference] = low
                reference &+= 1
                continue
            }
            cells[cell] = low
            if value.type.cells == 2 { cells[cell &+ 1] = high }
            cell &+= Int(value.type.cells)
        }
    }

    // MARK: the run

    /// Runs until the end, a trap or a pause; the environment tells afterwards which. `window`: where the arguments lie of a host function that is asked first.
    mutating func drive<H: Host & ~Copyable>(
        _ machine: inout Machine, _ tank: inout FuelTank, _ place: CallPlace, asking window: Cells?, host: inout H
    ) -> Outcome {
        let environment = place.environment
        var place = place
        place.auxStackPointer = environment.words[EnvironmentBlock.Header.auxStackPointer]
        environment.state = .running
        // Safety: host, engine, machine and tank are exclusively borrowed here for the length of the run; thunks, which are called in between, are the only
        // others to use these pointers.
        return unsafe withUnsafeMutablePointer(to: &self) { engine in
            unsafe withUnsafeMutablePointer(to: &machine) { machine in
                unsafe withUnsafeMutablePointer(to: &tank) { tank in
                    unsafe withUnsafeMutablePointer(to: &host) { host in
                        let outermost = unsafe engine.pointee.beginNativeStack(at: UInt(bitPattern: machine))
                        // A host without fields has no address of its own, and the compiler gives null; null asks a thunk for its signature.
                        let hostPlace = MemoryLayout<H>.size == 0 ? UnsafeMutableRawPointer(engine) : UnsafeMutableRawPointer(host)
                        var call = unsafe HostCall(host: hostPlace, engine: engine, machine: machine, tank: tank, place: place)
                        call.note(H.self)
                        if let window { call.window = window }
                        let outcome = unsafe withUnsafeMutablePointer(to: &call) { call in
                            unsafe machine.pointee.hostCall = call
                            return unsafe Engine.loop(engine, machine, tank, call, place, window != nil, host)
                        }
                        unsafe tank.pointee.empty(&machine.pointee, &engine.pointee)
                        environment.fuelLeft = unsafe tank.pointee.left
                        unsafe engine.pointee.instructionCount &+= machine.pointee.instructionCount
                        if outermost { unsafe engine.pointee.nativeStackStart = 0 }
                        return outcome
                    }
                }
            }
        }
    }

    /// Everything comes by its place: thunks, which are called in between, use the same places.
    @unsafe static func loop<H: Host & ~Copyable>(
        _ engine: UnsafeMutablePointer<Engine>, _ machine: UnsafeMutablePointer<Machine>, _ tank: UnsafeMutablePointer<FuelTank>,
        _ call: UnsafeMutablePointer<HostCall>, _ place: CallPlace, _ asksHost: Bool, _ host: UnsafeMutablePointer<H>
    ) -> Outcome {
        let environment = place.environment
        var exit = unsafe asksHost ? Exit.hostCall : run(engine, machine, tank) { H.function($0) }
        while true {
            switch exit {
            case .hostCall:
                let function = unsafe H.function(Int(machine.pointee.hostFunction))
                unsafe call.pointee.note(function, machine.pointee.hostFunction)
                unsafe function.thunk(UnsafeMutableRawPointer(call))
                exit = .hostAnswered
            case .hostAnswered:
                if unsafe call.pointee.ending & HostCall.paused != 0 {
                    // A run that the host function left paused ends with it.
                    unsafe engine.pointee.restoreAuxStack(environment)
                    environment.state = .running
                    place.note()
                    unsafe engine.pointee.refresh(&machine.pointee)
                }
                let ending = unsafe call.pointee.trap
                unsafe call.pointee.ending = 0
                let isAlone = unsafe machine.pointee.instanceReference.isNone
                if ending == 0 {
                    if isAlone { exit = .finished } else { exit = unsafe run(engine, machine, tank) { H.function($0) } }
                    continue
                }
                // At the call, not behind it.
                if !isAlone { unsafe machine.pointee.pc = machine.pointee.pc.advanced(by: -1) }
                if ending == Trap.resultPending.rawValue {
                    unsafe engine.pointee.park(machine.pointee, in: environment, .awaiting)
                    environment.words[EnvironmentBlock.Header.window] = unsafe environment.offset(of: call.pointee.window)
                    return unsafe .awaiting(Int(machine.pointee.hostFunction))
                }
                unsafe machine.pointee.trap = Trap(rawValue: ending) ?? .host
                exit = .trapped
            case .watchdog:
                unsafe host.pointee.feedWatchdog()
                unsafe engine.pointee.watchdogLeft = engine.pointee.watchdogInterval
                exit = unsafe run(engine, machine, tank) { H.function($0) }
            case .trapped:
                unsafe engine.pointee.park(machine.pointee, in: environment, .trapped)
                return unsafe .trapped(machine.pointee.trap)
            case .outOfFuel:
                unsafe engine.pointee.park(machine.pointee, in: environment, .outOfFuel)
                return .outOfFuel
            case .stopped:
                unsafe engine.pointee.park(machine.pointee, in: environment, .stopped)
                return .stopped
            default:
                environment.state = .idle
                return .finished
            }
        }
    }

    // MARK: going on

    /// Goes on with a paused run; with `results` for the host function that it awaits, else that is asked again.
    mutating func resume<H: Host & ~Copyable>(
        _ environment: EnvironmentBlock, returning results: Span<Value>?, _ tank: inout FuelTank, host: inout H
    ) throws(HandleError) -> Outcome {
        let state = environment.state
        guard state.isPaused else { throw .notPaused }
        let place = CallPlace(runIn: environment)
        var machine = makeMachine(place)
        unpark(environment, into: &machine)
        guard state == .awaiting else {
            guard results == nil else { throw .notAwaiting }
            return drive(&machine, &tank, place, asking: nil, host: &host)
        }
        let window = environment.place(environment.words[EnvironmentBlock.Header.window])
        guard let results else { return drive(&machine, &tank, place, asking: window, host: &host) }
        let signature = H.function(Int(machine.hostFunction)).signature
        let type = results.count == 0 ? nil : results[0].type
        guard results.count <= 1 && signature.result == type else { throw .wrongArguments }
        put(results, at: window, references: machine.csp)
        guard !machine.instanceReference.isNone else {
            environment.state = .idle
            return .finished
        }
        return drive(&machine, &tank, place, asking: nil, host: &host)
    }

    /// Ends a paused or trapped run: its frames are gone, and the aux stack of the instance that was called is as before the call.
    func cancel(_ environment: EnvironmentBlock) throws(HandleError) {
        guard environment.state.hasPosition else { throw .notPaused }
        restoreAuxStack(environment)
        environment.state = .idle
    }

    /// A result of the run that ended last at a place.
    func result<H: Host & ~Copyable>(_ number: Int, of function: Function, at place: CallPlace, _: H.Type) throws(HandleError) -> Value {
        guard number >= 0, number < (try resultCount(of: function, H.self)) else { throw .wrongArguments }
        var cell = 0
        var reference = 0
        for i in 0..<number {
            let type = try resultType(i, of: function, H.self)
            if type.isReference { reference &+= 1 } else { cell &+= Int(type.cells) }
        }
        let type = try resultType(number, of: function, H.self)
        if type.isReference { return Value(type, place.top[-3 &- reference], 0) }
        return Value(type, place.base[cell], type.cells == 2 ? place.base[cell &+ 1] : 0)
    }

    // MARK: types

    func signature<H: Host & ~Copyable>(of function: Function, _: H.Type) -> HostSignature? {
        function.reference.isHostFunction ? H.function(Int(function.reference.function)).signature : nil
    }
    func parameterCount<H: Host & ~Copyable>(of function: Function, _: H.Type) throws(HandleError) -> Int {
        if let signature = signature(of: function, H.self) { return Int(signature.parameterCount) }
        return Int(try type(of: function).parameterCount)
    }
    func resultCount<H: Host & ~Copyable>(of function: Function, _: H.Type) throws(HandleError) -> Int {
        if let signature = signature(of: function, H.self) { return signature.result == nil ? 0 : 1 }
        return Int(try type(of: function).resultCount)
    }
    func parameterType<H: Host & ~Copyable>(_ number: Int, of function: Function, _: H.Type) throws(HandleError) -> ValueType {
        if let signature = signature(of: function, H.self) { return signature.parameter(number) }
        return try type(of: function).parameter(number)
    }
    func resultType<H: Host & ~Copyable>(_ number: Int, of function: Function, _: H.Type) throws(HandleError) -> ValueType {
        if let signature = signature(of: function, H.self), let result = signature.result { return result }
        return try type(of: function).result(number)
    }

    // MARK: native stack

    /// Notes where the native stack of the first of several nested runs begins.
    mutating func beginNativeStack(at address: UInt) -> Bool {
        guard nativeStackStart == 0 else { return false }
        nativeStackStart = address
        return true
    }

    /// Whether a nested run may begin with a machine at this address.
    func hasNativeStack(at address: UInt) -> Bool {
        let used = Int(bitPattern: nativeStackStart &- address)
        return used.magnitude <= UInt(nativeStackBytes)
    }
}
