// The guest's memory as the embedder uses it between calls: allocating, views, and addresses in both directions.

import MemoryPool
import WasmFormat

extension Runtime where HostType: ~Copyable {
    // MARK: allocating

    /// Allocates `bytes` bytes in the memory of an instance and gives their guest address, which is never 0. Not zeroed.
    ///
    /// By the module's own allocator where it exports one: `malloc` and `free`; AssemblyScript's `__new` with `__pin` and `__unpin`, or with `__retain`
    /// and `__release`. It runs in `environment`, as any call, with `fuel`. Else in the app heap, where a block costs 4 bytes more and is 8-byte
    /// aligned. Guest memory is given back to the instance that it was allocated in.
    public mutating func allocateGuestMemory(
        _ bytes: UInt32, in instance: Instance, environment: ExecutionEnvironment, fuel: UInt64? = nil, host: inout HostType
    ) throws(GuestMemoryError) -> UInt32 {
        guard let block = engine.find(instance) else { throw .handle(.staleInstance) }
        var tank = FuelTank(fuel)
        return try engine.allocateGuestMemory(bytes, block, at: engine.allocatorPlace(environment), &tank, &host)
    }

    /// Gives memory back that `allocateGuestMemory` gave. Address 0 is nothing, and that is given back by doing nothing.
    public mutating func freeGuestMemory(
        _ address: UInt32, in instance: Instance, environment: ExecutionEnvironment, fuel: UInt64? = nil, host: inout HostType
    ) throws(GuestMemoryError) {
        guard let block = engine.find(instance) else { throw .handle(.staleInstance) }
        var tank = FuelTank(fuel)
        try engine.freeGuestMemory(address, block, at: engine.allocatorPlace(environment), &tank, &host)
    }

    /// The state of an instance's app heap, control block and headers included; nil if it has none, or has overwritten it.
    public func appHeap(of instance: Instance) -> PoolReport? {
        guard let memory = engine.memory(of: instance), memory.hasAppHeap, let pool = engine.appHeapPool(memory) else { return nil }
        var report = PoolReport()
        (report.size, report.inUse, report.peak, report.largestFree) = (pool.length, pool.inUse, pool.peak, pool.largestFree)
        return report
    }

    // MARK: views

    /// Declared size of an instance's memory in bytes, as `memory.size` has it; 0 if it has none.
    public func memorySize(of instance: Instance) -> UInt64 { engine.memory(of: instance)?.size ?? 0 }

    /// `count` bytes of an instance's memory at guest address `address`, to read.
    ///
    /// Throws `.outOfBoundsMemoryAccess` if they are not all in its declared memory or all in its app heap, `.memoryExhausted` if they have never been
    /// touched and the pool has no room for them. The view borrows the runtime: a call, or whatever else could move memory, ends it at compile time.
    @_lifetime(&self)
    public mutating func bytes(at address: UInt32, count: UInt32, of instance: Instance) throws(Trap) -> RawSpan {
        guard let memory = engine.memory(of: instance) else { throw .outOfBoundsMemoryAccess }
        let start = unsafe try engine.view(memory, address, count)
        // Safety: `view` made sure of the whole range; the span ends before anything can move it.
        let span = unsafe RawSpan(_unsafeStart: start, byteCount: Int(truncatingIfNeeded: count))
        return unsafe _overrideLifetime(span, mutating: &self)
    }

    /// The same bytes, to write.
    @_lifetime(&self)
    public mutating func mutableBytes(at address: UInt32, count: UInt32, of instance: Instance) throws(Trap) -> MutableRawSpan {
        guard let memory = engine.memory(of: instance) else { throw .outOfBoundsMemoryAccess }
        let start = unsafe try engine.view(memory, address, count)
        // Safety: as above; the view is exclusive.
        let span = unsafe MutableRawSpan(_unsafeStart: start, byteCount: Int(truncatingIfNeeded: count))
        return unsafe _overrideLifetime(span, mutating: &self)
    }

    // MARK: addresses

    /// The guest addresses around one that can be used: all of declared memory, or the app heap; nil if the address is out of bounds.
    public func guestRange(around address: UInt32, of instance: Instance) -> Range<UInt64>? {
        guard let memory = engine.memory(of: instance) else { return nil }
        return engine.range(memory, around: address)
    }

    /// The guest address of a place in the host's memory, if `count` bytes from there, at least one, lie in an instance's committed memory or its
    /// app heap. Good as long as the pointer is: until memory moves.
    public func guestAddress(of pointer: UnsafeRawPointer, count: Int, of instance: Instance) -> UInt32? {
        guard let memory = engine.memory(of: instance) else { return nil }
        return unsafe engine.guestAddress(memory, of: pointer, count)
    }
}
