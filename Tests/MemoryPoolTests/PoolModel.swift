// What the pool's tests share: a seeded generator, a buffer between guard bytes, and a model of the pool.

import Testing
@testable import MemoryPool

/// SplitMix64: the same sequence for the same seed everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: UInt32) -> UInt32 { UInt32.random(in: 0..<bound, using: &self) }
}

/// A buffer with guard bytes on both sides; with no margin, the address sanitizer's red zones take their place.
@safe
final class GuardedBuffer {
    private let whole: UnsafeMutableRawBufferPointer
    let bytes: UnsafeMutableRawBufferPointer
    private let margin: Int

    init(_ count: Int, margin: Int = 64) {
        self.margin = margin
        unsafe whole = .allocate(byteCount: count + 2 * margin, alignment: 8)
        // The middle too: what another pool left there could look like a block.
        unsafe whole.initializeMemory(as: UInt8.self, repeating: 0xA5)
        unsafe bytes = UnsafeMutableRawBufferPointer(rebasing: whole[margin..<(margin + count)])
    }

    deinit { unsafe whole.deallocate() }

    var guardsAreIntact: Bool {
        for index in 0..<margin where unsafe whole[index] != 0xA5 || whole[whole.count - 1 - index] != 0xA5 {
            return false
        }
        return true
    }

    var contents: [UInt8] {
        get { unsafe Array(bytes) }
        set { unsafe bytes.copyBytes(from: newValue) }
    }

    func word(at offset: UInt32) -> UInt32 { unsafe bytes.load(fromByteOffset: Int(offset), as: UInt32.self) }
    func setWord(_ word: UInt32, at offset: UInt32) {
        unsafe bytes.storeBytes(of: word, toByteOffset: Int(offset), as: UInt32.self)
    }

    func format() -> Pool { unsafe Pool(formatting: bytes)! }
    func adopt() -> Pool? { unsafe Pool(adopting: bytes) }
}

/// The blocks in use, and what must be free between them if neighbours are merged at once.
struct PoolModel {
    struct Block { var offset: UInt32, size: UInt32, pattern: UInt8 }
    var blocks: [Block] = []
    let firstHeader: UInt32
    let sentinel: UInt32

    init(_ pool: borrowing Pool) {
        firstHeader = pool.controlBytes
        sentinel = pool.length / 8 * 8 - 4
    }

    /// The gaps between the blocks in use, in bytes with the header of each.
    var gaps: [UInt32] {
        var gaps: [UInt32] = [], place = firstHeader
        for block in blocks.sorted(by: { $0.offset < $1.offset }) {
            if block.offset - 4 > place { gaps.append(block.offset - 4 - place) }
            place = block.offset + block.size
        }
        if sentinel > place { gaps.append(sentinel - place) }
        return gaps
    }

    var freeBytes: UInt32 { gaps.reduce(0, +) }
    var largestFree: UInt32 { gaps.max().map { $0 - 4 } ?? 0 }

    /// Bytes of the gap that ends, or begins, at a place.
    func gap(before offset: UInt32) -> UInt32 {
        let end = blocks.filter { $0.offset < offset }.map { $0.offset + $0.size }.max() ?? firstHeader
        return offset - 4 - end
    }

    func gap(behind block: Block) -> UInt32 {
        (blocks.filter { $0.offset > block.offset }.map { $0.offset - 4 }.min() ?? sentinel) - block.offset - block.size
    }
}

extension Pool {
    /// The error of a free, if there is one.
    mutating func refusal(_ offset: UInt32) -> PoolError? {
        do throws(PoolError) { try free(offset); return nil } catch { return error }
    }

    /// Fills a payload's range with one byte.
    func fill(_ offset: UInt32, _ count: UInt32, with byte: UInt8) {
        unsafe UnsafeMutableRawBufferPointer(start: address(of: offset), count: Int(count))
            .initializeMemory(as: UInt8.self, repeating: byte)
    }

    func holds(_ byte: UInt8, at offset: UInt32, _ count: UInt32) -> Bool {
        unsafe UnsafeRawBufferPointer(start: address(of: offset), count: Int(count)).allSatisfy { $0 == byte }
    }
}

/// `#require` and `#expect` as functions: the macros cannot hold a noncopyable pool, nor a call that changes it.
func given<Value>(_ value: Value?, sourceLocation: SourceLocation = #_sourceLocation) throws -> Value {
    try #require(value, sourceLocation: sourceLocation)
}

func expect(_ condition: Bool, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(condition, comment, sourceLocation: sourceLocation)
}
