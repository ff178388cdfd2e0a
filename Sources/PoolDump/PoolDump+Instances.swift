// Modules and instances of a dump. Layouts: ModuleBlock.swift, InstanceBlock.swift, AuxStackWords.swift of the Runtime.

extension PoolDump {
    public struct Module: Sendable {
        /// Counted from 0, in the order of loading.
        public let number: Int
        public let region: Region
        let block: Block
        public let isImage: Bool
        /// False for an image that was not given.
        public var isThere: Bool { block.words > 0 }
        /// In the pool: an image's block takes nothing of it.
        public var blockBytes: Int { isImage ? 0 : (block.bytes.count + 11) & ~7 }
        private func half(_ word: Int, high: Bool) -> Int { Int((block.word(word) ?? 0) >> (high ? 16 : 0) & 0xffff) }
        public var types: Int { half(1, high: false) }
        public var importedFunctions: Int { half(1, high: true) }
        public var functions: Int { half(2, high: false) }
        public var globalCells: Int { half(2, high: true) }
        public var importedGlobals: Int { half(5, high: false) }
        public var tables: Int { half(5, high: true) }
        /// First word of the code, and its words, as noted.
        var code: Int { Int(block.word(3) ?? 0) }
        public var codeBytes: Int { Int(block.word(4) ?? 0) * 4 }

        /// Of an own function: start in bytes from the code base, reference cells.
        public func record(_ function: Int) -> (start: Int, references: Int)? {
            guard function >= 0, function < functions else { return nil }
            let at = 7 + types + importedFunctions + function * 4
            guard let start = block.word(at), let cells = block.word(at + 1) else { return nil }
            return (Int(start), Int(cells >> 16))
        }

        /// The own function whose instructions hold a byte offset from the code base.
        func function(at offset: Int) -> Int? {
            var low = 0
            var high = functions
            guard high > 0, let first = record(0), offset >= first.start else { return nil }
            while high - low > 1 {
                let middle = (low + high) / 2
                guard let record = record(middle) else { return nil }
                if record.start <= offset { low = middle } else { high = middle }
            }
            return low
        }

        /// A word of the register code, by its byte offset from the code base.
        public func codeWord(_ offset: Int) -> UInt32? { offset < 0 || offset & 3 != 0 ? nil : block.word(code + offset / 4) }
    }

    public struct Memory: Sendable {
        public let window: DumpBytes?
        public let low: UInt32
        public let committed: UInt32
        public let pageShift: UInt32
        public let pages: UInt32
        public let capPages: UInt32
        public let peak: UInt32
        public let appHeap: DumpBytes?
        public let appHeapBytes: UInt32
        public let isImported: Bool
        public var declared: UInt64 { UInt64(pages) << UInt64(pageShift) }
        public var limit: UInt64 { UInt64(capPages) << UInt64(pageShift) }
        public var appHeapStart: UInt64 { (limit + 7) & ~7 }

        /// The byte at a guest address: nil if it is out of bounds or the dump lacks it; 0 where nothing was ever written.
        public func byte(_ address: UInt64) -> UInt8? {
            if address < declared {
                guard address >= UInt64(low), address - UInt64(low) < UInt64(committed) else { return 0 }
                return window?.byte(Int(address - UInt64(low)))
            }
            guard let appHeap, address >= appHeapStart else { return nil }
            return address - appHeapStart < UInt64(appHeapBytes) ? appHeap.byte(Int(address - appHeapStart)) : nil
        }
    }

    public struct Instance: Sendable {
        /// Counted from 0.
        public let number: Int
        public let handle: UInt32
        public let module: Module?
        let block: Block
        public var blockBytes: Int { (block.bytes.count + 11) & ~7 }
        public let tableBytes: Int
        public let memory: Memory?
        /// Bottom, start and the lowest place, in guest addresses.
        public let auxStack: (bottom: UInt32, start: UInt32, lowest: UInt32)?
        /// Cells of the own globals.
        public let globals: [UInt32]
    }

