// Every field of every instruction at its limit: the last right word passes, the first wrong one is refused for the condition that the field's role
// belongs to. In frames of few cells, where one addition could not tell, and of about as many as a field can name.

import ModuleBuilder
import Testing

@testable import Image
@testable import RegisterCode
@testable import Runtime
@testable import WasmFormat

struct FieldLimitTests {
    private typealias Condition = LoadError.ImageCondition

    /// Functions: 0 has cell 0, two constants, and a `globalSet` to be replaced; 1 has references besides.
    private static func module(memory: Bool) -> ModuleBuilder {
        var module = ModuleBuilder()
        _ = module.importFunction("env", "f", [.i32], [.i32])
        for kind in Kind.allCases {
            for mutable in [false, true] { _ = module.importGlobal("env", "\(kind) \(mutable)", kind, mutable: mutable) }
        }
        if memory { module.memory(1) }
        module.table(2, of: .externref)
        module.table(2)
        let values: [Kind: [UInt8]] = [.i32: Code.i32(1), .i64: Code.i64(1), .f32: Code.f32(1), .f64: Code.f64(1)]
        for kind in Kind.allCases {
            for mutable in [false, true] { module.global(kind, mutable: mutable, values[kind] ?? Code.refNull(kind)) }
        }
        let counter = Kind.allCases.count * 2 + 1
        func multiplied(by factor: Int32) -> [UInt8] { Code.localGet(0) + Code.i32(factor) + Code.i32Mul + Code.localSet(0) }
        module.function([.i32], body: multiplied(by: 100_000) + multiplied(by: 200_000) + Code.localGet(0) + Code.globalSet(counter))
        module.function([.i32, .externref, .externref], body: multiplied(by: 100_000) + multiplied(by: 200_000) + Code.localGet(1) + Code.refIsNull + Code.globalSet(counter))
        return module
    }

    /// A function whose `globalSet` is replaced, and what there is of what its fields name.
    private struct Place {
        var image: ForgedImage
        let at: Int
        let cells: Int
        let constants: Int
        let references: Int
        let hasMemory: Bool
        let hasReferences: Bool

        init(_ function: Int, cells: Int, memory: Bool = true) throws {
            image = try ForgedImage(FieldLimitTests.module(memory: memory))
            image.setCells(UInt32(cells), of: function)
            at = try image.find(.globalSet, in: function)
            constants = Int(image.words[image.record(function) + 2] >> 16)
            let first = try #require(image.instructions(function).first)
            hasReferences = first.op == .enterReferences
            references = hasReferences ? first.a : 0
            (self.cells, hasMemory) = (cells, memory)
            #expect(constants == 2 && hasReferences == (function == 1))
        }

        /// Why an image with this word is refused; nil if it is not. What refuses it must be the one thing that is wrong with it.
        mutating func verdict(_ word: Word) throws -> Condition? {
            image.words[at] = word.bits
            guard let error = try image.check() else { return nil }
            #expect(error.reason == .imageRefused && error.offset == UInt32(at) * 4)
            if let other = try image.check(ignoring: error.condition) { Issue.record("\(word.op): \(String(describing: error.condition)), and \(String(describing: other.condition))") }
            return error.condition
        }

        /// The greatest value that is right, -1 if none is, and what is said of one more.
        func limit(_ role: Role) -> (most: Int, condition: Condition) {
            switch role {
            case .unused, .subOpcode: (0, .opcode)
            case .write32, .read32, .update32, .far32: (cells - 1, .slot)
            case .write64, .read64, .update64, .far64: (cells - 2, .slot)
            case .cells3: (cells - 3, .slot)
            case .cells4: (cells - 4, .slot)
            case .constant32, .constant16x32: (constants - 1, .index)
            case .constant64, .constant16x64: (constants - 2, .index)
            case .reference: (references - 1, .reference)
            case .referencePair: (references - 2, .reference)
            case .table: (1, .index)
            case .function16: (2, .index)
            // To the next word, which is no return where there are references. Another one is far behind the last.
            case .branch8, .branch16: (0, .branch)
            // Of `zero`, from the last cell on that it can name.
            case .count16: (cells - min(cells - 1, 255), .slot)
            default: (.max, .opcode)
            }
        }
    }

    private struct Instruction {
        let name: String
        let shape: Shape
        let number: UInt8
        let isExtended: Bool
        let needsFloats: Bool

        var needsMemory: Bool { name.hasPrefix("load") || name.hasPrefix("store") || name.hasPrefix("memory") }
        var roles: [Role] { [shape.a, shape.b] + (shape.hasWideField ? [] : [shape.c]) }
        var namesReferences: Bool { roles.contains(.reference) || roles.contains(.referencePair) }

        func word(_ fields: [Int]) -> Word {
            let b = UInt32(truncatingIfNeeded: fields[1])
            let bits = UInt32(isExtended ? Op.extended.rawValue : number) | UInt32(isExtended ? number : UInt8(truncatingIfNeeded: fields[0])) << 8
            return Word(bits: bits | (shape.hasWideField ? b << 16 : (b & 0xff) << 16 | UInt32(truncatingIfNeeded: fields[2]) << 24))
        }
        func most(_ role: Role) -> Int { shape.hasWideField && role == shape.b ? role == .far32 || role == .far64 ? 0x7fff : 0xffff : 0xff }

