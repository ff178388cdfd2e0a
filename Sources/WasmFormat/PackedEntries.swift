// The records of a packed image (docs/IMAGE.md): the entries of a module's sections in whole words, read where they lie.
//
//     import           kind:8 │ a:8 │ b:8 │ 0:8      value type, element type or page shift │ is mutable, or has a maximum
//                      type index, or minimum        maximum        module name's bytes:16 │ name's bytes:16
//                      module name, zeros up to a word              name, zeros up to a word
//     table            element type:8 │ has a maximum:8 │ 0:16      minimum      maximum
//     memory           page shift:8 │ has a maximum:8 │ 0:16        minimum      maximum
//     global           constant, with a = value type, b = is mutable
//     export           where its name lies      name's bytes:16 │ kind:8 │ 0:8      index
//     element segment  constant, with a = mode:4 │ table's element type is externref:4, b = table      where its elements lie      how many
//     element          a function's index, `null`, or `fromGlobal` │ the index of an imported global
//     data segment     constant, with a = mode      where its bytes lie      how many
//
//     constant         a:8 │ b:8 │ form:8 │ type is 64 bits wide:8      its low half, an index, or where its expression lies
//                      and if it is 64 bits wide:     0      its high half, or 0

/// A constant, or what gives it: two words, four for an i64 or f64.
package struct PackedConstant {
    package enum Form: UInt8 { case value, global, function, expression }

    package let a: UInt8
    package let b: UInt8
    package let form: Form
    package let isWide: Bool
    package let low: UInt32
    package let high: UInt32
    package var bits: UInt64 { UInt64(low) | UInt64(high) &<< 32 }

    @inline(__always) @_lifetime(reader: copy reader)
    package init(from reader: inout ByteReader) throws(LoadError) {
        let head = try reader.word()
        a = UInt8(truncatingIfNeeded: head)
        b = UInt8(truncatingIfNeeded: head &>> 8)
        // What is none of the four does not pass the image's check.
        form = Form(rawValue: UInt8(truncatingIfNeeded: head &>> 16)) ?? .value
        isWide = head &>> 24 != 0
        low = try reader.word()
        if isWide {
            _ = try reader.word()
            high = try reader.word()
        } else {
            high = 0
        }
    }

    package static func head(a: UInt32, b: UInt32, form: Form, isWide: Bool) -> UInt32 { a | b &<< 8 | UInt32(form.rawValue) &<< 16 | (isWide ? 1 &<< 24 : 0) }
}

/// Words of an element segment's entries.
package enum PackedElement {
    package static var null: UInt32 { .max }
    package static var fromGlobal: UInt32 { 0x8000_0000 }
}

/// Bytes that a name takes, filled up to a word.
package func paddedBytes(_ count: UInt32) -> UInt32 { (count &+ 3) & ~3 }

extension ImportEntry {
    @inline(never) @_lifetime(reader: copy reader)
    package init(packedFrom reader: inout ByteReader) throws(LoadError) {
        offset = reader.offset
        typeOffset = offset
        let record = try reader.record(4)
        let (head, first, second, lengths) = (record[0], record[1], record[2], record[3])
        module = ByteRange(offset: reader.offset, count: lengths & 0xffff)
        try reader.skip(paddedBytes(lengths & 0xffff))
        name = ByteRange(offset: reader.offset, count: lengths &>> 16)
        try reader.skip(paddedBytes(lengths &>> 16))
        let detail = UInt8(truncatingIfNeeded: head &>> 8)
        let flag = head & 0xff_0000 != 0
        switch ExternalKind(rawValue: UInt8(truncatingIfNeeded: head)) {
        case .function?, nil: type = .function(TypeIndex(first))
        case .table?: type = .table(TableType(elementType: ValueType(rawValue: detail) ?? .funcref, limits: Limits(minimum: first, maximum: flag ? second : nil)))
        case .memory?: type = .memory(MemoryType(limits: Limits(minimum: first, maximum: flag ? second : nil), pageShift: detail))
        case .global?: type = .global(GlobalType(valueType: ValueType(rawValue: detail) ?? .i32, isMutable: flag))
        }
    }
}

extension TableType {
    @inline(never) @_lifetime(reader: copy reader)
    package init(packedFrom reader: inout ByteReader) throws(LoadError) {
        let record = try reader.record(3)
        // There are no others in an image that was checked.
        self.init(
            elementType: UInt8(truncatingIfNeeded: record[0]) == ValueType.externref.rawValue ? .externref : .funcref,
            limits: Limits(minimum: record[1], maximum: record[0] & 0xff00 != 0 ? record[2] : nil))
    }
}

