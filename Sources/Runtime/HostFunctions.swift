// Functions of the host: a table in flash, typed by Swift itself.
//
// A thunk does two things. Asked by the linker, it says its signature; called by a run, it takes its arguments from the
// guest's cells, calls the Swift function and puts the result where the guest looks for it.

import WasmFormat

/// One function that guests can import. Make a table of them: `Host.function(_:)`.
@safe public struct HostFunction {
    public let module: StaticString
    public let name: StaticString
    typealias Thunk = @convention(c) (UnsafeMutableRawPointer) -> Void
    let thunk: Thunk

    /// `thunk` is a literal closure that calls `answer` with a typed function:
    /// `HostFunction("env", "add") { unsafe answer($0, MyHost.add) }`.
    @safe public init(_ module: StaticString, _ name: StaticString, _ thunk: @escaping @convention(c) (UnsafeMutableRawPointer) -> Void) {
        self.module = module
        self.name = name
        unsafe self.thunk = thunk
    }
}

/// The embedder's state that host functions work on, and the table of these functions. A runtime serves one such type.
public protocol Host: ~Copyable {
    /// Called every `Configuration.watchdogInterval` polls of what runs, at the poll: no guest's state can be seen or changed. Does nothing unless written.
    mutating func feedWatchdog()
    /// How many functions there are.
    static var functionCount: Int { get }
    /// The function of an index below `functionCount`: a `switch` over literals, so that the table is code in flash.
    static func function(_ index: Int) -> HostFunction
}

extension Host where Self: ~Copyable {
    public mutating func feedWatchdog() {}
}

/// A Swift type that a host function can take or give: Int32, UInt32, Int64, UInt64, Float, Double, Reference (an externref).
public protocol WasmValue {
    static var valueType: ValueType { get }
    /// The value of one or two cells, or of a reference.
    init(cells low: UInt32, _ high: UInt32)
    var lowCell: UInt32 { get }
    var highCell: UInt32 { get }
}

extension Int32: WasmValue {
    public static var valueType: ValueType { .i32 }
    public init(cells low: UInt32, _ high: UInt32) { self.init(bitPattern: low) }
    public var lowCell: UInt32 { UInt32(bitPattern: self) }
    public var highCell: UInt32 { 0 }
}
extension UInt32: WasmValue {
    public static var valueType: ValueType { .i32 }
    public init(cells low: UInt32, _ high: UInt32) { self = low }
    public var lowCell: UInt32 { self }
    public var highCell: UInt32 { 0 }
}
extension Int64: WasmValue {
    public static var valueType: ValueType { .i64 }
    public init(cells low: UInt32, _ high: UInt32) { self.init(bitPattern: UInt64(low) | UInt64(high) &<< 32) }
    public var lowCell: UInt32 { UInt32(truncatingIfNeeded: self) }
    public var highCell: UInt32 { UInt32(truncatingIfNeeded: self &>> 32) }
}
extension UInt64: WasmValue {
    public static var valueType: ValueType { .i64 }
    public init(cells low: UInt32, _ high: UInt32) { self = UInt64(low) | UInt64(high) &<< 32 }
    public var lowCell: UInt32 { UInt32(truncatingIfNeeded: self) }
    public var highCell: UInt32 { UInt32(truncatingIfNeeded: self &>> 32) }
}
extension Float: WasmValue {
    public static var valueType: ValueType { .f32 }
    public init(cells low: UInt32, _ high: UInt32) { self.init(bitPattern: low) }
    public var lowCell: UInt32 { bitPattern }
    public var highCell: UInt32 { 0 }
}
extension Double: WasmValue {
    public static var valueType: ValueType { .f64 }
    public init(cells low: UInt32, _ high: UInt32) { self.init(bitPattern: UInt64(low) | UInt64(high) &<< 32) }
    public var lowCell: UInt32 { UInt32(truncatingIfNeeded: bitPattern) }
    public var highCell: UInt32 { UInt32(truncatingIfNeeded: bitPattern &>> 32) }
}
extension Reference: WasmValue {
    public static var valueType: ValueType { .externref }
    public init(cells low: UInt32, _ high: UInt32) { self.init(bits: low) }
    public var lowCell: UInt32 { bits }
    public var highCell: UInt32 { 0 }
}

/// What passes between a run and its thunks.
@safe struct HostCall {
    /// The thunks that were called last, for the loop: the table itself is a switch in the host's code, which the loop, compiled once for all hosts, cannot
    /// call. References to four functions, then their thunks.
    private var known = InlineArray<8, UInt>(repeating: .max)
    /// nil when only the signature is asked for.
    var host: UnsafeMutableRawPointer?
    /// The first cell of the arguments; references lie below the record that `machine.csp` points to.
    var window: Cells
    var machine: UnsafeMutablePointer<Machine>?
    /// Why the loop cannot just go on after a host function: a trap's number, or bits; 0: it can. Whoever has seen to it makes it 0 again.
    var ending: UInt32 = 0
    var engine: UnsafeMutablePointer<Engine>?
    var tank: UnsafeMutablePointer<FuelTank>?
    var place: CallPlace?
    /// What tells the host's type from others: its number of functions, and the first of them.
    var functionCount = 0
    var firstThunk: UInt = 0
    var signature = HostSignature()

    /// The host function has looked at memory, which may have moved it, or called a guest, which may have done anything.
    static var stale: UInt32 { 0x100 }
    /// A run that it began has paused, and was left so.
    static var paused: UInt32 { 0x200 }

    var trap: UInt8 { UInt8(truncatingIfNeeded: ending) }

