// The allocator that a module exports: what the host calls to allocate in the guest's own heap.
//
//     C, C++, Rust, Zig, TinyGo    malloc (i32) → i32                                       free (i32)
//     AssemblyScript               __new (i32, i32) → i32, then __pin (i32) → i32           __unpin (i32)
//     AssemblyScript before 0.18   __new (i32, i32) → i32, then __retain (i32) → i32        __release (i32)
//
// The exports are looked up at each call, in the module's bytes: nothing is kept of them.

import WasmFormat

/// Indices of exported functions, whose types have been checked.
struct GuestAllocator {
    /// `malloc`, or `__new`, whose second parameter is a class id: 0 is one without references in both generations of AssemblyScript.
    var allocate: UInt32
    /// Keeps what `__new` gave from the guest's collector; nil for `malloc`.
    var keep: UInt32?
    var free: UInt32
    var takesClass: Bool { keep != nil }
}

extension Engine {
    /// The allocator that a module exports; nil if it has none, or one with other types.
    func guestAllocator(_ code: ModuleBlock) -> GuestAllocator? {
        if let allocate = exportedFunction(code, "malloc", 1, true), let free = exportedFunction(code, "free", 1, false) {
            return GuestAllocator(allocate: allocate, keep: nil, free: free)
        }
        guard let new = exportedFunction(code, "__new", 2, true) else { return nil }
        if let keep = exportedFunction(code, "__pin", 1, true), let free = exportedFunction(code, "__unpin", 1, false) {
            return GuestAllocator(allocate: new, keep: keep, free: free)
        }
        if let keep = exportedFunction(code, "__retain", 1, true), let free = exportedFunction(code, "__release", 1, false) {
            return GuestAllocator(allocate: new, keep: keep, free: free)
        }
        return nil
    }

    /// The exported function of a name, if it takes so many i32 and gives one, or nothing.
    private func exportedFunction(_ code: ModuleBlock, _ name: StaticString, _ parameters: UInt32, _ hasResult: Bool) -> UInt32? {
        // Safety: the static string's own bytes.
        let text = unsafe Span(_unsafeElements: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        guard let found = try? findExport(code, named: ByteRange(offset: 0, count: UInt32(text.count)), in: text), found.kind == .function,
            let type = try? FunctionType(bytes(of: code), at: code.typeOffset(ofFunction: found.index)),
            type.parameterCount == parameters, type.resultCount == (hasResult ? 1 : 0)
        else { return nil }
        for i in 0..<Int(parameters) where type.parameter(i) != .i32 { return nil }
        return hasResult && type.result(0) != .i32 ? nil : found.index
    }
}
