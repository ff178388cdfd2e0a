// A ModuleIndex on arrays, for tests and host tools that have a heap.

import WasmFormat

struct ArrayIndex: ModuleIndex, ~Copyable {
    var types: [UInt32]
    var functions: [UInt16]
    var declared: [Bool]
    var globals: [GlobalType?]
    var tables: [ValueType?]
    var elements: [ValueType?]
    var sorted: [UInt32]

    init(_ summary: borrowing ModuleSummary) {
        types = .init(repeating: 0, count: Int(summary.types.count))
        functions = .init(repeating: 0xffff, count: Int(summary.functionCount))
        declared = .init(repeating: false, count: Int(summary.functionCount))
        globals = .init(repeating: nil, count: Int(summary.globalCount))
        tables = .init(repeating: nil, count: Int(summary.tableCount))
        elements = .init(repeating: nil, count: Int(summary.elements.count))
        sorted = .init(repeating: 0, count: Int(summary.scratchCount))
    }

    func typeOffset(_ type: TypeIndex) -> UInt32 { types[Int(type.rawValue)] }
    mutating func setTypeOffset(_ type: TypeIndex, _ offset: UInt32) { types[Int(type.rawValue)] = offset }
    func functionType(_ function: FunctionIndex) -> TypeIndex { TypeIndex(UInt32(functions[Int(function.rawValue)])) }
    mutating func setFunctionType(_ function: FunctionIndex, _ type: TypeIndex) {
        functions[Int(function.rawValue)] = UInt16(type.rawValue)
    }
    func isDeclared(_ function: FunctionIndex) -> Bool { declared[Int(function.rawValue)] }
    mutating func markDeclared(_ function: FunctionIndex) { declared[Int(function.rawValue)] = true }
    func globalType(_ global: GlobalIndex) -> GlobalType { globals[Int(global.rawValue)]! }
    mutating func setGlobalType(_ global: GlobalIndex, _ type: GlobalType) { globals[Int(global.rawValue)] = type }
    func tableType(_ table: TableIndex) -> ValueType { tables[Int(table.rawValue)]! }
    mutating func setTableType(_ table: TableIndex, _ elementType: ValueType) { tables[Int(table.rawValue)] = elementType }
    func elementType(_ segment: ElementIndex) -> ValueType { elements[Int(segment.rawValue)]! }
    mutating func setElementType(_ segment: ElementIndex, _ elementType: ValueType) {
        elements[Int(segment.rawValue)] = elementType
    }
    func scratch(_ number: UInt32) -> UInt32 { sorted[Int(number)] }
    mutating func setScratch(_ number: UInt32, _ value: UInt32) { sorted[Int(number)] = value }
}

/// Scans and validates; the error, or nil for a module that passes.
func error(of bytes: [UInt8]) -> LoadError? {
    do throws(LoadError) {
        let span = bytes.span
        var summary = try ModuleScanner.scan(span)
        var index = ArrayIndex(summary)
        try ModuleValidator.validate(span, &summary, &index)
        return nil
    } catch {
        // An error that points behind the module would be useless to its reader.
        precondition(error.offset <= bytes.count)
        return error
    }
}

/// A module of the given sections: (id, contents).
func module(_ sections: (UInt8, [UInt8])...) -> [UInt8] {
    var bytes: [UInt8] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
    for (id, contents) in sections { bytes += [id] + leb(UInt64(contents.count)) + contents }
    return bytes
}

/// An unsigned LEB128 number, as short as can be.
func leb(_ number: UInt64) -> [UInt8] {
    var number = number
    var bytes: [UInt8] = []
    repeat {
        let low = UInt8(number & 0x7f)
        number >>= 7
        bytes.append(number == 0 ? low : low | 0x80)
    } while number > 0
    return bytes
}
