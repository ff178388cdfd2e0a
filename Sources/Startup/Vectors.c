// The vector table and the way from reset to main.
#if defined(__arm__)
#include "Private.h"

extern int main(int argc, char **argv);

typedef void (*Handler)(void);

/// The sixteen words that every Cortex-M has; a board's interrupts follow in .vectors.board. What is not the reset goes to one
/// handler, which prints the exception's number.
__attribute__((section(".vectors"), used)) static const Handler vectors[16] = {
    (Handler)__stack_top, mote_reset,
    mote_fault, mote_fault, mote_fault, mote_fault, mote_fault, mote_fault,
    mote_fault, mote_fault, mote_fault, mote_fault, mote_fault, mote_fault,
    mote_fault, mote_fault,
};

void mote_barrier(void) { __asm volatile("dsb\n isb" ::: "memory"); }

/// Makes the code region, 0 to 0x1FFFFFFF, read-only: a store through a bad address that would hit flash faults instead of being dropped
/// (QEMU's flash) or done (the MPS2's, which is RAM), and so does a stack that leaves RAM downward. Only where the core has an MPU of the
/// v6-M and v7-M kind (ARM DDI 0403, B3.5) and flash and RAM lie as on most of them. A board that writes flash, or has RAM down there,
/// lays another region over it in mote_board_start.
static void protect_code(void) {
#if __ARM_ARCH < 8
    if ((REGISTER(0xE000ED90) >> 8 & 0xFF) == 0 || (uint32_t)__flash_end > 0x20000000 || (uint32_t)__ram_start < 0x20000000) return;
    REGISTER(0xE000ED98) = 0;                                      // MPU_RNR: region 0
    REGISTER(0xE000ED9C) = 0;                                      // MPU_RBAR: from address 0
    REGISTER(0xE000EDA0) = 6u << 24 | 1u << 17 | 28u << 1 | 1u;    // MPU_RASR: read-only, cacheable, 2^29 bytes, on
    REGISTER(0xE000ED94) = 1u << 2 | 1u;                           // MPU_CTRL: everything else as without an MPU
    mote_barrier();
#endif
}

void mote_reset(void) {
#if __ARM_ARCH >= 7
    REGISTER(0xE000ED08) = (uint32_t)vectors;  // VTOR: a boot loader may have left its own
    // CPACR: full access to coprocessors 10 and 11. Without an FPU the bits read as zero and ignore writes (ARM DDI 0403, B3.2.20),
    // so no board needs to say whether it has one.
    REGISTER(0xE000ED88) |= 0xFu << 20;
    mote_barrier();
#endif
    const uint32_t *source = __data_load;
    for (uint32_t *word = __data_start; word != __data_end; word++) *word = *source++;
    for (uint32_t *word = __bss_start; word != __bss_end; word++) *word = 0;

    protect_code();
    mote_board_start();
    mote_exit(main(0, 0));
}
#endif
