// Types of values (core specification 2.0, 5.3.1–5.3.4).

/// The type of a value; the raw value is its byte in a module.
public enum ValueType: UInt8, Equatable, Sendable {
    case i32 = 0x7f
    case i64 = 0x7e
    case f32 = 0x7d
    case f64 = 0x7c
    case funcref = 0x70
    case externref = 0x6f

    /// How many 32-bit cells of a frame a value takes. References never lie in cells: 0.
    public var cells: UInt32 {
        switch self {
        case .i32, .f32: 1
        case .i64, .f64: 2
        case .funcref, .externref: 0
        }
    }

    /// Whether a value is a reference, which lies in a frame's reference cells.
    public var isReference: Bool {
        switch self {
        case .i32, .i64, .f32, .f64: false
        case .funcref, .externref: true
        }
    }
}

extension ValueType {
    /// The type of a byte that was read at `offset`.
    ///
    /// Throws `.featureMissing` for the types of later features, else `.malformedValueType`.
    package init(byte: UInt8, at offset: UInt32) throws(LoadError) {
        guard let type = ValueType(rawValue: byte) else {
            throw Self.rejection(of: byte, at: offset, otherwise: .malformedValueType)
        }
        self = type
    }

    /// Names the feature that a type belongs to, if it is a type at all.
    @inline(never)
    static func rejection(of byte: UInt8, at offset: UInt32, otherwise reason: LoadError.Reason) -> LoadError {
        switch byte {
        case 0x7b: LoadError(missing: .simd, at: offset)
        case 0x69, 0x74: LoadError(missing: .exceptions, at: offset)
        case 0x6a...0x6e, 0x71...0x73: LoadError(missing: .garbageCollection, at: offset)
        case 0x63, 0x64: LoadError(missing: .functionReferences, at: offset)
        default: LoadError(reason, at: offset)
        }
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    package mutating func valueType() throws(LoadError) -> ValueType {
        let at = offset
        return try ValueType(byte: byte(), at: at)
    }

    /// A `funcref` or an `externref`; anything else is `.malformedReferenceType`.
    @_lifetime(self: copy self)
    package mutating func referenceType() throws(LoadError) -> ValueType {
        let at = offset
        let byte = try byte()
        guard let type = ValueType(rawValue: byte), type.isReference else {
            throw ValueType.rejection(of: byte, at: at, otherwise: .malformedReferenceType)
        }
        return type
    }
}
