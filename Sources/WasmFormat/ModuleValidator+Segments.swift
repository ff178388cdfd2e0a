// Element and data segments (core specification 2.0, 3.4.6, 3.4.7).

extension ModuleValidator {
    static func elements<Index: ModuleIndex & ~Copyable>(
        _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        var number: UInt32 = 0
        var entries = SectionReader<ElementSegment>(summary.elements, of: bytes)
        while let segment = try entries.next() {
            if segment.mode == .active {
                try check(segment.table, summary, at: segment.tableOffset)
                let tableType = index.tableType(segment.table)
                guard tableType == segment.elementType else {
                    let types = UInt16(tableType.rawValue) &<< 8 | UInt16(segment.elementType.rawValue)
                    throw LoadError(.typeMismatch, at: segment.offset, detail: types)
                }
                var placement = ByteReader(bytes, at: segment.placement)
                try constantExpression(&placement, giving: .i32, summary, &index)
            }
            try items(of: segment, bytes, summary, &index)
            index.setElementType(ElementIndex(number), segment.elementType)
            number &+= 1
        }
    }

    /// The entries of a segment; functions among them are declared for `ref.func`.
    private static func items<Index: ModuleIndex & ~Copyable>(
        of segment: ElementSegment, _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        var reader = ByteReader(bytes, in: ByteRange(offset: segment.items, count: segment.end &- segment.items))
        for _ in 0..<segment.count {
            if segment.itemsAreExpressions {
                try constantExpression(&reader, giving: segment.elementType, summary, &index)
            } else {
                let at = reader.offset
                let function = FunctionIndex(try reader.u32())
                try check(function, summary, at: at)
                index.markDeclared(function)
            }
        }
    }

    static func data<Index: ModuleIndex & ~Copyable>(
        _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        var entries = SectionReader<DataSegment>(summary.data, of: bytes)
        while let segment = try entries.next() {
            guard segment.mode == .active else { continue }
            try check(segment.memory, summary, at: segment.offset)
            var placement = ByteReader(bytes, at: segment.placement)
            try constantExpression(&placement, giving: .i32, summary, &index)
        }
    }
}
