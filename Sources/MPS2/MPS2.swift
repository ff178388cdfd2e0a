// What the images of the ARM MPS2 share: the console, a CMSDK UART (ARM DDI 0479, chapter 4.3). Each board's folder names it.

import _Volatile

public enum MPS2 {
    /// The clock of the core and of its peripherals, in Hz.
    public static var clock: UInt32 { 25_000_000 }

    private static var uart: UInt { 0x4000_4000 }

    /// Transmits at 115,200 baud.
    public static func start() {
        register(uart + 0x10).store(clock / 115_200)
        register(uart + 0x08).store(1)
    }

    public static func write(byte: UInt8) {
        while register(uart + 0x04).load() & 1 != 0 {}
        register(uart).store(UInt32(byte))
    }

    static func register(_ address: UInt) -> VolatileMappedRegister<UInt32> {
        // Safety: each address that this module passes is a word of a peripheral that every MPS2 image has.
        unsafe VolatileMappedRegister(unsafeBitPattern: address)
    }
}
