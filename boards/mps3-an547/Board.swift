// The board: ARM MPS3 with AN547 (Cortex-M55), in QEMU or on the FPGA (ARM DAI 0547). Everything is in the secure state.

import Serial

private var uart: UInt { 0x5930_3000 }

@c(mote_board_start) func start() { CMSDKUART.start(uart, divisor: 32_000_000 / 115_200) }
@c(mote_board_write_byte) func write(_ byte: UInt8) { CMSDKUART.write(uart, byte) }
