// Registers of peripherals, and waits that end: what drivers and boards are made of.

import _Volatile

public enum Peripheral {
    private static func register(_ address: UInt) -> VolatileMappedRegister<UInt32> {
        // Safety: a word of a peripheral, at the address that the board's folder gives.
        unsafe VolatileMappedRegister(unsafeBitPattern: address)
    }

    public static func read(_ address: UInt) -> UInt32 { register(address).load() }

    public static func write(_ address: UInt, _ value: UInt32) { register(address).store(value) }

    /// Sets the bits under `mask` to those of `bits`, and leaves the others.
    public static func change(_ address: UInt, mask: UInt32, to bits: UInt32) { write(address, read(address) & ~mask | bits) }

    /// Waits until the bits under `mask` are `bits`, a million readings at most: what has no clock loses its function, and hangs nobody. Whether they
    /// have become so.
    @discardableResult
    public static func wait(_ address: UInt, mask: UInt32, for bits: UInt32) -> Bool {
        var readings = 1_000_000
        while read(address) & mask != bits {
            guard readings > 0 else { return false }
            readings &-= 1
        }
        return true
    }
}
