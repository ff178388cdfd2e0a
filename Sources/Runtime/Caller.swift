// What a host function sees of the guest that called it: its memory, through views that are checked and committed first.

import WasmFormat

/// The calling guest, for the length of one host function. Not to be kept. Where no guest called, there is no memory to see.
///
/// A view borrows the caller: asking for another one, or anything else that could move memory, ends it at compile time.
@safe public struct Caller: ~Copyable {
    let call: UnsafeMutablePointer<HostCall>

    /// Behind its arguments.
    let arguments: ArgumentPlace

    @inline(__always)
    @unsafe init(_ call: UnsafeMutablePointer<HostCall>, _ arguments: ArgumentPlace) {
        unsafe self.call = call
        self.arguments = arguments
    }

    // Safety: both are there for as long as the host function runs.
    var engine: UnsafeMutablePointer<Engine> { unsafe call.pointee.engine.unsafelyUnwrapped }
    var machine: UnsafeMutablePointer<Machine> { unsafe call.pointee.machine.unsafelyUnwrapped }

    /// Declared size of the caller's memory in bytes; 0 if it has none.
    public var memorySize: UInt64 {
        // Safety: the run that called the host function keeps both alive for its length.
        unsafe engine.pointee.currentMemory(machine.pointee)?.size ?? 0
    }

    /// The instance that called; `.none` where no guest did: a start function that is imported, an import that is exported again.
    public var instance: Instance {
        if unsafe machine.pointee.instanceReference.isNone { return .none }
        return unsafe engine.pointee.currentInstance(machine.pointee).handle
    }

    /// `count` bytes of the caller's memory at guest address `address`, to read.
    ///
    /// Traps with `.outOfBoundsMemoryAccess` if they are not all inside its declared size, with `.memoryExhausted` if they
    /// have never been touched and the pool has no room for them.
    @_lifetime(&self)
    public mutating func bytes(at address: UInt32, count: UInt32) throws(Trap) -> RawSpan {
        unsafe call.pointee.ending |= HostCall.stale
        let start = unsafe try engine.pointee.view(&machine.pointee, address, count)
        // Safety: `view` made sure of the whole range; the view ends before anything can move it.
        let span = unsafe RawSpan(_unsafeStart: start, byteCount: Int(truncatingIfNeeded: count))
        return unsafe _overrideLifetime(span, mutating: &self)
    }

    /// The same bytes, to write.
    @_lifetime(&self)
    public mutating func mutableBytes(at address: UInt32, count: UInt32) throws(Trap) -> MutableRawSpan {
        unsafe call.pointee.ending |= HostCall.stale
        let start = unsafe try engine.pointee.view(&machine.pointee, address, count)
        // Safety: as above; the view is exclusive.
        let span = unsafe MutableRawSpan(_unsafeStart: start, byteCount: Int(truncatingIfNeeded: count))
        return unsafe _overrideLifetime(span, mutating: &self)
    }

    // MARK: addresses

    /// The guest addresses around one that can be used: all of declared memory, or the app heap; nil if the address is out of bounds.
    public func guestRange(around address: UInt32) -> Range<UInt64>? {
        guard let memory = unsafe engine.pointee.currentMemory(machine.pointee) else { return nil }
        return unsafe engine.pointee.range(memory, around: address)
    }

    /// The guest address of a place in the host's memory, if `count` bytes from there, at least one, lie in the caller's committed memory or its
    /// app heap. Good as long as the pointer is: until memory moves.
    public func guestAddress(of pointer: UnsafeRawPointer, count: Int) -> UInt32? {
        guard let memory = unsafe engine.pointee.currentMemory(machine.pointee) else { return nil }
        return unsafe engine.pointee.guestAddress(memory, of: pointer, count)
    }
}
