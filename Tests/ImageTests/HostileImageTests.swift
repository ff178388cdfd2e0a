// Images that break one condition each, made from sound ones by hand: refused for that condition, and for no other. Whoever takes a condition out of the
// check makes its images pass, and these tests fail.

import ModuleBuilder
import Packing
import Testing

@testable import Image
@testable import RegisterCode
@testable import Runtime
@testable import WasmFormat

/// An image whose words can be changed; the checksums are made right again.
struct ForgedImage {
    var words: [UInt32]

    init(_ module: ModuleBuilder) throws {
        let image = try Packing.pack(module.bytes)
        words = stride(from: 0, to: image.count, by: 4).map { at in (0..<4).reduce(0) { $0 | UInt32(image[at + $1]) << UInt32($1 * 8) } }
    }

    func place(_ part: ImagePart) -> Int { Int(words[Int(part.headerWord)] / 4) }
    var block: Int { place(.block) }
    /// The record of an own function, and the first of its instructions.
    func record(_ function: Int) -> Int {
        block + 7 + Int(words[block + 1] & 0xffff) + Int(words[block + 1] >> 16) + function * 4
    }
    func code(_ function: Int) -> Int { block + Int(words[block + 3]) + Int(words[record(function)] / 4) }
    /// The instructions of an own function.
    func instructions(_ function: Int) -> [Word] {
        let own = Int(words[block + 2] & 0xffff)
        let end = function + 1 < own ? code(function + 1) - Int(words[record(function + 1) + 2] >> 16) : place(.names)
        return words[code(function)..<end].map { Word(bits: $0) }
    }
    /// Where an instruction lies that there is.
    func find(_ op: Op, in function: Int = 0) throws -> Int {
        code(function) + (try #require(instructions(function).firstIndex { $0.op == op }, "\(instructions(function).map { "\($0.op)" })"))
    }
    func find(_ sub: ExtendedOp, in function: Int = 0) throws -> Int {
        code(function) + (try #require(instructions(function).firstIndex { $0.op == .extended && $0.extendedOp == sub }))
    }

    /// Cells of an own function's frame.
    func cells(of function: Int) -> UInt32 { words[record(function) + 1] & 0xffff - words[record(function) + 1] >> 16 }
    /// Gives a function another frame; the header says again which is the largest.
    mutating func setCells(_ cells: UInt32, of function: Int) {
        let references = words[record(function) + 1] >> 16
        words[record(function) + 1] = references << 16 | (cells + references)
        let own = Int(words[block + 2] & 0xffff)
        words[Int(ImageHeader.largestFrame)] = ((0..<own).map { words[record($0) + 1] & 0xffff }.max() ?? 0) * 4 + 8
    }
    /// Changes one thing of a word that there is.
    mutating func change(_ at: Int, _ change: (Word) -> Word) { words[at] = change(Word(words[at])).bits }

    /// nil: it passes. With the checksums of what it is now.
    func check(ignoring ignored: LoadError.ImageCondition? = nil) throws -> LoadError? {
        var words = words
        var sum = ImageSum()
        for word in words[Int(ImageHeader.count)...] { sum.add(word) }
        words[Int(ImageHeader.checksum)] = sum.value
        sum = ImageSum()
        for word in words[..<Int(ImageHeader.headerChecksum)] { sum.add(word) }
        words[Int(ImageHeader.headerChecksum)] = sum.value
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: words.count * 4, alignment: 16)
        defer { buffer.deallocate() }
        for i in words.indices { buffer.storeBytes(of: words[i], toByteOffset: i * 4, as: UInt32.self) }
        do throws(LoadError) {
            let image = try ImageCheck.header(UnsafeRawBufferPointer(buffer))
            try ImageCheck.check(image, ignoring: ignored)
            return nil
        } catch {
            return error
        }
    }
}

struct HostileImageTests {
    /// What has a bit of everything. Functions: 0 integers and memory, 1 a loop, 2 references, 3 a wide frame, 4 a jump table, 5 globals, 6 tables.
    static func module() -> ModuleBuilder {
        var module = ModuleBuilder()
        let imported = module.importFunction("env", "f", [.i32], [.i32])
        module.memory(1, export: "memory")
        module.table(4)
        module.global(.i32, mutable: true, Code.i32(7), export: "counter")
        module.global(.i64, mutable: true, Code.i64(8))
        module.global(.i32, mutable: false, Code.i32(9))
        module.global(.i32, mutable: false, Code.i32(10))
        // 1 in the module: add, store, load, call
        module.function([.i32, .i32], [.i32], locals: [(1, .i64)], body: Code.localGet(0) + Code.localGet(1) + Code.memory(Code.i32Store)
            + Code.localGet(0) + Code.memory(Code.i32Load) + Code.call(imported) + Code.localGet(1) + Code.i32(100_000) + Code.i32Mul + Code.i32Add
            + Code.localGet(2) + Code.localGet(2) + Code.i64Add + Code.i32WrapI64 + Code.i32Add, export: "add")
        // 2: counts down
        module.function([.i32], body: Code.loop(nil, Code.localGet(0) + Code.i32(1) + Code.i32Sub + Code.localTee(0) + Code.brIf(0)), export: "count")
        // 3: a reference in and out, through a call of itself
        let hand = Code.localGet(0) + Code.localGet(1) + Code.i32(1) + Code.i32Sub + Code.call(3)
        module.function([.externref, .i32], [.externref], body: Code.localGet(1) + Code.if(.externref, hand, else: Code.localGet(0)), export: "hand")
        // 4: more cells than an instruction names
        module.function([.i32], [.i32], locals: [(300, .i32)], body: (1...300).flatMap { Code.localGet(0) + Code.localSet($0) } + Code.localGet(300), export: "wide")
        // 5: a table of jumps with few labels
        let jumps = Code.block(nil, Code.block(nil, Code.localGet(0) + Code.brTable([Int](repeating: 0, count: 20) + [1], 0)) + Code.i32(1) + Code.return)
        module.function([.i32], [.i32], body: jumps + Code.i32(2), export: "choose")
        // 6: globals
        module.function([], [.i32], body: Code.globalGet(0) + Code.i32(1) + Code.i32Add + Code.globalSet(0) + Code.globalGet(1) + Code.globalSet(1) + Code.globalGet(2), export: "globals")
        // 7: a table
        let type = module.type([.i32])
        module.function([.i32], body: Code.localGet(0) + Code.localGet(0) + Code.callIndirect(type), export: "indirect")
        module.elements(at: 0, [2, 2])
        module.data(at: 16, [1, 2, 3, 4, 5])
        _ = module.type(.init(repeating: .i64, count: 20))
        return module
    }

