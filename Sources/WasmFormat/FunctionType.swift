// A function type, seen in the module where it lies.
//
//     0x60  count  parameter …  count  result …        each type is one byte; the counts may be padded

/// A view of one entry of the type section. Cannot outlive the module's bytes; every count is known at once.
@safe package struct FunctionType: ~Escapable {
    private let bytes: Span<UInt8>
    private let firstParameter: Int
    private let firstResult: Int

    /// Values, at most `ImplementationLimits.parameters` and `.results`.
    package let parameterCount: UInt8
    package let resultCount: UInt8
    /// 32-bit cells that the values take in a frame; references take none.
    package let parameterCells: UInt8
    package let resultCells: UInt8
    /// How many of the values are references.
    package let parameterReferences: UInt8
    package let resultReferences: UInt8
    /// The first byte behind the entry, counted from the start of the module.
    package let end: UInt32

    /// Reads and checks the entry whose 0x60 lies at `offset`. Linear in its length.
    ///
    /// Throws `.malformedTypeForm`, `.malformedValueType`, `.featureMissing`, `.tooManyParameters`, `.tooManyResults`.
    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, at offset: UInt32) throws(LoadError) {
        try self.init(ByteReader(bytes, at: offset))
    }

    /// Reads the entry at a reader's place, and nothing beyond the reader's end.
    @_lifetime(copy start)
    package init(_ start: ByteReader) throws(LoadError) {
        var reader = start
        let at = reader.offset
        switch try reader.byte() {
        case 0x60: break
        case 0x4e, 0x4f, 0x50, 0x5e, 0x5f: throw LoadError(missing: .garbageCollection, at: at)
        default: throw LoadError(.malformedTypeForm, at: at)
        }
        let parameters = try reader.valueTypes(limit: ImplementationLimits.parameters, beyond: .tooManyParameters)
        let results = try reader.valueTypes(limit: ImplementationLimits.results, beyond: .tooManyResults)
        bytes = start.bytes
        firstParameter = Int(truncatingIfNeeded: parameters.offset)
        firstResult = Int(truncatingIfNeeded: results.offset)
        parameterCount = parameters.count
        resultCount = results.count
        parameterCells = parameters.cells
        resultCells = results.cells
        parameterReferences = parameters.references
        resultReferences = results.references
        end = reader.offset
    }

    /// The type of a parameter, counted from 0.
    package func parameter(_ number: Int) -> ValueType {
        precondition(number >= 0 && number < Int(parameterCount))
        return value(firstParameter &+ number)
    }

    /// The type of a result, counted from 0.
    package func result(_ number: Int) -> ValueType {
        precondition(number >= 0 && number < Int(resultCount))
        return value(firstResult &+ number)
    }

    private func value(_ position: Int) -> ValueType {
        // The initialiser has read this very byte and found it a type.
        guard let type = ValueType(rawValue: bytes[position]) else { preconditionFailure() }
        return type
    }

    /// Whether two types are the same, be they of one module or of two. Linear in their length.
    package func isEqual(to other: borrowing FunctionType) -> Bool { order(against: other) == 0 }

    /// Negative, zero or positive as this type lies before, is equal to, or lies behind `other` in some total order
    /// of all types: by counts first, so that most comparisons look at two bytes.
    package func order(against other: borrowing FunctionType) -> Int {
        if parameterCount != other.parameterCount { return Int(parameterCount) &- Int(other.parameterCount) }
        if resultCount != other.resultCount { return Int(resultCount) &- Int(other.resultCount) }
        var i = 0
        while i < Int(parameterCount) {
            let difference = Int(bytes[firstParameter &+ i]) &- Int(other.bytes[other.firstParameter &+ i])
            if difference != 0 { return difference }
            i &+= 1
        }
        i = 0
        while i < Int(resultCount) {
            let difference = Int(bytes[firstResult &+ i]) &- Int(other.bytes[other.firstResult &+ i])
            if difference != 0 { return difference }
            i &+= 1
        }
        return 0
    }
}

/// What a list of value types comes to.
private struct ValueTypeList {
    let offset: UInt32
    let count: UInt8
    let cells: UInt8
    let references: UInt8
}

extension ByteReader {
    /// Reads a count and as many types. `limit` is at most 240, for the values and for the cells.
    @inline(never) @_lifetime(self: copy self)
    fileprivate mutating func valueTypes(limit: UInt32, beyond reason: LoadError.Reason) throws(LoadError) -> ValueTypeList {
        let countOffset = offset
        let count = try u32()
        guard count <= remaining else { throw LoadError(.lengthOutOfBounds, at: countOffset) }
        guard count <= limit else { throw LoadError(reason, at: countOffset, number: limit) }
        let first = offset
        var cells: UInt32 = 0
        var references: UInt32 = 0
        for _ in 0..<count {
            let type = try valueType()
            cells &+= type.cells
            if type.isReference { references &+= 1 }
        }
        guard cells <= limit else { throw LoadError(reason, at: countOffset, number: limit) }
        return ValueTypeList(offset: first, count: UInt8(truncatingIfNeeded: count),
                             cells: UInt8(truncatingIfNeeded: cells), references: UInt8(truncatingIfNeeded: references))
    }
}
