// Whole modules: every truncation and change of a sample, hostile counts, limits, types, exports.

import Testing
import WasmFormat

/// Has each section, each kind of import, export and segment, and padded integers.
let sampleBytes: [UInt8] = module(
    (0, [4, 0x6e, 0x61, 0x6d, 0x65, 1, 2, 3]),
    (1, [5, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7e, 1, 0x7c, 0x60, 0x80, 0x80, 0x80, 0x80, 0, 0, 0x60, 1, 0x70, 1, 0x6f,
         0x60, 2, 0x7f, 0x7e, 0x81, 0, 0x7c]),
    (2, [4, 1, 0x61, 1, 0x66, 0, 1, 1, 0x61, 1, 0x74, 1, 0x70, 0, 1, 1, 0x61, 1, 0x6d, 2, 9, 1, 5, 0,
         1, 0x61, 1, 0x67, 3, 0x7f, 0]),
    (3, [2, 0, 2]),
    (4, [1, 0x6f, 1, 1, 2]),
    (6, [3, 0x7f, 1, 0x23, 0, 0x41, 2, 0x6c, 0x0b, 0x7e, 0, 0x42, 0x7f, 0x0b, 0x70, 0, 0xd2, 1, 0x0b]),
    (7, [4, 1, 0x66, 0, 2, 1, 0x74, 1, 0, 1, 0x6d, 2, 0, 2, 0x67, 0x67, 3, 0x83, 0]),
    (8, [1]),
    (9, [8, 0, 0x41, 0, 0x0b, 1, 1, 1, 0, 1, 0, 2, 0, 0x23, 0, 0x0b, 0, 1, 2, 3, 0, 1, 1,
         4, 0x41, 0, 0x0b, 1, 0xd2, 1, 0x0b, 5, 0x6f, 1, 0xd0, 0x6f, 0x0b, 6, 1, 0x41, 0, 0x0b, 0x6f, 0, 7, 0x70, 0]),
    (12, [3]),
    (10, [2, 2, 0, 0x0b, 3, 0, 0x01, 0x0b]),
    (11, [3, 0, 0x41, 1, 0x0b, 2, 0xaa, 0xbb, 1, 1, 0xcc, 2, 0, 0x23, 0, 0x0b, 0])
)

struct ModuleTests {
    @Test func `the sample is valid, and its summary says what it has`() throws {
        let sample = sampleBytes
        #expect(error(of: sample) == nil)
        var summary = try ModuleScanner.scan(sample.span)
        var index = ArrayIndex(summary)
        try ModuleValidator.validate(sample.span, &summary, &index)
        #expect(summary.types.count == 5 && summary.imports.count == 4 && summary.functionCount == 3)
        #expect(summary.tableCount == 2 && summary.memoryCount == 1 && summary.globalCount == 4)
        #expect(summary.hasStart && summary.start == 1 && summary.hasDataCount)
        #expect(summary.ownGlobalCells == 3 && summary.ownGlobalReferences == 1)
        #expect(index.declared == [true, true, true])
        #expect(index.tables == [.funcref, .externref])
        #expect(index.elements == [.funcref, .funcref, .funcref, .funcref, .funcref, .externref, .externref, .funcref])
        // Types 0 and 2, and 1 and 4, are equal though their counts are padded.
        #expect(index.types[0] == index.types[2] && index.types[1] == index.types[4])
        #expect(Set(index.types).count == 3 && index.types[0] < index.types[1])
    }

    @Test func `the sample cut off at any byte is an error, unless a section ends there`() {
        let sample = sampleBytes
        var valid: [Int] = []
        for count in 0..<sample.count where error(of: Array(sample[..<count])) == nil { valid.append(count) }
        // Whole sections with no function that lacks a body: header, name, types, imports.
        let starts = [8, 18, 49, 82]
        #expect(valid == starts)
    }