    /// What the other has not: no memory, tables of both types (0 of externrefs, 1 and 2 of functions), an imported global that is constant and one that is not.
    /// Functions: 0 a call that can be replaced, and the word behind it; 1 cell 0 alone, in a word that can be replaced; 2 the same without parameters.
    static func bareModule() -> ModuleBuilder {
        var module = ModuleBuilder()
        let imported = module.importFunction("env", "f", [.i32], [.i32])
        _ = module.importGlobal("env", "constant", .i32, mutable: false)
        _ = module.importGlobal("env", "wide", .i64, mutable: true)
        module.table(2, of: .externref)
        module.table(2)
        module.table(2)
        module.global(.i32, mutable: true, Code.i32(7))
        module.global(.i64, mutable: false, Code.i64(7))
        module.function([.i32, .i32, .i32, .i32], [.i32], body: Code.localGet(0) + Code.call(imported) + Code.i32(100_000) + Code.i32Mul)
        module.function([.i32], body: Code.localGet(0) + Code.globalSet(2))
        module.function([], body: Code.i32(1) + Code.globalSet(2))
        return module
    }

    struct Case: Sendable, CustomTestStringConvertible {
        typealias Change = @Sendable (inout ForgedImage) throws -> Void
        let condition: LoadError.ImageCondition
        let name: String
        let isBare: Bool
        let change: Change
        /// The same, but right.
        let sound: Change?
        var testDescription: String { "\(condition): \(name)" }
        var image: ForgedImage { get throws { try ForgedImage(isBare ? bareModule() : module()) } }

