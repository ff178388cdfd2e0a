// The numbers of the binary script: what the converter writes and the runner reads (docs/SPEC-SCRIPTS.md).

/// Constants of the file as a whole.
public enum ScriptFormat {
    /// "MSPS", little-endian: the first four bytes.
    public static var magic: UInt32 { 0x5350_534d }
    /// Grows with every change of the format; the runner takes this one only.
    public static var version: UInt8 { 2 }
    /// "MSPB": a bundle of scripts.
    public static var bundleMagic: UInt32 { 0x4250_534d }
    /// Bytes before the script's name: magic, version, three zero bytes. The first command follows the name.
    public static var headerBytes: Int { 8 }
    /// Modules begin at a multiple of this from the script's start, as images must lie.
    public static var moduleAlignment: Int { 4 }
    /// Named instances at one time; a slot number is 1…`slotCount`, 0 is the current instance.
    public static var slotCount: Int { 32 }
    /// Arguments or results of one action.
    public static var valueCount: Int { 32 }
    /// Module names registered for import in one file, `spectest` included.
    public static var linkCount: Int { 24 }
    /// Instances alive at one time, `spectest` included: what the runtime loads at most.
    public static var instanceCount: Int { 60 }
}

/// The first byte of a command; the LEB128 of its line in the `.wast` follows, then what the comment says.
public enum ScriptCommand: UInt8, Sendable {
    case end = 0  // nothing, and no line
    case module = 1  // flags, slot to name (0: none), module
    case definition = 2  // module
    case register = 3  // slot, name
    case forget = 4  // slot: nothing names it any more
    case action = 5  // action
    case assertReturn = 6  // action, count, patterns
    case assertTrap = 7  // action, trap
    case assertExhaustion = 8  // action
    case assertUninstantiable = 9  // flags, trap, module
    case assertUnlinkable = 10  // module
    case assertInvalid = 11  // module
    case assertMalformed = 12  // module
    case assertValid = 13  // module: a custom section that only some runtimes look into
    case skipped = 14  // assertions, other commands, reason (ASCII)

    /// True for what the closing line counts as passed, failed or skipped.
    public var isAssertion: Bool {
        switch self {
        case .end, .module, .definition, .register, .forget, .action, .skipped: false
        case .assertReturn, .assertTrap, .assertExhaustion, .assertUninstantiable, .assertUnlinkable,
            .assertInvalid, .assertMalformed, .assertValid:
            true
        }
    }
}

/// The first byte of an action; slot and export name follow, for `invoke` a count and the arguments.
public enum ScriptAction: UInt8, Sendable {
    case invoke = 0
    case get = 1
}

/// The first byte of an argument or of a pattern; numbers are little-endian. The first six are the
/// value types of the binary format (spec 5.3.1, 5.3.3) and hold for both, the others are patterns.
public enum ScriptValue: UInt8, Sendable {
    case i32 = 0x7f  // 4 bytes
    case i64 = 0x7e  // 8 bytes
    case f32 = 0x7d  // 4 bytes, the bit pattern
    case f64 = 0x7c  // 8 bytes, the bit pattern
    case funcref = 0x70  // argument: a null; pattern: any that is not null
    case externref = 0x6f  // 4 bytes: 0 is null, else the host's number plus one
    case canonicalF32 = 1
    case arithmeticF32 = 2
    case canonicalF64 = 3
    case arithmeticF64 = 4
    case anyNull = 5
    case anyExternref = 6  // not null
    case either = 7  // count, patterns: one of them matches
}

/// Bit 0 of a module's flags: functions of its instance can reach other instances (by an imported table,
/// a mutable global of reference type, or a function that takes a funcref), so the instance stays.
public enum ScriptModuleFlags {
    public static var stays: UInt8 { 1 }
}

/// Why an action must trap; one byte of the script.
public enum ScriptTrap: UInt8, Sendable {
    case any = 0
    case unreachable = 1
    case integerDivideByZero = 2
    case integerOverflow = 3
    case invalidConversion = 4
    case outOfBoundsMemory = 5
    case outOfBoundsTable = 6
    case undefinedElement = 7
    case uninitializedElement = 8
    case indirectCallTypeMismatch = 9
    case callStackExhausted = 10
}
