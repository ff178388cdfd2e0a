// From a module to an instance: imports resolved, one block, globals and tables filled; the rest is `initialize`.

import Image
import MemoryPool
import WasmFormat

/// An instance that imports of one module name can come from. Several may have the same name.
@safe public struct Link {
    let name: UnsafeRawBufferPointer
    let instance: Instance

    /// `module` is the module name's UTF-8; it must outlive the link.
    @unsafe public init(_ module: UnsafeRawBufferPointer, _ instance: Instance) {
        unsafe name = module
        self.instance = instance
    }
}

/// A host's functions, whatever its type.
struct HostTable {
    var count: Int
    var function: (Int) -> HostFunction
}

/// What an import was resolved to.
enum Resolution {
    case host(UInt32)
    case export(InstanceBlock, ExternalKind, UInt32)
}

extension Engine {
    /// Makes an instance: everything but its segments and its start function. On error nothing remains.
    mutating func instantiate(_ code: ModuleBlock, _ summary: inout ModuleSummary, links: Span<Link>, _ configuration: InstanceConfiguration, hostCount: Int, host: (Int) -> HostFunction) throws(LoadError) -> InstanceBlock {
        let bytes = bytes(of: code)
        let hasAppHeap = configuration.appHeapBytes > 0 && needsAppHeap(code, &summary, configuration)
        let layout = try InstanceLayout(code, bytes, heap.regions, &summary, hasAppHeap: hasAppHeap)
        let numbers = directoryCount
        guard let handle = makeNumber() else {
            throw directoryCount >= Reference.hostInstance &- 1 ? LoadError(.tooManyInstances, at: 0) : LoadError(noRoomFor: .instance, at: 0)
        }
        guard layout.words <= TableWords.most, let reference = heap.allocate(UInt32(truncatingIfNeeded: layout.words &* 4), for: .runtimeStructures) else {
            heap.noteShortage(layout.words &* 4, for: .runtimeStructures)
            shrinkDirectory(to: numbers)
            throw layout.refusal
        }
        let block = InstanceBlock(words: heap.regions.words(reference), reference: reference)
        block.words[InstanceBlock.Header.module] = heap.regions.module(code.region).bits
        block.words[InstanceBlock.Header.identity] = handle.bits
        block.words[InstanceBlock.Header.globals] = layout.globals
        block.words[InstanceBlock.Header.importedGlobals] = layout.importedGlobals
        block.words[InstanceBlock.Header.tables] = layout.tables
        block.words[InstanceBlock.Header.memory] = summary.memoryCount > 0 ? layout.memory : 0
        block.words[InstanceBlock.Header.dropped] = layout.dropped
        do throws(LoadError) {
            try heap.regions.linkImports(block, code, bytes, &summary, links, hostCount, host)
            try heap.regions.makeTables(block, layout.elements, code, bytes, &summary)
            try makeMemory(block, code, bytes, &summary, configuration)
            if hasAppHeap { try makeAppHeap(block, code, &summary, configuration) }
            try heap.regions.initializeGlobals(block, code, &summary)
            try makeAuxStack(block, code, bytes, &summary, configuration)
            try openWindow(block, code, bytes, &summary, configuration)
        } catch {
            freeMemory(block)
            heap.free(reference)
            shrinkDirectory(to: numbers)
            throw error
        }
        setBlock(reference, of: handle)
        return block
    }

    // MARK: imports

    // MARK: tables, memory, globals


    @inline(__always)
    private mutating func memoryType(_ code: ModuleBlock, _ bytes: Span<UInt8>, _ summary: inout ModuleSummary) throws(LoadError) -> MemoryType? {
        if code.isImage { return image(code).memoryType }
        var memories = SectionReader<MemoryType>(summary.memories, of: bytes)
        return try memories.next()
    }

    @inline(__always)
    private mutating func makeMemory(_ block: InstanceBlock, _ code: ModuleBlock, _ bytes: Span<UInt8>, _ summary: inout ModuleSummary, _ configuration: InstanceConfiguration) throws(LoadError) {
        guard summary.memories.count > 0, let type = try memoryType(code, bytes, &summary) else { return }
        let memory = ownMemory(block)
        memory.pages = type.limits.minimum
        let most: UInt32 = type.pageShift == 16 ? 65_536 : .max
        memory.maximumPages = type.limits.hasMaximum && type.limits.maximum < most ? type.limits.maximum : most
        memory.flags = UInt32(type.pageShift) | (type.limits.hasMaximum ? 0x100 : 0) | (configuration.memoryGrowth == .overcommit ? 0x400 : 0)
        if configuration.memoryCommitment == .cutAtHeapBase, case .cut(let end) = try heapBaseCut(moduleBlock(block.module)) {
            // Counted in bytes from here on: pages of one byte.
            memory.pages = end
            memory.maximumPages = end
            memory.capPages = end
            guard UInt64(end) <= configuration.memoryCap ?? .max else { throw LoadError(.memoryAboveCap, at: summary.memories.offset) }
            memory.flags = memory.flags & ~0xff
            return
        }
        // As `MemoryWords.size`.
        let capBytes = configuration.memoryCap ?? .max
        let cap = type.pageShift == 0 ? capBytes : capBytes &>> 16
        guard UInt64(memory.pages) <= cap else { throw LoadError(.memoryAboveCap, at: summary.memories.offset) }
        memory.capPages = cap < UInt64(memory.maximumPages) ? UInt32(truncatingIfNeeded: cap) : memory.maximumPages
    }