        init(_ condition: LoadError.ImageCondition, _ name: String, _ change: @escaping Change) {
            self.init(condition, name, sound: nil, change)
        }
        init(_ condition: LoadError.ImageCondition, _ name: String, bare: Bool = false, sound: Change?, _ change: @escaping Change) {
            (self.condition, self.name, self.change, self.sound, isBare) = (condition, name, change, sound, bare)
        }
    }

    /// Replaces a word of a function's instructions.
    private static func put(_ word: Word, over op: Op, in function: Int = 0) -> @Sendable (inout ForgedImage) throws -> Void {
        { $0.words[try $0.find(op, in: function)] = word.bits }
    }

    /// A word in a frame of so many cells, in the function of `bareModule` that needs one: or, as its last word, instead of the return.
    private static func frame(_ cells: UInt32, _ word: Word, over op: Op = .globalSet) -> @Sendable (inout ForgedImage) throws -> Void {
        { $0.setCells(cells, of: 1); $0.words[try $0.find(op, in: 1)] = word.bits }
    }
    /// A call through any table instead of the imported one's, and of the word behind it.
    private static func callWide(table: UInt32, type: UInt32) -> @Sendable (inout ForgedImage) throws -> Void {
        {
            let at = try $0.find(.callImport)
            $0.words[at] = Word(.callIndirectWide, 0, 0).bits
            $0.words[at + 1] = Word(.callIndirectRest, table, imm16: type).bits
        }
    }
    /// A call whose window has only `count` cells before the frame's end.
    private static func window(_ count: UInt32, of op: Op, in function: Int) -> @Sendable (inout ForgedImage) throws -> Void {
        { let first = $0.cells(of: function) - count; $0.change(try $0.find(op, in: function)) { $0.with(a: first) } }
    }
    /// A word with the constant in b or c that lies so far behind the last one.
    private static func constant(_ op: Op, behind: UInt32, branch: Bool) -> @Sendable (inout ForgedImage) throws -> Void {
        { let number = $0.words[$0.record(0) + 2] >> 16 &+ behind; $0.words[try $0.find(.callImport)] = Word(op, 0, branch ? number : 0, branch ? 0 : number).bits }
    }

    static let cases: [Case] = listed + edges

