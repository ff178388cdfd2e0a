// The closed list of reasons. The upper two bits of the raw value are the phase; gaps are left for later reasons.

extension LoadError {
    public enum Reason: UInt8, Sendable {
        // MARK: malformed, 0x00…0x3f
        /// The bytes end inside something.
        case unexpectedEnd = 0x00
        /// A LEB128 number has more bytes than its type allows.
        case integerRepresentationTooLong = 0x01
        /// A LEB128 number has bits set that its type does not have.
        case integerTooLarge = 0x02
        /// A length is larger than what is left of the section or module.
        case lengthOutOfBounds = 0x03
        case malformedUTF8 = 0x04
        case emptyFile = 0x05
        /// Text, probably WebAssembly's text format.
        case textFile = 0x06
        case notWasm = 0x07
        case unknownVersion = 0x08
        /// A component (component model), not a core module.
        case componentBinary = 0x09
        /// `detail` is the raw value of a `Feature`.
        case featureMissing = 0x0a
        case malformedSectionID = 0x0b
        /// A section twice, or not in the order of the specification.
        case sectionOutOfOrder = 0x0c
        case sectionSizeMismatch = 0x0d
        case inconsistentFunctionAndCode = 0x0e
        case inconsistentDataCount = 0x0f
        case dataCountRequired = 0x10
        /// A type section entry does not start with 0x60.
        case malformedTypeForm = 0x11
        case malformedValueType = 0x12
        case malformedReferenceType = 0x13
        case malformedLimitsFlags = 0x14
        case malformedMutability = 0x15
        case malformedImportKind = 0x16
        case malformedExportKind = 0x17
        case malformedElementFlags = 0x18
        case malformedElementKind = 0x19
        case malformedDataFlags = 0x1a
        case malformedBlockType = 0x1b
        case malformedMemoryAccessFlags = 0x1c
        case zeroByteExpected = 0x1d
        case illegalOpcode = 0x1e
        case endOpcodeExpected = 0x1f
        /// A function body goes on after its last `end`, or ends before it.
        case bodySizeMismatch = 0x20
        /// The locals of a function are more than an index can name.
        case localCountTooLarge = 0x21
        /// An image of a later version than this build reads. `detail` is its version.
        case imageTooNew = 0x22
        /// An image of an earlier version. `detail` is its version.
        case imageTooOld = 0x23
        /// An image for another set of register instructions.
        case imageOfOtherCode = 0x24
        /// An image's header has changed, or its end is missing.
        case imageTorn = 0x25
        /// An image does not lie at a multiple of 4.
        case imageMisaligned = 0x26

        // MARK: invalid, 0x40…0x7f
        case typeMismatch = 0x40
        case unknownType = 0x41
        case unknownFunction = 0x42
        case unknownTable = 0x43
        case unknownMemory = 0x44
        case unknownGlobal = 0x45
        case unknownLocal = 0x46
        case unknownLabel = 0x47
        case unknownElementSegment = 0x48
        case unknownDataSegment = 0x49
        case constantExpressionRequired = 0x4a
        case duplicateExportName = 0x4b
        case globalIsImmutable = 0x4c
        case invalidResultArity = 0x4d
        case alignmentTooLarge = 0x4e
        case memorySizeTooLarge = 0x4f
        case minimumAboveMaximum = 0x50
        case startFunctionType = 0x51
        case undeclaredFunctionReference = 0x52
        case multipleMemories = 0x53
        case invalidPageSize = 0x54
        /// An image that is not safe to run. `detail` is the raw value of an `ImageCondition`.
        case imageRefused = 0x55

        // MARK: unlinkable, 0x80…0xbf
        case unknownImport = 0x80
        /// The import wants a function, table, memory or global, and is offered another of these.
        case importKindMismatch = 0x81
        case functionTypeMismatch = 0x82
        case tableTypeMismatch = 0x83
        case tableLimitsMismatch = 0x84
        case memoryLimitsMismatch = 0x85
        case memoryPageSizeMismatch = 0x86
        case globalTypeMismatch = 0x87
        case globalMutabilityMismatch = 0x88

        // MARK: exhausted, 0xc0…0xff
        case noMemory = 0xc0
        case moduleTooLarge = 0xc1
        case tooManyTypes = 0xc2
        case tooManyImports = 0xc3
        case tooManyFunctions = 0xc4
        case tooManyTables = 0xc5
        case tooManyGlobals = 0xc6
        case tooManyExports = 0xc7
        case tooManyElementSegments = 0xc8
        case tooManyElements = 0xc9
        case tooManyDataSegments = 0xca
        case tooManyParameters = 0xcb
        case tooManyResults = 0xcc
        case tooManyLocals = 0xcd
        /// A frame needs more 32-bit cells than an instruction can name.
        case tooManyCells = 0xce
        case tooManyReferences = 0xcf
        case tooManyConstants = 0xd0
        case tooManyBranchTargets = 0xd1
        case nestingTooDeep = 0xd2
        case constantExpressionTooDeep = 0xd3
        case nameTooLong = 0xd4
        case functionBodyTooLarge = 0xd5
        /// The register code of a function is larger than its branches or its record can tell.
        case codeTooLarge = 0xd6
        case tableTooLarge = 0xd7
        case memoryAboveCap = 0xd8
        case tooManyModules = 0xd9
        case tooManyInstances = 0xda
        case constantExpressionTooLong = 0xdb
        /// The module can grow its memory and nothing says where the app heap begins. `detail` is the function that grows it.
        case appHeapNeedsCap = 0xdd
        /// Less than 48 bytes, more than 256 MB, or its end is beyond 4 GB.
        case appHeapSize = 0xde

        /// The step at which this is found: the upper two bits of the raw value.
        public var phase: Phase {
            switch rawValue >> 6 {
            case 0: .malformed
            case 1: .invalid
            case 2: .unlinkable
            default: .exhausted
            }
        }
    }
}
