// The board: Raspberry Pi Pico (RP2040, Cortex-M0+). It runs from its crystal of 12 MHz (RP2040 data sheet, 2.15 and 2.16).

import Serial

private var uart: UInt { 0x4003_4000 }

@c(mote_board_start) func start() {
    Peripheral.write(0x4002_400C, 47)                   // XOSC: starts within 1 ms, on at 1 to 15 MHz
    Peripheral.write(0x4002_4000, 0xFAB_AA0)
    Peripheral.wait(0x4002_4004, mask: 1 << 31, for: 1 << 31)
    // Without a crystal the ring oscillator goes on: to change to a clock that stands would stop the core.
    if Peripheral.read(0x4002_4004) >> 31 != 0 {
        Peripheral.change(0x4000_803C, mask: 1, to: 0)  // CLK_SYS: from CLK_REF, as after a reset; a boot loader may have left a PLL
        Peripheral.wait(0x4000_8044, mask: 1, for: 1)
        Peripheral.write(0x4000_8030, 2)                // CLK_REF: from the crystal
        Peripheral.wait(0x4000_8038, mask: 1 << 2, for: 1 << 2)
        Peripheral.write(0x4000_8048, 0x080)            // CLK_PERI: from the crystal, and on
        Peripheral.write(0x4000_8048, 0x880)
    }
    // RESETS: IO_BANK0 (bit 5), PADS_BANK0 (8) and UART0 (22) out of reset, through the alias that clears bits.
    let blocks: UInt32 = 1 << 5 | 1 << 8 | 1 << 22
    Peripheral.write(0x4000_F000, blocks)
    Peripheral.wait(0x4000_C008, mask: blocks, for: blocks)
    Peripheral.write(0x4001_4004, 2)                    // GPIO0: UART0 TX
    PL011.start(uart, divisor: 12_000_000 * 4 / 115_200)
}
@c(mote_board_write_byte) func write(_ byte: UInt8) { PL011.write(uart, byte) }
