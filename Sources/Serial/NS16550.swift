// The UART 16550 as QEMU's RISC-V machines have it, registers a byte apart: of a word only the first byte is its own.

import _Volatile

public enum NS16550 {
    private static func register(_ address: UInt) -> VolatileMappedRegister<UInt8> {
        // Safety: a register of the peripheral at the address that the board's folder gives.
        unsafe VolatileMappedRegister(unsafeBitPattern: address)
    }

    /// 8 bits without parity, through the FIFO.
    public static func start(_ base: UInt) {
        register(base + 3).store(3)
        register(base + 2).store(1)
    }

    public static func write(_ base: UInt, _ byte: UInt8) {
        Transmitter.wait { register(base + 5).load() & 0x20 != 0 }
        register(base).store(byte)
    }
}
