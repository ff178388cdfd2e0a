// The check's table follows from the table of instructions.

@testable import Image
@testable import RegisterCode
import Testing

struct InstructionCheckTests {
    /// The limit of a field with a role. `memory`: of an instruction that needs one; `floats`: that the trait brings.
    private func limit(_ role: Role, memory: Bool = false, floats: Bool = false) -> FieldLimit {
        switch role {
        case .unused: .zero
        case .write32, .read32, .update32: memory ? .memoryCell : floats ? .floatCell : .cell
        case .write64, .read64, .update64: memory ? .memoryPair : floats ? .floatPair : .pair
        case .immediate8, .offset8, .branch8, .referenceCount, .subOpcode, .window: .any
        case .constant32: .constant
        case .constant64: .constantPair
        case .reference: .reference
        case .referencePair: .referencePair
        case .table: .table
        case .type8: .type
        case .cells3: .cells3
        case .cells4: .cells4
        default: .any
        }
    }

    private func kind(_ shape: Shape) -> CheckKind {
        switch shape.b {
        case .branch16: .branch16
        case .constant16x32: .constant16
        case .constant16x64: .constantPair16
        case .far32: .far
        case .far64: .farPair
        case .global16, .importedGlobal16: .global
        default: shape.c == .branch8 ? .branch8 : .plain
        }
    }

    private func expected(_ op: Op) -> InstructionCheck {
        switch op {
        case .exit, .crossReturn, .enterReferences, .enterFrame, .callIndirectRest: return InstructionCheck(.never)
        case .extended: return InstructionCheck(.extended, .any, .any, .any)
        default: break
        }
        if op.isReserved { return InstructionCheck(.never) }
        let name = "\(op)"
        let memory = name.hasPrefix("load") || name.hasPrefix("store")
        let floats = name.hasPrefix("f32") || name.hasPrefix("f64")
        let shape = op.shape
        var kind = kind(shape)
        switch op {
        case .call, .callImport: kind = .call
        case .callIndirect: kind = .callIndirect
        case .brTable, .brTableK: kind = .branchTable
        case .ret, .ret1, .ret64, .retI, .retAdd, .retFrame: kind = .return
        case .zero, .refFunc, .tableCopy: kind = .special
        default: break
        }
        // One field is enough to ask whether there is a memory, or floats.
        let a = limit(shape.a, memory: memory, floats: floats)
        if shape.hasWideField { return InstructionCheck(kind, a, .any, .any) }
        return InstructionCheck(kind, a, limit(shape.b), limit(shape.c))
    }

    private func expected(_ sub: ExtendedOp) -> InstructionCheck {
        let name = "\(sub)"
        let shape = sub.shape
        let memory = sub == .memorySize || sub == .memoryGrow
        let floats = name.contains("f32") || name.contains("f64") || name.contains("F32") || name.contains("F64")
        var kind = CheckKind.plain
        switch sub {
        // Counters are for host tools: no image has them.
        case .count: return InstructionCheck(.never)
        case .leaveReferences, .refArguments, .refResults: kind = .references
        case .callIndirectWide: kind = .callIndirect
        case .memoryFill, .memoryCopy, .memoryInit: kind = .special
        default: break
        }
        // A run of references is held against all of them; it may be empty.
        let b = kind == .references ? .any : limit(shape.b, memory: memory, floats: floats)
        return InstructionCheck(kind, .any, shape.hasWideField ? .any : b, shape.hasWideField ? .any : limit(shape.c))
    }

    private func literal(_ checks: [InstructionCheck]) -> String {
        var lines: [String] = []
        for start in stride(from: 0, to: checks.count, by: 12) {
            lines.append("    " + checks[start..<min(start + 12, checks.count)].map { "0x" + String($0.bits + 0x1_0000 as Int, radix: 16).dropFirst() + "," }.joined(separator: " "))
        }
        return lines.joined(separator: "\n")
    }

    @Test("the check's table is that of the instructions")
    func table() {
        let first = (UInt8.min...UInt8.max).compactMap { Op(rawValue: $0) }.map(expected)
        let second = ExtendedOp.allCases.map(expected)
        #expect(ExtendedOp.allCases.map(\.rawValue) == Array(0..<UInt8(second.count)))
        let isFirst = instructionChecks.indices.map { InstructionCheck(bits: instructionChecks[$0]) } == first
        #expect(isFirst, "write\n\(literal(first))")
        let isSecond = extendedChecks.indices.map { InstructionCheck(bits: extendedChecks[$0]) } == second
        #expect(isSecond, "write\n\(literal(second))")
    }
}

private func + (bits: UInt16, more: Int) -> Int { Int(bits) + more }
