// Nordic's UART of nRF51 and nRF52 (nRF51 Series Reference Manual, chapter 29), 115,200 baud.

public enum NRFUART {
    /// Transmits on a pin.
    public static func start(_ base: UInt, transmitPin: UInt32) {
        Peripheral.write(base + 0x50C, transmitPin)
        Peripheral.write(base + 0x524, 0x01D7_E000)
        Peripheral.write(base + 0x500, 4)
        Peripheral.write(base + 0x008, 1)
    }

    /// Transmits on a pin and receives on another.
    public static func start(_ base: UInt, transmitPin: UInt32, receivePin: UInt32) {
        Peripheral.write(base + 0x514, receivePin)
        start(base, transmitPin: transmitPin)
        // The event is left as it is: cleared while a byte waits, it would not be set again before that is read.
        Peripheral.write(base + 0x000, 1)
    }

    /// A byte that was received, if there is one. Six are kept until they are read.
    public static func read(_ base: UInt) -> UInt8? {
        guard Peripheral.read(base + 0x108) != 0 else { return nil }
        // Before the byte is taken: that lets the next one up, which sets it again.
        Peripheral.write(base + 0x108, 0)
        return UInt8(truncatingIfNeeded: Peripheral.read(base + 0x518))
    }

    public static func write(_ base: UInt, _ byte: UInt8) {
        Peripheral.write(base + 0x11C, 0)
        Peripheral.write(base + 0x51C, UInt32(byte))
        Transmitter.wait { Peripheral.read(base + 0x11C) & 1 != 0 }
    }
}
