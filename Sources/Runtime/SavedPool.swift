// A saved pool: what a runtime's buffers hold, without a machine address, so that it can go on at another place (docs/SAVE.md).
//
//     0        4         8              12               16                      H               H + 8 F   P                    length − 8
//     │ "MOTS" │ version │ length bytes │ F host funct.s │ root, table of regions │ F × hash:64  │ pools' bytes              │ checksum:64 │
//
// The table is as in memory, with a module's hash in the place of its base and 0 in that of a pool's. Chunks are 256 bytes, but for the last one.

import WasmFormat

/// Words of the saved pool's own header. 16 bytes.
enum SavedHeader {
    /// "MOTS".
    static var mark: UInt32 { 0x5354_4f4d }
    static var bytes: UInt32 { 16 }
    /// Words of a chunk: a page of most flash memories.
    static var chunkWords: Int { 64 }
}

/// FNV-1a over 32-bit words instead of bytes, 64 bits: every change of one word changes it.
struct SavedSum {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ word: UInt32) { value = (value ^ UInt64(word)) &* 0x100_0000_01b3 }

    /// Of bytes: little-endian words, the last one filled up with zeros.
    static func of(_ bytes: Span<UInt8>) -> UInt64 {
        var sum = SavedSum()
        var word: UInt32 = 0
        var shift: UInt32 = 0
        for i in bytes.indices {
            word |= UInt32(bytes[i]) &<< shift
            shift &+= 8
            if shift == 32 {
                sum.add(word)
                (word, shift) = (0, 0)
            }
        }
        if shift > 0 { sum.add(word) }
        return sum.value
    }

    /// Of a host function: its names and its types, a byte a word, a zero behind each name.
    static func of(_ function: HostFunction) -> UInt64 {
        var sum = SavedSum()
        sum.add(function.module)
        sum.add(function.name)
        let signature = function.signature
        for i in 0..<Int(signature.parameterCount) { sum.add(UInt32(signature.parameter(i).rawValue)) }
        sum.add(0)
        if let result = signature.result { sum.add(UInt32(result.rawValue)) }
        return sum.value
    }

    private mutating func add(_ name: StaticString) {
        // Safety: the static string's own bytes.
        for i in 0..<name.utf8CodeUnitCount { add(UInt32(unsafe name.utf8Start[i])) }
        add(0)
    }
}

/// The hash that tells modules apart, in saved pools and images.
package func sourceHash(_ module: Span<UInt8>) -> UInt64 { SavedSum.of(module) }

/// Why a pool cannot be saved. Nothing was changed; a sink has what it got.
public enum SaveError: Error, Equatable, Sendable {
    /// The runtime's memory comes from an allocator: only static buffers can be saved.
    case allocator
    /// A run is going on in this environment.
    case running(in: ExecutionEnvironment)
    /// The sink refused bytes.
    case sink
}

/// Why a saved pool cannot be restored. But for `.changed` the target's bytes are as they were.
public enum RestoreError: Error, Equatable, Sendable {
    /// The target's buffers could not hold any runtime: too small, too large, not aligned, or a use without a buffer.
    case buffers
    /// The source could not be read at this offset.
    case source(UInt32)
    /// The bytes are not those of a saved pool.
    case notSaved
    /// It was saved by a runtime of this layout version; this one's is another.
    case layout(UInt32)
    /// More or fewer bytes than were saved.
    case length
    /// Some bytes are not what was saved.
    case checksum
    /// The register code in it was made for another instruction set, with a feature that this build lacks, or with counters where the configuration has none.
    case build
    /// Other numbers of buffers or of modules that can be loaded.
    case counts
    /// This buffer, counted from 0, has another length or other uses.
    case region(Int)
    /// The bytes of this module, counted from 0 in the order of loading, are not among those given: changed, or forgotten. Or they are an image that is
    /// not safe to run.
    case module(Int)
    /// The host function of this number has another name or type than when it was saved, or is no more.
    case hostFunction(Int)
    /// The verifier said no.
    case refused
    /// The source gave other bytes when it was read again. The target's bytes are lost; nothing of them will be used.
    case changed
}
