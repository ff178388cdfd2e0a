// Reasons as numbers, for builds without the trait Names: the raw values of `LoadError.Reason` and `Trap`.
#if !Names

import BoardSupport
import WasmFormat

extension SlotLoader {
    static func tell(_ error: LoadError) {
        Board.write("mote: reason ")
        Board.write(UInt32(error.reason.rawValue))
        Board.write(", detail ")
        Board.write(UInt32(error.detail))
        Board.writeLine()
    }

    static func tell(_ trap: Trap) {
        Board.write("mote: trap: reason ")
        Board.write(UInt32(trap.rawValue))
        Board.writeLine()
    }
}
#endif