    /// For the host calls of a run.
    @unsafe init(
        host: UnsafeMutableRawPointer, engine: UnsafeMutablePointer<Engine>, machine: UnsafeMutablePointer<Machine>, tank: UnsafeMutablePointer<FuelTank>,
        place: CallPlace
    ) {
        unsafe self.host = host
        unsafe self.engine = engine
        unsafe self.machine = machine
        unsafe self.tank = tank
        self.place = place
        window = place.base
    }

    /// Where a function is noted that is known; its thunk is four words further.
    @inline(__always)
    @unsafe static func slot(_ call: UnsafeMutablePointer<HostCall>, _ function: Reference) -> UnsafeMutablePointer<UInt> {
        // Safety: `known` comes first.
        unsafe UnsafeMutableRawPointer(call).assumingMemoryBound(to: UInt.self) + Int(function.bits & 3)
    }
    mutating func note(_ function: HostFunction, _ number: UInt32) {
        let reference = Reference(hostFunction: number)
        known[Int(number & 3)] = UInt(reference.bits)
        // Safety: the address of a function, which is called as what it is.
        unsafe known[Int(number & 3) &+ 4] = unsafeBitCast(function.thunk, to: UInt.self)
    }

    mutating func note<H: Host & ~Copyable>(_: H.Type) {
        functionCount = H.functionCount
        firstThunk = HostCall.firstThunk(H.self)
    }
    func isOf<H: Host & ~Copyable>(_: H.Type) -> Bool { H.functionCount == functionCount && HostCall.firstThunk(H.self) == firstThunk }
    static func firstThunk<H: Host & ~Copyable>(_: H.Type) -> UInt {
        // Safety: the address of a function, to be compared.
        H.functionCount == 0 ? 0 : unsafe unsafeBitCast(H.function(0).thunk, to: UInt.self)
    }
}

/// Parameters and result of a host function. 12 bytes.
public struct HostSignature: Equatable, Sendable {
    public private(set) var parameterCount: UInt8 = 0
    /// 0 where there is no result.
    private var resultByte: UInt8 = 0
    private var parameters: InlineArray<8, UInt8> = InlineArray(repeating: 0)

    public init() {}
    public static func == (a: HostSignature, b: HostSignature) -> Bool {
        guard a.parameterCount == b.parameterCount, a.resultByte == b.resultByte else { return false }
        for i in 0..<Int(a.parameterCount) where a.parameters[i] != b.parameters[i] { return false }
        return true
    }
    mutating func add<T: WasmValue>(_ type: T.Type) {
        parameters[Int(parameterCount)] = T.valueType.rawValue
        parameterCount &+= 1
    }
    mutating func setResult<T: WasmValue>(_ type: T.Type) { resultByte = T.valueType.rawValue }
    /// The type of a parameter, counted from 0.
    public func parameter(_ number: Int) -> ValueType { ValueType(rawValue: parameters[number]) ?? .i32 }
    /// The type of the result; nil where there is none.
    public var result: ValueType? { ValueType(rawValue: resultByte) }

    /// Whether it is the type that begins there in an image that was checked: 0x60, parameters, results, each with their number in one byte where it is small.
    func isPacked(in bytes: Span<UInt8>, at offset: UInt32) -> Bool {
        var place = Int(truncatingIfNeeded: offset) &+ 1
        // Safety: the whole of the type lies in the image, and no more of it is read than agrees.
        guard unsafe bytes[unchecked: place] == parameterCount else { return false }
        var i = 0
        while i < Int(parameterCount) {
            place &+= 1
            guard unsafe bytes[unchecked: place] == parameters[i] else { return false }
            i &+= 1
        }
        guard resultByte != 0 else { return unsafe bytes[unchecked: place &+ 1] == 0 }
        return unsafe bytes[unchecked: place &+ 1] == 1 && bytes[unchecked: place &+ 2] == resultByte
    }

    func matches(_ type: borrowing FunctionType) -> Bool {
        guard type.parameterCount == parameterCount, type.resultCount == (resultByte == 0 ? 0 : 1) else { return false }
        for i in 0..<Int(parameterCount) where type.parameter(i) != parameter(i) { return false }
        if let result { return type.result(0) == result }
        return true
    }
}

extension HostFunction {
    /// The wasm signature, from the types of the Swift function.
    public var signature: HostSignature {
        // Safety: a thunk without a host touches nothing but the signature. The rest of the record would have to be zeroed for nothing.
        unsafe withUnsafeTemporaryAllocation(of: HostCall.self, capacity: 1) { calls in
            let call = unsafe calls.baseAddress.unsafelyUnwrapped
            unsafe call.pointee.host = nil
            unsafe call.pointee.signature = HostSignature()
            unsafe thunk(UnsafeMutableRawPointer(call))
            return unsafe call.pointee.signature
        }
    }
}

/// How many cells and references of the arguments come before one.
struct ArgumentPlace {
    var cells = 0
    var references = 0
}

extension HostCall {
    // Safety of both: the machine of a run; the arguments' cells, and the reference cells below the record of two words, are the caller's to lay out.

    @inline(__always)
    func take<T: WasmValue>(_ type: T.Type, _ place: inout ArgumentPlace) -> T {
        if T.valueType.isReference {
            place.references &+= 1
            return unsafe T(cells: machine.unsafelyUnwrapped.pointee.csp[-2 &- place.references], 0)
        }
        let low = window[place.cells]
        place.cells &+= Int(T.valueType.cells)
        return T(cells: low, T.valueType.cells == 2 ? window[place.cells &- 1] : 0)
    }

    @inline(__always)
    func put<T: WasmValue>(_ value: T) {
        if T.valueType.isReference {
            unsafe machine.unsafelyUnwrapped.pointee.csp[-3] = value.lowCell
            return
        }
        window[0] = value.lowCell
        if T.valueType.cells == 2 { window[1] = value.highCell }
    }
}