        /// Those of which each field is right or wrong by itself. Of the others the tests of hostile images have some each.
        static let all: [Instruction] = {
            let others: Set<Op> = [.exit, .crossReturn, .enterReferences, .enterFrame, .callIndirectRest, .extended, .retFrame, .brTable, .brTableK, .call, .callImport, .callIndirect]
            let second: Set<ExtendedOp> = [.leaveReferences, .refArguments, .refResults, .callIndirectWide, .count]
            let first = (UInt8.min...Op.extended.rawValue).compactMap { Op(rawValue: $0) }.filter { !others.contains($0) }.map {
                Instruction(name: "\($0)", shape: $0.shape, number: $0.rawValue, isExtended: false, needsFloats: InstructionCheck.of($0).needsFloats)
            }
            return first + ExtendedOp.allCases.filter { !second.contains($0) }.map {
                Instruction(name: "\($0)", shape: $0.shape, number: $0.rawValue, isExtended: true, needsFloats: InstructionCheck.of($0).needsFloats)
            }
        }()
        /// Without those that name a global, which is right by its type.
        static let numbered = all.filter { $0.shape.b != .global16 && $0.shape.b != .importedGlobal16 && (!$0.needsFloats || ImageCheck.missingFloats == nil) }
    }

    /// Holds an instruction's fields against their limits; gives how many words were wrong.
    private func hold(_ instruction: Instruction, in place: inout Place) throws -> Int {
        let limits = instruction.roles.map { role in
            let limit = place.limit(role)
            // The bits of a sub-opcode are not a field.
            return (most: min(limit.most, instruction.most(role)), condition: limit.condition, all: role == .subOpcode ? 0 : instruction.most(role))
        }
        let fields = limits.map(\.most)
        var wrong = 0
        if fields.allSatisfy({ $0 >= 0 }) {
            if let condition = try place.verdict(instruction.word(fields)) { Issue.record("\(instruction.name) \(fields) in \(place.cells) cells: \(condition)") }
        }
        for (field, limit) in limits.enumerated() where limit.most < limit.all {
            // The others are right, or 0 where nothing is: then there are too few cells for them.
            var changed = fields.map { max($0, 0) }
            guard limit.condition == .slot || fields.indices.allSatisfy({ $0 == field || fields[$0] >= 0 }) else { continue }
            let isBranch = limit.condition == .branch
            for value in isBranch ? [100, 0x80] : [max(limit.most + 1, 0), limit.all] {
                changed[field] = value
                let condition = try place.verdict(instruction.word(changed))
                if condition != limit.condition { Issue.record("\(instruction.name) \(changed) in \(place.cells) cells: \(String(describing: condition))") }
                wrong += 1
            }
        }
        return wrong
    }

    @Test("the last right word passes and the first wrong one is refused, in frames of every size that matters", arguments: [1, 2, 3, 4, 5, 127, 128, 253, 254, 255, 256, 257, 258, 259, 300])
    func cells(_ cells: Int) throws {
        var place = try Place(0, cells: cells)
        var wrong = 0
        for instruction in Instruction.numbered where !instruction.namesReferences { wrong += try hold(instruction, in: &place) }
        #expect(wrong > (cells < 256 ? 800 : 80))
    }

    @Test("the same where there are references, of these too", arguments: [2, 3, 4, 5, 255, 256])
    func references(_ cells: Int) throws {
        var place = try Place(1, cells: cells)
        var wrong = 0
        for instruction in Instruction.numbered where !instruction.name.hasPrefix("ret") { wrong += try hold(instruction, in: &place) }
        #expect(wrong > (cells < 256 ? 800 : 80))
    }

    @Test("no instruction of memory passes in a module that has none", arguments: [3, 4, 8])
    func memory(_ cells: Int) throws {
        var (with, without) = (try Place(0, cells: cells), try Place(0, cells: cells, memory: false))
        let instructions = Instruction.all.filter(\.needsMemory)
        #expect(instructions.count == 44 + 5)
        for instruction in instructions {
            let fields = instruction.roles.map { max(min(with.limit($0).most, 0), 0) }
            let word = instruction.word(fields)
            let isRight = instruction.shape.b != .cells4 || cells >= 4
            #expect(try with.verdict(word) == (isRight ? nil : .slot), "\(instruction.name)")
            without.image.words[without.at] = word.bits
            #expect(try without.image.check()?.condition == .index || !isRight, "\(instruction.name)")
            if isRight { #expect(try without.image.check(ignoring: .index) == nil, "\(instruction.name)") }
        }
    }

    @Test("a global has the width, the kind and the mutability that the instruction assumes")
    func globals() throws {
        var places = [try Place(0, cells: 8), try Place(1, cells: 8)]
        let instructions = Instruction.all.filter { $0.shape.b == .global16 || $0.shape.b == .importedGlobal16 }
        #expect(instructions.count == 14)
        var passed = 0
        for instruction in instructions {
            let isOwn = instruction.shape.b == .global16
            let isSet = instruction.name.contains("Set")
            let kinds: Set<Kind> = instruction.name.hasSuffix("Ref") ? [.funcref, .externref] : instruction.name.contains("64") ? [.i64, .f64]
                : instruction.name.lowercased().contains("aux") ? [.i32] : [.i32, .f32]
            var number = 0
            func look(_ isRight: Bool) throws {
                let function = instruction.namesReferences ? 1 : 0
                let condition = try places[function].verdict(instruction.word([0, number]))
                if condition != (isRight ? nil : .index) { Issue.record("\(instruction.name) \(number): \(String(describing: condition))") }
                if isRight { passed += 1 }
                number += 1
            }
            for kind in Kind.allCases {
                for mutable in [false, true] {
                    try look(kinds.contains(kind) && (mutable || !isSet))
                    // The second half is no global.
                    if isOwn && (kind == .i64 || kind == .f64) { try look(false) }
                }
            }
            // Behind the last one.
            try look(false)
            number = 0xffff
            try look(false)
        }
        #expect(passed == 2 * (4 + 2 + 4 + 2 + 4 + 2 + 1))
    }
}
