// Types of constant expressions, checked without memory: the stack of types fits one 64-bit word.

/// The types that wait on the stack of a constant expression: four bits each, the top of the stack lowest.
package struct TypeStack {
    private var types: UInt64 = 0
    package private(set) var depth: UInt32 = 0

    package init() {}

    package mutating func push(_ type: ValueType, at offset: UInt32) throws(LoadError) {
        // 16 entries of 4 bits are all that the word holds.
        guard depth < ImplementationLimits.constantExpressionDepth else {
            throw LoadError(.constantExpressionTooDeep, at: offset, number: ImplementationLimits.constantExpressionDepth)
        }
        // The low four bits of a type's byte tell the six types apart.
        types = types &<< 4 | UInt64(type.rawValue & 15)
        depth &+= 1
    }

    package mutating func pop(_ type: ValueType, at offset: UInt32) throws(LoadError) {
        guard depth > 0, UInt8(truncatingIfNeeded: types & 15) == type.rawValue & 15 else {
            throw LoadError(.typeMismatch, at: offset, detail: UInt16(type.rawValue) &<< 8)
        }
        types &>>= 4
        depth &-= 1
    }
}

extension ModuleValidator {
    /// Checks a constant expression that must give one value of a type, and marks the functions that it refers to as
    /// declared. Only imported immutable globals may be read (2.0; 3.0 allows earlier globals of the module too).
    static func constantExpression<Index: ModuleIndex & ~Copyable>(
        _ reader: inout ByteReader, giving expected: ValueType, _ summary: borrowing ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        var stack = TypeStack()
        while true {
            let at = reader.offset
            switch try reader.constantInstruction() {
            case .number(let type, _), .refNull(let type):
                try stack.push(type, at: at)
            case .refFunc(let function):
                try check(function, summary, at: at)
                index.markDeclared(function)
                try stack.push(.funcref, at: at)
            case .globalGet(let global):
                guard global.rawValue < summary.importedGlobalCount else {
                    throw LoadError(.unknownGlobal, at: at, number: global.rawValue)
                }
                let type = index.globalType(global)
                guard !type.isMutable else { throw LoadError(.constantExpressionRequired, at: at) }
                try stack.push(type.valueType, at: at)
            case .arithmetic(let type, _):
                try stack.pop(type, at: at)
                try stack.pop(type, at: at)
                try stack.push(type, at: at)
            case .end:
                try stack.pop(expected, at: at)
                guard stack.depth == 0 else { throw LoadError(.typeMismatch, at: at) }
                return
            }
        }
    }
}
