// The check's table follows from the table of instructions.

@testable import Image
@testable import RegisterCode
import Testing

struct InstructionCheckTests {
    /// The limit of a field with a role. `memory`: of an instruction that needs one.
    private func limit(_ role: Role, memory: Bool = false) -> FieldLimit {
        switch role {
        case .unused: .zero
        case .write32, .read32, .update32: memory ? .memoryCell : .cell
        case .write64, .read64, .update64: memory ? .memoryPair : .pair
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

    /// Of most instructions.
    private func kind(_ shape: Shape, memory: Bool, floats: Bool) -> CheckKind {
        switch shape.b {
        case .branch16: return .branch16
        case .constant16x32, .constant16x64: return .constant16
        case .far32, .far64: return .special
        case .global16, .importedGlobal16: return .global
        default: break
        }
        let fields = [shape.a, shape.b] + (shape.hasWideField ? [] : [shape.c])
        if shape.b == .constant32 && shape.c == .branch8 { return .special }
        // Only c may be a constant that is looked at on the way.
        let others: Set<Role> = [.constant32, .constant64, .reference, .referencePair, .table, .type8]
        if fields.dropLast().contains(where: others.contains) || shape.b == .type16 { return .fields }
        if shape.c == .branch8 { return .branch8 }
        if shape.c == .constant32 || shape.c == .constant64 {
            precondition(!floats, "no kind asks for a constant and floats")
            return .constant
        }
        if others.contains(fields.last ?? .unused) { return .fields }
        return memory ? .memory : floats ? .float : .plain
    }

    private var never: InstructionCheck { InstructionCheck(.fields, .never, .never, .never) }

    private func expected(_ op: Op) -> InstructionCheck {
        switch op {
        case .exit, .crossReturn, .enterReferences, .enterFrame, .callIndirectRest: return never
        case .extended: return InstructionCheck(.extended, .any, .any, .any)
        default: break
        }
        if op.isReserved { return never }
        let name = "\(op)"
        let memory = name.hasPrefix("load") || name.hasPrefix("store")
        let floats = name.hasPrefix("f32") || name.hasPrefix("f64")
        let shape = op.shape
        var kind = kind(shape, memory: memory, floats: floats)
        switch op {
        case .call, .callImport: kind = .call
        case .callIndirect: kind = .callIndirect
        case .brTable, .brTableK: kind = .branchTable
        case .ret, .ret1, .ret64, .retI, .retAdd, .retFrame: kind = .return
        case .zero: kind = .zero
        case .refFunc, .tableCopy: kind = .special
        default: break
        }
        // One field is enough to ask whether there is a memory.
        let a = limit(shape.a, memory: memory)
        if shape.hasWideField { return InstructionCheck(kind, a, .any, .any) }
        return InstructionCheck(kind, a, limit(shape.b), limit(shape.c))
    }

    private func expected(_ sub: ExtendedOp) -> InstructionCheck {
        let name = "\(sub)"
        let shape = sub.shape
        let memory = sub == .memorySize || sub == .memoryGrow
        let floats = name.contains("f32") || name.contains("f64") || name.contains("F32") || name.contains("F64")
        var kind = kind(shape, memory: memory, floats: floats)
        var isHandingOver = false
        switch sub {
        // Counters are for host tools: no image has them.
        case .count: return never
        case .leaveReferences, .refArguments, .refResults: (kind, isHandingOver) = (.special, true)
        case .callIndirectWide: kind = .callIndirect
        case .memoryFill, .memoryCopy, .memoryInit: kind = .memory
        default: break
        }
        // A run of references is held against all of them; it may be empty.
        let b = isHandingOver ? .any : limit(shape.b, memory: memory)
        return InstructionCheck(kind, .any, shape.hasWideField ? .any : b, shape.hasWideField ? .any : limit(shape.c))
    }

    @Test("the check's table is that of the instructions")
    func table() {
        let first = (UInt8.min...UInt8.max).compactMap { Op(rawValue: $0) }.map(expected)
        let second = ExtendedOp.allCases.map(expected)
        #expect(ExtendedOp.allCases.map(\.rawValue) == Array(0..<UInt8(second.count)))
        // The one of what must not be there is number 0.
        let all = [never] + Set(first + second).subtracting([never]).sorted { $0.bits < $1.bits }
        let numbers = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, UInt64($0)) })
        var bytes = (first + second).compactMap { numbers[$0] }
        bytes += Array(repeating: 0, count: -bytes.count & 7)
        #expect(InstructionTable.extendedNumbers == second.count && InstructionTable.checks == bytes.count)
        let words = stride(from: 0, to: bytes.count, by: 8).map { start in (0..<8).reduce(0) { $0 | bytes[start + $1] << UInt64($1 * 8) } } + all.map(\.bits)
        let isRight = instructionTable.indices.map { instructionTable[$0] } == words
        let lines = stride(from: 0, to: words.count, by: 6).map { start in
            "    " + words[start..<min(start + 6, words.count)].map { "0x" + String(repeating: "0", count: 16 - String($0, radix: 16).count) + String($0, radix: 16) + "," }.joined(separator: " ")
        }
        #expect(isRight, "write \(words.count) words\n\(lines.joined(separator: "\n"))")
    }

    @Test("one addition tells of all three fields at once what each is alone")
    func sums() {
        let limits: [FieldLimit] = [.any, .zero, .cell, .pair, .cells3, .cells4]
        func isRight(_ field: UInt32, _ limit: FieldLimit, _ cells: UInt32) -> Bool {
            switch limit {
            case .zero: field == 0
            case .cell: field < cells
            case .pair: field + 1 < cells
            case .cells3: field + 2 < cells
            case .cells4: field + 3 < cells
            default: true
            }
        }
        let fields: [UInt32] = [0, 1, 2, 3, 124, 127, 128, 252, 253, 254, 255]
        for cells in [2, 3, 4, 5, 127, 128, 129, 254, 255, 256] as [UInt32] {
            // Where less than four are there, the check makes nothing of it.
            let limits = cells < 4 ? limits.prefix(4) : limits[...]
            for a in limits {
                for b in limits {
                    for c in limits {
                        let check = InstructionCheck(.plain, a, b, c)
                        for x in fields {
                            for y in fields {
                                for z in fields {
                                    let holds = check.holds(x << 8 | y << 16 | z << 24 | 0xff, missing: 256 - cells)
                                    let expected = isRight(x, a, cells) && isRight(y, b, cells) && isRight(z, c, cells)
                                    if holds != expected { Issue.record("\(x) \(a), \(y) \(b), \(z) \(c) of \(cells) cells: \(holds)") }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