    /// The window as it begins: the hull of what the active data segments put into memory, less zeros at their ends, and of what is asked for of an aux
    /// stack that comes first.
    @inline(__always)
    private mutating func openWindow(
        _ block: InstanceBlock, _ code: ModuleBlock, _ bytes: Span<UInt8>, _ summary: inout ModuleSummary, _ configuration: InstanceConfiguration
    ) throws(LoadError) {
        guard summary.memories.count > 0 else { return }
        let memory = ownMemory(block)
        if configuration.memoryCommitment == .whole {
            guard commitWhole(memory) else { throw LoadError(noRoomFor: .linearMemory, at: summary.memories.offset) }
            return
        }
        var (low, high) = (UInt64.max, UInt64(0))
        // A stack that was imported with its pointer lies in its owner's memory.
        if let stack = auxStack(block, code), !ownAuxStack(block).isImported, UInt64(stack.start) <= memory.size { (low, high) = stack.firstWindow(configuration) }
        let regions = heap.regions
        try Engine.hull(bytes, &summary, of: memory.size, low: &low, high: &high) { offset throws(LoadError) in
            code.isImage ? try regions.constant(block, code, regions.image(code), offset) : try regions.constant(block, code, offset)
        }
        guard low < high else { return }
        guard commit(memory, UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: high &- low)) else { throw LoadError(noRoomFor: .linearMemory, at: summary.data.offset) }
    }

    /// Extends a stretch by what the active data segments put into a memory of `size` bytes, less zeros at their ends.
    static func hull(
        _ bytes: Span<UInt8>, _ summary: inout ModuleSummary, of size: UInt64, low: inout UInt64, high: inout UInt64, address: (UInt32) throws(LoadError) -> UInt64
    ) throws(LoadError) {
        var segments = SectionReader<DataSegment>(summary.data, of: bytes)
        while let segment = try segments.next() {
            guard segment.mode == .active else { continue }
            let offset = segment.contents.offset
            var first = offset
            var last = segment.contents.end
            while first < last && bytes[Int(truncatingIfNeeded: first)] == 0 { first &+= 1 }
            while last > first && bytes[Int(truncatingIfNeeded: last &- 1)] == 0 { last &-= 1 }
            guard first < last else { continue }
            let address = try address(segment.placement) & 0xffff_ffff
            // A segment that does not fit traps later, and so does everything behind it.
            guard address &+ UInt64(segment.contents.count) <= size else { break }
            low = min(low, (address &+ UInt64(first &- offset)) & ~7)
            high = max(high, address &+ UInt64(last &- offset))
        }
    }
}

/// An instance as constant expressions see it.
@safe struct InstanceConstants: ConstantSource {
    let block: InstanceBlock
    let importedFunctions: UInt32
    let regions: RegionTable

    func value(of global: GlobalIndex) -> UInt64 {
        // Only imported globals can be named; their references lie in the instance's block.
        let reference = HeapReference(bits: block.words[block.importedGlobals &+ global.rawValue])
        // Safety: a global's cells in its owner's block; the second one may be the next thing in it, and is then not used.
        let cells = unsafe regions.address(reference).assumingMemoryBound(to: UInt32.self)
        return unsafe UInt64(cells[0]) | UInt64(cells[1]) &<< 32
    }
    func reference(to function: FunctionIndex) -> UInt64 {
        let reference = function.rawValue < importedFunctions ? block.importedFunction(function.rawValue) : Reference(instance: block.handle, function: function.rawValue)
        return UInt64(reference.bits)
    }
    var nullReference: UInt64 { 0 }

    /// An entry of an image's element segment, as tables hold it.
    func element(_ word: UInt32) -> UInt32 {
        if word == PackedElement.null { return 0 }
        if word & PackedElement.fromGlobal != 0 { return UInt32(truncatingIfNeeded: value(of: GlobalIndex(word & ~PackedElement.fromGlobal))) }
        return UInt32(truncatingIfNeeded: reference(to: FunctionIndex(word)))
    }
}
