// The engine's own words for what lies in its regions (RegionTable+Structures.swift).

import Image
import WasmFormat

extension Engine {
    @inline(__always) func moduleBlock(_ reference: HeapReference) -> ModuleBlock { heap.regions.moduleBlock(reference) }
    @inline(__always) @_lifetime(immortal) func bytes(of block: ModuleBlock) -> Span<UInt8> { heap.regions.bytes(of: block) }
    @inline(__always) func image(_ block: ModuleBlock) -> ImageBytes { heap.regions.image(block) }
    @inline(__always) func summary(of code: ModuleBlock) throws(LoadError) -> ModuleSummary { try heap.regions.summary(of: code) }

    @inline(__always) func find(_ number: UInt32) -> InstanceBlock? { heap.regions.find(number) }
    @inline(__always) func find(_ instance: Instance) -> InstanceBlock? { heap.regions.find(instance) }
    @inline(__always) func find(_ function: Reference) -> InstanceBlock? { heap.regions.find(function) }
    @inline(__always) func reference(_ block: InstanceBlock, function: UInt32) -> Reference { heap.regions.reference(block, function: function) }

    @inline(__always) func ownTable(_ block: InstanceBlock, _ number: UInt32) -> TableWords { heap.regions.ownTable(block, number) }
    @inline(__always) func table(_ block: InstanceBlock, _ number: UInt32) -> TableWords { heap.regions.table(block, number) }
    @inline(__always) func elements(of table: TableWords) -> Words { heap.regions.elements(of: table) }
    @inline(__always) func tableReference(_ block: InstanceBlock, _ number: UInt32) -> HeapReference { heap.regions.tableReference(block, number) }

    @inline(__always) func elementType(_ owner: InstanceBlock, _ index: UInt32) throws(LoadError) -> ValueType { try heap.regions.elementType(owner, index) }
    @inline(__always) func tableMaximum(_ owner: InstanceBlock, _ index: UInt32) throws(LoadError) -> UInt32? { try heap.regions.tableMaximum(owner, index) }

    @inline(__always) func ownMemory(_ block: InstanceBlock) -> MemoryWords { heap.regions.ownMemory(block) }
    @inline(__always) func memory(_ block: InstanceBlock) -> MemoryWords { heap.regions.memory(block) }
    @inline(__always) func memory(of instance: Instance) -> MemoryWords? { heap.regions.memory(of: instance) }
    @inline(__always) func memoryReference(_ block: InstanceBlock) -> HeapReference { heap.regions.memoryReference(block) }

    @inline(__always) func ownAuxStack(_ block: InstanceBlock) -> AuxStackWords { heap.regions.ownAuxStack(block) }
    @inline(__always) func auxStack(_ block: InstanceBlock, _ code: ModuleBlock) -> AuxStackWords? { heap.regions.auxStack(block, code) }
    @inline(__always) func auxStackReference(_ block: InstanceBlock) -> HeapReference { heap.regions.auxStackReference(block) }

    @inline(__always) func constants(of block: InstanceBlock) -> InstanceConstants { heap.regions.constants(of: block) }
    @inline(__always) func constant(_ block: InstanceBlock, _ code: ModuleBlock, _ offset: UInt32) throws(LoadError) -> UInt64 { try heap.regions.constant(block, code, offset) }
    @inline(__always) func globalPlace(_ owner: InstanceBlock, _ index: UInt32) throws(LoadError) -> (reference: HeapReference, type: GlobalType) {
        try heap.regions.globalPlace(owner, index)
    }
    @inline(__always) func findExport(_ owner: InstanceBlock, named name: ByteRange, in nameBytes: Span<UInt8>) throws(LoadError) -> (kind: ExternalKind, index: UInt32)? {
        try heap.regions.findExport(owner, named: name, in: nameBytes)
    }
    @inline(__always) func findExport(_ code: ModuleBlock, named name: ByteRange, in nameBytes: Span<UInt8>) throws(LoadError) -> (kind: ExternalKind, index: UInt32)? {
        try heap.regions.findExport(code, named: name, in: nameBytes)
    }
    @inline(__always) func isEqual(_ name: StaticString, _ range: ByteRange, _ bytes: Span<UInt8>) -> Bool { heap.regions.isEqual(name, range, bytes) }
    @inline(__always) func resolve(
        _ entry: ImportEntry, _ bytes: Span<UInt8>, _ links: Span<Link>, _ hostCount: Int, _ host: (Int) -> HostFunction
    ) throws(LoadError) -> Resolution? { try heap.regions.resolve(entry, bytes, links, hostCount, host) }

    @inline(__always) func fill(_ summary: inout ModuleSummary, of code: ModuleBlock) throws(LoadError) { try heap.regions.fill(&summary, of: code) }
}
