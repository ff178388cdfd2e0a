// Allocating in a guest's memory: by the allocator that its module exports, which runs as any call, or in the app heap.

import WasmFormat

extension Engine {
    /// Where the guest's allocator may run between calls.
    func allocatorPlace(_ environment: ExecutionEnvironment) throws(GuestMemoryError) -> CallPlace {
        do throws(HandleError) { return CallPlace(try idleBlock(of: environment)) } catch { throw .handle(error) }
    }

    mutating func allocateGuestMemory<H: Host & ~Copyable>(
        _ bytes: UInt32, _ block: InstanceBlock, at place: CallPlace, _ tank: inout FuelTank, _ host: inout H
    ) throws(GuestMemoryError) -> UInt32 {
        guard block.memory != 0 else { throw .noAllocator }
        guard let allocator = guestAllocator(moduleBlock(block.module)) else {
            let memory = memory(block)
            guard memory.hasAppHeap else { throw .noAllocator }
            return try allocateInAppHeap(memory, bytes)
        }
        // An allocator may answer 0 bytes with null, which is not a failure.
        let arguments: InlineArray<2, Value> = [.i32(max(bytes, 1)), .i32(0)]
        let address = try callAllocator(block, allocator.allocate, arguments.span.extracting(first: allocator.takesClass ? 2 : 1), place, &tank, &host)
        guard address != 0 else { throw .exhausted }
        guard UInt64(address) + UInt64(bytes) <= memory(block).size else { throw .outOfBounds }
        if let keep = allocator.keep {
            let kept: InlineArray<1, Value> = [.i32(address)]
            _ = try callAllocator(block, keep, kept.span, place, &tank, &host)
        }
        return address
    }

    mutating func freeGuestMemory<H: Host & ~Copyable>(
        _ address: UInt32, _ block: InstanceBlock, at place: CallPlace, _ tank: inout FuelTank, _ host: inout H
    ) throws(GuestMemoryError) {
        guard address != 0 else { return }
        guard block.memory != 0 else { throw .noAllocator }
        let memory = memory(block)
        guard let allocator = guestAllocator(moduleBlock(block.module)) else {
            guard memory.hasAppHeap else { throw .noAllocator }
            return try freeInAppHeap(memory, address)
        }
        guard UInt64(address) < memory.size else { throw .notAllocated }
        let arguments: InlineArray<1, Value> = [.i32(address)]
        _ = try callAllocator(block, allocator.free, arguments.span, place, &tank, &host)
    }

    /// Calls a function of the guest's allocator; its result, or 0. One that pauses is cancelled.
    mutating func callAllocator<H: Host & ~Copyable>(
        _ block: InstanceBlock, _ index: UInt32, _ arguments: Span<Value>, _ place: CallPlace, _ tank: inout FuelTank, _ host: inout H
    ) throws(GuestMemoryError) -> UInt32 {
        var failure: GuestMemoryError
        let function = handle(reference(block, function: index))
        do throws(HandleError) {
            switch try call(function, arguments, at: place, &tank, host: &host) {
            case .finished: return try resultCount(of: function, H.self) == 1 ? result(0, of: function, at: place, H.self).cells.low : 0
            case .trapped(let trap): failure = .trapped(trap)
            case .outOfFuel: failure = .outOfFuel
            case .stopped: failure = .stopped
            case .awaiting: failure = .awaiting
            }
            if place.environment.state.isPaused { try cancel(place.environment) }
        } catch {
            failure = .handle(error)
        }
        throw failure
    }
}
