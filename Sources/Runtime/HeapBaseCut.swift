// WAMR's way to make a page of 64 KB smaller: a memory that ends where the linker put `__heap_base`.

import RegisterCode
import WasmFormat

/// What `MemoryCommitment.cutAtHeapBase` does to a module.
public enum HeapBaseCut: Equatable, Sendable {
    /// The memory ends there: bytes.
    case cut(to: UInt32)
    /// This function asks for the memory's size, or grows it. Index in the module, imports first.
    case preventedByFunction(UInt32)
    /// The module has no memory of its own, or exports no constant i32 `__heap_base` inside it.
    case noHeapBase
}

extension Engine {
    func heapBaseCut(_ code: ModuleBlock) throws(LoadError) -> HeapBaseCut {
        let bytes = bytes(of: code)
        let summary = try summary(of: code)
        var memories = SectionReader<MemoryType>(summary.memories, of: bytes)
        guard let memory = try memories.next(), let base = try heapBase(bytes, summary) else { return .noHeapBase }
        guard UInt64(base) <= UInt64(memory.limits.minimum) &<< UInt64(memory.pageShift) else { return .noHeapBase }
        if let function = function(of: code, using: .memorySize) ?? function(of: code, using: .memoryGrow) { return .preventedByFunction(function) }
        return .cut(to: base)
    }

    /// The first function of a module whose code has an instruction of the second page, imports counted; nil if none has.
    func function(of code: ModuleBlock, using op: ExtendedOp) -> UInt32? {
        for function in 0..<code.functionCount {
            let first = code.code &+ code.record(function).start / 4
            for word in first..<first &+ code.instructionWords(function) {
                let word = Word(bits: code.words[word])
                if word.op == .extended && word.extendedOp == op { return code.importedFunctions &+ function }
            }
        }
        return nil
    }

    /// The value of the exported constant `__heap_base`.
    private func heapBase(_ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) throws(LoadError) -> UInt32? {
        let name: StaticString = "__heap_base"
        var exports = SectionReader<ExportEntry>(summary.exports, of: bytes)
        while let entry = try exports.next() {
            guard entry.kind == .global, entry.index >= summary.importedGlobalCount, isEqual(name, entry.name, bytes) else { continue }
            guard try AuxStack.entry(GlobalIndex(entry.index), bytes, summary)?.type.isMutable == false else { return nil }
            return try AuxStack.start(at: GlobalIndex(entry.index), in: bytes, summary)
        }
        return nil
    }
}

extension Runtime where HostType: ~Copyable {
    /// What `MemoryCommitment.cutAtHeapBase` would do to a module, or which of its functions prevents it. Reads its exports and register code.
    public func heapBaseCut(of module: Module) throws(HandleError) -> HeapBaseCut {
        let code = try engine.block(of: module)
        // The bytes were validated when the module was loaded.
        return (try? engine.heapBaseCut(code)) ?? .noHeapBase
    }
}
