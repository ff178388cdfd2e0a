// What tests do with guest memory from outside: allocate, free, look and write.

@testable import MemoryPool
@testable import Runtime
@testable import WasmFormat

extension InstanceConfiguration {
    init(appHeapBytes: UInt32, cap: UInt64? = nil) {
        self.init()
        self.appHeapBytes = appHeapBytes
        memoryCap = cap
    }
}

extension World {
    func block(_ bytes: UInt32) -> HeapBlock? { runtime.allocate(bytes) }
    func allocate(_ bytes: UInt32, in instance: Instance, fuel: UInt64? = nil) throws(GuestMemoryError) -> UInt32 {
        try runtime.allocateGuestMemory(bytes, in: instance, environment: environment, fuel: fuel, host: &host)
    }
    func free(_ address: UInt32, in instance: Instance, fuel: UInt64? = nil) throws(GuestMemoryError) {
        try runtime.freeGuestMemory(address, in: instance, environment: environment, fuel: fuel, host: &host)
    }
    func read(_ address: UInt32, _ count: UInt32, of instance: Instance) throws(Trap) -> [UInt8] { try runtime.contents(at: address, count, of: instance) }
    func write(_ contents: [UInt8], at address: UInt32, of instance: Instance) throws(Trap) { try runtime.put(contents, at: address, of: instance) }
    func appHeap(of instance: Instance) -> PoolReport? { runtime.appHeap(of: instance) }
    func range(around address: UInt32, of instance: Instance) -> Range<UInt64>? { runtime.guestRange(around: address, of: instance) }
    func size(of instance: Instance) -> UInt64 { runtime.memorySize(of: instance) }
    /// Where a committed guest address lies.
    func pointer(_ address: UInt32, _ count: UInt32, of instance: Instance) throws(Trap) -> UnsafeRawPointer {
        try runtime.place(of: address, count, of: instance)
    }
    func guestAddress(of pointer: UnsafeRawPointer, _ count: Int, in instance: Instance) -> UInt32? {
        runtime.guestAddress(of: pointer, count: count, of: instance)
    }

    /// The bytes of the whole pool outside the app heap of an instance.
    func outsideAppHeap(of instance: Instance) -> [UInt8] {
        let memory = runtime.engine.memory(of: instance)!
        let start = runtime.engine.heap.regions.address(memory.appHeap) - UnsafeMutableRawPointer(everything.baseAddress!)
        return Array(everything[..<start]) + Array(everything[(start + Int(memory.appHeapBytes))...])
    }
}

// A view borrows the runtime, so that it can be taken of a variable only: these have it as `self`.
extension Runtime where HostType: ~Copyable {
    mutating func contents(at address: UInt32, _ count: UInt32, of instance: Instance) throws(Trap) -> [UInt8] {
        let bytes = try bytes(at: address, count: count, of: instance)
        return (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
    mutating func put(_ contents: [UInt8], at address: UInt32, of instance: Instance) throws(Trap) {
        var bytes = try mutableBytes(at: address, count: UInt32(contents.count), of: instance)
        for i in 0..<contents.count { bytes.storeBytes(of: contents[i], toByteOffset: i, as: UInt8.self) }
    }
    mutating func place(of address: UInt32, _ count: UInt32, of instance: Instance) throws(Trap) -> UnsafeRawPointer {
        let bytes = try bytes(at: address, count: count, of: instance)
        return bytes.withUnsafeBytes { $0.baseAddress! }
    }
}

/// How allocating or freeing failed; nil if it did not.
func guestMemoryError(_ body: () throws -> some Any) -> GuestMemoryError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? GuestMemoryError
    }
}
