// The board: Nordic nRF52840 DK (Cortex-M4F).

import Serial

private var uart: UInt { 0x4000_2000 }

@c(mote_board_start) func start() {
    // From revision 3 on the debug port is locked after each reset until UICR.APPROTECT says that it may be open (HwDisabled) and software opens it
    // (product specification 1.7, access port protection).
    if Peripheral.read(0x1000_1208) & 0xFF == 0x5A { Peripheral.write(0x4000_0558, 0x5A) }
    NRFUART.start(uart, transmitPin: 6)
}
@c(mote_board_write_byte) func write(_ byte: UInt8) { NRFUART.write(uart, byte) }
