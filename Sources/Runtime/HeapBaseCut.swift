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
        let summary = try ModuleScanner.scan(bytes)
        var memories = SectionReader<MemoryType>(summary.memories, of: bytes)
        guard let memory = try memories.next(), let base = try heapBase(bytes, summary) else { return .noHeapBase }
        guard UInt64(base) <= UInt64(memory.limits.minimum) &<< UInt64(memory.pageShift) else { return .noHeapBase }
        for function in 0..<code.functionCount {
            let first = code.code &+ code.record(function).start / 4
            for word in first..<first &+ code.instructionWords(function) {
                let word = Word(bits: code.words[word])
                guard word.op == .extended, let op = word.extendedOp else { continue }
                if op == .memorySize || op == .memoryGrow { return .preventedByFunction(code.importedFunctions &+ function) }
            }
        }
        return .cut(to: base)
    }

    /// The value of the exported constant `__heap_base`.
    private func heapBase(_ bytes: Span<UInt8>, _ summary: ModuleSummary) throws(LoadError) -> UInt32? {
        let name: StaticString = "__heap_base"
        var exports = SectionReader<ExportEntry>(summary.exports, of: bytes)
        while let entry = try exports.next() {
            guard entry.kind == .global, entry.index >= summary.importedGlobalCount, isEqual(name, entry.name, bytes) else { continue }
            var globals = SectionReader<GlobalEntry>(summary.globals, of: bytes)
            var number = summary.importedGlobalCount
            while let global = try globals.next() {
                defer { number &+= 1 }
                guard number == entry.index else { continue }
                // `i32.const` and `end`, as linkers write it.
                let at = Int(global.initializer)
                guard !global.type.isMutable, global.type.valueType == .i32, bytes[at] == 0x41 else { return nil }
                var reader = ByteReader(bytes, in: ByteRange(offset: global.initializer &+ 1, count: UInt32(bytes.count) &- global.initializer &- 1))
                return UInt32(bitPattern: try reader.s32())
            }
        }
        return nil
    }
}

extension Runtime where HostType: ~Copyable {
    /// What `MemoryCommitment.cutAtHeapBase` would do to a module, or which of its functions prevents it. Reads its exports and register code.
    public func heapBaseCut(of module: Module) -> HeapBaseCut {
        // The bytes were validated when the module was loaded.
        (try? engine.heapBaseCut(engine.block(of: module))) ?? .noHeapBase
    }
}
