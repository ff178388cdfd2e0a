// What the runtime reads in place: entries of sections, values of constant expressions.

import Testing
import WasmFormat

private struct Globals: ConstantSource {
    func value(of global: GlobalIndex) -> UInt64 { 1_000 + UInt64(global.rawValue) }
    func reference(to function: FunctionIndex) -> UInt64 { 5_000 + UInt64(function.rawValue) }
    var nullReference: UInt64 { .max }
}

struct EntryTests {
    private func value(_ bytes: [UInt8]) throws -> UInt64 { try ConstantExpression.value(in: bytes.span, at: 0, isPacked: false, from: Globals()) }

    @Test func `constant expressions have the values of the specification`() throws {
        #expect(try value([0x41, 0x7f, 0x0b]) == 0xffff_ffff)
        #expect(try value([0x42, 0x7f, 0x0b]) == .max)
        #expect(try value([0x43, 1, 2, 3, 4, 0x0b]) == 0x0403_0201)
        #expect(try value([0x44, 1, 2, 3, 4, 5, 6, 7, 8, 0x0b]) == 0x0807_0605_0403_0201)
        #expect(try value([0x23, 3, 0x41, 5, 0x6a, 0x0b]) == 1_008)
        #expect(try value([0x41, 1, 0x41, 2, 0x6b, 0x0b]) == 0xffff_ffff)
        #expect(try value([0x42, 1, 0x42, 2, 0x7d, 0x0b]) == .max)
        #expect(try value([0x42, 3, 0x42, 0x7f, 0x7e, 0x0b]) == UInt64(bitPattern: -3))
        #expect(try value([0x41, 3, 0x41, 0x7f, 0x6c, 0x0b]) == 0xffff_fffd)
        #expect(try value([0x41, 10, 0x41, 3, 0x41, 2, 0x6b, 0x6c, 0x0b]) == 10)
        #expect(try value([0xd0, 0x70, 0x0b]) == .max)
        #expect(try value([0xd2, 9, 0x0b]) == 5_009)
    }

    @Test func `an evaluator of bytes that were never validated throws`() {
        for bytes: [UInt8] in [[], [0x0b], [0x6a, 0x0b], [0x41, 0], Array(repeatElement([0x41, 0], count: 17).joined()), [0x20, 0, 0x0b]] {
            #expect(throws: LoadError.self) { try value(bytes) }
        }
    }

    @Test func `imports and exports are read in order`() throws {
        let sample = sampleBytes
        let summary = try ModuleScanner.scan(sample.span)
        var imports = SectionReader<ImportEntry>(summary.imports, of: sample.span)
        var types: [ImportType] = []
        while let entry = try imports.next() {
            #expect(entry.module.count == 1 && sample[Int(entry.module.offset)] == 0x61)
            types.append(entry.type)
        }
        #expect(types == [
            .function(TypeIndex(1)), .table(TableType(elementType: .funcref, limits: Limits(minimum: 1, maximum: nil))),
            .memory(MemoryType(limits: Limits(minimum: 1, maximum: 5), pageShift: 0)),
            .global(GlobalType(valueType: .i32, isMutable: false)),
        ])
        var exports = SectionReader<ExportEntry>(summary.exports, of: sample.span)
        var found: [String] = []
        while let entry = try exports.next() {
            let name = String(decoding: sample[Int(entry.name.offset)..<Int(entry.name.end)], as: UTF8.self)
            found.append("\(name) \(entry.kind) \(entry.index)")
        }
        #expect(found == ["f function 2", "t table 0", "m memory 0", "gg global 3"])
    }

    @Test func `segments are read in all their shapes`() throws {
        let sample = sampleBytes
        let summary = try ModuleScanner.scan(sample.span)
        var elements = SectionReader<ElementSegment>(summary.elements, of: sample.span)
        var shapes: [String] = []
        while let s = try elements.next() { shapes.append("\(s.mode) \(s.table.rawValue) \(s.elementType) \(s.count) \(s.itemsAreExpressions)") }
        #expect(shapes == [
            "active 0 funcref 1 false", "passive 0 funcref 1 false", "active 0 funcref 1 false", "declarative 0 funcref 1 false",
            "active 0 funcref 1 true", "passive 0 externref 1 true", "active 1 externref 0 true", "declarative 0 funcref 0 true",
        ])
        var data = SectionReader<DataSegment>(summary.data, of: sample.span)
        var contents: [[UInt8]] = []
        while let s = try data.next() { contents.append(Array(sample[Int(s.contents.offset)..<Int(s.contents.end)])) }
        #expect(contents == [[0xaa, 0xbb], [0xcc], []])
    }

    @Test func `bodies are ranges that fill the code section`() throws {
        let sample = sampleBytes
        let summary = try ModuleScanner.scan(sample.span)
        var code = SectionReader<CodeEntry>(summary.code, of: sample.span)
        var bodies: [[UInt8]] = []
        while let entry = try code.next() { bodies.append(Array(sample[Int(entry.body.offset)..<Int(entry.body.end)])) }
        #expect(bodies == [[0, 0x0b], [0, 1, 0x0b]])
    }
}
