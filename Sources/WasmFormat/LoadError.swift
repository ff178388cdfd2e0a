// Why a module cannot run: found before its first instruction, in eight bytes.

/// What was wrong with a module, and where. Eight bytes, trivially copyable; the words are in `LoadError+Words.swift`.
public struct LoadError: Error, Equatable, Sendable {
    /// What was found.
    public let reason: Reason
    /// More about the reason, 0 where there is nothing more to say:
    /// - `featureMissing`: the raw value of a `Feature`;
    /// - `noMemory`: the raw value of a `Thing`; for a table, + 256 × its index;
    /// - `typeMismatch`: expected type's byte × 256 + found type's byte (0 for "nothing" or unknown);
    /// - `imageRefused`: the raw value of an `ImageCondition`; `imageTooNew`, `imageTooOld`: the image's version;
    /// - `unknown…` of an index: the index, at most 65,535;
    /// - `tooMany…`, `…TooLong`, `…TooDeep`, `…TooLarge`: the limit, at most 65,535.
    public let detail: UInt16
    /// The first offending byte, counted in bytes from the start of the module.
    public let offset: UInt32

    /// At which step the module failed: it follows from the reason.
    public var phase: Phase { reason.phase }

    @inline(never)
    public init(_ reason: Reason, at offset: UInt32, detail: UInt16 = 0) {
        self.reason = reason
        self.detail = detail
        self.offset = offset
    }

    /// An error whose detail is an index or a limit; what does not fit 16 bits is shown as 65,535.
    @inline(never)
    package init(_ reason: Reason, at offset: UInt32, number: UInt32) {
        self.init(reason, at: offset, detail: number > 65_535 ? 65_535 : UInt16(truncatingIfNeeded: number))
    }

    /// A module that needs what this build does not have.
    package init(missing feature: Feature, at offset: UInt32) {
        self.init(.featureMissing, at: offset, detail: feature.rawValue)
    }

    /// A pool that is too small for something.
    package init(noRoomFor thing: Thing, number: UInt32 = 0, at offset: UInt32) {
        self.init(.noMemory, at: offset, detail: thing.rawValue | UInt16(truncatingIfNeeded: number) &<< 8)
    }

    /// What the pool had no room for; nil for another reason than `.noMemory`.
    public var thing: Thing? { reason == .noMemory ? Thing(rawValue: detail & 0xff) : nil }
    /// What an image breaks; nil for another reason than `.imageRefused`.
    public var condition: ImageCondition? { reason == .imageRefused ? ImageCondition(rawValue: detail) : nil }
    /// The index of a table that the pool had no room for.
    public var table: UInt32? { thing == .table ? UInt32(detail &>> 8) : nil }
}

extension LoadError {
    /// The steps of loading, named as the specification's test suite names its assertions.
    public enum Phase: UInt8, Sendable {
        /// The bytes are not a module (or one that this build cannot decode).
        case malformed = 0
        /// It decodes, but the specification's validation rejects it.
        case invalid = 1
        /// It is valid, but its imports are missing or do not match.
        case unlinkable = 2
        /// It is valid, but larger than this runtime's memory or its table of limits (`ImplementationLimits`).
        case exhausted = 3
    }

    /// What a module can need that this build lacks: `detail` of `.featureMissing`.
    public enum Feature: UInt16, Sendable {
        case simd = 1
        case threads = 2
        case exceptions = 3
        case tailCalls = 4
        case garbageCollection = 5
        case functionReferences = 6
        case memory64 = 7
        case multiMemory = 8
        case floatingPoint = 9
        case wideArithmetic = 10
        case translator = 11
    }

    /// What must hold of every image (docs/IMAGE.md): `detail` of `.imageRefused`.
    public enum ImageCondition: UInt16, Sendable, CaseIterable {
        /// (a) Every instruction is one of this build's; its unused bits are zero.
        case opcode = 1
        /// (b) Every slot, with its width, is inside the frame.
        case slot = 2
        /// (c) No number becomes a reference.
        case reference = 3
        /// (d) Branches stay in their function.
        case branch = 4
        /// (e) Every index is in its space, and what it names has the type that the instruction assumes.
        case index = 5
        /// (f) A call's arguments and results are inside the caller's frame, a frame is no smaller than its type.
        case window = 6
        /// (g) The last instruction of a function ends it.
        case end = 7
        /// (h) Types, imports, exports, tables, memory, globals, segments and start are as the validator would have them.
        case description = 8
        /// Parts and records lie one behind the other, and cover the image.
        case layout = 9
    }

    /// What a pool can be too small for.
    public enum Thing: UInt16, Sendable {
        /// The pool's own control block; or the buffer is none that a pool can use.
        case runtime = 0
        /// A module's records and register code.
        case module = 1
        /// An execution environment.
        case operandStack = 2
        case instance = 3
        /// The elements that a table starts with.
        case table = 4
        /// What the active data segments write to.
        case linearMemory = 5
        /// `InstanceConfiguration.appHeapBytes`.
        case appHeap = 6
    }
}