    /// The modules that are loaded and whose block is there, and images.
    public var modules: [Module] {
        regions.indices.dropFirst(poolCount).compactMap { number in
            let region = regions[number]
            guard Self.isInImage(region.module, number) else { return block(region.module).map { Module(number: number - poolCount, region: region, block: $0, isImage: false) } }
            let start = Int(region.module & 0x03ff_ffff) * 4
            return Module(number: number - poolCount, region: region, block: Block(bytes: region.bytes.part(start, region.bytes.count)), isImage: true)
        }
    }

    public var instances: [Instance] {
        // The only one is named by the root itself.
        let references = directoryCount == 1 ? [directory] : block(directory).map { directory in (0..<directoryCount).compactMap(directory.word) } ?? []
        let modules = modules
        var left = wordCount
        return references.enumerated().compactMap { number, reference in
            guard reference != 0, let block = block(reference), block.words <= left else { return nil }
            left -= block.words
            return instance(number, reference, block, modules)
        }
    }

    private func instance(_ number: Int, _ reference: UInt32, _ block: Block, _ modules: [Module]) -> Instance {
        let module = modules.first { $0.region.module == block.word(0) }
        func header(_ word: Int) -> Int { Int(block.word(word) ?? 0) }
        var tableBytes = 0
        for table in 0..<(module?.tables ?? 0) {
            let at = header(4) + table * 3
            guard let elements = block.word(at), let size = block.word(at + 1) else { break }
            // Elements lie in the instance's block until a table has grown.
            let isInside = elements >= reference && elements - reference < UInt32(block.words)
            if size != .max && !isInside { tableBytes += blockBytes(self.block(elements)) }
        }
        let first = header(2)
        let cells = max(0, min(header(3) - first, block.words - first))
        return Instance(
            number: number, handle: block.word(1) ?? 0, module: module, block: block, tableBytes: tableBytes, memory: memory(block, at: header(5)),
            auxStack: auxStack(block, module, at: header(6) - 3), globals: (0..<cells).compactMap { block.word(first + $0) })
    }

    private func memory(_ block: Block, at: Int) -> Memory? {
        guard at > 0, at <= block.words, let own = block.word(at + 5) else { return nil }
        var words = Block(bytes: block.bytes.part(at * 4, 40))
        let isImported = own & 0x200 != 0
        if isImported {
            guard let window = words.word(0), let others = part(window, words: 8) else { return nil }
            words = part(window, words: 10) ?? others
        }
        guard let flags = words.word(5), let low = words.word(1), let length = words.word(2), let pages = words.word(3), let peak = words.word(6), let cap = words.word(7) else {
            return nil
        }
        let hasAppHeap = flags & 0x8000 != 0
        return Memory(
            window: words.word(0).flatMap { self.block($0)?.bytes }, low: low, committed: length, pageShift: min(flags & 0xff, 16), pages: pages, capPages: cap, peak: peak,
            appHeap: hasAppHeap ? words.word(8).flatMap { self.block($0)?.bytes } : nil, appHeapBytes: hasAppHeap ? words.word(9) ?? 0 : 0, isImported: isImported)
    }

    private func auxStack(_ block: Block, _ module: Module?, at: Int) -> (bottom: UInt32, start: UInt32, lowest: UInt32)? {
        guard let module, (module.block.word(0) ?? 0) >> 16 != 0, let bottom = block.word(at), let start = block.word(at + 1), let lowest = block.word(at + 2) else { return nil }
        guard lowest > start else { return start == 0 ? nil : (bottom & ~15, start, lowest) }
        // Imported: the owner's words.
        guard let owner = part(bottom, words: 3), let bottom = owner.word(0), let start = owner.word(1), let lowest = owner.word(2), start != 0 else { return nil }
        return (bottom & ~15, start, lowest)
    }
}
