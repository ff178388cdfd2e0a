// The board: ST STM32VLDISCOVERY (STM32F100RB, Cortex-M3), in QEMU or as it is. It runs from its internal oscillator of 8 MHz (RM0041, 6.2); QEMU's
// core counts 24 MHz, and its UART knows no baud rate.

import Serial

private var uart: UInt { 0x4001_3800 }

@c(mote_board_start) func start() {
    Peripheral.change(0x4002_1018, mask: 0x4004, to: 0x4004)       // RCC_APB2ENR: USART1 and port A
    Peripheral.change(0x4001_0804, mask: 0xF << 4, to: 0x9 << 4)   // GPIOA_CRH: PA9 is driven by its peripheral
    STM32USART.start(uart, divisor: 8_000_000 / 115_200)
}
@c(mote_board_write_byte) func write(_ byte: UInt8) { STM32USART.write(uart, byte) }
