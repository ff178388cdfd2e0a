// The global heap: the pool, and the regions that references count from.
//
//     reference:  region:6 │ offset / 4:26        region 0 is the pool's buffer; each loaded module's bytes are one more

import MemoryPool
import WasmFormat

/// What structures in the pool hold of each other instead of addresses: the same bits on every machine. 0 is none.
struct HeapReference: Equatable, BitwiseCopyable {
    var bits: UInt32
    init(bits: UInt32) { self.bits = bits }
    /// A payload offset of the pool, a multiple of 4.
    init(poolOffset: UInt32) { bits = poolOffset &>> 2 }
    /// Bytes of the pool that 26 bits of words reach: 256 MB.
    static var reach: Int { 0x1000_0000 }
    static var none: HeapReference { HeapReference(bits: 0) }
    var isNone: Bool { bits == 0 }
    var poolOffset: UInt32 { (bits & 0x03ff_ffff) &<< 2 }
    func advanced(byWords words: UInt32) -> HeapReference { HeapReference(bits: bits &+ words) }
}

/// A stretch of memory that references can count from: its machine address is kept here and nowhere in the pool.
@safe struct Region {
    var base: UnsafeMutableRawPointer?
    var length: UInt32
    /// For a module's bytes: the module's block in the pool.
    var module: HeapReference
    /// Tells the modules apart that have had this region one after the other.
    var generation: UInt32
}

/// Words of a block in the pool, checked against its length.
@safe struct Words {
    let start: UnsafeMutablePointer<UInt32>
    let count: UInt32

    @unsafe init(_ start: UnsafeMutablePointer<UInt32>, count: UInt32) {
        unsafe self.start = start
        self.count = count
    }

    subscript(index: UInt32) -> UInt32 {
        get {
            precondition(index < count)
            return unsafe start[Int(index)]
        }
        nonmutating set {
            precondition(index < count)
            unsafe start[Int(index)] = newValue
        }
    }

    func clear() {
        for i in 0..<Int(count) { unsafe start[i] = 0 }
    }
}

/// What an allocation that failed would have needed. Bytes.
public struct Shortage: Equatable, Sendable {
    public var need: UInt32 = 0
    public var free: UInt32 = 0
    public var largestFree: UInt32 = 0
    public init() {}
}

@safe struct GlobalHeap: ~Copyable {
    var pool: Pool
    /// Region 0 is the pool; the table is outside the pool and holds the only machine addresses.
    var regions: RegionTable = unsafe RegionTable(repeating: Region(base: nil, length: 0, module: .none, generation: 0))
    var shortage = Shortage()

    /// Takes a block of at least `bytes`, zeroed, from the top end; nil leaves everything as it was and says what was missing.
    mutating func allocate(_ bytes: UInt32, at place: Pool.Place = .top) -> HeapReference? {
        guard let offset = pool.allocate(bytes, at: place) else {
            noteShortage(bytes)
            return nil
        }
        unsafe pool.address(of: offset).initializeMemory(as: UInt8.self, repeating: 0, count: Int(pool.size(of: offset)))
        return HeapReference(poolOffset: offset)
    }

    mutating func noteShortage(_ bytes: UInt32) {
        shortage.need = bytes
        shortage.free = pool.freeBytes
        shortage.largestFree = pool.largestFree
    }

    mutating func free(_ reference: HeapReference) {
        guard !reference.isNone else { return }
        // What the runtime itself allocated: a refusal means that the pool was overwritten from outside.
        do { try pool.free(reference.poolOffset) } catch { preconditionFailure() }
    }

    /// The words of a block.
    func words(_ reference: HeapReference) -> Words {
        let offset = reference.poolOffset
        // Safety: a block in use, of the size that the pool keeps.
        return unsafe Words(pool.address(of: offset).assumingMemoryBound(to: UInt32.self), count: pool.size(of: offset) / 4)
    }

    /// Words inside a block that its owner has checked.
    func words(at reference: HeapReference, count: UInt32) -> Words {
        precondition(UInt64(reference.poolOffset) + UInt64(count) * 4 <= UInt64(pool.length))
        // Safety: inside the pool.
        return unsafe Words((pool.address(of: 0) + Int(reference.poolOffset)).assumingMemoryBound(to: UInt32.self), count: count)
    }

    /// The bytes of a module. They stay where they are until it is unloaded; nothing is ever written to them.
    @_lifetime(immortal)
    func bytes(ofRegion region: UInt32) -> Span<UInt8> {
        precondition(region < UInt32(RegionTable.count))
        let entry = regions[Int(region)]
        // Safety: whoever loaded the module promised that its bytes stay until it is unloaded.
        let buffer = unsafe UnsafeBufferPointer(start: UnsafePointer(entry.base?.assumingMemoryBound(to: UInt8.self)), count: Int(entry.length))
        return unsafe _overrideLifetime(Span(_unsafeElements: buffer), copying: ())
    }
}
