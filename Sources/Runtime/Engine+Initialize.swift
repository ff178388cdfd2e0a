// The second half of instantiation: active segments, in the order of the specification (4.5.4). They may trap.

import Image
import MemoryPool
import WasmFormat

extension Engine {
    mutating func initialize(_ block: InstanceBlock, _ code: ModuleBlock, _ summary: inout ModuleSummary) -> Trap? {
        let bytes = bytes(of: code)
        do throws(LoadError) {
            if code.isImage {
                let image = image(code)
                var number: UInt32 = 0
                while number < summary.elements.count {
                    let record = image.elementRecord(number)
                    let head = image[record]
                    if head & 15 == 0 {
                        let start = UInt32(truncatingIfNeeded: try heap.regions.constant(block, code, image, record &* 4))
                        if let trap = copy(image, image[record &+ 2] / 4, image[record &+ 3], block, to: table(block, head &>> 8 & 0xff), at: start) { return trap }
                    }
                    number &+= 1
                }
                guard summary.data.count > 0 else { return nil }
                let memory = memory(block)
                number = 0
                while number < summary.data.count {
                    let record = image.dataRecord(number)
                    if image[record] & 0xff == 0 {
                        let start = UInt32(truncatingIfNeeded: try heap.regions.constant(block, code, image, record &* 4))
                        let contents = ByteRange(offset: image[record &+ 2], count: image[record &+ 3])
                        // As below.
                        guard UInt64(start) &+ UInt64(contents.count) <= memory.size else { return .outOfBoundsMemoryAccess }
                        if let trap = copy(contents, bytes, to: memory, at: start) { return trap }
                    }
                    number &+= 1
                }
                return nil
            }
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
        for i in 0..<segment.count { elements[start &+ i] = try reader.element(areExpressions: segment.itemsAreExpressions, constants) }
        return nil
    }

    /// The same from an image: `count` elements from a word on.
    private mutating func copy(_ image: ImageBytes, _ items: UInt32, _ count: UInt32, _ block: InstanceBlock, to table: TableWords, at start: UInt32) -> Trap? {
        guard UInt64(start) &+ UInt64(count) <= UInt64(table.size) else { return .outOfBoundsTableAccess }
        guard count > 0 else { return nil }
        let elements = elements(of: table).part(start, count)
        let constants = constants(of: block)
        var i: UInt32 = 0
        while i < count {
            elements[i] = constants.element(image[items &+ i])
            i &+= 1
        }
        return nil
    }

    /// A data segment's bytes into memory: all of them, or a trap and none. Zeros into memory never touched commit nothing.
    mutating func copy(_ contents: ByteRange, _ bytes: Span<UInt8>, to memory: MemoryWords, at start: UInt32) -> Trap? {
        let distance = start &- memory.low
        if !memory.window.isNone && distance <= memory.length && contents.count <= memory.length &- distance {
            let source = bytes.extracting(Int(truncatingIfNeeded: contents.offset)..<Int(truncatingIfNeeded: contents.offset &+ contents.count))
            // Safety: inside the block that holds the window, which never goes beyond what is declared.
            let place = unsafe heap.regions.address(memory.window) + Int(truncatingIfNeeded: distance)
            unsafe source.withUnsafeBytes { if let base = $0.baseAddress { unsafe place.copyMemory(from: base, byteCount: $0.count) } }
            return nil
        }
        return copyBeyond(contents, bytes, to: memory, at: start)
    }

    /// The same where the window does not hold all of the place.
    private mutating func copyBeyond(_ contents: ByteRange, _ bytes: Span<UInt8>, to memory: MemoryWords, at start: UInt32) -> Trap? {
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
