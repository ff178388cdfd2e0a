// The board: ARM MPS2+ with AN505 (Cortex-M33), in QEMU or on the FPGA (ARM DAI 0505). Everything is in the secure state.

import Serial

private var uart: UInt { 0x5020_0000 }

@c(mote_board_start) func start() { CMSDKUART.start(uart, divisor: 20_000_000 / 115_200) }
@c(mote_board_write_byte) func write(_ byte: UInt8) { CMSDKUART.write(uart, byte) }
