// What an embedder holds of the things in the pool: numbers with generations, never addresses. A stale one is an error.
//
// Generations have 24 bits: a handle would pass for another thing's only after 16,777,216 more instances, or as many modules in the same place. What a
// guest holds in tables, globals and cells has 8 bits, but no instance that one of these names can be torn down alone; only a funcref that the host
// keeps can be older than 256 instances, and then names another one's function, never one that is not there. Handles are of one runtime.

/// A loaded module.
public struct Module: Equatable, Sendable, BitwiseCopyable {
    let bits: UInt32            // region │ generation << 8
    var region: UInt32 { bits & 0xff }
}

/// An instance of a module. `none` where there is no such thing.
public struct Instance: Equatable, Sendable, BitwiseCopyable {
    let bits: UInt32            // number │ generation << 8; 0 is none, for numbers begin with 1
    var number: UInt32 { bits & 0xff }
    init(bits: UInt32) { self.bits = bits }
    /// As references to its functions have it in their upper half, with 8 bits of the generation.
    var tag: UInt32 { number &<< 16 | (bits & 0xff00) &<< 16 }
    /// No instance.
    public static var none: Instance { Instance(bits: 0) }
}

/// An execution environment: an operand stack and what runs on it.
public struct ExecutionEnvironment: Equatable, Sendable, BitwiseCopyable {
    let reference: UInt32
    let identity: UInt32
}

/// A function of an instance, or of the host.
public struct Function: Equatable, Sendable, BitwiseCopyable {
    let reference: Reference
    /// Whose function it is; none where it is the host's.
    let definer: Instance
}

/// A table of an instance.
public struct Table: Equatable, Sendable, BitwiseCopyable {
    let exporter: Instance
    let bits: UInt32
    let elementType: UInt8
}

/// A linear memory of an instance.
public struct Memory: Equatable, Sendable, BitwiseCopyable {
    let exporter: Instance
    let bits: UInt32
}

/// A global of an instance. Good as long as the instance that exports it: whoever owns it lives as long.
public struct Global: Equatable, Sendable, BitwiseCopyable {
    let exporter: Instance
    let bits: UInt32
    let type: UInt8
    let isMutable: Bool
}

/// What an instance exports.
public enum Export: Equatable, Sendable {
    case function(Function)
    case table(Table)
    case memory(Memory)
    case global(Global)
}

/// A reference value: null, a function, or a number of the host's. Bits 16…23 tell the two kinds apart, so that neither can pass for the other,
/// whatever code moves them about.
///
///     funcref:   generation:8 │ instance:8, from 1 on (255: the host) │ function:16
///     externref: number + 1, its upper 8 bits │ 0:8 │ its lower 16 bits
public struct Reference: Equatable, Sendable, BitwiseCopyable {
    public let bits: UInt32
    public init(bits: UInt32) { self.bits = bits }
    /// The null reference of both types.
    public static var null: Reference { Reference(bits: 0) }
    /// The largest number that an externref can have: 2²⁴ − 2.
    public static var externalNumberLimit: UInt32 { 0xff_fffe }
    /// An externref to the host's thing number `number`, at most `externalNumberLimit`.
    public init(external number: UInt32) {
        precondition(number <= Reference.externalNumberLimit, "an externref's number is at most 16777214")
        let place = number &+ 1
        bits = place & 0xffff | (place &>> 16) &<< 24
    }
    public var isNull: Bool { bits == 0 }
    /// The host's number, if this is an externref that is not null; nil for a function too.
    public var externalNumber: UInt32? { bits == 0 || instanceNumber != 0 ? nil : (bits & 0xffff | (bits &>> 24) &<< 16) &- 1 }

    static var hostInstance: UInt32 { 255 }
    init(hostFunction number: UInt32) { bits = Reference.hostInstance &<< 16 | number }
    init(instance: Instance, function: UInt32) { bits = instance.tag | function }
    var instanceNumber: UInt32 { bits &>> 16 & 0xff }
    /// Number and generation of its instance, as `Instance.tag`.
    var tag: UInt32 { bits & 0xffff_0000 }
    var function: UInt32 { bits & 0xffff }
    var isHostFunction: Bool { instanceNumber == Reference.hostInstance }
}

/// A value of WebAssembly. Floats are bit patterns.
public enum Value: Equatable, Sendable {
    case i32(UInt32)
    case i64(UInt64)
    case f32(UInt32)
    case f64(UInt64)
    case funcref(Reference)
    case externref(Reference)
}

/// How a call ended, or why it has paused: the last three leave the run in its environment, for `resume` or `cancel`.
public enum Outcome: Equatable, Sendable {
    /// With its results, which `result(_:of:in:)` reads until the next call.
    case finished
    case trapped(Trap)
    /// The fuel that was given is used up.
    case outOfFuel
    /// The stop word is not 0.
    case stopped
    /// The host function of this number, in the host's table, threw `.resultPending`; `awaitedArgument(_:in:)` reads what it was called with.
    case awaiting(Int)

    /// What a pause is called where nothing resumes it.
    public var pause: Trap {
        switch self {
        case .outOfFuel: .outOfFuel
        case .stopped: .stopped
        case .awaiting: .resultPending
        case .trapped(let trap): trap
        case .finished: .unreachable
        }
    }
}

/// Why a handle cannot be used, or its thing not be given back. Nothing was changed.
public enum HandleError: Error, Equatable, Sendable {
    /// What the handle names was given back, or never was this runtime's.
    case staleModule, staleInstance, staleFunction, staleGlobal, staleEnvironment, staleBlock
    /// This instance still needs it: it is an instance of the module, it imports from the instance, or a table or global of it names one of the
    /// instance's functions. Torn down together, as a group, they need nothing of each other.
    case inUse(by: Instance)
    /// A paused run, in this environment, has a frame of the instance: `resume` or `cancel` it.
    case paused(in: ExecutionEnvironment)
    /// A run is paused in the environment: `resume` or `cancel` it.
    case environmentPaused
    /// Arguments or results are not of the function's types, or it has no such result. The type of a guest's function is the guest's to choose.
    case wrongArguments
    /// No run is paused in the environment, or none that awaits results.
    case notPaused, notAwaiting
}

/// Why there is no new instance.
public enum InstantiationError: Error, Equatable, Sendable {
    /// The imports do not fit, or the pool is too small. Nothing remains of the attempt.
    case load(LoadError)
    /// The module, a link's instance or the environment is no more.
    case handle(HandleError)
    /// A segment or the start function trapped. What it wrote before stays, and so does the instance if a table or global of another one now names
    /// a function of it; `tearDown` it with that one. Otherwise it is gone, and is `.none`.
    case trapped(Trap, Instance)
    /// The start function has paused, as the outcome says. The instance is there; once `resume` in its environment answers `.finished` it is ready. After
    /// a trap, or `cancel`, `tearDown` it.
    case paused(Outcome, Instance)
}

import WasmFormat