    @Test func `the sample with any byte changed to any other does not crash`() {
        let sample = sampleBytes
        var bytes = sample
        for place in bytes.indices {
            for value in UInt8.min...UInt8.max { bytes[place] = value; _ = error(of: bytes) }
            bytes[place] = sample[place]
        }
    }

    @Test func `what is no module is named`() {
        func reason(_ bytes: [UInt8]) -> LoadError.Reason? { error(of: bytes)?.reason }
        #expect(reason([]) == .emptyFile)
        #expect(reason(Array("(module)".utf8)) == .textFile)
        #expect(reason(Array("\n;; comment\n(module (func))".utf8)) == .textFile)
        #expect(reason([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0]) == .notWasm)
        #expect(reason([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]) == .componentBinary)
        #expect(reason([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]) == .unknownVersion)
        #expect(reason([0, 0x61, 0x73, 0x6d]) == .unexpectedEnd)
    }

    @Test func `features that are missing are named`() {
        func feature(_ sections: (UInt8, [UInt8])...) -> LoadError.Feature? {
            var bytes = module()
            for (id, contents) in sections { bytes += [id] + leb(UInt64(contents.count)) + contents }
            guard let error = error(of: bytes), error.reason == .featureMissing else { return nil }
            return LoadError.Feature(rawValue: error.detail)
        }
        #expect(feature((1, [1, 0x60, 1, 0x7b, 0])) == .simd)
        #expect(feature((1, [1, 0x5f, 0])) == .garbageCollection)
        #expect(feature((5, [1, 3, 1, 1])) == .threads)
        #expect(feature((5, [1, 4, 1])) == .memory64)
        #expect(feature((13, [0])) == .exceptions)
        #expect(feature((4, [1, 0x63, 0, 0, 0])) == .functionReferences)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 9, 10, 11] as [UInt8])
    func `a count that its section cannot hold is refused before anything is sized`(id: UInt8) {
        for count: UInt64 in [2, 65_535, 1 << 31, 0xffff_ffff] {
            let error = error(of: module((id, leb(count) + [0])))
            #expect(error?.reason == .lengthOutOfBounds)
            #expect(error?.offset == 10)
        }
    }

    @Test func `limits are held, and one less passes`() {
        let nothing: [UInt8] = [0x60, 0, 0]
        func types(_ count: Int) -> [UInt8] { module((1, leb(UInt64(count)) + Array(repeatElement(nothing, count: count).joined()))) }
        #expect(error(of: types(16_384)) == nil)
        #expect(error(of: types(16_385)) == LoadError(.tooManyTypes, at: 12, detail: 16_384))
        func parameters(_ count: Int, _ type: UInt8) -> LoadError? {
            error(of: module((1, [1, 0x60] + leb(UInt64(count)) + [UInt8](repeating: type, count: count) + [0])))
        }
        #expect(parameters(240, 0x7f) == nil && parameters(241, 0x7f)?.reason == .tooManyParameters)
        #expect(parameters(120, 0x7e) == nil && parameters(121, 0x7e)?.reason == .tooManyParameters)
        #expect(parameters(240, 0x70) == nil && parameters(241, 0x70)?.reason == .tooManyParameters)
        func tables(_ count: Int) -> LoadError? {
            error(of: module((4, leb(UInt64(count)) + Array(repeatElement([0x70, 0, 0] as [UInt8], count: count).joined()))))
        }
        #expect(tables(255) == nil && tables(256)?.reason == .tooManyTables)
        // Imported and own functions together.
        let imports = Array(repeatElement([0, 0, 0, 0] as [UInt8], count: 40_000).joined())
        func functions(_ count: Int) -> LoadError? {
            error(of: module((1, [1] + nothing), (2, leb(40_000) + imports), (3, leb(UInt64(count)) + [UInt8](repeating: 0, count: count)),
                             (10, leb(UInt64(count)) + Array(repeatElement([2, 0, 0x0b] as [UInt8], count: count).joined()))))
        }
        #expect(functions(25_535) == nil && functions(25_536)?.reason == .tooManyFunctions)
        #expect(error(of: [UInt8](repeating: 0, count: 64 * 1024 * 1024 + 1))?.reason == .moduleTooLarge)
    }

    @Test func `constant expressions may wait for 16 values and no more`() {
        func nested(_ depth: Int) -> LoadError? {
            let values = Array(repeatElement([0x41, 1] as [UInt8], count: depth).joined())
            return error(of: module((6, [1, 0x7f, 0] + values + [UInt8](repeating: 0x6a, count: depth - 1) + [0x0b])))
        }
        #expect(nested(16) == nil && nested(17)?.reason == .constantExpressionTooDeep)
    }

    /// 16,384 exports, made to be as slow as can be.
    @Test(.timeLimit(.minutes(15))) func `many exports do not take quadratic time`() {
        var names: [UInt8] = []
        let count = 16_384
        for number in 0..<count {
            let mixed = UInt32(truncatingIfNeeded: number &* 40_503) & 0xffff
            names += [20] + [UInt8](repeating: 0x61, count: 16) + (0..<4).map { 0x41 + UInt8(mixed >> UInt32($0 * 4) & 15) } + [2, 0]
        }
        let memory: (UInt8, [UInt8]) = (5, [1, 0, 0])
        #expect(error(of: module(memory, (7, leb(UInt64(count)) + names))) == nil)
        let first = 8 + 5 + 1 + 3 + 3
        names.replaceSubrange((count - 1) * 23 + 1..<(count - 1) * 23 + 21, with: names[1..<21])
        #expect(error(of: module(memory, (7, leb(UInt64(count)) + names)))
            == LoadError(.duplicateExportName, at: UInt32(first + (count - 1) * 23)))
    }

