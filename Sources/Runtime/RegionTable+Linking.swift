// A new instance's imports, tables and globals.

import Image
import MemoryPool
import WasmFormat

extension RegionTable {
    func constant(_ block: InstanceBlock, _ code: ModuleBlock, _ offset: UInt32) throws(LoadError) -> UInt64 {
        if code.isImage, let value = image(code).value(at: offset) { return value }
        // The source borrows nothing: what it needs is copied out of the engine here.
        return try ConstantExpression.value(in: bytes(of: code), at: offset, isPacked: code.isImage, from: constants(of: block))
    }

    /// The same of an image: mostly the value stands there.
    @inline(__always)
    func constant(_ block: InstanceBlock, _ code: ModuleBlock, _ image: ImageBytes, _ offset: UInt32) throws(LoadError) -> UInt64 {
        if let value = image.value(at: offset) { return value }
        return try constant(block, code, offset)
    }

    @inline(__always)
    func initializeGlobals(_ block: InstanceBlock, _ code: ModuleBlock, _ summary: inout ModuleSummary) throws(LoadError) {
        if code.isImage { return initializeGlobals(block, code) }
        let bytes = bytes(of: code)
        var cell = block.globals
        var globals = SectionReader<GlobalEntry>(summary.globals, of: bytes)
        while let entry = try globals.next() {
            let value = try constant(block, code, entry.initializer)
            block.words[cell] = UInt32(truncatingIfNeeded: value)
            cell &+= 1
            if entry.type.valueType.cells == 2 {
                block.words[cell] = UInt32(truncatingIfNeeded: value &>> 32)
                cell &+= 1
            }
        }
    }

    /// The same from an image, which has two words for each cell: most are values.
    @inline(__always)
    private func initializeGlobals(_ block: InstanceBlock, _ code: ModuleBlock) {
        let image = image(code)
        var word = image.offset(of: .globals) / 4
        var cell = block.globals
        let last = block.importedGlobals
        while cell < last {
            let head = image[word]
            let isWide = head &>> 24 != 0
            if head & 0xff_0000 == 0 {
                block.words[cell] = image[word &+ 1]
                if isWide { block.words[cell &+ 1] = image[word &+ 3] }
            } else {
                // Checked when the image was loaded.
                guard let value = try? constant(block, code, word &* 4) else { preconditionFailure("module bytes changed") }
                block.words[cell] = UInt32(truncatingIfNeeded: value)
                if isWide { block.words[cell &+ 1] = UInt32(truncatingIfNeeded: value &>> 32) }
            }
            cell &+= isWide ? 2 : 1
            word &+= isWide ? 4 : 2
        }
    }

    @inline(__always)
    func makeTables(_ block: InstanceBlock, _ elements: UInt32, _ code: ModuleBlock, _ bytes: Span<UInt8>, _ summary: inout ModuleSummary) throws(LoadError) {
        var number = summary.importedTableCount
        var elements = block.reference.advanced(byWords: elements)
        func add(_ size: UInt32, _ maximum: UInt32) {
            let table = ownTable(block, number)
            table.maximum = maximum
            if size > 0 { table.elements = elements }
            table.size = size
            elements = elements.advanced(byWords: size)
            number &+= 1
        }
        if code.isImage {
            let image = image(code)
            var record = summary.tables.offset / 4
            let end = record &+ summary.tables.count &* 3
            while record < end {
                add(image[record &+ 1], image[record] & 0xff00 != 0 ? image[record &+ 2] : .max)
                record &+= 3
            }
            return
        }
        var tables = SectionReader<TableType>(summary.tables, of: bytes)
        while let type = try tables.next() { add(type.limits.minimum, type.limits.hasMaximum ? type.limits.maximum : .max) }
    }

    func linkImports(
        _ block: InstanceBlock, _ code: ModuleBlock, _ bytes: Span<UInt8>, _ summary: inout ModuleSummary, _ links: Span<Link>, _ hostCount: Int, _ host: (Int) -> HostFunction
    ) throws(LoadError) {
        var function: UInt32 = 0
        var table: UInt32 = 0
        var global: UInt32 = 0
        var section = summary.imports
        if code.isImage && links.count == 0 { function = linkHostFunctions(block, code, bytes, &section, hostCount, host) }
        var imports = SectionReader<ImportEntry>(section, of: bytes)
        while let entry = try imports.next() {
            guard let found = try resolve(entry, bytes, links, hostCount, host) else { throw LoadError(.unknownImport, at: entry.offset) }
            switch (entry.type, found) {
            case (.function(let type), .host(let number)):
                guard try matches(host(Int(number)).signature, code, bytes, type.rawValue) else { throw LoadError(.functionTypeMismatch, at: entry.offset) }
                block.setImportedFunction(function, Reference(hostFunction: number))
                function &+= 1
            case (.function(let type), .export(let owner, .function, let index)):
                let target = reference(owner, function: index)
                guard try typesMatch(bytes, code.typeOffset(type.rawValue), target, host) else { throw LoadError(.functionTypeMismatch, at: entry.offset) }
                block.setImportedFunction(function, target)
                function &+= 1
            case (.table(let type), .export(let owner, .table, let index)):
                let offered = self.table(owner, index)
                guard try elementType(owner, index) == type.elementType else { throw LoadError(.tableTypeMismatch, at: entry.offset) }
                guard fits(offered.size, try tableMaximum(owner, index), type.limits) else { throw LoadError(.tableLimitsMismatch, at: entry.offset) }
                let own = ownTable(block, table)
                own.elements = tableReference(owner, index)
                own.size = TableWords.imported
                table &+= 1
            case (.memory(let type), .export(let owner, .memory, _)):
                let offered = memory(owner)
                guard offered.pageShift == UInt32(type.pageShift) else { throw LoadError(.memoryPageSizeMismatch, at: entry.offset) }
                guard fits(offered.pages, offered.hasMaximum ? offered.maximumPages : nil, type.limits) else { throw LoadError(.memoryLimitsMismatch, at: entry.offset) }
                let own = ownMemory(block)
                own.window = memoryReference(owner)
                own.flags = 0x200
            case (.global(let type), .export(let owner, .global, let index)):
                let offered = try globalPlace(owner, index)
                guard offered.type.isMutable == type.isMutable else { throw LoadError(.globalMutabilityMismatch, at: entry.offset) }
                guard offered.type.valueType == type.valueType else { throw LoadError(.globalTypeMismatch, at: entry.offset) }
                block.words[block.importedGlobals &+ global] = offered.reference.bits
                global &+= 1
            default: throw LoadError(.importKindMismatch, at: entry.offset)
            }
        }
    }

