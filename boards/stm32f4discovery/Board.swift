// The board: ST STM32F4-Discovery (STM32F407VG, Cortex-M4F). It runs from its internal oscillator of 16 MHz (RM0090, 6.2).

import Serial

private var uart: UInt { 0x4000_4400 }

@c(mote_board_start) func start() {
    Peripheral.change(0x4002_3830, mask: 1, to: 1)                     // RCC_AHB1ENR: port A
    Peripheral.change(0x4002_3840, mask: 1 << 17, to: 1 << 17)         // RCC_APB1ENR: USART2
    Peripheral.change(0x4002_0000, mask: 3 << 4, to: 2 << 4)           // GPIOA_MODER, AFRL: PA2 is USART2's
    Peripheral.change(0x4002_0020, mask: 0xF << 8, to: 7 << 8)
    STM32USART.start(uart, divisor: 16_000_000 / 115_200)
}
@c(mote_board_write_byte) func write(_ byte: UInt8) { STM32USART.write(uart, byte) }
