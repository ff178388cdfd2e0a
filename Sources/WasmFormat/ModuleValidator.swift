// The second pass over a module: everything that the specification demands of it, except of function bodies.

/// Validates sections in module order (core specification 2.0, 3.4). Function bodies are the Translator's.
package enum ModuleValidator {
    /// Checks a scanned module, fills the index, and completes the summary.
    ///
    /// `summary` is that of `ModuleScanner.scan` of the same bytes. Time is linear in the module's size, but for two
    /// heap sorts, of types and of exports; no input makes it quadratic.
    package static func validate<Index: ModuleIndex & ~Copyable>(
        _ bytes: Span<UInt8>, _ summary: inout ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        try types(bytes, summary, &index)
        try imports(bytes, summary, &index)
        try functions(bytes, summary, &index)
        try tables(bytes, summary, &index)
        try memories(bytes, summary)
        try globals(bytes, &summary, &index)
        try exports(bytes, summary, &index)
        try start(bytes, summary, &index)
        try elements(bytes, summary, &index)
        try code(bytes, summary)
        try data(bytes, summary, &index)
    }

    /// Reads all types, and gives equal ones the offset of the first of them.
    private static func types<Index: ModuleIndex & ~Copyable>(
        _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        var entries = SectionReader<TypeEntry>(summary.types, of: bytes)
        var number: UInt32 = 0
        while let entry = try entries.next() {
            index.setTypeOffset(TypeIndex(number), entry.offset)
            number &+= 1
        }
        try canonicalizeTypes(bytes, summary, &index)
    }

    private static func imports<Index: ModuleIndex & ~Copyable>(
        _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        var function: UInt32 = 0
        var table: UInt32 = 0
        var global: UInt32 = 0
        var entries = SectionReader<ImportEntry>(summary.imports, of: bytes)
        while let entry = try entries.next() {
            switch entry.type {
            case .function(let type):
                try check(type, summary, at: entry.typeOffset)
                index.setFunctionType(FunctionIndex(function), type)
                function &+= 1
            case .table(let type):
                try check(type, at: entry.typeOffset)
                index.setTableType(TableIndex(table), type.elementType)
                table &+= 1
            case .memory(let type):
                try check(type, at: entry.typeOffset)
            case .global(let type):
                index.setGlobalType(GlobalIndex(global), type)
                global &+= 1
            }
        }
    }

    private static func functions<Index: ModuleIndex & ~Copyable>(
        _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        var number = summary.importedFunctionCount
        var entries = SectionReader<TypeIndex>(summary.functions, of: bytes)
        var at = entries.offset
        while let type = try entries.next() {
            try check(type, summary, at: at)
            index.setFunctionType(FunctionIndex(number), type)
            number &+= 1
            at = entries.offset
        }
    }

    private static func tables<Index: ModuleIndex & ~Copyable>(
        _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        var number = summary.importedTableCount
        var entries = SectionReader<TableType>(summary.tables, of: bytes)
        var at = entries.offset
        while let type = try entries.next() {
            try check(type, at: at)
            index.setTableType(TableIndex(number), type.elementType)
            number &+= 1
            at = entries.offset
        }
    }

    private static func memories(_ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) throws(LoadError) {
        var entries = SectionReader<MemoryType>(summary.memories, of: bytes)
        var at = entries.offset
        while let type = try entries.next() {
            try check(type, at: at)
            at = entries.offset
        }
    }

    private static func globals<Index: ModuleIndex & ~Copyable>(
        _ bytes: Span<UInt8>, _ summary: inout ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        summary.ownGlobalCells = 0
        summary.ownGlobalReferences = 0
        var number = summary.importedGlobalCount
        var entries = SectionReader<GlobalEntry>(summary.globals, of: bytes)
        while let entry = try entries.next() {
            var initializer = ByteReader(bytes, at: entry.initializer)
            try constantExpression(&initializer, giving: entry.type.valueType, summary, &index)
            index.setGlobalType(GlobalIndex(number), entry.type)
            number &+= 1
            summary.ownGlobalCells &+= entry.type.valueType.cells
            if entry.type.valueType.isReference { summary.ownGlobalReferences &+= 1 }
        }
    }

    /// The start function takes nothing and gives nothing.
    private static func start<Index: ModuleIndex & ~Copyable>(
        _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary, _ index: inout Index
    ) throws(LoadError) {
        guard summary.hasStart else { return }
        let function = FunctionIndex(summary.start)
        try check(function, summary, at: summary.startOffset)
        let type = try FunctionType(bytes, at: index.typeOffset(index.functionType(function)))
        guard type.parameterCount == 0, type.resultCount == 0 else {
            throw LoadError(.startFunctionType, at: summary.startOffset)
        }
    }

    /// Sizes only: every body lies inside the section, and they fill it.
    private static func code(_ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) throws(LoadError) {
        var entries = SectionReader<CodeEntry>(summary.code, of: bytes)
        while try entries.next() != nil {}
    }
}
