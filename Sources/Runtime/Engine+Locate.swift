// Which wasm instruction a word of register code came from: the function is translated again, so that no map is kept in RAM.
#if Translator

import MemoryPool
import Translator
import WasmFormat

extension Engine {
    /// The module offset of the instruction that a word of a function became; nil if the pool has no room to translate it again.
    mutating func locate(_ module: ModuleBlock, function: UInt32, word: UInt32) -> UInt32? {
        let bytes = bytes(of: module)
        guard function >= module.importedFunctions, let work = heap.allocateLargest(least: 0) else { return nil }
        let reference = work.reference
        defer { heap.free(reference) }
        return try? locate(reference, words: work.bytes / 4, bytes, function, word)
    }

    private func locate(_ reference: HeapReference, words total: UInt32, _ bytes: Span<UInt8>, _ function: UInt32, _ word: UInt32) throws(LoadError) -> UInt32? {
        var summary = try ModuleScanner.scan(bytes)
        let headerWords = ModuleBlock.Header.count &+ summary.types.count &+ summary.importedFunctionCount &+ summary.functions.count &* 4
        let transientWords = LoadIndex.transientWords(summary)
        guard total >= headerWords &+ transientWords &+ 64 else { return nil }
        let block = heap.words(at: reference, count: headerWords)
        block.clear()
        let transient = heap.words(at: reference.advanced(byWords: (total &- transientWords) & ~1), count: transientWords)
        var index = LoadIndex(block: block, transient: transient, summary: summary)
        try ModuleValidator.validate(bytes, &summary, &index)
        // Safety: as in `fill`: what lies between the two is the translator's.
        let start = unsafe block.start + Int(headerWords)
        var translator = unsafe FunctionTranslator<LoadIndex>(start: start, top: UnsafeMutableRawPointer(transient.start), summary: summary)
        translator.watchedWord = word
        var bodies = SectionReader<CodeEntry>(summary.code, of: bytes)
        var number = summary.importedFunctionCount
        while let entry = try bodies.next() {
            if number == function {
                let type = index.typeOffset(index.functionType(FunctionIndex(function)))
                let code = try translator.translate(ByteReader(bytes, in: entry.body), type: type, index: &index)
                return translator.watchedOffset(code)
            }
            number &+= 1
        }
        return nil
    }
}
#endif
