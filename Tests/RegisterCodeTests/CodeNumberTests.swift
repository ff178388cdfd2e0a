// The number that tells one instruction set from another.

@testable import RegisterCode
import Testing

struct CodeNumberTests {
    /// FNV-1a of a text for each instruction, 32 bits.
    private var hash: UInt32 {
        var lines = ["edition \(CodeNumber.edition)"]
        for byte in UInt8.min...UInt8.max {
            if let op = Op(rawValue: byte) { lines.append("\(byte) \(op) \(op.shape)") }
        }
        for sub in ExtendedOp.allCases { lines.append("\(sub.rawValue) \(sub) \(sub.shape)") }
        var hash: UInt32 = 0x811c_9dc5
        for byte in lines.joined(separator: "\n").utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return hash
    }

    @Test("the code number is that of the table: whoever changes an instruction changes the number, and old saved pools are refused")
    func number() {
        #expect(CodeNumber.value == hash, "write \("0x" + String(hash, radix: 16)) into Sources/RegisterCode/CodeNumber.swift")
    }
}