    /// Branches of the check that one word alone goes through: what is right on one side of its edge is wrong on the other.
    private static let edges: [Case] = [
        Case(.slot, "cell 1 of a frame of one cell, written", bare: true, sound: frame(1, Word(.mov, 0, 0)), frame(1, Word(.mov, 1, 0))),
        Case(.slot, "cell 1 of a frame of one cell, read", bare: true, sound: frame(1, Word(.i32AddI, 0, 0, 255)), frame(1, Word(.i32AddI, 0, 1, 255))),
        Case(.slot, "a pair in a frame of one cell", bare: true, sound: frame(2, Word(.const64, 0, imm16: 1)), frame(1, Word(.const64, 0, imm16: 1))),
        Case(.slot, "a result of two cells in a frame of one", bare: true, sound: frame(2, Word(.ret64, 0), over: .ret), frame(1, Word(.ret64, 0), over: .ret)),
        Case(.slot, "a pair whose second cell is outside", bare: true, sound: frame(6, Word(.i64Add, 4, 4, 4)), frame(6, Word(.i64Add, 4, 5, 4))),
        Case(.slot, "three cells in a frame of two", bare: true, sound: frame(3, Word(.tableCopy, 0, 1, 2)), frame(2, Word(.tableCopy, 0, 1, 2))),
        Case(.slot, "the last of three cells outside of a frame of three", bare: true, sound: frame(4, Word(.tableCopy, 1, 1, 2)), frame(3, Word(.tableCopy, 1, 1, 2))),
        Case(.slot, "four cells in a frame of three", bare: true, sound: frame(4, Word(.tableInit, 0, 1)), frame(3, Word(.tableInit, 0, 1))),
        Case(.slot, "the last of three cells outside of a frame", sound: { let cells = $0.cells(of: 0); $0.words[try $0.find(.callImport)] = Word(.memoryCopy, cells - 3).bits }) {
            let cells = $0.cells(of: 0)
            $0.words[try $0.find(.callImport)] = Word(.memoryCopy, cells - 2).bits
        },
        Case(.slot, "a cell in a frame of none", bare: true, sound: { $0.setCells(1, of: 2) }, { $0.setCells(0, of: 2) }),
        Case(.window, "an import's argument one cell beyond", sound: window(1, of: .callImport, in: 0), window(0, of: .callImport, in: 0)),
        Case(.window, "an argument one cell beyond, where references are handed over", sound: window(1, of: .call, in: 2), window(0, of: .call, in: 2)),
        Case(.window, "an argument of an indirect call one cell beyond", sound: window(1, of: .callIndirect, in: 6), window(0, of: .callIndirect, in: 6)),
        Case(.index, "a branch that is compared with a constant that there is not", sound: constant(.brI32EqK, behind: .max, branch: true), constant(.brI32EqK, behind: 0, branch: true)),
        Case(.index, "a wide constant of which the second half is not there", sound: constant(.i32AddK, behind: .max, branch: false), constant(.i64AddK, behind: .max, branch: false)),
        Case(.index, "an offset that is a constant that there is not", sound: constant(.load32K, behind: .max, branch: false), constant(.load32K, behind: 0, branch: false)),
        Case(.index, "a call through a table of externrefs", bare: true, sound: callWide(table: 1, type: 0), put(Word(.callIndirect, 0, 0, 0), over: .callImport)),
        Case(.index, "a long call through a table of externrefs", bare: true, sound: callWide(table: 1, type: 0), callWide(table: 0, type: 0)),
        Case(.index, "a long call through a table that there is not", bare: true, sound: callWide(table: 2, type: 0), callWide(table: 3, type: 0)),
        Case(.index, "a long call of a type that there is not", bare: true, sound: callWide(table: 1, type: 0), callWide(table: 1, type: 90)),
        Case(.opcode, "a long call without its second word", bare: true, sound: callWide(table: 1, type: 0), put(Word(.callIndirectWide, 0, 0), over: .callImport)),
        Case(.index, "elements that are copied to a table of another type", bare: true, sound: put(Word(.tableCopy, 0, 2, 1), over: .callImport), put(Word(.tableCopy, 0, 0, 1), over: .callImport)),
        Case(.index, "elements of a table that there is not", bare: true, sound: put(Word(.tableCopy, 0, 1, 2), over: .callImport), put(Word(.tableCopy, 0, 1, 3), over: .callImport)),
        Case(.index, "a load without a memory", bare: true, sound: nil, put(Word(.load32, 0, 0, 4), over: .callImport)),
        Case(.index, "a load without a memory, its offset a constant", bare: true, sound: nil, put(Word(.load32K, 0, 0, 0), over: .callImport)),
        Case(.index, "a store of a pair without a memory", bare: true, sound: nil, put(Word(.store64, 0, 0, 4), over: .callImport)),
        Case(.index, "bytes filled without a memory", bare: true, sound: nil, put(Word(.memoryFill, 0), over: .callImport)),
        Case(.index, "bytes of a segment without a memory", bare: true, sound: nil, put(Word(.memoryInit, 0), over: .callImport)),
        Case(.index, "the size of a memory that there is not", bare: true, sound: nil, put(Word(.memorySize, 0), over: .callImport)),
        Case(.index, "a narrow global as a wide one", sound: put(Word(.globalGet64, 0, imm16: 1), over: .callImport), put(Word(.globalGet64, 0, imm16: 0), over: .callImport)),
        Case(.index, "a wide constant global that is set", bare: true, sound: put(Word(.globalGet64, 0, imm16: 1), over: .callImport), put(Word(.globalSet64, 0, imm16: 1), over: .callImport)),
        Case(.index, "a constant global as the aux stack's pointer", sound: put(Word(.auxStackSet, 0, imm16: 0), over: .callImport), put(Word(.auxStackSet, 0, imm16: 3), over: .callImport)),
        Case(.index, "an imported constant global that is set", bare: true, sound: put(Word(.importedGlobalGet, 0, imm16: 0), over: .callImport), put(Word(.importedGlobalSet, 0, imm16: 0), over: .callImport)),
        Case(.index, "an imported global of another width", bare: true, sound: put(Word(.importedGlobalSet64, 0, imm16: 1), over: .callImport), put(Word(.importedGlobalGet, 0, imm16: 1), over: .callImport)),
        Case(.slot, "a return from a wide frame by one cell less", sound: nil) { $0.change(try $0.find(.retFrame, in: 3)) { $0.with(imm16: $0.imm16 - 1) } },
    ]

