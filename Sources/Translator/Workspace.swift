// The memory of one function's translation: code grows up, the stack of values and blocks grows down, neither copies the other.
//
//     start                     code                                      sp                       top
//     │ room │ constants (down) │ instructions → ···           ··· ← entries and control frames │

import RegisterCode
import WasmFormat

/// Raw memory for one function. Everything in it is addressed in words or slots that are checked against its ends.
@safe struct Workspace {
    /// Where this function's constants and code will lie when it is done.
    private let start: UnsafeMutablePointer<UInt32>
    private let top: UnsafeMutableRawPointer
    private var code: UnsafeMutablePointer<UInt32>
    private(set) var sp: UnsafeMutableRawPointer
    /// Instructions emitted, in words.
    private(set) var count: UInt32 = 0
    /// Constants, in words.
    private(set) var constantCount: UInt32 = 0
    private var room: UInt32 = 0

    /// `start` is 4-byte aligned, `top` 8-byte aligned and not below it; both stay valid while the workspace is used.
    @unsafe init(start: UnsafeMutablePointer<UInt32>, top: UnsafeMutableRawPointer) {
        unsafe self.start = start
        unsafe self.top = top
        unsafe code = start
        unsafe sp = top
    }

    /// Forgets everything: a function is translated again, or the next one begins.
    mutating func reset() {
        unsafe code = start
        unsafe sp = top
        count = 0
        constantCount = 0
        room = 0
    }

    private var free: Int {
        // Safety: both pointers lie in the one block given to the initialiser.
        unsafe UnsafeMutableRawPointer(code + Int(count)).distance(to: sp)
    }

    // MARK: the stack

    @inline(__always)
    mutating func push<T: BitwiseCopyable>(_ value: T) -> Bool {
        let size = MemoryLayout<T>.size
        guard free >= size &+ 8 else { return false }
        // Safety: there is room for it above the code, just checked.
        unsafe sp -= size
        unsafe sp.storeBytes(of: value, as: T.self)
        return true
    }

    /// Keeps a table of that many bytes, a multiple of 8, as if it had been pushed. Without `clearing` it holds what was there.
    mutating func reserve(bytes: UInt32, clearing: Bool) -> Bool {
        guard free >= Int(bytes) &+ 8 else { return false }
        // Safety: there is room for it above the code, just checked.
        unsafe sp -= Int(bytes)
        if clearing { unsafe sp.initializeMemory(as: UInt8.self, repeating: 0, count: Int(bytes)) }
        return true
    }

    @inline(__always)
    mutating func drop(bytes: Int) {
        // Safety: only what was pushed is dropped: the translator checks against the frame's base first.
        unsafe sp += bytes
    }

    /// How far the stack has grown, in bytes.
    var depth: UInt32 {
        unsafe UInt32(truncatingIfNeeded: sp.distance(to: top))
    }

    mutating func setDepth(_ depth: UInt32) {
        precondition(depth <= self.depth)
        unsafe sp = top - Int(depth)
    }

    /// Back to what the stack was before something was dropped and other things pushed; what was there is still there if no more was pushed.
    mutating func restore(depth: UInt32) {
        precondition(Int(depth) <= free &+ Int(self.depth))
        unsafe sp = top - Int(depth)
    }

    /// Reads what was pushed when the stack had `depth` bytes.
    @inline(__always)
    func load<T: BitwiseCopyable>(_ type: T.Type, atDepth depth: UInt32) -> T {
        precondition(depth <= self.depth && Int(depth) >= MemoryLayout<T>.size)
        // Safety: inside the stack, just checked.
        return unsafe (top - Int(depth)).load(as: T.self)
    }

    @inline(__always)
    func store<T: BitwiseCopyable>(_ value: T, atDepth depth: UInt32) {
        precondition(depth <= self.depth && Int(depth) >= MemoryLayout<T>.size)
        // Safety: inside the stack, just checked.
        unsafe (top - Int(depth)).storeBytes(of: value, as: T.self)
    }

    // MARK: code

    mutating func append(_ word: Word) -> Bool {
        guard free >= 16 else { return false }
        // Safety: there is room below the stack, just checked.
        unsafe code[Int(count)] = word.bits
        count &+= 1
        return true
    }

    subscript(position: UInt32) -> Word {
        get {
            precondition(position < count)
            // Safety: an emitted word.
            return unsafe Word(bits: code[Int(position)])
        }
        nonmutating set {
            precondition(position < count)
            // Safety: an emitted word.
            unsafe code[Int(position)] = newValue.bits
        }
    }

    mutating func removeLast() {
        precondition(count > 0)
        count &-= 1
    }

    /// Takes the word at `position` out; no branch may cross it.
    mutating func remove(at position: UInt32) {
        precondition(position < count)
        // Safety: moves emitted words only.
        unsafe (code + Int(position)).update(from: code + Int(position &+ 1), count: Int(count &- position &- 1))
        count &-= 1
    }

    // MARK: constants

    /// A constant counted back from the code: index 0 is the word just before it.
    func constant(_ index: UInt32) -> UInt32 {
        precondition(index < constantCount)
        // Safety: an added constant.
        return unsafe (code - Int(index &+ 1)).pointee
    }

    /// Adds a constant; false when the workspace is full.
    mutating func appendConstant(_ value: UInt32) -> Bool {
        if constantCount == room {
            // Ever more at once, or a function of many constants would be moved for each few of them.
            var more = 8 &+ room / 2
            if free < 16 &+ Int(more) &* 4 { more = 8 }
            guard free >= 16 &+ Int(more) &* 4 else { return false }
            // Safety: there is room above for the shift, just checked.
            let first = unsafe code - Int(constantCount)
            unsafe (first + Int(more)).update(from: first, count: Int(constantCount &+ count))
            unsafe code += Int(more)
            room &+= more
        }
        // Safety: `room` words before the code are this function's.
        unsafe (code - Int(constantCount &+ 1)).pointee = value
        constantCount &+= 1
        return true
    }

    /// Sets a byte of the constants that were added last; byte 0 is the lowest of the last one.
    mutating func setConstantByte(_ position: UInt32, _ value: UInt32) {
        precondition(position < constantCount &* 4)
        // Safety: inside the constants, just checked.
        unsafe UnsafeMutableRawPointer(code - Int(constantCount)).storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: Int(position), as: UInt8.self)
    }

    /// Moves constants and code down to `start`; returns where the next function can begin.
    @unsafe mutating func close() -> UnsafeMutablePointer<UInt32> {
        let first = unsafe code - Int(constantCount)
        unsafe start.update(from: first, count: Int(constantCount &+ count))
        unsafe code = start + Int(constantCount)
        room = constantCount
        return unsafe code + Int(count)
    }
}
