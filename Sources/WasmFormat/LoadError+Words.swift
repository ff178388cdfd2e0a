// Reasons in words: what is wrong with a module, and what to do about it. Firmware without a console leaves this file out.

#if Names || !hasFeature(Embedded)
extension LoadError.Reason {
    /// One line for a firmware engineer.
    public var words: StaticString {
        switch self {
        case .unexpectedEnd: "the module ends too soon: the file is truncated; copy or flash it again and compare its length"
        case .integerRepresentationTooLong: "an integer has more bytes than its type allows: the file is corrupt; compare it with the linker's output"
        case .integerTooLarge: "an integer has more bits than its type allows: the file is corrupt, or uses a feature that this build lacks; compare it with the linker's output"
        case .lengthOutOfBounds: "a length reaches beyond its section or the file: the file is truncated or corrupt; copy or flash it again"
        case .malformedUTF8: "a name is not UTF-8: the file is corrupt, or its producer wrote Latin-1; rename the import, export or section"
        case .emptyFile: "the module is empty: 0 bytes were handed in; check the path or the address and length of the embedded module"
        case .textFile: "this is text, not a binary module: convert it with wat2wasm or wasm-tools parse, or load the .wasm beside it"
        case .notWasm: "this is not a WebAssembly module: it does not start with 00 61 73 6d; check the path or the address of the embedded module"
        case .unknownVersion: "unknown binary version: only version 1 is known; build the module as a core module of version 1"
        case .componentBinary: "this is a component, not a core module: build for wasm32-wasip1 or wasm32-unknown-unknown, or extract the core module with wasm-tools component unbundle"
        case .featureMissing: "the module needs a feature that this build lacks: enable its trait, or build the guest without it (the detail names it)"
        case .malformedSectionID: "unknown section: the file is corrupt or from a later version of WebAssembly; rebuild the guest for WebAssembly 2.0"
        case .sectionOutOfOrder: "a section comes twice or out of order: the file is corrupt or two files were joined; rebuild it"
        case .sectionSizeMismatch: "a section's size does not fit its contents: the file is corrupt; rebuild it"
        case .inconsistentFunctionAndCode: "as many functions must be declared as have bodies: the file is corrupt or was stripped badly; rebuild it"
        case .inconsistentDataCount: "the data count section does not fit the data section: the file is corrupt or was stripped badly; rebuild it"
        case .dataCountRequired: "memory.init and data.drop need a data count section: rebuild the guest with a linker that writes one"
        case .malformedTypeForm: "a type is no function type: the file is corrupt or uses a later feature; rebuild the guest for WebAssembly 2.0"
        case .malformedValueType: "unknown value type: the file is corrupt or uses a later feature; rebuild the guest for WebAssembly 2.0"
        case .malformedReferenceType: "a reference type was expected (funcref or externref): the file is corrupt or uses a later feature; rebuild the guest for WebAssembly 2.0"
        case .malformedLimitsFlags: "unknown flags of a table's or memory's limits: the file is corrupt or uses a later feature; rebuild the guest for WebAssembly 2.0"
        case .malformedMutability: "a global is neither constant nor variable: the file is corrupt; rebuild it"
        case .malformedImportKind: "unknown kind of import: the file is corrupt or uses a later feature; rebuild the guest for WebAssembly 2.0"
        case .malformedExportKind: "unknown kind of export: the file is corrupt or uses a later feature; rebuild the guest for WebAssembly 2.0"
        case .malformedElementFlags: "unknown shape of an element segment: the file is corrupt; rebuild it"
        case .malformedElementKind: "unknown kind of elements: the file is corrupt; rebuild it"
        case .malformedDataFlags: "unknown shape of a data segment: the file is corrupt; rebuild it"
        case .malformedBlockType: "unknown type of a block: the file is corrupt or uses a later feature; rebuild the guest for WebAssembly 2.0"
        case .malformedMemoryAccessFlags: "unknown flags of a load or store: the file is corrupt or uses several memories; rebuild the guest for WebAssembly 2.0"
        case .zeroByteExpected: "a reserved byte is not zero: the file is corrupt or uses a later feature; rebuild the guest for WebAssembly 2.0"
        case .illegalOpcode: "illegal opcode: the file is corrupt or uses a later feature; rebuild the guest for WebAssembly 2.0"
        case .endOpcodeExpected: "a function or block lacks its end: the file is corrupt; rebuild it"
        case .bodySizeMismatch: "a function's size does not fit its instructions: the file is corrupt; rebuild it"
        case .typeMismatch: "type mismatch: an instruction or segment gets a value of the wrong type; the compiler or post-processor is at fault, check the module with wasm-tools validate"
        case .unknownType: "unknown type: the index is beyond the type section; check the module with wasm-tools validate"
        case .unknownFunction: "unknown function: the index is beyond the module's functions; check the module with wasm-tools validate"
        case .unknownTable: "unknown table: the module has no such table; check the module with wasm-tools validate"
        case .unknownMemory: "unknown memory: the module has no such memory; check the module with wasm-tools validate"
        case .unknownGlobal: "unknown global: no such global, or a constant expression reads one that is not imported; check the module with wasm-tools validate"
        case .unknownLocal: "unknown local: the function has no such local; check the module with wasm-tools validate"
        case .unknownLabel: "unknown label: a branch leaves more blocks than there are; check the module with wasm-tools validate"
        case .unknownElementSegment: "unknown element segment: the index is beyond the element section; check the module with wasm-tools validate"
        case .unknownDataSegment: "unknown data segment: the index is beyond the data section; check the module with wasm-tools validate"
        case .constantExpressionRequired: "a constant expression was expected: it may hold constants, imported constant globals, ref.func, ref.null, and integer add, sub and mul"
        case .duplicateExportName: "two exports have the same name: rename one of them in the guest"
        case .globalIsImmutable: "the module sets a constant global: declare it mutable in the guest"
        case .invalidResultArity: "invalid result arity: a typed select must name one type; check the module with wasm-tools validate"
        case .alignmentTooLarge: "alignment too large: a load or store claims more alignment than its size; check the module with wasm-tools validate"
        case .memorySizeTooLarge: "a memory is declared larger than 4 GB: lower --initial-memory or --max-memory when linking the guest"
        case .minimumAboveMaximum: "a table or memory starts larger than its maximum: raise --max-memory or lower --initial-memory when linking the guest"
        case .startFunctionType: "the start function must take and give nothing: name another one in the guest"
        case .undeclaredFunctionReference: "ref.func names a function that no export, global or element segment declares: add a declarative element segment"
        case .multipleMemories: "the module has several memories, and this build takes one: link the guest with one memory"
        case .invalidPageSize: "the page size must be 1 or 65536 bytes: link the guest with --page-size=1 or without the option"
        case .unknownImport: "an import is missing: give the host function or instance that the module names, or remove its use from the guest"
        case .importKindMismatch: "an import is of another kind (function, table, memory, global) than what is offered under its name: rename one of them"
        case .functionTypeMismatch: "an imported function has other parameters or results than the one that is offered: make the two declarations agree"
        case .tableTypeMismatch: "an imported table holds other references than the one that is offered: make the two declarations agree"
        case .tableLimitsMismatch: "the table that is offered is smaller, or may grow larger, than the import allows: make the limits agree"
        case .memoryLimitsMismatch: "the memory that is offered is smaller, or may grow larger, than the import allows: make the limits agree"
        case .memoryPageSizeMismatch: "the memory that is offered has another page size than the import: link both guests with the same --page-size"
        case .globalTypeMismatch: "an imported global is of another type than the one that is offered: make the two declarations agree"
        case .globalMutabilityMismatch: "an imported global is constant and the one offered is not, or the reverse: make the two declarations agree"
        case .noMemory: "the pool has no room: give the runtime a larger one"
        case .moduleTooLarge: "the module is larger than 64 MB: strip its debug sections (wasm-strip)"
        case .tooManyTypes: "too many function types: strip unused functions (--gc-sections, wasm-opt)"
        case .tooManyImports: "too many imports: strip unused imports (--gc-sections, wasm-opt)"
        case .tooManyFunctions: "too many functions, 65,535 are the most: strip unused ones (--gc-sections, wasm-opt), or split the module"
        case .tooManyTables: "too many tables, 255 are the most: merge tables of the same element type"
        case .tooManyGlobals: "too many globals, 65,535 are the most: keep data in linear memory"
        case .tooManyExports: "too many exports, 65,535 are the most: do not link with --export-all"
        case .tooManyElementSegments: "too many element segments, 65,535 are the most: relink the guest, linkers write one"
        case .tooManyElements: "an element segment has too many entries: split the segment"
        case .tooManyDataSegments: "too many data segments, 65,535 are the most: relink the guest, linkers merge them"
        case .tooManyParameters: "a function type has more than 240 parameters, or cells of parameters: pass a pointer to a struct"
        case .tooManyResults: "a function type has more than 240 results, or cells of results: return through a pointer"
        case .tooManyLocals: "a function has too many locals: build the guest with optimisation, or split the function"
        case .tooManyCells: "a function's frame is too large: build the guest with optimisation, or split the function"
        case .tooManyReferences: "a function holds too many references at once: split the function"
        case .tooManyConstants: "a function has too many different constants: split the function"
        case .tooManyBranchTargets: "a br_table has too many targets: split the switch in the guest"
        case .nestingTooDeep: "blocks are nested too deep: build the guest with optimisation, or split the function"
        case .constantExpressionTooDeep: "a constant expression needs more than 16 values at once: compute it in a start function"
        case .constantExpressionTooLong: "a constant expression has more than 1,024 bytes: compute it in a start function"
        case .nameTooLong: "a name is longer than 65,535 bytes: shorten it, or strip the section it names"
        case .functionBodyTooLarge: "a function's body is larger than 4 MB: split the function"
        case .codeTooLarge: "a function's register code is too large: split the function"
        case .tableTooLarge: "a table is too large for this runtime: lower its minimum"
        case .localCountTooLarge: "a function declares more than 4,294,967,295 locals: the module is damaged"
        case .imageTooNew: "the image is of a later version than this build reads: update the firmware, or pack the module with the mote of this version"
        case .imageTooOld: "the image is of an earlier version than this build reads: pack the module again with the mote of this version"
        case .imageOfOtherCode: "the image was packed for another instruction set: pack the module again with the mote of this version"
        case .imageTorn: "the image is torn: its header has changed or its end is missing; copy or flash it again"
        case .imageMisaligned: "the image does not lie at a multiple of 4: align its place in flash, or the buffer it was read into"
        case .imageRefused: "the image is not safe to run: it is damaged or was not made by mote pack; flash it again"
        case .tooManyModules: "too many modules are loaded at the same time: unload one first"
        case .tooManyInstances: "too many instances at the same time, 254 are the most: tear one down first"
        case .appHeapNeedsCap: "the module can grow its memory, and the app heap lies behind it: set memoryCap, or export malloc and free from the guest"
        case .appHeapSize: "the app heap has less than 48 bytes or more than 256 MB, or reaches beyond 4 GB: change appHeapBytes, or lower memoryCap"
        case .memoryAboveCap: "the module declares more memory than the embedder's cap: raise the cap, or lower --initial-memory when linking the guest"
        }
    }
}

