// The empty firmware: one line through the console. What "flash over an empty firmware" is counted from (DESIGN.md, "What we count").

import BoardSupport
import Semihosting

@main
struct EmptyFirmware {
    static func main() {
        Board.writeLine("mote: empty")
        mote_exit(0)
    }
}
