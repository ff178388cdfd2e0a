// The board: TI LM3S6965 evaluation board (Cortex-M3), in QEMU or as it is.

import Serial

private var uart: UInt { 0x4000_C000 }

@c(mote_board_start) func start() {
    // 50 MHz from the PLL and the crystal of 8 MHz (LM3S6965 data sheet, 5.3): around the PLL, on, a quarter of its 200 MHz, then through it. The
    // crystal's oscillator is off after a reset, and nothing tells when it swings: some milliseconds are readings of its register.
    Peripheral.change(0x400F_E060, mask: 0x2801, to: 0x800)
    for _ in 0..<20_000 { _ = Peripheral.read(0x400F_E060) }
    Peripheral.change(0x400F_E060, mask: 0x0FC0_07F0, to: 0x01C0_0380)
    // Without a lock the crystal alone goes on.
    if Peripheral.wait(0x400F_E050, mask: 0x40, for: 0x40) { Peripheral.change(0x400F_E060, mask: 0x800, to: 0) }
    Peripheral.change(0x400F_E104, mask: 1, to: 1)     // RCGC1: UART 0
    Peripheral.change(0x400F_E108, mask: 1, to: 1)     // RCGC2: port A
    Peripheral.change(0x4000_4420, mask: 3, to: 3)     // GPIOAFSEL, GPIODEN: PA0 and PA1 are the UART's
    Peripheral.change(0x4000_451C, mask: 3, to: 3)
    PL011.start(uart, divisor: 50_000_000 * 4 / 115_200)
}
@c(mote_board_write_byte) func write(_ byte: UInt8) { PL011.write(uart, byte) }
