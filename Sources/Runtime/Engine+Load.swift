// Loading a .wasm: validated, and its functions translated, into the largest free block; what is not needed of it is given back.
#if Translator

import Image
import MemoryPool
import RegisterCode
import Translator
import WasmFormat

extension Engine {
    /// Loads the .wasm whose bytes are given. On error everything is as it was.
    @unsafe mutating func loadWasm(_ bytes: UnsafeRawBufferPointer, counting: Bool) throws(LoadError) -> Module {
        guard bytes.count <= Int(ImplementationLimits.moduleSize) else {
            throw LoadError(.moduleTooLarge, at: 0, number: ImplementationLimits.moduleSize)
        }
        let number = unsafe try takeRegion(for: bytes)
        do throws(LoadError) {
            return setModule(number, try translate(region: number, counting: counting))
        } catch {
            unsafe heap.regions.setBase(number, nil)
            throw error
        }
    }

    private mutating func translate(region: UInt32, counting: Bool) throws(LoadError) -> HeapReference {
        let bytes = heap.regions.bytes(ofRegion: region)
        var summary = try ModuleScanner.scan(bytes)
        let headerWords = ModuleBlock.Header.count &+ summary.types.count &+ summary.importedFunctionCount &+ summary.functions.count &* 4
        let transientWords = LoadIndex.transientWords(summary)
        // The two words at the code base, and a little for the translator to begin with.
        let least = (headerWords &+ transientWords &+ 64) &* 4
        guard let work = heap.allocateLargest(least: least) else {
            heap.noteShortage(UInt64(least), for: .runtimeStructures)
            throw LoadError(noRoomFor: .module, at: 0)
        }
        let reference = work.reference
        do throws(LoadError) {
            guard work.bytes >= least else { throw LoadError(.noMemory, at: 0) }
            let used = try fill(reference, words: work.bytes / 4, bytes, &summary, headerWords, transientWords, region, counting)
            guard heap.resize(reference, to: used &* 4) else { preconditionFailure() }
        } catch {
            heap.free(reference)
            guard error.reason == .noMemory else { throw error }
            // How much more the code would have needed is not known: it was not translated to its end.
            heap.noteShortage(UInt64(least > work.bytes ? least : work.bytes &+ 1), for: .runtimeStructures)
            throw LoadError(noRoomFor: .module, at: error.offset)
        }
        return reference
    }

    /// Writes the block; returns the words that it takes.
    private mutating func fill(
        _ reference: HeapReference, words total: UInt32, _ bytes: Span<UInt8>, _ summary: inout ModuleSummary,
        _ headerWords: UInt32, _ transientWords: UInt32, _ region: UInt32, _ counting: Bool
    ) throws(LoadError) -> UInt32 {
        let block = heap.regions.words(at: reference, count: headerWords)
        block.clear()
        let transientStart = (total &- transientWords) & ~1
        let transient = heap.regions.words(at: reference.advanced(byWords: transientStart), count: transientWords)
        var index = LoadIndex(block: block, transient: transient, summary: summary)
        try ModuleValidator.validate(bytes, &summary, &index)
        guard summary.ownGlobalCells &+ summary.ownGlobalReferences <= 65_535 else { throw LoadError(.tooManyGlobals, at: summary.globals.offset, number: 65_535) }

        index.auxStackPointer = AuxStack.pointer(in: bytes)
        block[ModuleBlock.Header.region] = region | (index.auxStackPointer.map { ($0.rawValue &+ 1) &<< 16 | index.cellNote(of: $0) &<< 8 } ?? 0)
        block[ModuleBlock.Header.types] = summary.types.count | summary.importedFunctionCount &<< 16
        block[ModuleBlock.Header.functions] = summary.functions.count | index.nextGlobalCell &<< 16
        block[ModuleBlock.Header.code] = headerWords
        block[ModuleBlock.Header.globals] = summary.importedGlobalCount | summary.tableCount &<< 16
        block[ModuleBlock.Header.segments] = try index.numberPassiveSegments(bytes, summary)

        // Safety: the rest of the block, between the records and the transient tables, is the translator's.
        let codeBase = unsafe block.start + Int(headerWords)
        let top = unsafe UnsafeMutableRawPointer(transient.start)
        unsafe codeBase[0] = Word(.exit).bits
        unsafe codeBase[1] = Word(.crossReturn).bits
        var start = unsafe codeBase + 2
        var translator = unsafe FunctionTranslator<LoadIndex>(start: start, top: top, summary: summary, counting: counting)
        var bodies = SectionReader<CodeEntry>(summary.code, of: bytes)
        var number: UInt32 = 0
        let firstRecord = ModuleBlock.Header.count &+ summary.types.count &+ summary.importedFunctionCount
        while let entry = try bodies.next() {
            let function = FunctionIndex(summary.importedFunctionCount &+ number)
            let type = index.functionType(function)
            unsafe translator.begin(at: start, top: top)
            let code = try translator.translate(ByteReader(bytes, in: entry.body), type: index.typeOffset(type), index: &index)
            let at = firstRecord &+ number &* 4
            // Words from the code base to the first instruction, in bytes.
            let first = unsafe UInt32(truncatingIfNeeded: start - codeBase) &+ code.constants
            block[at] = first &* 4
            block[at &+ 1] = (code.frameCells &+ code.referenceCells) | code.referenceCells &<< 16
            block[at &+ 2] = block[at &+ 2] & 0x8000_0000 | type.rawValue | code.constants &<< 16
            block[at &+ 3] = entry.body.offset
            unsafe start = translator.finish()
            number &+= 1
        }
        let codeWords = unsafe UInt32(truncatingIfNeeded: start - codeBase)
        block[ModuleBlock.Header.codeWords] = codeWords
        return headerWords &+ codeWords
    }
}
#endif