extension LoadError.Feature {
    /// What the feature is called, and how to build a guest without it.
    public var words: StaticString {
        switch self {
        case .simd: "SIMD (v128): build the guest with -mno-simd128 or -C target-feature=-simd128"
        case .threads: "threads (shared memory, atomics): build the guest without -pthread"
        case .exceptions: "exceptions: build the guest with -fno-exceptions, without -fwasm-exceptions"
        case .tailCalls: "tail calls: build the guest with -mno-tail-call"
        case .garbageCollection: "garbage collection types: build the guest for linear memory"
        case .functionReferences: "typed function references: build the guest for WebAssembly 2.0"
        case .memory64: "memory64: build the guest for wasm32"
        case .multiMemory: "multi-memory: link the guest with one memory"
        case .floatingPoint: "floating point: add the trait FloatingPoint to the build, or keep f32 and f64 out of the guest"
        case .wideArithmetic: "wide arithmetic: build the guest with -mno-wide-arithmetic"
        case .translator: "the Translator, without which no .wasm runs: add the trait Translator to the build"
        }
    }
}

extension LoadError.Thing {
    /// What has no room, and what to do about it.
    public var words: StaticString {
        switch self {
        case .runtime: "the memory holds no runtime: give it more (a few hundred bytes are the least, 256 MB the most), at an address that is a multiple of 8"
        case .module: "the pool has no room for the module's register code: give the runtime a larger pool, or build the guest smaller (-Os, --gc-sections)"
        case .operandStack: "the pool has no room for the operand stack: give the runtime a larger pool, or the environment a smaller operand stack"
        case .instance: "the pool has no room for the instance: give the runtime a larger pool, or the guest fewer globals, imports and tables"
        case .table: "the pool has no room for the table's elements: give the runtime a larger pool, or the table a smaller minimum in the guest"
        case .appHeap: "the pool has no room for the app heap: give the runtime a larger pool, or lower appHeapBytes"
        case .linearMemory: "the pool has no room for the linear memory that is committed at the start: give the runtime a larger pool, commit less (auxStackBytes, memoryCommitment), or give the guest less data"
        }
    }
}

