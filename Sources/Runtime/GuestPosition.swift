// Where a guest stands when the core stops in the middle of a run: for a fault handler, which has nothing but memory.

import RegisterCode
import WasmFormat

/// A place in a guest, found in what a fault left.
public struct GuestPosition: Equatable, Sendable {
    /// Index of the function in its module, imports first.
    public let function: UInt32
    /// The word of its register code: the instruction that was executed, or the next.
    public let word: UInt32
}

extension RegionTable {
    /// A table that a runtime made at the start of its first buffer; nil where there is none.
    @unsafe private init?(at start: UnsafeMutableRawPointer) {
        guard unsafe start.load(as: UInt32.self) == Root.marked else { return nil }
        unsafe self.start = start
        // Safety: the mark is a runtime's, whose next words are the rest of the root.
        count = unsafe start.load(fromByteOffset: Int(Root.layout) &* 4, as: UInt32.self) &>> 16 & 0xff
    }

    /// Looks for a run in the registers and the native stack of a core that stopped. Reads nothing else but the runtime's own structures; takes no memory.
    ///
    /// The loop keeps its place and the place where its function begins in registers. Before it calls a host function it writes both into its state on
    /// the native stack, a frame's address between them: that is what this looks for, from the innermost frame outwards.
    @unsafe fileprivate static func position(at pool: UnsafeMutableRawPointer, registers: Span<UInt>, stack: Span<UInt>) -> GuestPosition? {
        guard let regions = unsafe RegionTable(at: pool) else { return nil }
        for region in regions.pools..<regions.count where !regions.module(region).isNone {
            let code = regions.moduleBlock(regions.module(region))
            // Two registers: where a function begins, and the highest place in the code.
            var highest: UInt = 0
            for index in 0..<registers.count where code.offset(of: registers[index]) != nil { highest = max(highest, registers[index]) }
            for index in 0..<registers.count {
                if let position = code.position(pc: highest, start: registers[index]) { return position }
            }
            // The state's first words: place, frame, beginning.
            for index in 0..<max(stack.count, 2) &- 2 {
                if let position = code.position(pc: stack[index], start: stack[index &+ 2]) { return position }
            }
        }
        return nil
    }
}

extension ModuleBlock {
    private var codeAddress: UInt { unsafe UInt(bitPattern: words.start) &+ UInt(code) &* 4 }

    /// Bytes from the code base, of an address that may be an instruction's.
    fileprivate func offset(of address: UInt) -> UInt32? {
        let distance = address &- codeAddress
        return distance & 3 == 0 && distance < UInt(codeWords) &* 4 ? UInt32(truncatingIfNeeded: distance) : nil
    }

    fileprivate func position(pc: UInt, start: UInt) -> GuestPosition? {
        guard let place = offset(of: pc), let begin = offset(of: start), let function = function(at: place), record(function).start == begin else { return nil }
        return GuestPosition(function: function &+ importedFunctions, word: (place &- begin) / 4)
    }
}

extension Runtime where HostType: ~Copyable {
    /// Where the guest was when the core stopped, for a fault handler; nil if no guest was running. A guess, but a good one: what it takes for a place
    /// is one. In a host function it is the word behind the call.
    ///
    /// - Parameter pool: the first buffer of a runtime. It must not be moved while it is looked at.
    /// - Parameter registers: those of the core, as far as they are known, in any order.
    /// - Parameter stack: the words of the native stack, from the stack pointer outwards.
    @unsafe public static func guestPosition(inPoolAt pool: UnsafeMutableRawPointer, registers: Span<UInt>, stack: Span<UInt>) -> GuestPosition? {
        unsafe RegionTable.position(at: pool, registers: registers, stack: stack)
    }
}
