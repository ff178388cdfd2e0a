// Reading a timer at known distances.
#if defined(__arm__)
#include "TimerReading.h"

__attribute__((naked)) uint64_t mote_sum_of_readings(uint32_t counter) {
    __asm volatile(
        ".syntax unified\n"
        "   push  {r4, lr}\n"
        "   mov   r4, r0\n"
        "   movs  r0, #0\n"
        "   movs  r1, #0\n"
        "   movs  r2, #40\n"
        "1: ldr   r3, [r4]\n"
        "   adds  r0, r3\n"
        "   bcc   2f\n"
        "   adds  r1, #1\n"
        "   b     3f\n"
        "2: nop\n"
        "   nop\n"
        "3: subs  r2, #1\n"
        "   bne   1b\n"
        "   pop   {r4, pc}\n");
}

__attribute__((naked)) void mote_spin(uint32_t turns) {
    __asm volatile(
        ".syntax unified\n"
        "1: subs  r0, #1\n"
        "   bne   1b\n"
        "   bx    lr\n");
}
#endif
