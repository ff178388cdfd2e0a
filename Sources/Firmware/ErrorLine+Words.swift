// Reasons in words, for builds with the trait Names.
#if Names

import Board
import BoardSupport
import WasmFormat

extension ErrorLine {
    static func writeWords(_ error: LoadError) { Board.write(error.words) }
    static func writeWords(_ trap: Trap) { Board.write(trap.words) }
}
#endif