    /// The first imports of an image, while they are functions that the host has, of their types: mostly all. Takes them out of the section; gives how many
    /// they were.
    @inline(__always)
    private func linkHostFunctions(_ block: InstanceBlock, _ code: ModuleBlock, _ bytes: Span<UInt8>, _ imports: inout Section, _ hostCount: Int, _ host: (Int) -> HostFunction) -> UInt32 {
        let image = image(code)
        var function: UInt32 = 0
        var place = imports.offset
        while function < imports.count, case let record = place / 4, image[record] & 0xff == 0 {
            let lengths = image[record &+ 3]
            let module = ByteRange(offset: place &+ 16, count: lengths & 0xffff)
            let name = ByteRange(offset: (module.end &+ 3) & ~3, count: lengths &>> 16)
            var number = 0
            while number < hostCount {
                let offered = host(number)
                if isEqual(offered.module, module, bytes) && isEqual(offered.name, name, bytes) {
                    if !offered.signature.isPacked(in: bytes, at: code.typeOffset(image[record &+ 1])) { number = hostCount }
                    break
                }
                number &+= 1
            }
            guard number < hostCount else { break }
            block.setImportedFunction(function, Reference(hostFunction: UInt32(truncatingIfNeeded: number)))
            function &+= 1
            place = (name.end &+ 3) & ~3
        }
        imports = Section(offset: place, end: imports.end, count: imports.count &- function, isPacked: true)
        return function
    }

    /// Whether what is offered has at least the minimum, and no larger maximum (core specification 2.0, 3.4.1 and 4.5.3).
    func fits(_ size: UInt32, _ maximum: UInt32?, _ wanted: Limits) -> Bool {
        guard size >= wanted.minimum else { return false }
        guard wanted.hasMaximum else { return true }
        guard let maximum else { return false }
        return maximum <= wanted.maximum
    }

    func resolve(_ entry: ImportEntry, _ bytes: Span<UInt8>, _ links: Span<Link>, _ hostCount: Int, _ host: (Int) -> HostFunction) throws(LoadError) -> Resolution? {
        for i in 0..<links.count {
            let link = links[i]
            // Safety: the name outlives the link, as whoever made it promised.
            guard unsafe isEqual(link.name, entry.module, bytes) else { continue }
            // Stale links were refused before.
            guard let owner = find(link.instance) else { continue }
            if let found = try findExport(owner, named: entry.name, in: bytes) { return .export(owner, found.kind, found.index) }
        }
        for i in 0..<hostCount {
            let function = host(i)
            if isEqual(function.module, entry.module, bytes) && isEqual(function.name, entry.name, bytes) { return .host(UInt32(i)) }
        }
        return nil
    }

    @inline(never)
    func isEqual(_ name: UnsafeRawBufferPointer, _ range: ByteRange, _ bytes: Span<UInt8>) -> Bool {
        let count = Int(truncatingIfNeeded: range.count)
        guard name.count == count, let name = name.baseAddress else { return name.count == count }
        let first = Int(truncatingIfNeeded: range.offset)
        return unsafe bytes.extracting(first..<first &+ count).withUnsafeBytes { other in
            guard let other = other.baseAddress else { return true }
            var i = 0
            // Safety: both have so many bytes, here and below.
            while i &+ 4 <= count {
                if unsafe name.loadUnaligned(fromByteOffset: i, as: UInt32.self) != other.loadUnaligned(fromByteOffset: i, as: UInt32.self) { return false }
                i &+= 4
            }
            while i < count {
                if unsafe name.load(fromByteOffset: i, as: UInt8.self) != other.load(fromByteOffset: i, as: UInt8.self) { return false }
                i &+= 1
            }
            return true
        }
    }

    func isEqual(_ name: StaticString, _ range: ByteRange, _ bytes: Span<UInt8>) -> Bool {
        // Safety: the static string's own bytes.
        unsafe isEqual(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), range, bytes)
    }

    /// Whether a host function has the type of an index.
    private func matches(_ signature: HostSignature, _ code: ModuleBlock, _ bytes: Span<UInt8>, _ type: UInt32) throws(LoadError) -> Bool {
        let offset = code.typeOffset(type)
        if code.isImage { return signature.isPacked(in: bytes, at: offset) }
        return try signature.matches(FunctionType(bytes, at: offset))
    }

    func typesMatch(_ bytes: Span<UInt8>, _ offset: UInt32, _ target: Reference, _ host: (Int) -> HostFunction) throws(LoadError) -> Bool {
        let wanted = try FunctionType(bytes, at: offset)
        if target.isHostFunction { return host(Int(target.function)).signature.matches(wanted) }
        guard let owner = find(target) else { return false }
        let code = moduleBlock(owner.module)
        return try wanted.isEqual(to: FunctionType(self.bytes(of: code), at: code.typeOffset(ofFunction: target.function)))
    }
}
