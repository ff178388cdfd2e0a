// The MPU of v7-M (ARM DDI 0403, B3.5), set so that a program can write to its stack, to one range of RAM and to peripherals, and to nothing
// else: what is in no region faults, and so does a write where only reads are allowed.

import Startup
import _Volatile

enum MemoryProtection {
    /// A region's rights: AP in bits 26 to 24 of MPU_RASR, XN in bit 28, and the kind of memory in bits 18 to 16.
    private enum Rights {
        static var readOnly: UInt32 { 6 << 24 | 1 << 17 }
        static var readOnlyData: UInt32 { 1 << 28 | readOnly }
        static var data: UInt32 { 1 << 28 | 3 << 24 | 1 << 17 }
        static var device: UInt32 { 1 << 28 | 3 << 24 | 1 << 16 }
    }

    /// Leaves these `1 << shift` bytes of RAM at `address`, a multiple of as many, writable beside the stack. The stack must lie at the start
    /// of RAM and be a multiple of 8 KB, 64 KB at most. Whether all that is so, and there is an MPU.
    static func close(but address: UInt, shift: UInt32) -> Bool {
        let (stack, stackBytes) = unsafe (UInt(bitPattern: mote_stack_limit()), mote_stack_size())
        let eighths = stackBytes >> 13
        guard register(0xE000_ED90).load() >> 8 & 0xFF >= 5, stack & 0xFFFF == 0, eighths << 13 == stackBytes, eighths <= 8, address & ((1 << shift) - 1) == 0 else {
            return false
        }
        register(0xE000_ED94).store(0)
        // Where regions overlap that of the highest number counts.
        region(0, at: 0, shift: 29, Rights.readOnly)
        region(1, at: 0x2000_0000, shift: 29, Rights.readOnlyData)
        // Eighths of a region can be left out.
        region(2, at: stack, shift: 16, Rights.data, without: ~0 << eighths & 0xFF)
        region(3, at: address, shift: shift, Rights.data)
        region(4, at: 0x4000_0000, shift: 29, Rights.device)
        // On, without the default map behind it; off again in a fault's handler.
        register(0xE000_ED94).store(1)
        mote_barrier()
        return true
    }

    private static func region(_ number: UInt32, at address: UInt, shift: UInt32, _ rights: UInt32, without eighths: UInt32 = 0) {
        register(0xE000_ED98).store(number)
        register(0xE000_ED9C).store(UInt32(address))
        register(0xE000_EDA0).store(rights | eighths << 8 | (shift - 1) << 1 | 1)
    }

    private static func register(_ address: UInt) -> VolatileMappedRegister<UInt32> {
        // Safety: each is a register of the core.
        unsafe VolatileMappedRegister(unsafeBitPattern: address)
    }
}
