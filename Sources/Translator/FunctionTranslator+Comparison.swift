// Comparisons wait for the next instruction: a branch takes them in, `eqz` turns them round, anything else has them written out.

import RegisterCode
import WasmFormat

/// A comparison of two integers that has not been emitted yet; its entry is on top of the stack.
struct Comparison {
    /// In the order of the opcodes; the last bit turns a condition into its opposite.
    enum Condition: UInt8 {
        case equal, notEqual, lessSigned, greaterOrEqualSigned, lessUnsigned, greaterOrEqualUnsigned
        var opposite: Condition { Condition(rawValue: rawValue ^ 1) ?? .equal }
    }

    var isPending = false
    var is64 = false
    var condition = Condition.equal
    var left = Operand(entry: StackEntry(unknownTemporary: ()), home: 0)
    var right = Operand(entry: StackEntry(unknownTemporary: ()), home: 0)
}

extension FunctionTranslator where Index: ~Copyable {
    /// `number` counts the ten comparisons of the specification: eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u.
    mutating func compare(_ number: UInt8, _ type: ValueType) throws(LoadError) {
        var right = try pop(type)
        var left = try pop(type)
        var swapped = false
        var condition: Comparison.Condition
        switch number {
        case 0: condition = .equal
        case 1: condition = .notEqual
        case 2: condition = .lessSigned
        case 3: condition = .lessUnsigned
        case 4: condition = .lessSigned; swapped = true
        case 5: condition = .lessUnsigned; swapped = true
        case 6: condition = .greaterOrEqualSigned; swapped = true
        case 7: condition = .greaterOrEqualUnsigned; swapped = true
        case 8: condition = .greaterOrEqualSigned
        default: condition = .greaterOrEqualUnsigned
        }
        if swapped {
            let other = left
            left = right
            right = other
        }
        // A constant belongs to the right: k < a is a >= k + 1, and k >= a is a < k + 1, unless k + 1 wraps.
        var value: UInt32 = 0
        if left.entry.isConstant32(&value) && right.entry.kind != .constant {
            let isUnsigned = condition == .lessUnsigned || condition == .greaterOrEqualUnsigned
            let isEquality = condition == .equal || condition == .notEqual
            let wraps = (isUnsigned && value == .max) || (value == 0x7fff_ffff && (type == .i64 || !isUnsigned))
            if isEquality || !wraps {
                let other = left
                left = right
                right = other
                if !isEquality {
                    right.entry.payload = value &+ 1
                    condition = condition.opposite
                }
            }
        }
        try push(Comparison(isPending: true, is64: type == .i64, condition: condition, left: left, right: right))
    }

    /// x == 0.
    mutating func compareWithZero(_ type: ValueType) throws(LoadError) {
        if type == .i32 && comparison.isPending {
            // Its entry stays.
            comparison.condition = comparison.condition.opposite
            return
        }
        let operand = try pop(type)
        let zero = Operand(entry: StackEntry(.constant, type), home: operand.home &+ type.cells)
        try push(Comparison(isPending: true, is64: type == .i64, condition: .equal, left: operand, right: zero))
    }

    private mutating func push(_ pending: Comparison) throws(LoadError) {
        guard emits else { return try pushTemporary(.i32) }
        comparison = pending
        try pushEntry(StackEntry(.comparison, .i32))
    }

    /// Writes the pending comparison out into its home.
    mutating func settleComparison() throws(LoadError) {
        guard comparison.isPending else { return }
        try settle(top: 1)
    }

    mutating func emitComparison(into cell: UInt32) throws(LoadError) {
        let pending = comparison
        comparison.isPending = false
        var value: UInt32 = 0
        let number = pending.condition.rawValue
        if pending.right.entry.isConstant32(&value) && Self.fitsImmediate(value) {
            let left = try self.cell(of: pending.left)
            try emitProducer(Word(Self.op(pending.is64 ? .i64EqI : .i32EqI, plus: number), cell, left, value))
        } else {
            // The right operand first: a constant on the left would otherwise be brought over it.
            let right = try self.cell(of: pending.right)
            let left = try self.cell(of: pending.left)
            try emitProducer(Word(Self.op(pending.is64 ? .i64Eq : .i32Eq, plus: number), cell, left, right))
        }
    }

    /// The `number`-th opcode from one on; comparisons lie together in the order of `Condition`.
    static func op(_ base: Op, plus number: UInt8) -> Op { Word(bits: UInt32(base.rawValue &+ number)).op }
}
