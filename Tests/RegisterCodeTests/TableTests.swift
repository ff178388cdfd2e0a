// The table of register instructions: closed, and the same in both of its forms.

@testable import RegisterCode
import Testing

struct TableTests {
    @Test func everyByteIsAnOpcode() {
        for byte in UInt8.min...UInt8.max {
            #expect(Op(rawValue: byte)?.rawValue == byte)
            #expect(Word(bits: UInt32(byte)).op.rawValue == byte)
        }
    }

    @Test func resultCellsFollowFromTheShapes() {
        for byte in UInt8.min...UInt8.max {
            guard let op = Op(rawValue: byte) else { continue }
            // `zero` writes a run of cells, not a result.
            let expected: UInt32 = op == .zero ? 0 : op.shape.a == .write32 ? 1 : op.shape.a == .write64 ? 2 : 0
            #expect(op.resultCells == expected, "\(op)")
        }
    }

    @Test func conditionsLieInTheOrderOfTheirOpposites() {
        // The translator finds a condition's opposite by the last bit of its place in the group.
        for first in [Op.brI32Eq, .brI32EqI, .brI32EqK, .brI64Eq, .i32Eq, .i32EqI, .i64Eq, .i64EqI] {
            let names = (0..<6).compactMap { Op(rawValue: first.rawValue + $0) }.map { "\($0)" }
            let stem = "\(first)".replacing("Eq", with: "*")
            let expected = ["Eq", "Ne", "LtS", "GeS", "LtU", "GeU"].map { stem.replacing("*", with: $0) }
            #expect(names == expected)
        }
    }

    @Test func fieldsKeepTheirBits() {
        let word = Word(.i32AddI, 200, 100, UInt32(bitPattern: -3))
        #expect(word.op == .i32AddI && word.a == 200 && word.b == 100 && word.signedC == -3)
        #expect(word.with(a: 7).a == 7 && word.with(a: 7).signedC == -3)
        #expect(Word(.jump, 0, imm16: UInt32(bitPattern: -5)).signedImm16 == -5)
        #expect(Word(.f64Sqrt, 4, 6).extendedOp == .f64Sqrt)
    }
}
