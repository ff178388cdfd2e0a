// What validation must look up at random; the caller gives the memory.

/// Tables over a module's index spaces, sized from a `ModuleSummary`.
///
/// The validator writes an entry before it reads it, except for the declared marks, which start out false. It never
/// passes an index beyond the summary's counts; an implementation may trust that, or check it.
package protocol ModuleIndex: ~Copyable {
    /// The offset of a type's 0x60. After validation equal types have equal offsets: that of the first.
    func typeOffset(_ type: TypeIndex) -> UInt32
    mutating func setTypeOffset(_ type: TypeIndex, _ offset: UInt32)

    /// `summary.functionCount` entries of a type index below 16,384.
    func functionType(_ function: FunctionIndex) -> TypeIndex
    mutating func setFunctionType(_ function: FunctionIndex, _ type: TypeIndex)

    /// Whether `ref.func` may name a function: it occurs outside the function bodies.
    func isDeclared(_ function: FunctionIndex) -> Bool
    mutating func markDeclared(_ function: FunctionIndex)

    /// `summary.globalCount` entries.
    func globalType(_ global: GlobalIndex) -> GlobalType
    mutating func setGlobalType(_ global: GlobalIndex, _ type: GlobalType)

    /// The element type of a table: `summary.tableCount` entries.
    func tableType(_ table: TableIndex) -> ValueType
    mutating func setTableType(_ table: TableIndex, _ elementType: ValueType)

    /// The element type of a segment: `summary.elements.count` entries.
    func elementType(_ segment: ElementIndex) -> ValueType
    mutating func setElementType(_ segment: ElementIndex, _ elementType: ValueType)

    /// Scratch for sorting, `summary.scratchCount` entries; not needed after validation.
    func scratch(_ number: UInt32) -> UInt32
    mutating func setScratch(_ number: UInt32, _ value: UInt32)
}
