// The board: QEMU's RISC-V machine `virt`, with one hart of 32 bits. Its UART is a 16550 and knows no baud rate.

import Serial

private var uart: UInt { 0x1000_0000 }

@c(mote_board_start) func start() { NS16550.start(uart) }
@c(mote_board_write_byte) func write(_ byte: UInt8) { NS16550.write(uart, byte) }
