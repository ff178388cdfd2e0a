// What lies in the regions: modules, instances and their parts, found by reference, number or handle.
//
// Here, and not in the engine: the two words of the table are handed over as they are, the whole engine would be copied for each look.

import Image
import MemoryPool
import WasmFormat

extension RegionTable {
    /// The block of a module: a reference into the pool, or into an image.
    @inline(never)
    func moduleBlock(_ reference: HeapReference) -> ModuleBlock {
        let region = reference.region
        if region >= pools {
            let words = words(at: reference, count: (length(region) &- reference.offset) / 4)
            return ModuleBlock(words: words, region: region, isImage: true)
        }
        let words = words(reference)
        return ModuleBlock(words: words, region: words[ModuleHeader.region] & 0xff, isImage: false)
    }

    @inline(never)
    func block(of module: Module) throws(HandleError) -> ModuleBlock {
        let region = module.region
        guard region >= pools, region < count, generation(region) == module.bits &>> 8 else { throw .staleModule }
        let block = self.module(region)
        guard !block.isNone else { throw .staleModule }
        return moduleBlock(block)
    }

    @_lifetime(immortal)
    func bytes(of block: ModuleBlock) -> Span<UInt8> { bytes(ofRegion: block.region) }

    /// The words of an image that was checked.
    @inline(__always)
    func image(_ block: ModuleBlock) -> ImageBytes {
        guard let base = unsafe base(block.region) else { preconditionFailure() }
        // Safety: the region's own bytes, which stay until the module is unloaded; loading has found an image of this length, aligned.
        return unsafe ImageBytes(checked: base, length: length(block.region))
    }

    /// The block of the instance that has a number now.
    @inline(never)
    func find(_ number: UInt32) -> InstanceBlock? {
        guard number > 0, number <= directoryCount else { return nil }
        let reference = entry(number)
        return reference.isNone ? nil : InstanceBlock(words: words(reference), reference: reference)
    }

    /// The block of an instance; nil if the handle is stale.
    func find(_ instance: Instance) -> InstanceBlock? {
        guard let block = find(instance.number), block.handle == instance else { return nil }
        return block
    }

    /// The owner of a function; nil if the reference is stale.
    ///
    /// Its generations come round: one that the host has kept long enough may name another instance, which may have fewer functions.
    @inline(never)
    func find(_ function: Reference) -> InstanceBlock? {
        guard let block = find(function.instanceNumber), block.handle.tag == function.tag else { return nil }
        let code = moduleBlock(block.module)
        return function.function &- code.importedFunctions < code.functionCount ? block : nil
    }

    /// The three words in the instance itself.
    func ownTable(_ block: InstanceBlock, _ number: UInt32) -> TableWords {
        TableWords(words: block.words.part(block.tables &+ number &* TableWords.count, TableWords.count))
    }

    /// The table's owner's words.
    @inline(never)
    func table(_ block: InstanceBlock, _ number: UInt32) -> TableWords {
        let own = ownTable(block, number)
        return own.isImported ? TableWords(words: words(at: own.elements, count: TableWords.count)) : own
    }

    func elements(of table: TableWords) -> Words { words(at: table.elements, count: table.size) }

    func ownMemory(_ block: InstanceBlock) -> MemoryWords {
        let memory = MemoryWords(words: block.words.part(block.memory, MemoryWords.count))
        return memory.hasAppHeap ? MemoryWords(words: block.words.part(block.memory, MemoryWords.countWithAppHeap)) : memory
    }

    func memory(at reference: HeapReference) -> MemoryWords {
        let memory = MemoryWords(words: words(at: reference, count: MemoryWords.count))
        return memory.hasAppHeap ? MemoryWords(words: words(at: reference, count: MemoryWords.countWithAppHeap)) : memory
    }

    @inline(never)
    func memory(_ block: InstanceBlock) -> MemoryWords {
        let own = ownMemory(block)
        return own.isImported ? memory(at: own.window) : own
    }

    /// The memory of an instance, its own or imported; nil if it has none, or is no more.
    func memory(of instance: Instance) -> MemoryWords? {
        guard let block = find(instance) else { return nil }
        return block.memory == 0 ? nil : memory(block)
    }

    /// The reference to an instance's table as others keep it: resolved to its owner's words.
    func tableReference(_ block: InstanceBlock, _ number: UInt32) -> HeapReference {
        let own = ownTable(block, number)
        return own.isImported ? own.elements : block.reference.advanced(byWords: block.tables &+ number &* TableWords.count)
    }

    func memoryReference(_ block: InstanceBlock) -> HeapReference {
        let own = ownMemory(block)
        return own.isImported ? own.window : block.reference.advanced(byWords: block.memory)
    }

    /// What a function of an instance is in the end: itself, or what it was imported from.
    func reference(_ block: InstanceBlock, function: UInt32) -> Reference {
        if function < moduleBlock(block.module).importedFunctions { return block.importedFunction(function) }
        return Reference(instance: block.handle, function: function)
    }

    func findExport(_ owner: InstanceBlock, named name: ByteRange, in nameBytes: Span<UInt8>) throws(LoadError) -> (kind: ExternalKind, index: UInt32)? {
        try findExport(moduleBlock(owner.module), named: name, in: nameBytes)
    }

