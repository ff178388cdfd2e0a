// Know before you run: what an instance will take of the global heap.

import MemoryPool
import WasmFormat

/// Bytes of the global heap that an instance takes, headers of blocks included, by item.
public struct InstanceNeed: Equatable, Sendable {
    /// The instance's block, without the elements of its tables.
    public internal(set) var instance: UInt64 = 0
    /// What the directory of instances grows by.
    public internal(set) var directory: UInt64 = 0
    /// The elements of its own tables.
    public internal(set) var tables: UInt64 = 0
    /// The window that its linear memory begins with; nil if a data segment's or the aux stack's place depends on an imported global.
    public internal(set) var linearMemory: UInt64? = 0

    /// The app heap, where one is asked for and the module exports no allocator.
    public internal(set) var appHeap: UInt64 = 0

    /// Runtime structures: all but linear memory and app heap.
    public var structures: UInt64 { instance + directory + tables }
    /// Everything; nil as `linearMemory`.
    public var total: UInt64? { linearMemory.map { $0 + structures + appHeap } }
}

/// Addresses of data segments, where no imported global is in them.
private struct PlainConstants: ConstantSource {
    func value(of global: GlobalIndex) -> UInt64 { 0 }
    func reference(to function: FunctionIndex) -> UInt64 { 0 }
    var nullReference: UInt64 { 0 }
}

extension Engine {
    func need(_ code: ModuleBlock, _ configuration: InstanceConfiguration) throws(LoadError) -> InstanceNeed {
        let bytes = bytes(of: code)
        var summary = ModuleSummary()
        try fill(&summary, of: code)
        var need = InstanceNeed()
        let hasAppHeap = needsAppHeap(code, &summary, configuration)
        let layout = try InstanceLayout(code, bytes, heap.regions, &summary, hasAppHeap: hasAppHeap)
        need.tables = layout.elementWords * 4
        need.instance = Pool.blockBytes(layout.words * 4) - need.tables
        if hasAppHeap { need.appHeap = Pool.blockBytes(UInt64(configuration.appHeapBytes)) }
        if !hasFreeNumber { need.directory = Engine.directoryBytes(grownDirectoryCount) - Engine.directoryBytes(directoryCount) }
        need.linearMemory = try firstWindow(code, bytes, &summary, configuration).map { $0 > 0 ? Pool.blockBytes($0) : 0 }
        return need
    }

    /// Bytes of the window that `openWindow` makes.
    private func firstWindow(_ code: ModuleBlock, _ bytes: Span<UInt8>, _ summary: inout ModuleSummary, _ configuration: InstanceConfiguration) throws(LoadError) -> UInt64? {
        var memories = SectionReader<MemoryType>(summary.memories, of: bytes)
        guard let type = try memories.next() else { return 0 }
        var size = UInt64(type.limits.minimum) &<< UInt64(type.pageShift)
        switch configuration.memoryCommitment {
        case .whole: return size
        case .touched: break
        case .cutAtHeapBase: if case .cut(let end) = try heapBaseCut(code) { size = UInt64(end) }
        }
        var (low, high) = (UInt64.max, UInt64(0))
        if configuration.auxStackBytes > 0, let pointer = code.auxStackPointer {
            guard let start = try AuxStack.start(at: pointer, in: bytes, summary) else { return nil }
            if UInt64(start) <= size { (low, high) = AuxStackWords.firstWindow(bottom: try AuxStack.bottom(ofStackAt: start, in: bytes, summary), start: start, configuration) }
        }
        var dependsOnGlobals = false
        try Engine.hull(bytes, &summary, of: size, low: &low, high: &high) { offset throws(LoadError) in
            if try namesGlobal(bytes, offset, isPacked: code.isImage) { dependsOnGlobals = true }
            return try ConstantExpression.value(in: bytes, at: offset, isPacked: code.isImage, from: PlainConstants())
        }
        if dependsOnGlobals { return nil }
        return low < high ? min(size, (high + 255) & ~255) - low & ~255 : 0
    }

    /// Whether a constant expression of an i32 reads a global.
    private func namesGlobal(_ bytes: Span<UInt8>, _ offset: UInt32, isPacked: Bool) throws(LoadError) -> Bool {
        if isPacked {
            // One that is more than a value reads a global: else it would have been one.
            var reader = ByteReader(bytes, at: offset)
            return try PackedConstant(from: &reader).form != .value
        }
        var reader = ByteReader(bytes, in: ByteRange(offset: offset, count: UInt32(bytes.count) &- offset))
        while true {
            switch try reader.byte() {
            case 0x41: _ = try reader.s32()
            case 0x23: return true
            case 0x0b: return false
            default: break      // addition, subtraction, multiplication: no immediates
            }
        }
    }
}

extension Runtime where HostType: ~Copyable {
    /// What an instance of a module will take with these settings, to the byte, before anything is taken. Exact where the heap has room for the
    /// window in whole steps of 256 bytes.
    public func need(of module: Module, _ configuration: InstanceConfiguration = InstanceConfiguration()) throws(HandleError) -> InstanceNeed {
        let code = try engine.block(of: module)
        do throws(LoadError) {
            return try engine.need(code, configuration)
        } catch {
            // The bytes were validated when the module was loaded: they have been changed since.
            preconditionFailure("module bytes changed")
        }
    }

    /// Bytes of the global heap that an execution environment takes, its header and the block's included.
    public static func need(operandStackBytes: UInt32) -> UInt64 { Pool.blockBytes(UInt64(operandStackBytes) + UInt64(EnvironmentBlock.Header.count) * 4) }
}
