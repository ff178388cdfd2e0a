// Loading: a packed image, checked where it lies; with the Translator any .wasm too.

import Image
import WasmFormat

extension Runtime where HostType: ~Copyable {
    /// Loads a module: a .wasm, all of which is validated and whose functions are translated; or an image, all of which is checked. The bytes stay where
    /// they are, unchanged, until `unload`. An image's are 4-byte aligned; what lies behind it is left alone.
    ///
    /// Costs in the pool: for an image nothing; for a .wasm 40 bytes, 4 a type, 4 an imported function, 16 a function, and the register code. Throws what is
    /// wrong with the module, or `.exhausted` (`shortage` then says what is missing); the pool is then as before. A build without the Translator throws
    /// `.featureMissing` for a .wasm.
    ///
    /// What makes an image safe to run is checked at each load. Its checksum, which finds accidents of storage, is not: `isIntact(image:)` computes that,
    /// when an image is installed or first seen.
    @unsafe public mutating func load(_ bytes: UnsafeRawBufferPointer) throws(LoadError) -> Module {
        unsafe try ImageBytes.isImage(bytes) ? engine.loadImage(bytes) : engine.loadWasm(bytes, counting: configuration.countsInstructions)
    }

    /// Whether an image's bytes are those that were packed, by its checksum: at most 8 instructions a word. False for what is no image of this version.
    @unsafe public static func isIntact(image bytes: UnsafeRawBufferPointer) -> Bool {
        // Safety: looked at only as far as its length, which is held against the bytes.
        guard let image = unsafe try? ImageCheck.header(bytes) else { return false }
        return image.checksum() == image[ImageHeader.checksum]
    }
}

extension Engine {
    /// Loads the image whose bytes are given. On error everything is as it was.
    @unsafe mutating func loadImage(_ bytes: UnsafeRawBufferPointer) throws(LoadError) -> Module {
        let image = unsafe try ImageCheck.header(bytes)
        try ImageCheck.check(image)
        let number = unsafe try takeRegion(for: UnsafeRawBufferPointer(rebasing: bytes[..<Int(image.count &* 4)]))
        return setModule(number, HeapReference(region: number, offset: image.offset(of: .block)))
    }

    /// A free region for a module's bytes.
    @unsafe func takeRegion(for bytes: UnsafeRawBufferPointer) throws(LoadError) -> UInt32 {
        var number = heap.poolRegions
        while number < heap.regions.count, unsafe heap.regions.base(number) != nil { number &+= 1 }
        guard number < heap.regions.count, let base = bytes.baseAddress else {
            throw LoadError(bytes.count == 0 ? .emptyFile : .tooManyModules, at: 0, number: heap.regions.count &- heap.poolRegions)
        }
        // Safety: nothing is written through this pointer; `bytes(ofRegion:)` only reads.
        unsafe heap.regions.setBase(number, UnsafeMutableRawPointer(mutating: base))
        heap.regions.setLength(number, UInt32(truncatingIfNeeded: bytes.count))
        return number
    }

    func setModule(_ number: UInt32, _ block: HeapReference) -> Module {
        heap.regions.setModule(number, block)
        heap.regions.nextGeneration(number)
        return Module(bits: number | heap.regions.generation(number) &<< 8)
    }
}

#if !Translator
extension Engine {
    @unsafe func loadWasm(_ bytes: UnsafeRawBufferPointer, counting: Bool) throws(LoadError) -> Module {
        guard bytes.count > 0 else { throw LoadError(.emptyFile, at: 0) }
        throw LoadError(missing: .translator, at: 0)
    }

    /// The place of a word in the .wasm that it came from is found by translating it again.
    func locate(_ module: ModuleBlock, function: UInt32, word: UInt32, counting: Bool) -> UInt32? { nil }
    func locate(_ module: ModuleBlock, _ functions: Range<UInt32>, from first: UInt32, count: UInt32?, counting: Bool, _ offsets: inout MutableSpan<UInt32>) -> Bool { false }
}
#endif
