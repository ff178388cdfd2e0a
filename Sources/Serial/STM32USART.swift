// ST's USART of the F1, F2 and F4 series (RM0041, chapter 23; RM0090, chapter 30).

public enum STM32USART {
    /// Transmits and receives 8 bits without parity, the peripheral's clock divided by `divisor` bits a second.
    public static func start(_ base: UInt, divisor: UInt32) {
        Peripheral.write(base + 0x08, divisor)
        Peripheral.write(base + 0x0C, 0x200C)
    }

    public static func write(_ base: UInt, _ byte: UInt8) {
        Transmitter.wait { Peripheral.read(base) & 0x80 != 0 }
        Peripheral.write(base + 0x04, UInt32(byte))
    }
}
