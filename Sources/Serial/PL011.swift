// ARM's PrimeCell UART PL011 (ARM DDI 0183): LM3S, RP2040.

public enum PL011 {
    /// Transmits and receives 8 bits without parity, through the FIFO. The divisor is in 64ths: clock / (16 × baud) × 64.
    public static func start(_ base: UInt, divisor: UInt32) {
        Peripheral.write(base + 0x30, 0)
        Peripheral.write(base + 0x24, divisor >> 6)
        Peripheral.write(base + 0x28, divisor & 63)
        Peripheral.write(base + 0x2C, 0x70)
        Peripheral.write(base + 0x30, 0x301)
    }

    public static func write(_ base: UInt, _ byte: UInt8) {
        Transmitter.wait { Peripheral.read(base + 0x18) & 0x20 == 0 }
        Peripheral.write(base, UInt32(byte))
    }
}
