// The board: Netduino Plus 2 (STM32F405RG, Cortex-M4F), in QEMU or as it is. It runs from its internal oscillator of 16 MHz (RM0090, 6.2); QEMU's core
// counts 168 MHz, and its UART knows no baud rate.

import Serial

private var uart: UInt { 0x4001_1000 }

@c(mote_board_start) func start() {
    Peripheral.change(0x4002_3830, mask: 1, to: 1)                     // RCC_AHB1ENR: port A
    Peripheral.change(0x4002_3844, mask: 1 << 4, to: 1 << 4)           // RCC_APB2ENR: USART1
    Peripheral.change(0x4002_0000, mask: 3 << 18, to: 2 << 18)         // GPIOA_MODER, AFRH: PA9 is USART1's
    Peripheral.change(0x4002_0024, mask: 0xF << 4, to: 7 << 4)
    STM32USART.start(uart, divisor: 16_000_000 / 115_200)
}
@c(mote_board_write_byte) func write(_ byte: UInt8) { STM32USART.write(uart, byte) }
