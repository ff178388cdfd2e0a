// The board: ARM MPS2 with AN500 (Cortex-M7), in QEMU or on the FPGA (ARM DAI 0500).

import Serial

private var uart: UInt { 0x4000_4000 }

@c(mote_board_start) func start() { CMSDKUART.start(uart, divisor: 25_000_000 / 115_200) }
@c(mote_board_write_byte) func write(_ byte: UInt8) { CMSDKUART.write(uart, byte) }
