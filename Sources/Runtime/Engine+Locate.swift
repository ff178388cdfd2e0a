// Which wasm instruction a word of register code came from: the function is translated again, so that no map is kept in RAM.
#if Translator

import Image
import MemoryPool
import Translator
import WasmFormat

extension Engine {
    /// The module offset of the instruction that a word of a function became; nil if the pool has no room to translate it again.
    mutating func locate(_ module: ModuleBlock, function: UInt32, word: UInt32, counting: Bool) -> UInt32? {
        guard function &- module.importedFunctions < module.functionCount else { return nil }
        let own = function &- module.importedFunctions
        var notes = InlineArray<3, UInt32>(repeating: 0)
        var span = notes.mutableSpan
        return locate(module, own..<own &+ 1, from: word, count: 1, counting: counting, &span) ? notes[0] : nil
    }

    /// The same for `count` words from `first` on of each of some own functions, one after the other; nil for all words of a function. One
    /// translation a function. `offsets` has room for them and for `InstructionNotes.margin` more, and is zero. False if the pool has no room.
    mutating func locate(_ module: ModuleBlock, _ functions: Range<UInt32>, from first: UInt32, count: UInt32?, counting: Bool, _ offsets: inout MutableSpan<UInt32>) -> Bool {
        // What an image was translated from is not here.
        guard !module.isImage, let work = heap.allocateLargest(least: 0) else { return false }
        let reference = work.reference
        defer { heap.free(reference) }
        do throws(LoadError) {
            return try locate(reference, words: work.bytes / 4, module, functions, first, count, counting, &offsets)
        } catch {
            return false
        }
    }

    private func locate(
        _ reference: HeapReference, words total: UInt32, _ module: ModuleBlock, _ functions: Range<UInt32>, _ first: UInt32, _ count: UInt32?,
        _ counting: Bool, _ offsets: inout MutableSpan<UInt32>
    ) throws(LoadError) -> Bool {
        let bytes = bytes(of: module)
        var summary = try ModuleScanner.scan(bytes)
        let headerWords = ModuleBlock.Header.count &+ summary.types.count &+ summary.importedFunctionCount &+ summary.functions.count &* 4
        let transientWords = LoadIndex.transientWords(summary)
        guard total >= headerWords &+ transientWords &+ 64 else { return false }
        let block = heap.regions.words(at: reference, count: headerWords)
        block.clear()
        let transient = heap.regions.words(at: reference.advanced(byWords: (total &- transientWords) & ~1), count: transientWords)
        var index = LoadIndex(block: block, transient: transient, summary: summary)
        try ModuleValidator.validate(bytes, &summary, &index)
        index.auxStackPointer = module.auxStackPointer
        _ = try index.numberPassiveSegments(bytes, summary)
        // Safety: as in `fill`: what lies between the two is the translator's.
        let start = unsafe block.start + Int(headerWords)
        var translator = unsafe FunctionTranslator<LoadIndex>(start: start, top: UnsafeMutableRawPointer(transient.start), summary: summary, counting: counting)
        var bodies = SectionReader<CodeEntry>(summary.code, of: bytes)
        var number: UInt32 = 0
        var place = 0
        while number < functions.upperBound, let entry = try bodies.next() {
            if functions.contains(number) {
                let words = count ?? module.instructionWords(number)
                let end = place &+ Int(words &+ InstructionNotes.margin)
                guard end <= offsets.count else { preconditionFailure() }
                let type = index.typeOffset(index.functionType(FunctionIndex(summary.importedFunctionCount &+ number)))
                // Safety: so many places are there, as was just checked; the span outlives the notes.
                try unsafe offsets.withUnsafeMutableBufferPointer { buffer throws(LoadError) in
                    guard let base = buffer.baseAddress else { return }
                    translator.notes = unsafe InstructionNotes(base + place, first: first, count: words)
                    let code = try translator.translate(ByteReader(bytes, in: entry.body), type: type, index: &index)
                    translator.notes?.settle(removed: translator.removedWords, before: entry.body.offset)
                    _ = code
                }
                // What was noted behind the words.
                for behind in place &+ Int(words)..<end { offsets[behind] = 0 }
                place &+= Int(words)
            }
            number &+= 1
        }
        return true
    }
}
#endif
