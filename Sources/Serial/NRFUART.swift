// Nordic's UART of nRF51 and nRF52 (nRF51 Series Reference Manual, chapter 29), 115,200 baud.

public enum NRFUART {
    /// Transmits on a pin.
    public static func start(_ base: UInt, transmitPin: UInt32) {
        Peripheral.write(base + 0x50C, transmitPin)
        Peripheral.write(base + 0x524, 0x01D7_E000)
        Peripheral.write(base + 0x500, 4)
        Peripheral.write(base + 0x008, 1)
    }

    public static func write(_ base: UInt, _ byte: UInt8) {
        Peripheral.write(base + 0x11C, 0)
        Peripheral.write(base + 0x51C, UInt32(byte))
        Peripheral.wait(base + 0x11C, mask: 1, for: 1)
    }
}
