// Loading: with the Translator any .wasm; without it none yet, until there are packed images.

import WasmFormat

#if Translator
extension Runtime where HostType: ~Copyable {
    /// Loads a module: validates all of it and translates its functions. The bytes stay where they are, unchanged, until `unload`.
    ///
    /// Costs in the pool: 40 bytes, 4 a type, 4 an imported function, 16 a function, and the register code. Throws what is wrong with
    /// the module, or `.exhausted` (`shortage` then says what is missing); the pool is then as before.
    @unsafe public mutating func load(_ bytes: UnsafeRawBufferPointer) throws(LoadError) -> Module {
        unsafe try engine.load(bytes, counting: configuration.countsInstructions)
    }
}
#else
extension Runtime where HostType: ~Copyable {
    /// Throws `.featureMissing` with the feature `translator`: this build has no Translator, and so runs no .wasm.
    @unsafe public mutating func load(_ bytes: UnsafeRawBufferPointer) throws(LoadError) -> Module {
        try engine.load()
    }
}

extension Engine {
    /// Out of line, and not told to the optimizer: what comes after loading is there for the images.
    @inline(never) @_optimize(none)
    func load() throws(LoadError) -> Module { throw LoadError(missing: .translator, at: 0) }

    /// The place of a word in the .wasm that it came from is found by translating it again.
    func locate(_ module: ModuleBlock, function: UInt32, word: UInt32, counting: Bool) -> UInt32? { nil }
    func locate(_ module: ModuleBlock, _ functions: Range<UInt32>, from first: UInt32, count: UInt32?, counting: Bool, _ offsets: inout MutableSpan<UInt32>) -> Bool { false }
}
#endif
