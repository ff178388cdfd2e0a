// Sorts what lies in the index's scratch: heap sort, in place, n log n comparisons whatever the input.

/// What the entries of scratch are, and how they are ordered.
enum ScratchOrder {
    /// Type indices, by the types that they name.
    case types
    /// Offsets of export entries, by their names.
    case exportNames

    /// Sorts the first `count` entries of scratch, at least one; equal ones ascend.
    @inline(never)
    func sort<Index: ModuleIndex & ~Copyable>(
        _ count: UInt32, _ bytes: Span<UInt8>, _ index: inout Index
    ) throws(LoadError) {
        var root = count / 2
        while root > 0 {
            root &-= 1
            try sink(root, count, bytes, &index)
        }
        var end = count
        while end > 1 {
            end &-= 1
            let largest = index.scratch(0)
            index.setScratch(0, index.scratch(end))
            index.setScratch(end, largest)
            try sink(0, end, bytes, &index)
        }
    }

    /// Lets an entry sink below its larger children.
    private func sink<Index: ModuleIndex & ~Copyable>(
        _ start: UInt32, _ end: UInt32, _ bytes: Span<UInt8>, _ index: inout Index
    ) throws(LoadError) {
        let entry = index.scratch(start)
        var place = start
        while true {
            // At most 65,535 entries: doubling cannot overflow.
            var child = place &* 2 &+ 1
            guard child < end else { break }
            if child &+ 1 < end,
               try isBefore(index.scratch(child), index.scratch(child &+ 1), bytes, index) { child &+= 1 }
            guard try isBefore(entry, index.scratch(child), bytes, index) else { break }
            index.setScratch(place, index.scratch(child))
            place = child
        }
        index.setScratch(place, entry)
    }

    private func isBefore<Index: ModuleIndex & ~Copyable>(
        _ left: UInt32, _ right: UInt32, _ bytes: Span<UInt8>, _ index: borrowing Index
    ) throws(LoadError) -> Bool {
        let order = try compare(left, right, bytes, index)
        return order == 0 ? left < right : order < 0
    }

    /// Negative, zero or positive, as what the first entry names lies before, equals, or lies behind the second's.
    @inline(never)
    func compare<Index: ModuleIndex & ~Copyable>(
        _ left: UInt32, _ right: UInt32, _ bytes: Span<UInt8>, _ index: borrowing Index
    ) throws(LoadError) -> Int {
        switch self {
        case .types:
            let leftType = try FunctionType(bytes, at: index.typeOffset(TypeIndex(left)))
            let rightType = try FunctionType(bytes, at: index.typeOffset(TypeIndex(right)))
            return leftType.order(against: rightType)
        case .exportNames:
            return try Self.compareNames(ByteReader(bytes, at: left), ByteReader(bytes, at: right))
        }
    }

    /// By length first: only names of equal length are looked at, so that one long name does not cost twice.
    private static func compareNames(_ left: ByteReader, _ right: ByteReader) throws(LoadError) -> Int {
        var left = left
        var right = right
        let leftCount = try left.u32()
        let rightCount = try right.u32()
        if leftCount != rightCount { return leftCount < rightCount ? -1 : 1 }
        for _ in 0..<leftCount {
            let difference = Int(try left.byte()) &- Int(try right.byte())
            if difference != 0 { return difference }
        }
        return 0
    }
}
