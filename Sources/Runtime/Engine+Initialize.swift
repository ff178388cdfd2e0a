// The second half of instantiation: active segments, in the order of the specification (4.5.4). They may trap.

import MemoryPool
import WasmFormat

extension Engine {
    mutating func initialize(_ block: InstanceBlock, _ code: ModuleBlock, _ summary: borrowing ModuleSummary) -> Trap? {
        let bytes = bytes(of: code)
        do throws(LoadError) {
            var elements = SectionReader<ElementSegment>(summary.elements, of: bytes)
            while let segment = try elements.next() {
                if segment.mode == .active {
                    let start = UInt32(truncatingIfNeeded: try constant(block, code, segment.placement))
                    if let trap = try copy(segment, code, block, to: table(block, segment.table.rawValue), at: start) { return trap }
                }
            }
            var data = SectionReader<DataSegment>(summary.data, of: bytes)
            while let segment = try data.next() {
                if segment.mode == .active {
                    let start = UInt32(truncatingIfNeeded: try constant(block, code, segment.placement))
                    // What a module declares does not reach into the app heap, which is the embedder's.
                    guard UInt64(start) + UInt64(segment.contents.count) <= memory(block).size else { return .outOfBoundsMemoryAccess }
                    if let trap = copy(segment.contents, bytes, to: memory(block), at: start) { return trap }
                }
            }
        } catch {
            // The bytes were validated when the module was loaded: they have been changed since.
            preconditionFailure("module bytes changed")
        }
        return nil
    }

    /// All entries of an element segment into a table, or a trap and none.
    private mutating func copy(_ segment: ElementSegment, _ code: ModuleBlock, _ block: InstanceBlock, to table: TableWords, at start: UInt32) throws(LoadError) -> Trap? {
        guard UInt64(start) + UInt64(segment.count) <= UInt64(table.size) else { return .outOfBoundsTableAccess }
        guard segment.count > 0 else { return nil }
        let elements = elements(of: table)
        let constants = constants(of: block)
        var reader = ByteReader(bytes(of: code), at: segment.items)
        if code.isImage {
            for i in 0..<segment.count { elements[start &+ i] = constants.element(try reader.word()) }
        } else {
            for i in 0..<segment.count { elements[start &+ i] = try reader.element(areExpressions: segment.itemsAreExpressions, constants) }
        }
        return nil
    }

    /// A data segment's bytes into memory: all of them, or a trap and none. Zeros into memory never touched commit nothing.
    mutating func copy(_ contents: ByteRange, _ bytes: Span<UInt8>, to memory: MemoryWords, at start: UInt32) -> Trap? {
        guard contains(memory, start, contents.count) else { return .outOfBoundsMemoryAccess }
        var first: UInt32 = 0
        var last = contents.count
        while first < last && bytes[Int(contents.offset &+ first)] == 0 && !isCommitted(memory, start &+ first) { first &+= 1 }
        while last > first && bytes[Int(contents.offset &+ last) &- 1] == 0 && !isCommitted(memory, start &+ last &- 1) { last &-= 1 }
        guard first < last else { return nil }
        guard commit(memory, start &+ first, last &- first), let place = unsafe place(memory, start &+ first, last &- first) else { return .memoryExhausted }
        let source = bytes.extracting(Int(contents.offset &+ first)..<Int(contents.offset &+ last))
        // Safety: inside the window, just committed; the source is the module's.
        unsafe source.withUnsafeBytes { unsafe place.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count) }
        return nil
    }
}
