// Entries of the type, import, function, table, memory, global, export and code sections
// (core specification 2.0, 5.5.4–5.5.10, 5.5.13).

/// An entry of the type section: where its 0x60 lies.
package struct TypeEntry: SectionEntry {
    package let offset: UInt32

    @inline(never) @_lifetime(reader: copy reader)
    package init(from reader: inout ByteReader) throws(LoadError) {
        offset = reader.offset
        let end = try FunctionType(reader).end
        try reader.skip(end &- offset)
    }
}

/// What an import asks for.
package enum ImportType: Equatable {
    case function(TypeIndex)
    case table(TableType)
    case memory(MemoryType)
    case global(GlobalType)
}

/// An entry of the import section.
package struct ImportEntry: SectionEntry {
    /// Where the entry starts, counted from the start of the module.
    package let offset: UInt32
    package let module: ByteRange
    package let name: ByteRange
    /// Where the kind and type lie.
    package let typeOffset: UInt32
    package let type: ImportType

    @inline(never) @_lifetime(reader: copy reader)
    package init(from reader: inout ByteReader) throws(LoadError) {
        offset = reader.offset
        module = try reader.name()
        name = try reader.name()
        typeOffset = reader.offset
        switch try reader.externalKind(otherwise: .malformedImportKind) {
        case .function: type = .function(TypeIndex(try reader.u32()))
        case .table: type = .table(try TableType(from: &reader))
        case .memory: type = .memory(try MemoryType(from: &reader))
        case .global: type = .global(try GlobalType(from: &reader))
        }
    }
}

/// An entry of the function section: the type of a function.
extension TypeIndex: SectionEntry {
    @inline(never) @_lifetime(reader: copy reader)
    package init(from reader: inout ByteReader) throws(LoadError) {
        self.init(try reader.u32())
    }
}

/// An entry of the table section.
extension TableType: SectionEntry {
    @inline(never) @_lifetime(reader: copy reader)
    package init(from reader: inout ByteReader) throws(LoadError) {
        let at = reader.offset
        // 0x40 0x00 opens a table with an initialiser.
        if try reader.peek() == 0x40 { throw LoadError(missing: .functionReferences, at: at) }
        let elementType = try reader.referenceType()
        let flagsOffset = reader.offset
        let flags = try reader.byte()
        guard flags <= 1 else {
            if flags == 4 || flags == 5 { throw LoadError(missing: .memory64, at: flagsOffset) }
            throw LoadError(.malformedLimitsFlags, at: flagsOffset)
        }
        self.init(elementType: elementType, limits: try reader.limits(hasMaximum: flags == 1))
    }
}

/// An entry of the memory section.
///
///     flags   bit 0 maximum   bit 1 shared (threads)   bit 2 64-bit (memory64)   bit 3 page size
extension MemoryType: SectionEntry {
    @inline(never) @_lifetime(reader: copy reader)
    package init(from reader: inout ByteReader) throws(LoadError) {
        let flagsOffset = reader.offset
        let flags = try reader.byte()
        guard flags < 16 else { throw LoadError(.malformedLimitsFlags, at: flagsOffset) }
        if flags & 2 != 0 { throw LoadError(missing: .threads, at: flagsOffset) }
        if flags & 4 != 0 { throw LoadError(missing: .memory64, at: flagsOffset) }
        let limits = try reader.limits(hasMaximum: flags & 1 != 0)
        var pageShift: UInt32 = 16
        if flags & 8 != 0 {
            let pageOffset = reader.offset
            pageShift = try reader.u32()
            guard pageShift == 0 || pageShift == 16 else {
                throw LoadError(.invalidPageSize, at: pageOffset, number: pageShift)
            }
        }
        self.init(limits: limits, pageShift: UInt8(truncatingIfNeeded: pageShift))
    }
}

/// The type of an entry of the global section, or of an imported global.
extension GlobalType {
    @inline(never) @_lifetime(reader: copy reader)
    package init(from reader: inout ByteReader) throws(LoadError) {
        let valueType = try reader.valueType()
        let at = reader.offset
        let mutability = try reader.byte()
        guard mutability <= 1 else { throw LoadError(.malformedMutability, at: at) }
        self.init(valueType: valueType, isMutable: mutability == 1)
    }
}

/// An entry of the global section.
package struct GlobalEntry: SectionEntry {
    package let type: GlobalType
    /// Where its constant expression lies.
    package let initializer: UInt32

    @inline(never) @_lifetime(reader: copy reader)
    package init(from reader: inout ByteReader) throws(LoadError) {
        type = try GlobalType(from: &reader)
        initializer = reader.offset
        try reader.skipConstantExpression()
    }
}

/// An entry of the export section.
package struct ExportEntry: SectionEntry {
    /// Where the entry starts, counted from the start of the module.
    package let offset: UInt32
    package let name: ByteRange
    package let kind: ExternalKind
    /// In the index space of its kind.
    package let index: UInt32
    /// Where the index lies.
    package let indexOffset: UInt32

    @inline(never) @_lifetime(reader: copy reader)
    package init(from reader: inout ByteReader) throws(LoadError) {
        offset = reader.offset
        name = try reader.name()
        kind = try reader.externalKind(otherwise: .malformedExportKind)
        indexOffset = reader.offset
        index = try reader.u32()
    }
}

/// An entry of the code section: a function's local declarations and its instructions.
package struct CodeEntry: SectionEntry {
    package let body: ByteRange

    @inline(never) @_lifetime(reader: copy reader)
    package init(from reader: inout ByteReader) throws(LoadError) {
        let sizeOffset = reader.offset
        let size = try reader.u32()
        let part = try reader.take(size, lengthAt: sizeOffset)
        guard size <= ImplementationLimits.functionBodySize else {
            throw LoadError(.functionBodyTooLarge, at: sizeOffset, number: ImplementationLimits.functionBodySize)
        }
        body = ByteRange(offset: part.offset, count: size)
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    fileprivate mutating func externalKind(otherwise reason: LoadError.Reason) throws(LoadError) -> ExternalKind {
        let at = offset
        let byte = try byte()
        guard let kind = ExternalKind(rawValue: byte) else {
            if byte == 4 { throw LoadError(missing: .exceptions, at: at) }
            throw LoadError(reason, at: at)
        }
        return kind
    }

    @inline(never) @_lifetime(self: copy self)
    fileprivate mutating func limits(hasMaximum: Bool) throws(LoadError) -> Limits {
        let minimum = try u32()
        return Limits(minimum: minimum, maximum: hasMaximum ? try u32() : nil)
    }
}
