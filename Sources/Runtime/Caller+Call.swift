// Host and guest call each other: a host function's own calls into the guest, on the operand stack above its caller.

import WasmFormat

extension Caller {
    // MARK: calling

    /// Calls a function from inside a host function, which passes itself on as the `host`.
    ///
    /// It runs on the caller's operand stack, above the caller's frame, and on the caller's fuel: of that at most `fuel` polls. If it pauses,
    /// `resume` or `cancel` it before returning; one that is left paused is cancelled. `.trapped(.nativeStackExhausted)` if host and guest call each
    /// other too deep for `Configuration.nativeStackBytes`. Throws `.wrongArguments` for others than the function's types, which are the guest's to choose.
    public mutating func call<H: Host & ~Copyable>(
        _ function: Function, _ arguments: Span<Value>, fuel: UInt64? = nil, host: inout H
    ) throws(HandleError) -> Outcome {
        guard !environment.state.isPaused else { throw .environmentPaused }
        guard unsafe engine.pointee.hasNativeStack(at: UInt(bitPattern: call)) else { return .trapped(.nativeStackExhausted) }
        var tank = begin(fuel, H.self)
        let given = tank
        let place = place
        defer { end(given, tank) }
        return try unsafe engine.pointee.call(function, arguments, at: place, &tank, host: &host)
    }

    /// Goes on with a run of this host function's that has paused, as `Runtime.resume` does.
    public mutating func resume<H: Host & ~Copyable>(fuel: UInt64? = nil, host: inout H) throws(HandleError) -> Outcome {
        try resume(nil, fuel, &host)
    }

    /// Gives a run of this host function's the results that it awaits.
    public mutating func resume<H: Host & ~Copyable>(returning results: Span<Value>, fuel: UInt64? = nil, host: inout H) throws(HandleError) -> Outcome {
        try resume(results, fuel, &host)
    }

    private mutating func resume<H: Host & ~Copyable>(_ results: Span<Value>?, _ fuel: UInt64?, _ host: inout H) throws(HandleError) -> Outcome {
        guard environment.state.isPaused else { throw .notPaused }
        var tank = begin(fuel, H.self)
        let given = tank
        defer { end(given, tank) }
        return try unsafe engine.pointee.resume(environment, returning: results, &tank, host: &host)
    }

    /// Ends a run of this host function's that has paused.
    public mutating func cancel() throws(HandleError) {
        guard environment.state.isPaused else { throw .notPaused }
        try unsafe engine.pointee.cancel(environment)
        resumeCaller()
    }

    /// A result of this host function's last call, after it `finished` and until the next one.
    public func result<H: Host & ~Copyable>(_ number: Int, of function: Function, host: borrowing H) throws(HandleError) -> Value {
        try unsafe engine.pointee.result(number, of: function, at: place, H.self)
    }

    /// The export of a name, if there is one.
    public func export(_ name: StaticString, of instance: Instance) throws(HandleError) -> Export? {
        // Safety: the static string's own bytes.
        let bytes = unsafe UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return try unsafe engine.pointee.export(Span(_unsafeElements: bytes), of: instance)
    }

    // MARK: state

    private var environment: EnvironmentBlock { unsafe call.pointee.place.unsafelyUnwrapped.environment }

    /// Above the arguments of the host function: it may be asked again.
    private var place: CallPlace {
        unsafe CallPlace(environment, base: call.pointee.window.advanced(by: arguments.cells), top: machine.pointee.csp.advanced(by: -2 &- arguments.references))
    }

    /// The fuel of a run: of the caller's, which gives back its slice.
    private mutating func begin<H: Host & ~Copyable>(_ fuel: UInt64?, _: H.Type) -> FuelTank {
        unsafe call.pointee.ending |= HostCall.stale
        unsafe precondition(call.pointee.isOf(H.self), "not the host that this function was called by")
        unsafe call.pointee.tank.unsafelyUnwrapped.pointee.empty(&machine.pointee, &engine.pointee)
        return unsafe FuelTank(min(fuel ?? .max, call.pointee.tank.unsafelyUnwrapped.pointee.left))
    }

    /// The environment is the caller's run's again.
    private func resumeCaller() {
        environment.state = .running
        unsafe call.pointee.ending &= ~HostCall.paused
        unsafe call.pointee.place.unsafelyUnwrapped.note()
    }

    /// The caller pays for what was used, and looks again where its memory and table are.
    private mutating func end(_ given: FuelTank, _ tank: FuelTank) {
        let caller = unsafe call.pointee.tank.unsafelyUnwrapped
        if unsafe caller.pointee.left != .max { unsafe caller.pointee.left &-= given.left &- tank.left }
        unsafe engine.pointee.refresh(&machine.pointee)
        let isPaused = environment.state.isPaused
        if isPaused {
            unsafe call.pointee.ending |= HostCall.paused
        } else {
            resumeCaller()
        }
    }
}

extension Caller {
    // MARK: allocating

    /// Allocates `bytes` bytes in the caller's memory, as `Runtime.allocateGuestMemory` does; the guest's own allocator runs as `call` does.
    public mutating func allocateGuestMemory<H: Host & ~Copyable>(_ bytes: UInt32, fuel: UInt64? = nil, host: inout H) throws(GuestMemoryError) -> UInt32 {
        let block = try callingBlock()
        let place = place
        var tank = begin(fuel, H.self)
        let given = tank
        defer { end(given, tank) }
        return try unsafe engine.pointee.allocateGuestMemory(bytes, block, at: place, &tank, &host)
    }

    /// Gives memory back that `allocateGuestMemory` gave, here or outside of the call. Address 0 is nothing.
    public mutating func freeGuestMemory<H: Host & ~Copyable>(_ address: UInt32, fuel: UInt64? = nil, host: inout H) throws(GuestMemoryError) {
        let block = try callingBlock()
        let place = place
        var tank = begin(fuel, H.self)
        let given = tank
        defer { end(given, tank) }
        try unsafe engine.pointee.freeGuestMemory(address, block, at: place, &tank, &host)
    }

    /// The instance that called.
    private func callingBlock() throws(GuestMemoryError) -> InstanceBlock {
        guard let block = unsafe engine.pointee.find(instance) else { throw .noAllocator }
        guard !environment.state.isPaused else { throw .handle(.environmentPaused) }
        guard unsafe engine.pointee.hasNativeStack(at: UInt(bitPattern: call)) else { throw .nativeStackExhausted }
        return block
    }
}