extension LoadError.ImageCondition {
    /// What is not as it must be, and what to do about it.
    public var words: StaticString {
        switch self {
        case .opcode: "the image is not safe to run: (a) an instruction is none of this build's, or has bits that must be zero; flash it again, or pack the module again"
        case .slot: "the image is not safe to run: (b) an instruction names a cell outside its frame; flash it again, or pack the module again"
        case .reference: "the image is not safe to run: (c) an instruction could take a number for a reference; flash it again, or pack the module again"
        case .branch: "the image is not safe to run: (d) a branch leaves its function or leads where none may; flash it again, or pack the module again"
        case .index: "the image is not safe to run: (e) an index is beyond its space, or what it names is of another type; flash it again, or pack the module again"
        case .window: "the image is not safe to run: (f) a call's arguments or results lie outside the caller's frame, or a frame is smaller than its type; flash it again, or pack the module again"
        case .end: "the image is not safe to run: (g) a function's last instruction does not end it; flash it again, or pack the module again"
        case .description: "the image is not safe to run: (h) an import, export, table, memory, global, segment or start function is not valid; flash it again, or pack the module again"
        case .layout: "the image is not safe to run: its parts or records do not lie one behind the other; flash it again, or pack the module again"
        }
    }
}

extension LoadError {
    /// One line for a firmware engineer; for `.featureMissing` and `.noMemory`, the line of the feature and of the thing.
    public var words: StaticString {
        if reason == .featureMissing, let feature = Feature(rawValue: detail) { return feature.words }
        if let thing { return thing.words }
        if let condition { return condition.words }
        return reason.words
    }
}
#endif
