// Reads a section entry by entry, in place: the same way at validation and at run time.

/// One entry of a section. Reading it checks that it can be decoded; what it means is the validator's matter.
package protocol SectionEntry {
    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader) throws(LoadError)
    /// The same from an image's record (PackedEntries.swift).
    @_lifetime(reader: copy reader)
    init(packedFrom reader: inout ByteReader) throws(LoadError)
}

extension SectionEntry {
    /// Types, functions and bodies have no records in an image: its module block has them.
    package init(packedFrom reader: inout ByteReader) throws(LoadError) { throw reader.unexpectedEnd() }
}

/// Where a section's entries lie, and how many there are.
package struct Section: Equatable {
    /// The first entry, behind the count; counted from the start of the module.
    package let offset: UInt32
    /// Behind the section.
    package let end: UInt32
    package let count: UInt32
    #if Translator
    /// Whether the entries are an image's records.
    package let isPacked: Bool
    #else
    package var isPacked: Bool { true }
    #endif

    package init(offset: UInt32, end: UInt32, count: UInt32, isPacked: Bool = false) {
        self.offset = offset
        self.end = end
        self.count = count
        #if Translator
        self.isPacked = isPacked
        #endif
    }

    /// A section that the module does not have.
    package static var none: Section { Section(offset: 0, end: 0, count: 0) }
}

/// A walk through the entries of a section. Cannot outlive the module's bytes.
@safe package struct SectionReader<Entry: SectionEntry>: ~Escapable {
    private var reader: ByteReader
    private let section: Section
    /// Entries that have not been read.
    package private(set) var remaining: UInt32

    @_lifetime(copy bytes)
    package init(_ section: Section, of bytes: Span<UInt8>) {
        reader = ByteReader(bytes, in: ByteRange(offset: section.offset, count: section.end &- section.offset))
        remaining = section.count
        self.section = section
    }

    /// The offset of the next entry.
    package var offset: UInt32 { reader.offset }

    /// The next entry; nil behind the last, where the section must end (`.sectionSizeMismatch`).
    @_lifetime(self: copy self)
    package mutating func next() throws(LoadError) -> Entry? {
        guard remaining > 0 else {
            // What stands behind an image's records belongs to them.
            guard reader.isAtEnd || section.isPacked else { throw LoadError(.sectionSizeMismatch, at: reader.offset) }
            return nil
        }
        remaining &-= 1
        return section.isPacked ? try Entry(packedFrom: &reader) : try Entry(from: &reader)
    }
}