    private static let listed: [Case] = [
        // (a)
        Case(.opcode, "an opcode that is none", put(Word(bits: 0xff), over: .callImport)),
        Case(.opcode, "a sub-opcode that is none") { let at = try $0.find(.leaveReferences, in: 2); $0.words[at - 1] = Word(.extended, 250).bits },
        Case(.opcode, "a field that must be zero", put(Word(.i32Clz, 0, 0, 1), over: .callImport)),
        Case(.opcode, "a counter, which is for host tools", put(Word(.extended, UInt32(ExtendedOp.count.rawValue), imm16: 1), over: .callImport)),
        Case(.opcode, "the end of a run inside of a function", put(Word(.exit), over: .callImport)),
        Case(.opcode, "another first word of the code") { $0.words[$0.block + Int($0.words[$0.block + 3])] = Word(.ret).bits },
        Case(.opcode, "the second word of a call alone", put(Word(.callIndirectRest, 0, imm16: 0), over: .callImport)),
        // (b)
        Case(.slot, "a cell beyond the frame", put(Word(.mov, 200, 0), over: .callImport)),
        Case(.slot, "a pair of which one half is beyond the frame") {
            let cells = $0.words[$0.record(0) + 1] & 0xffff
            $0.words[try $0.find(.callImport)] = Word(.const64, cells - 1, imm16: 0).bits
        },
        Case(.slot, "cells that are zeroed beyond the frame", put(Word(.zero, 0, imm16: 60_000), over: .callImport)),
        Case(.slot, "a far cell below the frame", put(Word(.farGet, 0, imm16: 0xffff_ffff), over: .callImport)),
        Case(.slot, "a far cell above the frame", put(Word(.farSet, 0, imm16: 30_000), over: .callImport)),
        Case(.slot, "a far cell below a wide frame") { $0.words[try $0.find(.farGet64, in: 3, orElse: .farGet)] = Word(.farGet, 0, imm16: UInt32(bitPattern: -32_000)).bits },
        Case(.slot, "a return that takes another way back from a wide frame") { let at = try $0.find(.retFrame, in: 3); $0.words[at] = Word(.retFrame, 0, imm16: 1).bits },
        Case(.slot, "a return from a wide frame that stays in it") { let at = try $0.find(.retFrame, in: 3); $0.words[at] = Word(.ret).bits },
        Case(.slot, "a wide frame's return from a frame that is none", put(Word(.retFrame, 0, imm16: 4), over: .ret, in: 1)),
        Case(.slot, "a frame that is moved by more than it has") { let at = try $0.find(.enterFrame, in: 3); $0.words[at] = Word(.enterFrame, 0, imm16: 5_000).bits },
        // (c)
        Case(.reference, "more results than the call left") { let at = try $0.find(.refResults, in: 2); $0.words[at] = Word($0.words[at]).with(c: 2).bits },
        Case(.reference, "fewer arguments than the call takes") { let at = try $0.find(.refArguments, in: 2); $0.words[at] = Word(.refArguments, 0, 0).bits },
        Case(.reference, "arguments that nobody handed over") { let at = try $0.find(.refArguments, in: 2); $0.words[at] = Word(.mov, 0, 0).bits },
        Case(.reference, "a reference cell that the frame has not") { let at = try $0.find(.leaveReferences, in: 2); $0.words[at - 1] = Word(.refNull, 100).bits },
        Case(.reference, "references in a function that has none", put(Word(.refNull, 0), over: .callImport)),
        Case(.reference, "a return without giving the references back") { let at = try $0.find(.leaveReferences, in: 2); $0.words[at] = Word(.mov, 0, 0).bits },
        Case(.reference, "other reference parameters than the type's") { let at = try $0.find(.enterReferences, in: 2); $0.words[at] = Word($0.words[at]).with(c: 0).bits },
        Case(.reference, "references given back twice") { let at = try $0.find(.leaveReferences, in: 2); $0.words[at - 1] = $0.words[at] },
        Case(.reference, "fewer words for references than there are") { $0.words[$0.record(2) + 1] -= 2 << 16 },
        // (d)
        Case(.branch, "out of the function, upward") { let at = try $0.find(.addBrNZ, in: 1); $0.words[at] = Word($0.words[at]).with(c: 100).bits },
        Case(.branch, "out of the function, downward") { let at = try $0.find(.addBrNZ, in: 1); $0.words[at] = Word($0.words[at]).with(c: 0x80).bits },
        Case(.branch, "to the word that takes the references", put(Word(.jump, 0, imm16: 0xffff_ff80), over: .ret, in: 1)),
        Case(.branch, "around the return of references") {
            let at = try $0.find(.leaveReferences, in: 2)
            $0.words[at - 1] = Word(.jump, 0, imm16: 1).bits
        },
        Case(.branch, "a jump table's byte beyond its jumps") {
            let at = try $0.find(.brTableK, in: 4)
            let header = $0.code(4) - 1 - Int(Word($0.words[at]).imm16)
            $0.words[header + 1] = 0x0505_0505
        },
        Case(.branch, "what is no jump in a row of jumps") { let at = try $0.find(.brTableK, in: 4); $0.words[at + 1] = Word(.mov, 0, 0).bits },
        Case(.branch, "more jumps than there are words") { let at = try $0.find(.brTableK, in: 4); $0.words[at] = Word(.brTable, 0, imm16: 1_000).bits },
        // (e)
        Case(.index, "a function that there is not", put(Word(.call, 0, imm16: 99), over: .callImport)),
        Case(.index, "an import that there is not", put(Word(.callImport, 0, imm16: 1), over: .callImport)),
        Case(.index, "a constant that there is not", put(Word(.constK, 0, imm16: 900), over: .callImport)),
        Case(.index, "a constant that an immediate names", put(Word(.i32AddK, 0, 0, 77), over: .callImport)),
        Case(.index, "a global beyond the last cell", put(Word(.globalGet, 0, imm16: 44), over: .callImport)),
        Case(.index, "the second half of a global", put(Word(.globalGet, 0, imm16: 2), over: .callImport)),
        Case(.index, "a wide global as a narrow one", put(Word(.globalSet, 0, imm16: 1), over: .callImport)),
        Case(.index, "a constant global that is set", put(Word(.globalSet, 0, imm16: 3), over: .callImport)),
        Case(.index, "an imported global that there is not", put(Word(.importedGlobalGet, 0, imm16: 0), over: .callImport)),
        Case(.index, "a type that there is not", put(Word(.callIndirect, 0, 0, 99), over: .callImport)),
        Case(.index, "a table that there is not", put(Word(.tableSize, 0, 3), over: .callImport)),
        // (f)
        Case(.window, "arguments beyond the caller's frame") { let at = try $0.find(.callImport); $0.words[at] = Word(.callImport, 250, imm16: 0).bits },
        // The last type: of 40 cells.
        Case(.window, "a frame smaller than its parameters") { $0.words[$0.record(1) + 2] = $0.words[$0.record(1) + 2] & ~0xffff | ($0.words[$0.block + 1] & 0xffff) - 1 },
        // (g)
        Case(.end, "a last instruction that goes on", { $0.words[$0.code(1) + $0.instructions(1).count - 1] = Word(.mov, 0, 0).bits }),
        // (h)
        Case(.description, "exports that do not ascend") { $0.words.swapAt($0.place(.exports) + 2, $0.place(.exports) + 5); $0.swapNames() },
        Case(.description, "an export of nothing") { $0.words[$0.place(.exports) + 2] = 500 },
        Case(.description, "a name that is not UTF-8") { let at = Int($0.words[$0.place(.exports)] / 4); $0.words[at] = $0.words[at] & 0xffff_ff00 | 0xff },
        Case(.description, "a name's filling that is not zero") {
            // "add" has three bytes.
            let at = Int($0.words[$0.place(.exports)] / 4)
            $0.words[at] |= 0x4100_0000
        },
        Case(.description, "a table whose minimum is above its maximum") { $0.words[$0.place(.tables)] |= 0x100; $0.words[$0.place(.tables) + 2] = 1 },
        Case(.description, "a memory with pages of 2 bytes") { $0.words[$0.place(.memory)] = 1 },
        Case(.description, "a memory of more than 4 GB") { $0.words[$0.place(.memory) + 1] = 65_537 },
        // The last one, which no code names.
        Case(.description, "a global of a type that is none") { $0.words[$0.place(.globals) + 8] = $0.words[$0.place(.globals) + 8] & ~0xff | 0x11 },
        Case(.description, "a global from an import that there is not") { $0.words[$0.place(.globals)] |= 1 << 16 },
        Case(.description, "a sum of a type that is not the type's") { $0.words[Int(ImageHeader.count)] += 1 },
        Case(.description, "an element that is no function") { $0.words[$0.place(.elements)] = 1_000 },
        Case(.description, "elements of another type than their table's") { $0.words[$0.place(.elementSegments)] |= 0x10; $0.words[$0.place(.elements)] = .max; $0.words[$0.place(.elements) + 1] = .max },
        Case(.description, "a segment with a place that is a function") { $0.words[$0.place(.dataSegments)] |= 2 << 16 },
        Case(.description, "a start function with parameters") { $0.words[Int(ImageHeader.start)] = 2 },
        Case(.description, "an import whose type is not its function's") { $0.words[$0.block + 7 + Int($0.words[$0.block + 1] & 0xffff)] = 0 == $0.words[$0.place(.imports) + 1] ? 1 : 0 },
        Case(.description, "an aux stack's pointer that is constant") { $0.words[$0.block] = 3 << 16 | 3 },
    ]

