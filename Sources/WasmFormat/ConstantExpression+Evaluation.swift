// Values of constant expressions, at instantiation.

/// Where a constant expression finds what it refers to: an instance that is being made.
package protocol ConstantSource: ~Copyable {
    /// The bits of a global's value, an i32's or f32's zero-extended; of a reference, whatever the source takes for one.
    func value(of global: GlobalIndex) -> UInt64
    /// A reference to a function, in the source's own terms.
    func reference(to function: FunctionIndex) -> UInt64
    /// The null reference, in the source's own terms.
    var nullReference: UInt64 { get }
}

extension ConstantExpression {
    /// The value of the constant expression at an offset of a validated module, as `ConstantSource` has values.
    ///
    /// Takes 128 bytes of native stack. Throws only if the bytes are not those that were validated.
    package static func value<Source: ConstantSource & ~Copyable>(
        in bytes: Span<UInt8>, at offset: UInt32, isPacked: Bool, from source: borrowing Source
    ) throws(LoadError) -> UInt64 {
        var reader = ByteReader(bytes, at: offset)
        guard isPacked else { return try value(&reader, isPacked: false, from: source) }
        let constant = try PackedConstant(from: &reader)
        switch constant.form {
        case .value: return constant.bits
        case .global: return source.value(of: GlobalIndex(constant.low))
        case .function: return source.reference(to: FunctionIndex(constant.low))
        case .expression:
            reader = ByteReader(bytes, at: constant.low)
            return try value(&reader, isPacked: true, from: source)
        }
    }

    /// The value of the constant expression at a reader's place; the reader then stands behind its `end`.
    @_lifetime(reader: copy reader)
    package static func value<Source: ConstantSource & ~Copyable>(
        _ reader: inout ByteReader, isPacked: Bool, from source: borrowing Source
    ) throws(LoadError) -> UInt64 {
        var stack = ValueStack()
        while true {
            let at = reader.offset
            switch isPacked ? try reader.packedConstantInstruction() : try reader.constantInstruction() {
            case .number(_, let bits): try stack.push(bits, at: at)
            case .refNull: try stack.push(source.nullReference, at: at)
            case .refFunc(let function): try stack.push(source.reference(to: function), at: at)
            case .globalGet(let global): try stack.push(source.value(of: global), at: at)
            case .arithmetic(let type, let operation):
                let right = try stack.pop(at: at)
                let left = try stack.pop(at: at)
                var result = operation.apply(left, right)
                if type == .i32 { result &= 0xffff_ffff }
                try stack.push(result, at: at)
            case .end: return try stack.pop(at: at)
            }
        }
    }
}

extension ConstantOperation {
    /// Modulo 2⁶⁴; the low half is also the result modulo 2³².
    fileprivate func apply(_ left: UInt64, _ right: UInt64) -> UInt64 {
        switch self {
        case .add: left &+ right
        case .subtract: left &- right
        case .multiply: left &* right
        }
    }
}

/// Checked although validation proved the depth: a reader of changed bytes must not get out of it.
private struct ValueStack {
    private var values: InlineArray<16, UInt64> = .init(repeating: 0)
    private var depth = 0

    mutating func push(_ value: UInt64, at offset: UInt32) throws(LoadError) {
        guard depth < 16 else {
            throw LoadError(.constantExpressionTooDeep, at: offset, number: ImplementationLimits.constantExpressionDepth)
        }
        values[depth] = value
        depth &+= 1
    }

    mutating func pop(at offset: UInt32) throws(LoadError) -> UInt64 {
        guard depth > 0 else { throw LoadError(.typeMismatch, at: offset) }
        depth &-= 1
        return values[depth]
    }
}
