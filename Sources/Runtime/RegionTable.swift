// The regions that references count from: pools and what an allocator gave, then the bytes of loaded modules.
//
// The table holds the only machine addresses of a runtime. It lies before the first pool, outside what a saved pool holds, and has the same layout on
// every machine.
//
//     entry, 20 bytes:   base:64 │ length:32 │ a module's block:32 │ generation:24 uses:8

/// What memory is for. Each buffer that a runtime is given serves one or more of these.
public struct MemoryUse: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Modules' register code, instances, tables.
    public static var runtimeStructures: MemoryUse { MemoryUse(rawValue: 1) }
    /// Execution environments: frames and call records. What a fast, tightly coupled memory serves best.
    public static var operandStacks: MemoryUse { MemoryUse(rawValue: 2) }
    /// Linear memories, and app heaps beside them. What is largest, and may lie in external RAM.
    public static var linearMemories: MemoryUse { MemoryUse(rawValue: 4) }
    public static var all: MemoryUse { MemoryUse(rawValue: 7) }
}

@safe struct RegionTable {
    let start: UnsafeMutableRawPointer
    let count: UInt32

    static var entryBytes: Int { 20 }
    /// Bytes that a table takes at the start of a buffer: what follows is 8-byte aligned.
    static func bytes(entries: UInt32) -> Int { (Int(entries) * entryBytes + 7) & ~7 }
    var bytes: UInt32 { UInt32(RegionTable.bytes(entries: count)) }
    /// References have 6 bits for a region.
    static var limit: UInt32 { 64 }
    /// In the place of uses: not a pool but one block that an allocator gave.
    static var isSingle: UInt8 { 0x80 }

    /// `start` has room for `count` entries, 4-byte aligned, and stays; all become empty.
    @unsafe init(formatting start: UnsafeMutableRawPointer, count: UInt32) {
        unsafe self.start = start
        self.count = count
        unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: Int(count) * RegionTable.entryBytes)
    }

    private func entry(_ region: UInt32) -> UnsafeMutableRawPointer {
        precondition(region < count)
        // Safety: inside the table, just checked.
        return unsafe start + Int(region) &* RegionTable.entryBytes
    }

    func base(_ region: UInt32) -> UnsafeMutableRawPointer? {
        // Safety: an entry's own words, here and below; on 32-bit machines the upper half of a base stays zero.
        unsafe entry(region).loadUnaligned(as: UnsafeMutableRawPointer?.self)
    }
    func setBase(_ region: UInt32, _ base: UnsafeMutableRawPointer?) { unsafe entry(region).storeBytes(of: base, as: UnsafeMutableRawPointer?.self) }

    /// Where a place lies now.
    @inline(never)
    func address(_ reference: HeapReference) -> UnsafeMutableRawPointer {
        precondition(reference.offset < length(reference.region))
        guard let base = unsafe base(reference.region) else { preconditionFailure() }
        // Safety: inside the region.
        return unsafe base + Int(reference.offset)
    }

    /// Bytes.
    func length(_ region: UInt32) -> UInt32 { unsafe entry(region).load(fromByteOffset: 8, as: UInt32.self) }
    func setLength(_ region: UInt32, _ length: UInt32) { unsafe entry(region).storeBytes(of: length, toByteOffset: 8, as: UInt32.self) }

    /// The block that was made of a module's bytes.
    func module(_ region: UInt32) -> HeapReference { unsafe HeapReference(bits: entry(region).load(fromByteOffset: 12, as: UInt32.self)) }
    func setModule(_ region: UInt32, _ block: HeapReference) { unsafe entry(region).storeBytes(of: block.bits, toByteOffset: 12, as: UInt32.self) }

    private func state(_ region: UInt32) -> UInt32 { unsafe entry(region).load(fromByteOffset: 16, as: UInt32.self) }
    private func setState(_ region: UInt32, _ state: UInt32) { unsafe entry(region).storeBytes(of: state, toByteOffset: 16, as: UInt32.self) }

    /// Tells the modules apart that have had a region one after the other. 24 bits.
    func generation(_ region: UInt32) -> UInt32 { state(region) & 0xff_ffff }
    func nextGeneration(_ region: UInt32) { setState(region, (state(region) & 0xff00_0000) | ((state(region) &+ 1) & 0xff_ffff)) }
    /// What a pool is for: `MemoryUse`, or `isSingle`; 0 for a module's bytes.
    func uses(_ region: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: state(region) &>> 24) }
    func setUses(_ region: UInt32, _ uses: UInt8) { setState(region, (state(region) & 0xff_ffff) | UInt32(uses) &<< 24) }
}