extension MemoryType {
    @_lifetime(reader: copy reader)
    package init(packedFrom reader: inout ByteReader) throws(LoadError) {
        let record = try reader.record(3)
        self.init(limits: Limits(minimum: record[1], maximum: record[0] & 0xff00 != 0 ? record[2] : nil), pageShift: UInt8(truncatingIfNeeded: record[0]))
    }
}

extension GlobalEntry {
    @inline(never) @_lifetime(reader: copy reader)
    package init(packedFrom reader: inout ByteReader) throws(LoadError) {
        initializer = reader.offset
        let constant = try PackedConstant(from: &reader)
        type = GlobalType(valueType: ValueType(rawValue: constant.a) ?? .i32, isMutable: constant.b != 0)
    }
}

extension ExportEntry {
    @inline(never) @_lifetime(reader: copy reader)
    package init(packedFrom reader: inout ByteReader) throws(LoadError) {
        offset = reader.offset
        let record = try reader.record(3)
        name = ByteRange(offset: record[0], count: record[1] & 0xffff)
        kind = ExternalKind(rawValue: UInt8(truncatingIfNeeded: record[1] &>> 16)) ?? .function
        indexOffset = offset &+ 8
        index = record[2]
    }
}

extension SegmentMode {
    package init(packed: UInt8) {
        switch packed & 15 {
        case 0: self = .active
        case 1: self = .passive
        default: self = .declarative
        }
    }
    package var packed: UInt8 {
        switch self {
        case .active: 0
        case .passive: 1
        case .declarative: 2
        }
    }
}

extension ElementSegment {
    @inline(never) @_lifetime(reader: copy reader)
    package init(packedFrom reader: inout ByteReader) throws(LoadError) {
        offset = reader.offset
        placement = offset
        tableOffset = offset
        // An i32's constant, which has two words.
        let record = try reader.record(4)
        mode = SegmentMode(packed: UInt8(truncatingIfNeeded: record[0]))
        elementType = record[0] & 0xf0 != 0 ? .externref : .funcref
        table = TableIndex(record[0] &>> 8 & 0xff)
        items = record[2]
        count = record[3]
        end = items
        itemsAreExpressions = false
    }
}

extension DataSegment {
    @inline(never) @_lifetime(reader: copy reader)
    package init(packedFrom reader: inout ByteReader) throws(LoadError) {
        offset = reader.offset
        placement = offset
        let record = try reader.record(4)
        mode = SegmentMode(packed: UInt8(truncatingIfNeeded: record[0]))
        memory = MemoryIndex(0)
        contents = ByteRange(offset: record[2], count: record[3])
    }
}

/// Instructions of a constant expression in an image, a word each and what follows.
package enum PackedConstantOp {
    package static var end: UInt32 { 0 }
    package static var i32: UInt32 { 1 }           // value
    package static var i64: UInt32 { 2 }           // low half, high half
    package static var global: UInt32 { 3 }        // index
    /// And 1 for subtraction, 2 for multiplication.
    package static var i32Add: UInt32 { 4 }
    package static var i64Add: UInt32 { 8 }
}

extension ByteReader {
    /// One instruction of a constant expression in an image. References and floats are no part of one that is more than a value.
    @inline(never) @_lifetime(self: copy self)
    package mutating func packedConstantInstruction() throws(LoadError) -> ConstantInstruction {
        let at = offset
        switch try word() {
        case PackedConstantOp.end: return .end
        case PackedConstantOp.i32: return .number(.i32, bits: UInt64(try word()))
        case PackedConstantOp.i64:
            let low = try word()
            return .number(.i64, bits: UInt64(low) | UInt64(try word()) &<< 32)
        case PackedConstantOp.global: return .globalGet(GlobalIndex(try word()))
        case PackedConstantOp.i32Add: return .arithmetic(.i32, .add)
        case PackedConstantOp.i32Add &+ 1: return .arithmetic(.i32, .subtract)
        case PackedConstantOp.i32Add &+ 2: return .arithmetic(.i32, .multiply)
        case PackedConstantOp.i64Add: return .arithmetic(.i64, .add)
        case PackedConstantOp.i64Add &+ 1: return .arithmetic(.i64, .subtract)
        case PackedConstantOp.i64Add &+ 2: return .arithmetic(.i64, .multiply)
        default: throw LoadError(.constantExpressionRequired, at: at)
        }
    }
}
