// RISC-V: the way from reset to main, and what every trap ends in. (The privileged architecture, 20211203, chapter 3.)
#if defined(__riscv)
#include "Private.h"

extern int main(int argc, char **argv);
__attribute__((noreturn, used)) void mote_start(void);

/// First in flash. The stack lies first in RAM, as on Arm, and what is below it is guarded: protect() says how.
__attribute__((naked, section(".vectors"), used)) void mote_reset(void) {
    __asm volatile(
        "   la    sp, __stack_top\n"
        "   la    t0, mote_trap\n"
        "   csrw  mtvec, t0\n"
        "   csrw  mie, zero\n"
        "   j     mote_start\n");
}

void mote_barrier(void) { __asm volatile("fence\n fence.i" ::: "memory"); }

/// Locked regions of the physical memory protection hold in machine mode too, which reaches what no region covers (3.7.1): code is read-only, and
/// what lies below the stack, from __guard_start, is nobody's. Each region is a pair: where it begins, and its top with what is allowed.
static void protect(void) {
    __asm volatile("csrw pmpaddr0, %0\n csrw pmpaddr1, %1\n csrw pmpaddr2, %2\n csrw pmpaddr3, %3\n csrw pmpcfg0, %4" ::
        "r"((uint32_t)__flash_start >> 2), "r"((uint32_t)__flash_end >> 2), "r"((uint32_t)__guard_start >> 2), "r"((uint32_t)__stack_limit >> 2),
        // Locked, top of range: 1 may be read and executed, 3 nothing.
        "r"(0x88u << 24 | 0x8Du << 8));
}

void mote_start(void) {
    mote_board_watchdog();
    const uint32_t *source = __data_load;
    for (uint32_t *word = __data_start; word != __data_end; word++) *word = *source++;
    for (uint32_t *word = __bss_start; word != __bss_end; word++) *word = 0;
    protect();
    mote_board_start();
    mote_exit(main(0, 0));
}

/// The registers that mote_trap keeps: the report never returns.
__attribute__((used, noreturn)) void mote_trap_report(uint32_t pointer, uint32_t caller) {
    uint32_t cause, place, value;
    __asm volatile("csrr %0, mcause\n csrr %1, mepc\n csrr %2, mtval" : "=r"(cause), "=r"(place), "=r"(value));
    mote_fault_text("\nmote: fault ");
    if (cause >= 10) mote_board_write_byte((uint8_t)('0' + cause / 10 % 10));
    mote_board_write_byte((uint8_t)('0' + cause % 10));
    const bool is_inside = pointer >= (uint32_t)__stack_limit && pointer <= (uint32_t)__stack_top;
    if (is_inside) {
        mote_fault_text(" at ");
        mote_fault_hex(place);
        mote_fault_text(", called from ");
        mote_fault_hex(caller);
    } else {
        mote_fault_text(": native stack overflow, sp ");
        mote_fault_hex(pointer);
    }
    mote_fault_text(", address ");
    mote_fault_hex(value);
    mote_fault_text("\n");
    mote_fault_end(0, 0, is_inside ? (const uint32_t *)pointer : __stack_limit);
}

/// A semihosting request that no debugger took is answered with -1; all else is reported, an ebreak of somebody else's too: the instruction behind it
/// tells. Two registers are free: mscratch keeps one, and a0 is the answer, which a report does not need.
__attribute__((naked, aligned(4), used)) void mote_trap(void) {
    __asm volatile(
        "   csrw  mscratch, t0\n"
        "   csrr  t0, mcause\n"
        "   addi  t0, t0, -3\n"
        "   bnez  t0, 1f\n"
        "   csrr  t0, mepc\n"
        "   andi  a0, t0, 3\n"
        "   bnez  a0, 1f\n"
        "   lw    t0, 4(t0)\n"
        "   li    a0, 0x40705013\n"  // srai x0, x0, 7
        "   bne   t0, a0, 1f\n"
        "   csrr  t0, mepc\n"
        "   addi  t0, t0, 4\n"
        "   csrw  mepc, t0\n"
        "   li    a0, -1\n"
        "   csrr  t0, mscratch\n"
        "   mret\n"
        "1: mv    a0, sp\n"
        "   mv    a1, ra\n"
        // Where there is no room for the report it starts on a fresh stack; otherwise what lies on this one is looked at.
        "   la    t0, __stack_limit\n"
        "   addi  t0, t0, 1024\n"
        "   bgeu  sp, t0, 2f\n"
        "   la    sp, __stack_top\n"
        "2: andi  sp, sp, -16\n"
        "   j     mote_trap_report\n");
}
#endif
