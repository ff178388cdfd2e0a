// The board: BBC micro:bit V1 (nRF51822, Cortex-M0), in QEMU or as it is.

import Serial

private var uart: UInt { 0x4000_2000 }

@c(mote_board_start) func start() { NRFUART.start(uart, transmitPin: 24, receivePin: 25) }
@c(mote_board_write_byte) func write(_ byte: UInt8) { NRFUART.write(uart, byte) }
@c(mote_board_read_byte) func read() -> Int32 { NRFUART.read(uart).map { Int32($0) } ?? -1 }