    func findExport(_ code: ModuleBlock, named name: ByteRange, in nameBytes: Span<UInt8>) throws(LoadError) -> (kind: ExternalKind, index: UInt32)? {
        let bytes = bytes(of: code)
        if code.isImage { return try image(code).export(named: name, in: nameBytes, bytes) }
        var exports = SectionReader<ExportEntry>(try summary(of: code).exports, of: bytes)
        while let entry = try exports.next() {
            if entry.name.isEqual(in: bytes, to: name, in: nameBytes) { return (entry.kind, entry.index) }
        }
        return nil
    }

    /// Where a global's cells lie, and its type.
    func globalPlace(_ owner: InstanceBlock, _ index: UInt32) throws(LoadError) -> (reference: HeapReference, type: GlobalType) {
        let code = moduleBlock(owner.module)
        let bytes = bytes(of: code)
        let summary = try summary(of: code)
        var number: UInt32 = 0
        if index < summary.importedGlobalCount {
            var imports = SectionReader<ImportEntry>(summary.imports, of: bytes)
            while let entry = try imports.next() {
                guard case .global(let type) = entry.type else { continue }
                if number == index { return (HeapReference(bits: owner.words[owner.importedGlobals &+ index]), type) }
                number &+= 1
            }
        }
        var cell = owner.globals
        number = summary.importedGlobalCount
        var globals = SectionReader<GlobalEntry>(summary.globals, of: bytes)
        while let entry = try globals.next() {
            if number == index { return (owner.reference.advanced(byWords: cell), entry.type) }
            cell &+= entry.type.valueType.isReference ? 1 : entry.type.valueType.cells
            number &+= 1
        }
        throw LoadError(.unknownGlobal, at: 0, number: index)
    }

    /// The aux stack that an instance's pointer belongs to.
    func auxStack(_ block: InstanceBlock, _ code: ModuleBlock) -> AuxStackWords? {
        guard code.auxStackPointer != nil else { return nil }
        let own = ownAuxStack(block)
        let words = own.isImported ? AuxStackWords(words: words(at: own.owner, count: AuxStackWords.count)) : own
        return words.isNone ? nil : words
    }

    func auxStackReference(_ block: InstanceBlock) -> HeapReference { block.reference.advanced(byWords: block.words[InstanceBlock.Header.dropped] &- AuxStackWords.count) }

    /// The cell of the global that is the pointer of an instance's aux stack; nil if it has none.
    func auxStackPointer(_ block: InstanceBlock) -> Words? {
        let code = moduleBlock(block.module)
        guard let pointer = code.auxStackPointer, auxStack(block, code) != nil else { return nil }
        if pointer.rawValue < code.importedGlobals { return words(at: HeapReference(bits: block.words[block.importedGlobals &+ pointer.rawValue]), count: 1) }
        if let cell = code.auxStackCell { return words(at: block.reference.advanced(byWords: block.globals &+ cell), count: 1) }
        guard let place = try? globalPlace(block, pointer.rawValue) else { return nil }
        return words(at: place.reference, count: 1)
    }
    func ownAuxStack(_ block: InstanceBlock) -> AuxStackWords {
        AuxStackWords(words: block.words.part(block.words[InstanceBlock.Header.dropped] &- AuxStackWords.count, AuxStackWords.count))
    }

    func constants(of block: InstanceBlock) -> InstanceConstants {
        InstanceConstants(block: block, importedFunctions: moduleBlock(block.module).importedFunctions, regions: self)
    }

    /// What an instance's table holds.
    func elementType(_ owner: InstanceBlock, _ index: UInt32) throws(LoadError) -> ValueType { try tableType(owner, index).elementType }

    /// The maximum that a table was declared with.
    func tableMaximum(_ owner: InstanceBlock, _ index: UInt32) throws(LoadError) -> UInt32? {
        let own = ownTable(owner, index)
        let table = table(owner, index)
        if !own.isImported {
            let limits = try tableType(owner, index).limits
            return limits.hasMaximum ? limits.maximum : nil
        }
        // Declared elsewhere: without a maximum it may reach the end of the index space.
        return table.maximum == .max ? nil : table.maximum
    }

    private func tableType(_ owner: InstanceBlock, _ index: UInt32) throws(LoadError) -> TableType {
        let code = moduleBlock(owner.module)
        let bytes = bytes(of: code)
        let summary = try summary(of: code)
        var number: UInt32 = 0
        if index < summary.importedTableCount {
            var imports = SectionReader<ImportEntry>(summary.imports, of: bytes)
            while let entry = try imports.next() {
                guard case .table(let type) = entry.type else { continue }
                if number == index { return type }
                number &+= 1
            }
        }
        number = summary.importedTableCount
        var tables = SectionReader<TableType>(summary.tables, of: bytes)
        while let type = try tables.next() {
            if number == index { return type }
            number &+= 1
        }
        throw LoadError(.unknownTable, at: 0, number: index)
    }

    /// None while there is no instance; the block of the only one.
    var directory: HeapReference { HeapReference(bits: root(Root.directory)) }
    var directoryCount: UInt32 { root(Root.instances) & 0xff }
    /// The block of the instance with a number up to the count.
    func entry(_ number: UInt32) -> HeapReference { directoryCount == 1 ? directory : HeapReference(bits: words(directory)[number &- 1]) }
    func setEntry(_ number: UInt32, _ block: HeapReference) {
        if directoryCount == 1 { setRoot(Root.directory, block.bits) } else { words(directory)[number &- 1] = block.bits }
    }
}
