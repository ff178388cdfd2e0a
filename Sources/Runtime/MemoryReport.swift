// What a runtime's memory is used for, item by item, in the terms of the memory model (docs/MEMORY.md). The same numbers on every machine.

import MemoryPool
import WasmFormat

/// A part of memory that can fill up. Bytes.
public struct Usage: Equatable, Sendable {
    public var size: UInt64 = 0
    public var inUse: UInt64 = 0
    public var peak: UInt64 = 0
}

/// Where an instance's memory is and how much of it is in use. Bytes; blocks with their headers.
public struct MemoryReport: Equatable, Sendable {
    /// All buffers of the global heap together.
    public internal(set) var globalHeap = PoolReport()
    /// The table of regions, at the start of the first buffer.
    public internal(set) var regions: UInt32 = 0
    /// The module's block: its header, types and function records; and the register code in it. 0 for an image, which takes no RAM.
    public internal(set) var moduleRecords: UInt32 = 0
    public internal(set) var registerCode: UInt32 = 0
    /// The instance's block, and the elements of its own tables, wherever they lie.
    public internal(set) var instance: UInt32 = 0
    public internal(set) var tables: UInt32 = 0
    /// The embedder's own blocks.
    public internal(set) var embedder: UInt64 = 0
    /// Size: cells and call records; in use: 0 between calls; peak: what was ever written.
    public internal(set) var operandStack = Usage()
    /// Size: what is declared now; in use: what is committed.
    public internal(set) var linearMemory = Usage()
    /// Guest address where the committed window begins, and the end that `memory.grow` may reach.
    public internal(set) var windowStart: UInt32 = 0
    public internal(set) var memoryLimit: UInt64 = 0
    /// Size: what was asked for; all of it is taken from the global heap. In use and peak: blocks, headers and the control block; all zero where
    /// there is none, and zero beside the size where the guest has overwritten it.
    public internal(set) var appHeap = Usage()
    /// Size: what the linker gave it; in use: where the pointer stands now; peak: the deepest that it ever stood. Part of linear memory. All zero
    /// where the module has none that can be found.
    public internal(set) var auxStack = Usage()
}

extension Runtime where HostType: ~Copyable {
    /// What an instance, its module and an environment use now. Takes time in proportion to the operand stack.
    public func memoryReport(of instance: Instance, in environment: ExecutionEnvironment) throws(HandleError) -> MemoryReport {
        let block = try engine.block(of: instance)
        let code = engine.moduleBlock(block.module)
        var report = MemoryReport()
        report.globalHeap = pool
        report.regions = engine.heap.regions.bytes
        report.embedder = engine.embedderBytes
        // An image's lie where the image is.
        if !code.isImage {
            let codeBytes = code.codeWords &* 4
            report.registerCode = codeBytes
            report.moduleRecords = blockBytes(block.module) &- codeBytes
        }
        report.instance = blockBytes(block.reference)
        for number in 0..<code.tables {
            let table = engine.ownTable(block, number)
            guard !table.isImported, !table.elements.isNone else { continue }
            if block.contains(table.elements) {
                report.tables &+= table.size &* 4
                report.instance &-= table.size &* 4
            } else {
                report.tables &+= blockBytes(table.elements)
            }
        }
        let stack = try operandStack(of: environment)
        report.operandStack = Usage(size: UInt64(stack.size), inUse: 0, peak: UInt64(stack.peak))
        if block.memory != 0, !engine.ownMemory(block).isImported {
            let memory = engine.ownMemory(block)
            report.linearMemory = Usage(size: memory.size, inUse: UInt64(memory.length), peak: UInt64(memory.peak))
            report.windowStart = memory.low
            report.memoryLimit = UInt64(memory.capPages) &<< UInt64(memory.pageShift)
            if memory.hasAppHeap {
                report.appHeap.size = UInt64(memory.appHeapBytes)
                if let pool = appHeap(of: instance) { (report.appHeap.inUse, report.appHeap.peak) = (UInt64(pool.inUse), UInt64(pool.peak)) }
            }
        }
        if let stack = engine.auxStack(block, code), let pointer = code.auxStackPointer, let now = try? engine.globalPlace(block, pointer.rawValue).reference {
            let distance = stack.start &- engine.heap.regions.words(at: now, count: 1)[0]
            report.auxStack.size = UInt64(stack.start &- stack.bottom)
            report.auxStack.peak = UInt64(stack.start &- stack.lowest)
            // Elsewhere it stands while the guest runs on a stack of its own.
            if UInt64(distance) <= report.auxStack.size { report.auxStack.inUse = UInt64(distance) }
        }
        return report
    }

    private func blockBytes(_ reference: HeapReference) -> UInt32 { UInt32(truncatingIfNeeded: Pool.blockBytes(UInt64(engine.heap.regions.size(of: reference)))) }
}

#if Names
extension MemoryReport {
    /// The report as lines of text, an item a line, without a gap for what does not exist.
    public func write(to sink: inout some TextSink & ~Copyable) {
        line("global heap", UInt64(globalHeap.size), &sink)
        part(", in use ", UInt64(globalHeap.inUse), &sink)
        part(", peak ", UInt64(globalHeap.peak), &sink)
        part(", largest free block ", UInt64(globalHeap.largestFree), &sink)
        line("\n  regions", UInt64(regions), &sink)
        line("\n  module", UInt64(moduleRecords), &sink)
        part(" of records, register code ", UInt64(registerCode), &sink)
        line("\n  instance", UInt64(instance), &sink)
        if tables > 0 { line("\n  tables", UInt64(tables), &sink) }
        if embedder > 0 { line("\n  embedder", embedder, &sink) }
        line("\n  operand stack", operandStack.size, &sink)
        part(", peak ", operandStack.peak, &sink)
        if linearMemory.size > 0 || memoryLimit > 0 {
            line("\n  linear memory", linearMemory.inUse, &sink)
            part(" committed at ", UInt64(windowStart), &sink)
            part(", peak ", linearMemory.peak, &sink)
            part(", declared ", linearMemory.size, &sink)
            part(", limit ", memoryLimit, &sink)
        }
        if auxStack.size > 0 {
            line("\n  aux stack", auxStack.size, &sink)
            part(" of linear memory, in use ", auxStack.inUse, &sink)
            part(", peak ", auxStack.peak, &sink)
        }
        if appHeap.size > 0 {
            line("\n  app heap", appHeap.size, &sink)
            part(", in use ", appHeap.inUse, &sink)
            part(", peak ", appHeap.peak, &sink)
        }
        sink.write("\n")
    }

    private func line(_ name: StaticString, _ bytes: UInt64, _ sink: inout some TextSink & ~Copyable) {
        sink.write(name)
        sink.write(": ")
        sink.write(number: bytes)
        sink.write(" bytes")
    }
    private func part(_ words: StaticString, _ number: UInt64, _ sink: inout some TextSink & ~Copyable) {
        sink.write(words)
        sink.write(number: number)
    }
}
#endif