    @Test func `equal types share an offset however they are mixed`() throws {
        var types: [[UInt8]] = []
        for number in 0..<3_000 {
            let shape = number * 7_919 % 641
            let values = (0..<10).map { shape >> $0 & 1 == 0 ? UInt8(0x7f) : 0x7e }
            types.append([0x60, 0x8a, 0] + values + [0])
        }
        let bytes = module((1, leb(3_000) + types.joined()))
        var summary = try ModuleScanner.scan(bytes.span)
        var index = ArrayIndex(summary)
        let start = summary.types.offset
        try ModuleValidator.validate(bytes.span, &summary, &index)
        var first: [[UInt8]: UInt32] = [:]
        for (number, type) in types.enumerated() {
            let own = start + UInt32(number * type.count)
            let expected = first[type] ?? own
            first[type] = expected
            #expect(index.types[number] == expected)
        }
    }

    @Test func `a function type is known without reading on`() throws {
        let bytes: [UInt8] = [0xff, 0x60, 0x84, 0, 0x7f, 0x7e, 0x70, 0x7c, 2, 0x6f, 0x7d]
        let type = try FunctionType(bytes.span, at: 1)
        #expect(type.parameterCount == 4 && type.parameterCells == 5 && type.parameterReferences == 1)
        #expect(type.resultCount == 2 && type.resultCells == 1 && type.resultReferences == 1 && type.end == 11)
        #expect((0..<4).map { type.parameter($0) } == [.i32, .i64, .funcref, .f64])
        #expect((0..<2).map { type.result($0) } == [.externref, .f32])
        let same: [UInt8] = [0x60, 4, 0x7f, 0x7e, 0x70, 0x7c, 0x82, 0x80, 0, 0x6f, 0x7d]
        #expect(type.isEqual(to: try FunctionType(same.span, at: 0)))
        let other: [UInt8] = [0x60, 4, 0x7f, 0x7e, 0x70, 0x7d, 2, 0x6f, 0x7d]
        #expect(!type.isEqual(to: try FunctionType(other.span, at: 0)))
    }
}
