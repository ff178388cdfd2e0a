// The UART of ARM's CMSDK (ARM DDI 0479, chapter 4.3): the MPS2 and MPS3 images.

public enum CMSDKUART {
    /// Transmits, `clock` in Hz divided by `divisor` (at least 16) bits a second.
    public static func start(_ base: UInt, divisor: UInt32) {
        Peripheral.write(base + 0x10, divisor)
        Peripheral.write(base + 0x08, 1)
    }

    public static func write(_ base: UInt, _ byte: UInt8) {
        Transmitter.wait { Peripheral.read(base + 0x04) & 1 == 0 }
        Peripheral.write(base, UInt32(byte))
    }
}
