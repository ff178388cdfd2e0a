// Reasons as numbers, for builds without the trait Names: the raw values of `LoadError.Reason` and `Trap`.
#if !Names

import BoardSupport
import Runtime
import WasmFormat

extension ErrorLine {
    static func writeWords(_ error: LoadError) {
        Board.write("reason ")
        Board.write(UInt32(error.reason.rawValue))
        Board.write(", detail ")
        Board.write(UInt32(error.detail))
    }

    static func writeWords(_ trap: Trap) {
        Board.write("reason ")
        Board.write(UInt32(trap.rawValue))
    }

    /// The offset is that of the import's entry.
    static func writeImport(at offset: UInt32, of module: Module, in runtime: borrowing Runtime<BoardHost>) {}
}
#endif
