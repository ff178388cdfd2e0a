// The board: Nordic nRF52840 DK (Cortex-M4F).

import Serial

private var uart: UInt { 0x4000_2000 }

@c(mote_board_start) func start() { NRFUART.start(uart, transmitPin: 6) }
@c(mote_board_write_byte) func write(_ byte: UInt8) { NRFUART.write(uart, byte) }
