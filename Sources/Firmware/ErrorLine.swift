// One line for a module that does not load, or that trapped: the thing, the place, and what to do about it.
//
//     mote: unlinkable at 0x2a: import env.led: an import is missing: give …
//     mote: trap in function 3 at 0x5c: integer divide by zero: …

import Board
import BoardSupport
import Runtime
import WasmFormat

enum ErrorLine {
    /// Returns the status to exit with.
    @inline(never)
    static func write(_ error: LoadError, _ bytes: UnsafeRawBufferPointer, _ shortage: Shortage) -> Int32 {
        Board.write("mote: ")
        Board.write(error.phase.name)
        if error.offset > 0 || error.phase == .unlinkable {
            Board.write(" at 0x")
            Board.write(hex: error.offset)
        }
        Board.write(": ")
        if error.phase == .unlinkable {
            // Safety: the bytes are the module's, in flash for good.
            let span = unsafe Span<UInt8>(_unsafeElements: UnsafeBufferPointer(start: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: bytes.count))
            writeImport(at: error.offset, in: span)
        }
        writeWords(error)
        if error.reason == .noMemory {
            Board.write(": needs ")
            Board.write(shortage.need)
            Board.write(" bytes, ")
            Board.write(shortage.free)
            Board.write(" are free, the largest free block is ")
            Board.write(shortage.largestFree)
        }
        Board.writeLine()
        return Status.cannotLoad
    }

    /// Returns the status to exit with.
    @inline(never)
    static func write(_ trap: Trap, _ position: TrapPosition?) -> Int32 {
        Board.write("mote: trap")
        if let position {
            Board.write(" in function ")
            Board.write(position.function)
            if let offset = position.offset {
                Board.write(" at 0x")
                Board.write(hex: offset)
            } else {
                Board.write(" at word ")
                Board.write(position.word)
            }
        }
        Board.write(": ")
        writeWords(trap)
        Board.writeLine()
        return Status.trap
    }

    /// `import env.led: `, if an import's entry lies there.
    private static func writeImport(at offset: UInt32, in bytes: Span<UInt8>) {
        var reader = ByteReader(bytes, at: offset)
        guard let entry = try? ImportEntry(from: &reader) else { return }
        Board.write("import ")
        Board.write(bytes.extracting(Int(entry.module.offset)..<Int(entry.module.offset &+ entry.module.count)))
        Board.write(".")
        Board.write(bytes.extracting(Int(entry.name.offset)..<Int(entry.name.offset &+ entry.name.count)))
        Board.write(": ")
    }
}

extension LoadError.Phase {
    var name: StaticString {
        switch self {
        case .malformed: "malformed"
        case .invalid: "invalid"
        case .unlinkable: "unlinkable"
        case .exhausted: "exhausted"
        }
    }
}
