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
    mote_fault, mote_systick,
};

void mote_barrier(void) { __asm volatile("dsb\n isb" ::: "memory"); }

#define MPU_TYPE 0xE000ED90
#define MPU_CTRL 0xE000ED94
#define MPU_RNR 0xE000ED98
#define MPU_RBAR 0xE000ED9C

/// Makes flash read-only: a store through a bad address that would hit it faults instead of being dropped (QEMU's flash) or done (the MPS2's, which
/// is RAM), and so does a stack that leaves RAM downward where flash lies below. A board that writes flash lays another region over it in mote_board_start.
/// On v6-M and v7-M (ARM DDI 0403, B3.5) it is all of the code region, 0 to 0x1FFFFFFF, where flash and RAM lie as on most, but for the eighths that the
/// board's script leaves writable; on v8-M (ARM DDI 0553, B7.2) what the firmware takes.
static void protect_code(void) {
    if ((REGISTER(MPU_TYPE) >> 8 & 0xFF) == 0) return;
#if __ARM_ARCH >= 8
    REGISTER(0xE000EDC0) = 0x44;                                                 // MPU_MAIR0: attribute 0 is memory without a cache
    REGISTER(MPU_RNR) = 0;
    REGISTER(MPU_RBAR) = ((uint32_t)__flash_start & ~31u) | 3u << 1;            // read-only
    REGISTER(0xE000EDA0) = (((uint32_t)__flash_end - 32) & ~31u) | 1u;          // MPU_RLAR: the last 32 bytes, on
#else
    if ((uint32_t)__flash_end > 0x20000000 || (uint32_t)__ram_start < 0x20000000) return;
    REGISTER(MPU_RNR) = 0;
    REGISTER(MPU_RBAR) = 0;
    // MPU_RASR: read-only, cacheable, without some eighths, 2^29 bytes, on
    REGISTER(0xE000EDA0) = 6u << 24 | 1u << 17 | (uint32_t)__writable_eighths << 8 | 28u << 1 | 1u;
#endif
    REGISTER(MPU_CTRL) = 1u << 2 | 1u;                             // everything else as without an MPU
    mote_barrier();
}

/// The stack's end, where the core has a register for it (ARM DDI 0553, B3.21): what would go below faults before it is done.
static void limit_stack(void) {
#if __ARM_ARCH >= 8 && __ARM_ARCH_PROFILE == 'M' && defined(__ARM_FEATURE_CMSE)
    __asm volatile("msr msplim, %0" ::"r"(__stack_limit));
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
    limit_stack();
    mote_board_watchdog();
    const uint32_t *source = __data_load;
    for (uint32_t *word = __data_start; word != __data_end; word++) *word = *source++;
    for (uint32_t *word = __bss_start; word != __bss_end; word++) *word = 0;

    protect_code();
    mote_board_start();
    mote_exit(main(0, 0));
}
#endif
