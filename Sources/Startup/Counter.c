// Counts the instructions that the core executes, exactly, under QEMU's `-icount shift=7`: there each takes 128 ns of virtual time, more than two
// ticks of any board's clock, so that the difference of two readings, which is good to a tick, rounds to the right number.
//
// On Arm the timer is SysTick (ARM DDI 0403, B3.3), 24 bits down from the top; its exception counts the rounds, of 1.5 million instructions at 168 MHz.
// RISC-V has a counter of cycles, which is in nanoseconds there.
#include "Private.h"

#define NANOSECONDS_PER_INSTRUCTION 128u

__attribute__((noinline)) static uint64_t measure(uint32_t turns) {
    const uint64_t start = mote_counter_now();
    mote_spin(turns);
    return mote_counter_instructions(start, mote_counter_now());
}

/// Whether the counter counts: the difference of two runs is 2 × 64 instructions, whatever is around the loop.
static bool measures(void) {
    const uint64_t shorter = measure(64);
    return shorter + 128 == measure(128);
}

#if defined(__arm__)
enum { TOP = 0xFFFFFF };
#define SYST_CSR 0xE000E010
#define SYST_RVR 0xE000E014
#define SYST_CVR 0xE000E018
#define ICSR 0xE000ED04

static volatile uint32_t rounds;

/// Five instructions, which are not counted.
__attribute__((naked)) void mote_systick(void) {
    __asm volatile(
        ".syntax unified\n"
        "   ldr   r0, =%c0\n"
        "   ldr   r1, [r0]\n"
        "   adds  r1, #1\n"
        "   str   r1, [r0]\n"
        "   bx    lr\n"
        "   .ltorg\n" ::"i"(&rounds));
}

uint64_t mote_counter_now(void) {
    uint32_t high, low;
    do {
        high = rounds;
        low = TOP - REGISTER(SYST_CVR);
        // Inside of another handler the exception waits (PENDSTSET).
        if (REGISTER(ICSR) & 1u << 26 && low < TOP / 2) high++;
    } while (high != rounds && high != rounds + 1);
    return (uint64_t)high << 24 | low;
}

uint64_t mote_counter_instructions(uint64_t from, uint64_t to) {
    const uint64_t clock = (uint32_t)__clock;
    const uint64_t perInstruction = 1000000000u / NANOSECONDS_PER_INSTRUCTION;
    const uint64_t count = ((to - from) * perInstruction + clock / 2) / clock;
    return count - 5 * ((to >> 24) - (from >> 24));
}

bool mote_counter_start(void) {
    REGISTER(SYST_CSR) = 0;
    REGISTER(SYST_RVR) = TOP;
    REGISTER(SYST_CVR) = 0;
    rounds = 0;
    REGISTER(SYST_CSR) = 7;  // on, with the exception, from the core's clock
    return measures();
}

__attribute__((naked)) void mote_spin(uint32_t turns) {
    __asm volatile(
        ".syntax unified\n"
        "1: subs  r0, #1\n"
        "   bne   1b\n"
        "   bx    lr\n");
}
#endif

#if defined(__riscv)
// QEMU counts the nanoseconds of its time in mcycle. (In minstret it does in some versions, and instructions in others.)
uint64_t mote_counter_now(void) {
    uint32_t high, low, again;
    do {
        __asm volatile("csrr %0, mcycleh\n csrr %1, mcycle\n csrr %2, mcycleh" : "=r"(high), "=r"(low), "=r"(again));
    } while (high != again);
    return (uint64_t)high << 32 | low;
}

uint64_t mote_counter_instructions(uint64_t from, uint64_t to) { return (to - from) / NANOSECONDS_PER_INSTRUCTION; }

// Without -icount QEMU answers with a clock of the host, and silicon with cycles.
bool mote_counter_start(void) {
    return measures();
}

__attribute__((naked)) void mote_spin(uint32_t turns) {
    __asm volatile(
        "1: addi  a0, a0, -1\n"
        "   bnez  a0, 1b\n"
        "   ret\n");
}
#endif
