// Writes the parts of an image in their order.

import Image
import RegisterCode
import Runtime
import WasmFormat

struct ImageWriter: ~Copyable, ~Escapable {
    private let bytes: Span<UInt8>
    private let summary: ModuleSummary
    /// The module's block as the Translator wrote it.
    private let block: [UInt32]
    private let need: InstanceNeed
    private let keepsNames: Bool

    private var words: [UInt32] = Array(repeating: 0, count: Int(ImageHeader.count))
    /// The types that differ, as their offsets in the .wasm; the number of each type among them.
    private var types: [UInt32] = []
    private var typeNumbers: [UInt32] = []
    private var expressions: [[UInt32]] = []
    private var usesFloats = false

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, block: [UInt32], need: InstanceNeed, keepsNames: Bool) throws(LoadError) {
        self.bytes = bytes
        summary = try ModuleScanner.scan(bytes)
        self.block = block
        self.need = need
        self.keepsNames = keepsNames
        for offset in block[Int(ModuleHeader.count)..<Int(ModuleHeader.count) + Int(block[Int(ModuleHeader.types)] & 0xffff)] {
            // Equal types have equal offsets.
            if let number = types.firstIndex(of: offset) {
                typeNumbers.append(UInt32(number))
            } else {
                typeNumbers.append(UInt32(types.count))
                types.append(offset)
            }
        }
    }

    // MARK: words

    private var place: UInt32 { UInt32(words.count * 4) }
    private mutating func begin(_ part: ImagePart) { words[Int(part.headerWord)] = place }

    private mutating func append(_ bytes: some Sequence<UInt8>) {
        var word: UInt32 = 0
        var shift: UInt32 = 0
        for byte in bytes {
            word |= UInt32(byte) << shift
            shift += 8
            if shift == 32 {
                words.append(word)
                (word, shift) = (0, 0)
            }
        }
        if shift > 0 { words.append(word) }
    }
    private func contents(_ range: ByteRange) -> [UInt8] { (Int(range.offset)..<Int(range.end)).map { bytes[$0] } }

    // MARK: the image

    mutating func image() throws(LoadError) -> [UInt8] {
        try writeTypes()
        begin(.imports)
        let importedTables = try writeImports()
        try writeImportedGlobals()
        begin(.globals)
        try writeGlobals()
        begin(.tables)
        try writeTables(importedTables)
        begin(.memory)
        try writeMemory()
        begin(.exports)
        try writeExports()
        begin(.elementSegments)
        let (segments, elements) = try elementSegments()
        words += segments
        let data = try writeDataSegments()
        begin(.expressions)
        var offsets: [UInt32] = []
        for expression in expressions {
            offsets.append(place)
            words += expression
        }
        begin(.elements)
        let firstElement = place
        words += elements
        fixPlaces(offsets, firstElement)
        writeBlock(try auxStack())
        begin(.data)
        writeData(data)
        finishHeader()
        var image: [UInt8] = []
        image.reserveCapacity(words.count * 4)
        for word in words { for shift in stride(from: 0, to: 32, by: 8) as StrideTo<UInt32> { image.append(UInt8(truncatingIfNeeded: word >> shift)) } }
        return image
    }

    private mutating func finishHeader() {
        let features = (usesFloats ? ImageHeader.floats : 0) | (keepsNames && hasNames ? ImageHeader.names : 0)
        set(ImageHeader.mark, ImageHeader.marked)
        set(ImageHeader.version, ImageHeader.currentVersion | features << 16)
        set(ImageHeader.code, CodeNumber.value)
        set(ImageHeader.length, place)
        let source = sourceHash(bytes)
        set(ImageHeader.source, UInt32(truncatingIfNeeded: source))
        set(ImageHeader.source + 1, UInt32(truncatingIfNeeded: source >> 32))
        set(ImageHeader.instanceBytes, UInt32(truncatingIfNeeded: need.instance))
        set(ImageHeader.tableBytes, UInt32(truncatingIfNeeded: min(need.tables, UInt64(UInt32.max))))
        set(ImageHeader.windowBytes, need.linearMemory.map { UInt32(truncatingIfNeeded: min($0, UInt64(UInt32.max))) } ?? ImageHeader.unknownWindow)
        set(ImageHeader.imports, summary.imports.count | summary.importedTableCount << 16 | summary.importedMemoryCount << 24)
        set(ImageHeader.globals, summary.globals.count | summary.tables.count << 16)
        set(ImageHeader.exports, summary.exports.count)
        set(ImageHeader.segments, summary.elements.count | summary.data.count << 16)
        set(ImageHeader.start, summary.hasStart ? summary.start + 1 : 0)
        set(ImageHeader.codeKind, ImageHeader.registerCode)
        var sum = ImageSum()
        for word in words[Int(ImageHeader.count)...] { sum.add(word) }
        set(ImageHeader.checksum, sum.value)
        sum = ImageSum()
        for word in words[..<Int(ImageHeader.headerChecksum)] { sum.add(word) }
        set(ImageHeader.headerChecksum, sum.value)
    }
    private mutating func set(_ word: UInt32, _ value: UInt32) { words[Int(word)] = value }
    private func get(_ word: UInt32) -> UInt32 { words[Int(word)] }

    // MARK: types, imports, exports

    private mutating func writeTypes() throws(LoadError) {
        for (number, offset) in types.enumerated() {
            let type = try FunctionType(bytes, at: offset)
            words.append(
                UInt32(type.parameterCells) | UInt32(type.resultCells) << 8 | UInt32(type.parameterReferences) << 16 | UInt32(type.resultReferences) << 24)
            types[number] = place
            func list(_ count: UInt8, _ value: (Int) -> ValueType) -> [UInt8] {
                (count < 0x80 ? [count] : [count, 1]) + (0..<Int(count)).map { value($0).rawValue }
            }
            // Read before it is appended to.
            let parameters = list(type.parameterCount) { type.parameter($0) }
            let results = list(type.resultCount) { type.result($0) }
            append([0x60] + parameters + results)
        }
    }

    private mutating func writeImports() throws(LoadError) -> [TableType] {
        var tables: [TableType] = []
        var imports = SectionReader<ImportEntry>(summary.imports, of: bytes)
        while let entry = try imports.next() {
            switch entry.type {
            case .function(let type): words += [0, typeNumbers[Int(type.rawValue)], 0]
            case .table(let type):
                words += [1 | UInt32(type.elementType.rawValue) << 8 | (type.limits.hasMaximum ? 1 << 16 : 0), type.limits.minimum, type.limits.maximum]
                tables.append(type)
            case .memory(let type):
                words += [2 | UInt32(type.pageShift) << 8 | (type.limits.hasMaximum ? 1 << 16 : 0), type.limits.minimum, type.limits.maximum]
            case .global(let type): words += [3 | UInt32(type.valueType.rawValue) << 8 | (type.isMutable ? 1 << 16 : 0), 0, 0]
            }
            words.append(entry.module.count | entry.name.count << 16)
            append(contents(entry.module))
            append(contents(entry.name))
        }
        return tables
    }

    private mutating func writeImportedGlobals() throws(LoadError) {
        begin(.importedGlobals)
        var imports = SectionReader<ImportEntry>(summary.imports, of: bytes)
        while let entry = try imports.next() {
            if case .global(let type) = entry.type { words.append(UInt32(type.valueType.rawValue) | (type.isMutable ? 0x100 : 0)) }
        }
    }

    private mutating func writeTables(_ imported: [TableType]) throws(LoadError) {
        for type in imported { append(type.limits, UInt32(type.elementType.rawValue)) }
        var tables = SectionReader<TableType>(summary.tables, of: bytes)
        while let type = try tables.next() { append(type.limits, UInt32(type.elementType.rawValue)) }
    }
    private mutating func writeMemory() throws(LoadError) {
        var imports = SectionReader<ImportEntry>(summary.imports, of: bytes)
        while let entry = try imports.next() {
            if case .memory(let type) = entry.type { append(type.limits, UInt32(type.pageShift)) }
        }
        var memories = SectionReader<MemoryType>(summary.memories, of: bytes)
        while let type = try memories.next() { append(type.limits, UInt32(type.pageShift)) }
    }
    private mutating func append(_ limits: Limits, _ head: UInt32) { words += [head | (limits.hasMaximum ? 0x100 : 0), limits.minimum, limits.maximum] }

    /// Ascending by name, byte by byte.
    private mutating func writeExports() throws(LoadError) {
        var all: [(name: [UInt8], kind: UInt32, index: UInt32)] = []
        var exports = SectionReader<ExportEntry>(summary.exports, of: bytes)
        while let entry = try exports.next() { all.append((contents(entry.name), UInt32(entry.kind.rawValue), entry.index)) }
        all.sort { $0.name.lexicographicallyPrecedes($1.name) }
        var name = place + UInt32(all.count) * 12
        for export in all {
            words += [name, UInt32(export.name.count) | export.kind << 16, export.index]
            name += paddedBytes(UInt32(export.name.count))
        }
        for export in all { append(export.name) }
    }

    // MARK: constants

    /// The two or four words of a constant expression; one that is more than a value is kept, and its number stands in the second word.
    private mutating func constant(at offset: UInt32, a: UInt32, b: UInt32, isWide: Bool) throws(LoadError) -> [UInt32] {
        var reader = ByteReader(bytes, at: offset)
        var form = PackedConstant.Form.value
        var (low, high): (UInt32, UInt32) = (0, 0)
        let first = try reader.constantInstruction()
        if case .end = try reader.constantInstruction() {
            switch first {
            case .number(_, let bits): (low, high) = (UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32))
            case .refNull: break
            case .refFunc(let function): (form, low) = (.function, function.rawValue)
            case .globalGet(let global): (form, low) = (.global, global.rawValue)
            case .arithmetic, .end: throw LoadError(.constantExpressionRequired, at: offset)
            }
        } else if let instructions = try expression(at: offset) {
            (form, low) = (.expression, UInt32(expressions.count))
            expressions.append(instructions)
        } else {
            let bits = try ConstantExpression.value(in: bytes, at: offset, isPacked: false, from: NoGlobals())
            (low, high) = (UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32))
        }
        let head = PackedConstant.head(a: a, b: b, form: form, isWide: isWide)
        return isWide ? [head, low, 0, form == .value ? high : 0] : [head, low]
    }

    /// The words of an expression that reads a global; nil for one that can be computed now.
    private func expression(at offset: UInt32) throws(LoadError) -> [UInt32]? {
        var reader = ByteReader(bytes, at: offset)
        var words: [UInt32] = []
        var readsGlobal = false
        while true {
            switch try reader.constantInstruction() {
            case .number(.i32, let bits): words += [PackedConstantOp.i32, UInt32(truncatingIfNeeded: bits)]
            case .number(_, let bits): words += [PackedConstantOp.i64, UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32)]
            case .globalGet(let global):
                readsGlobal = true
                words += [PackedConstantOp.global, global.rawValue]
            case .arithmetic(let type, let operation):
                let number: UInt32 = switch operation { case .add: 0; case .subtract: 1; case .multiply: 2 }
                words.append((type == .i32 ? PackedConstantOp.i32Add : PackedConstantOp.i64Add) + number)
            case .refNull, .refFunc: throw LoadError(.constantExpressionRequired, at: offset)
            case .end: return readsGlobal ? words + [PackedConstantOp.end] : nil
            }
        }
    }

    private mutating func writeGlobals() throws(LoadError) {
        var globals = SectionReader<GlobalEntry>(summary.globals, of: bytes)
        while let entry = try globals.next() {
            let type = entry.type.valueType
            words += try constant(at: entry.initializer, a: UInt32(type.rawValue), b: entry.type.isMutable ? 1 : 0, isWide: type.cells == 2)
        }
    }

    // MARK: segments

    /// The records, with the place of their elements counted from the first one, and the elements.
    private mutating func elementSegments() throws(LoadError) -> (records: [UInt32], elements: [UInt32]) {
        var records: [UInt32] = []
        var elements: [UInt32] = []
        var segments = SectionReader<ElementSegment>(summary.elements, of: bytes)
        while let segment = try segments.next() {
            let a = UInt32(segment.mode.packed) | (segment.elementType == .externref ? 0x10 : 0)
            records += segment.mode == .active ? try constant(at: segment.placement, a: a, b: segment.table.rawValue, isWide: false) : [a, 0]
            records.append(UInt32(elements.count))
            // What is declared only is of no use any more.
            records.append(segment.mode == .declarative ? 0 : segment.count)
            if segment.mode == .declarative { continue }
            var reader = ByteReader(bytes, at: segment.items)
            for _ in 0..<segment.count {
                guard segment.itemsAreExpressions else {
                    elements.append(try reader.u32())
                    continue
                }
                switch try reader.constantInstruction() {
                case .refFunc(let function): elements.append(function.rawValue)
                case .globalGet(let global): elements.append(PackedElement.fromGlobal | global.rawValue)
                default: elements.append(PackedElement.null)
                }
                _ = try reader.constantInstruction()
            }
        }
        return (records, elements)
    }

    private mutating func writeDataSegments() throws(LoadError) -> [ByteRange] {
        begin(.dataSegments)
        var contents: [ByteRange] = []
        var segments = SectionReader<DataSegment>(summary.data, of: bytes)
        while let segment = try segments.next() {
            let a = UInt32(segment.mode.packed)
            words += segment.mode == .active ? try constant(at: segment.placement, a: a, b: 0, isWide: false) : [a, 0]
            words += [0, segment.contents.count]
            contents.append(segment.contents)
        }
        return contents
    }

    /// Puts places where numbers stand: of expressions, in the order in which they were met, and of elements.
    private mutating func fixPlaces(_ expressions: [UInt32], _ firstElement: UInt32) {
        func fix(_ part: ImagePart, _ stride: Int) {
            var word = Int(get(part.headerWord) / 4)
            let end = Int(get(part.headerWord + 1) / 4)
            while word < end {
                if words[word] >> 16 & 0xff == UInt32(PackedConstant.Form.expression.rawValue) { words[word + 1] = expressions[Int(words[word + 1])] }
                word += part == .globals && words[word] >> 24 != 0 ? 4 : stride
            }
        }
        fix(.globals, 2)
        fix(.elementSegments, 4)
        fix(.dataSegments, 4)
        let segments = Int(get(ImagePart.elementSegments.headerWord) / 4)
        for number in 0..<Int(summary.elements.count) { words[segments + number * 4 + 2] = firstElement + words[segments + number * 4 + 2] * 4 }
    }

    private mutating func writeData(_ contents: [ByteRange]) {
        let segments = Int(get(ImagePart.dataSegments.headerWord) / 4)
        for (number, range) in contents.enumerated() {
            words[segments + number * 4 + 2] = place
            append(self.contents(range))
        }
    }

    // MARK: the block

    private var hasNames = false

    /// The first cell of the aux stack's pointer and the lowest address of its stack; 0 for a pointer that is imported, or none.
    private func auxStack() throws(LoadError) -> (cell: UInt32, bottom: UInt32) {
        let number = block[Int(ModuleHeader.region)] >> 16
        guard number > summary.importedGlobalCount else { return (0, 0) }
        var cell: UInt32 = 0
        var left = number - 1 - summary.importedGlobalCount
        var globals = SectionReader<GlobalEntry>(summary.globals, of: bytes)
        while left > 0, let entry = try globals.next() {
            cell += entry.type.valueType.isReference ? 1 : entry.type.valueType.cells
            left -= 1
        }
        guard let start = try AuxStack.start(at: GlobalIndex(number - 1), in: bytes, summary) else { return (cell, 0) }
        return (cell, try AuxStack.bottom(ofStackAt: start, in: bytes, summary))
    }

    private mutating func writeBlock(_ auxStack: (cell: UInt32, bottom: UInt32)) {
        begin(.block)
        let (oldTypes, imported) = (Int(block[1] & 0xffff), Int(block[1] >> 16))
        let own = Int(block[2] & 0xffff)
        let count = Int(ModuleHeader.count)
        let newTypes = types.count
        let oldCode = Int(block[Int(ModuleHeader.code)])
        let code = count + newTypes + imported + own * 4
        let first = words.count
        words += block[..<count]
        words[first] = words[first] & 0xffff_0000 | auxStack.cell
        set(ImageHeader.auxStackBottom, auxStack.bottom)
        words[first + 1] = UInt32(newTypes) | UInt32(imported) << 16
        words[first + 3] = UInt32(code)
        words += types
        for function in 0..<imported { words.append(typeNumbers[Int(block[count + oldTypes + function] & 0xffff)]) }
        let records = words.count
        var largest: UInt32 = 0
        for function in 0..<own {
            let record = count + oldTypes + imported + function * 4
            let word = block[record + 2]
            words += [block[record], block[record + 1], typeNumbers[Int(word & 0xffff)] | word & 0x7fff_0000, 0]
            largest = max(largest, block[record + 1] & 0xffff + 2)
        }
        set(ImageHeader.largestFrame, largest * 4)
        let base = words.count
        words += block[oldCode..<oldCode + Int(block[Int(ModuleHeader.codeWords)])]
        for function in 0..<own {
            let start = Int(words[records + function * 4] / 4)
            let end = function + 1 < own ? Int(words[records + function * 4 + 4] / 4 - words[records + function * 4 + 6] >> 16) : words.count - base
            for place in base + start..<base + end { words[place] = renumbered(Word(bits: words[place])).bits }
        }
        begin(.names)
        guard keepsNames else { return }
        for (function, name) in functionNames() where function >= UInt32(imported) && function - UInt32(imported) < UInt32(own) && words[records + Int(function - UInt32(imported)) * 4 + 3] == 0 {
            hasNames = true
            words[records + Int(function - UInt32(imported)) * 4 + 3] = place
            words.append(name.count)
            append(contents(name))
        }
    }

    /// The same instruction with the number that a type has in the image.
    private mutating func renumbered(_ word: Word) -> Word {
        let check = word.op == .extended ? InstructionCheck.of(word.extendedOp) : InstructionCheck.of(word.op)
        if check.needsFloats { usesFloats = true }
        switch word.op {
        case .callIndirect: return word.with(c: typeNumbers[word.c])
        case .callIndirectRest: return word.with(imm16: typeNumbers[Int(word.imm16)])
        default: return word
        }
    }

    /// What the name section calls functions, in its order, which is ascending; nothing from where it is not as it should be.
    private func functionNames() -> [(function: UInt32, name: ByteRange)] {
        var names: [(function: UInt32, name: ByteRange)] = []
        FunctionNames.each(in: bytes) { function, name in
            if function > names.last?.function ?? 0 || names.isEmpty { names.append((function, name)) }
        }
        return names
    }
}

private struct NoGlobals: ConstantSource {
    func value(of global: GlobalIndex) -> UInt64 { 0 }
    func reference(to function: FunctionIndex) -> UInt64 { 0 }
    var nullReference: UInt64 { 0 }
}
