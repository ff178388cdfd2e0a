// Reasons in words, for builds with the trait Names.
#if Names

import BoardSupport
import WasmFormat

extension SlotLoader {
    static func tell(_ error: LoadError) {
        Board.write("mote: ")
        Board.writeLine(error.words)
    }

    static func tell(_ trap: Trap) {
        Board.write("mote: trap: ")
        Board.writeLine(trap.words)
    }
}
#endif
