// Entries of the element and data sections (core specification 2.0, 5.5.12, 5.5.14).

/// When a segment does its work.
package enum SegmentMode: Equatable {
    /// At instantiation, copied into its table or memory.
    case active
    /// By `table.init` or `memory.init`.
    case passive
    /// Never: it only declares functions for `ref.func`.
    case declarative
}

/// An entry of the element section, in one of eight shapes.
///
///     bit 0   not active                0  offset, indices           4  offset, expressions
///     bit 1   table index if active,    1  kind, indices             5  type, expressions
///             else declarative          2  table, offset, kind, …    6  table, offset, type, …
///     bit 2   expressions               3  kind, indices             7  type, expressions
package struct ElementSegment: SectionEntry {
    /// Where the entry starts, counted from the start of the module.
    package let offset: UInt32
    package let mode: SegmentMode
    /// The table of an active segment.
    package let table: TableIndex
    /// Where the table index lies, if it is written.
    package let tableOffset: UInt32
    /// Where the constant expression of an active segment's place in the table lies.
    package let placement: UInt32
    package let elementType: ValueType
    /// Entries of the segment.
    package let count: UInt32
    /// Where the first entry lies.
    package let items: UInt32
    /// Behind the last entry; at the first one if only the head was read.
    package internal(set) var end: UInt32
    /// Whether entries are constant expressions, rather than function indices.
    package let itemsAreExpressions: Bool

    @inline(never) @_lifetime(reader: copy reader)
    package init(from reader: inout ByteReader) throws(LoadError) {
        try self.init(headFrom: &reader)
        for _ in 0..<count {
            if itemsAreExpressions { try reader.skipConstantExpression() } else { _ = try reader.u32() }
        }
        end = reader.offset
    }

    /// Reads what comes before the entries, and leaves the reader at the first of them.
    @inline(never) @_lifetime(reader: copy reader)
    package init(headFrom reader: inout ByteReader) throws(LoadError) {
        offset = reader.offset
        let flags = try reader.u32()
        guard flags < 8 else { throw LoadError(.malformedElementFlags, at: offset) }
        itemsAreExpressions = flags & 4 != 0
        mode = flags & 1 == 0 ? .active : flags & 2 == 0 ? .passive : .declarative
        tableOffset = reader.offset
        table = TableIndex(flags & 3 == 2 ? try reader.u32() : 0)
        placement = reader.offset
        if flags & 1 == 0 { try reader.skipConstantExpression() }
        // Only the shapes 0 and 4 write no kind or type.
        if flags & 3 == 0 {
            elementType = .funcref
        } else if itemsAreExpressions {
            elementType = try reader.referenceType()
        } else {
            let kindOffset = reader.offset
            guard try reader.byte() == 0 else { throw LoadError(.malformedElementKind, at: kindOffset) }
            elementType = .funcref
        }
        let countOffset = reader.offset
        count = try reader.u32()
        // Every entry takes a byte at least.
        guard count <= reader.remaining else { throw LoadError(.lengthOutOfBounds, at: countOffset) }
        guard count <= ImplementationLimits.elements else {
            throw LoadError(.tooManyElements, at: countOffset, number: ImplementationLimits.elements)
        }
        items = reader.offset
        end = items
    }
}

/// An entry of the data section.
package struct DataSegment: SectionEntry {
    /// Where the entry starts, counted from the start of the module.
    package let offset: UInt32
    /// `.active` or `.passive`.
    package let mode: SegmentMode
    package let memory: MemoryIndex
    /// Where the constant expression of an active segment's address lies.
    package let placement: UInt32
    /// What it puts into memory.
    package let contents: ByteRange

    @inline(never) @_lifetime(reader: copy reader)
    package init(from reader: inout ByteReader) throws(LoadError) {
        offset = reader.offset
        let flags = try reader.u32()
        guard flags <= 2 else { throw LoadError(.malformedDataFlags, at: offset) }
        mode = flags == 1 ? .passive : .active
        memory = MemoryIndex(flags == 2 ? try reader.u32() : 0)
        placement = reader.offset
        if flags != 1 { try reader.skipConstantExpression() }
        let sizeOffset = reader.offset
        let size = try reader.u32()
        let part = try reader.take(size, lengthAt: sizeOffset)
        contents = ByteRange(offset: part.offset, count: size)
    }
}
