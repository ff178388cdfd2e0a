// The firmware: runs the module that was embedded in flash and exits with its status.
//
// PLACEHOLDER: it prints the module's length. The runtime goes where the comment says so; all else stays.

import AppImage
import Board
import BoardSupport
import Semihosting

@main
struct Firmware {
    static func main() {
        let length = mote_app_length()
        Board.write("mote: hello from ")
        Board.write(Board.name)
        Board.write(", module of ")
        Board.write(length)
        Board.writeLine(" bytes")

        // The seam: load mote_app_bytes()[0..<mote_app_length()], run it, exit with its status.
        mote_exit(status(length))
    }

    /// 0 when the module starts with the four bytes that every module does, else 1.
    private static func status(_ length: UInt32) -> Int32 {
        guard length >= 8 else { return 1 }
        // Safety: the linker script puts the module into flash, at 4-byte alignment, for as long as the firmware is there; its first
        // 8 bytes were just counted.
        let bytes = unsafe UnsafeRawBufferPointer(start: mote_app_bytes(), count: Int(length))
        return unsafe bytes.load(as: UInt32.self) == 0x6D73_6100 ? 0 : 1
    }
}