    @Test("an image that breaks one condition is refused for it, and passes when only that one is not looked at", arguments: cases)
    func refused(_ one: Case) throws {
        var image = try one.image
        #expect(try image.check() == nil)
        if let sound = one.sound {
            var right = image
            try sound(&right)
            let error = try right.check()
            #expect(error == nil, "\(String(describing: error?.condition)) of what is right")
        }
        try one.change(&image)
        let error = try image.check()
        #expect(error?.reason == .imageRefused && error?.condition == one.condition, "\(String(describing: error)) \(String(describing: error?.condition))")
        let other = try image.check(ignoring: one.condition)
        #expect(other == nil, "\(String(describing: other)) \(String(describing: other?.condition))")
    }

    @Test("every condition has its images")
    func complete() {
        for condition in LoadError.ImageCondition.allCases where condition != .layout { #expect(Self.cases.contains { $0.condition == condition }) }
    }

    @Test("parts and records that do not lie one behind the other are refused")
    func layout() throws {
        let changes: [(inout ForgedImage) -> Void] = [
            { $0.words[Int(ImagePart.globals.headerWord)] += 4 }, { $0.words[Int(ImagePart.data.headerWord)] = 0 }, { $0.words[Int(ImagePart.block.headerWord)] = 0xffff_fffc },
            { $0.words[Int(ImagePart.names.headerWord)] += 2 }, { $0.words[$0.record(1)] += 4 }, { $0.words[$0.record(1) + 2] += 1 << 16 }, { $0.words[$0.record(0)] = 0xffff_fff0 },
            { $0.words[$0.block + 4] += 1 }, { $0.words[$0.block + 3] += 1 }, { $0.words[$0.block + 2] += 1 }, { $0.words[$0.block + 1] += 1 }, { $0.words[$0.block + 5] += 1 },
            { $0.words[$0.block + 6] += 1 }, { $0.words[Int(ImageHeader.exports)] += 1 }, { $0.words[Int(ImageHeader.segments)] += 1 }, { $0.words[Int(ImageHeader.imports)] += 1 },
            { $0.words[Int(ImageHeader.globals)] += 1 }, { $0.words[Int(ImageHeader.codeKind)] = 2 }, { $0.words[$0.place(.exports)] += 4 }, { $0.words[$0.place(.dataSegments) + 3] = 500 },
            { $0.words[$0.place(.dataSegments) + 3] = .max }, { $0.words[$0.place(.elementSegments) + 3] = 0x4000_0000 }, { $0.words[Int(ImageHeader.start)] = .max },
            { $0.words[$0.place(.imports) + 3] = 0xffff_ffff }, { $0.words[Int(ImageHeader.exports)] = 0x5555_5556 },
        ]
        for (number, change) in changes.enumerated() {
            var image = try ForgedImage(Self.module())
            change(&image)
            #expect(try image.check()?.reason == .imageRefused, "\(number)")
        }
    }

    @Test("a function has 32,767 constants at most, the first one too", arguments: [0, 1])
    func constants(function: Int) throws {
        func error(_ count: Int) throws -> LoadError? {
            var module = ModuleBuilder()
            for number in 0..<2 { _ = module.function([], [.i32], body: Code.i32(Int32(number))) }
            var image = try ForgedImage(module)
            try #require(image.words[image.record(function) + 2] >> 16 == 0)
            image.words.insert(contentsOf: Array(repeating: 0, count: count), at: image.code(function))
            let bytes = UInt32(count * 4)
            for later in function..<2 { image.words[image.record(later)] += bytes }
            image.words[image.record(function) + 2] |= UInt32(count) << 16
            image.words[image.block + Int(ModuleHeader.codeWords)] += UInt32(count)
            for word in [ImagePart.names.headerWord, ImagePart.data.headerWord, ImageHeader.length] { image.words[Int(word)] += bytes }
            return try image.check()
        }
        #expect(try error(32_767) == nil)
        let refused = try error(32_768)
        #expect(refused?.reason == .imageRefused && refused?.detail == LoadError.ImageCondition.layout.rawValue, "\(String(describing: refused))")
    }

    @Test("a header of another version, of other code, torn or misaligned says so")
    func headers() throws {
        let image = try ForgedImage(Self.module())
        func header(_ change: (inout ForgedImage) -> Void) throws -> LoadError? {
            var changed = image
            change(&changed)
            return try changed.check()
        }
        #expect(try header { $0.words[1] += 1 } == LoadError(.imageTooNew, at: 4, detail: 2))
        #expect(try header { $0.words[1] -= 1 } == LoadError(.imageTooOld, at: 4, detail: 0))
        #expect(try header { $0.words[1] |= 1 << 31 }?.reason == .imageTooNew)
        #expect(try header { $0.words[2] ^= 1 }?.reason == .imageOfOtherCode)
        #expect(try header { $0.words[3] += 4 }?.reason == .imageTorn)
        #expect(try header { $0.words[0] ^= 1 }?.reason == .notWasm)
        let packed = try Packing.pack(Self.module().bytes)
        for count in stride(from: 4, to: packed.count, by: 4) { #expect(Self.headerError(Array(packed[..<count]), shift: 0)?.reason == .imageTorn) }
        #expect(Self.headerError(packed, shift: 0) == nil)
        #expect(Self.headerError(packed, shift: 2) == LoadError(.imageMisaligned, at: 0))
    }

    private static func headerError(_ image: [UInt8], shift: Int) -> LoadError? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: image.count + shift, alignment: 16)
        defer { buffer.deallocate() }
        for i in image.indices { buffer[i + shift] = image[i] }
        do throws(LoadError) {
            _ = try ImageCheck.header(UnsafeRawBufferPointer(rebasing: buffer[shift...]))
            return nil
        } catch {
            return error
        }
    }
}

extension Word {
    init(_ bits: UInt32) { self.init(bits: bits) }
}

extension ForgedImage {
    func find(_ op: Op, in function: Int, orElse other: Op) throws -> Int {
        if let at = instructions(function).firstIndex(where: { $0.op == op }) { return code(function) + at }
        return try find(other, in: function)
    }

    /// Makes the first two exports' names change places, where they are of one word each.
    mutating func swapNames() {
        let exports = place(.exports)
        let (first, second) = (Int(words[exports] / 4), Int(words[exports + 3] / 4))
        let (a, b) = (Array(words[first..<second]), Array(words[second..<Int(words[exports + 6] / 4)]))
        words.replaceSubrange(first..<first + a.count + b.count, with: b + a)
        words[exports + 3] = UInt32(first + b.count) * 4
        (words[exports + 1], words[exports + 4]) = (words[exports + 4], words[exports + 1])
    }
}
