// Every exception that nobody serves ends here: one line on the console, then exit with MOTE_EXIT_FAULT. Never a silent hang.
//
//     mote: fault 3 at 0x0000012e, called from 0x00000119, cfsr 0x00008200, address 0x70000000
#include "Private.h"

void mote_fault_text(const char *text) {
    while (*text) mote_board_write_byte((uint8_t)*text++);
}

void mote_fault_hex(uint32_t value) {
    mote_fault_text("0x");
    for (int shift = 28; shift >= 0; shift -= 4) mote_board_write_byte((uint8_t)"0123456789abcdef"[value >> shift & 15]);
}

/// What the firmware knows of the moment: where its guest was. Startup's own says nothing.
__attribute__((weak)) void mote_fault_hook(const uint32_t *registers, uint32_t register_count, const uint32_t *stack, uint32_t stack_count) {
    (void)registers, (void)register_count, (void)stack, (void)stack_count;
}

void mote_fault_end(const uint32_t *registers, uint32_t register_count, const uint32_t *stack) {
    // A fault in the hook itself comes here again.
    static bool is_ending;
    if (!is_ending) {
        is_ending = true;
        mote_fault_hook(registers, register_count, stack, (uint32_t)(__stack_top - stack));
    }
    mote_exit(MOTE_EXIT_FAULT);
}

#if defined(__arm__)
/// What the core pushes on exception entry (ARM DDI 0403, B1.5.6).
typedef struct { uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr; } ExceptionFrame;

#define BKPT_SEMIHOSTING 0xBEABu

static int is_in_stack(const ExceptionFrame *frame) {
    return (uint32_t)frame >= (uint32_t)__stack_limit && (uint32_t)frame <= (uint32_t)__stack_top - sizeof *frame;
}

static int is_past_limit(void) {
#if __ARM_ARCH >= 8
    return REGISTER(0xE000ED28) >> 20 & 1;
#else
    return 0;
#endif
}

static int is_in_flash(uint32_t address) {
    return address >= (uint32_t)__flash_start && address < (uint32_t)__flash_end;
}

/// Whether the exception was a semihosting request that no debugger took: it is answered with -1 and the program goes on. The frame and
/// the instruction are looked at only where a read cannot fault again, which would lock the core up.
__attribute__((used)) int mote_fault_was_semihosting(ExceptionFrame *frame) {
    if (!is_in_stack(frame) || !is_in_flash(frame->pc)) return 0;
    if (*(const uint16_t *)frame->pc != BKPT_SEMIHOSTING) return 0;
    frame->r0 = 0xFFFFFFFFu;
    frame->pc += 2;
    return 1;
}

__attribute__((naked)) static void return_to(const ExceptionFrame *frame, uint32_t exception_return) {
    // What interrupts are pending would be served first.
    __asm volatile("cpsid i\n mov sp, r0\n bx r1\n");
}

/// The hook and the exit are for where the fault was, which a HardFault returns to with a frame of our own: within it a fault in the hook, or the
/// exit's breakpoint without a debugger, would lock the core up (ARM DDI 0403, B1.5.15). All other exceptions leave room for a HardFault, but for an
/// NMI, which may still be pending. Never inlined: what the caller's frame holds must lie above ours, which the stack then ends at.
__attribute__((noinline, noreturn)) static void end(
    const uint32_t *registers, uint32_t register_count, const uint32_t *stack, uint32_t exception_return, uint32_t status
) {
    uint32_t exception;
    __asm volatile("mrs %0, ipsr" : "=r"(exception));
    // The report writes where the program may have closed RAM; within a HardFault the MPU does not count, but the hook runs outside of it.
    REGISTER(0xE000ED94) = 0;               // MPU_CTRL; where there is no MPU nothing is written
    mote_fault_text("\n");
    if (exception == 3) {
        const ExceptionFrame frame __attribute__((aligned(8))) = {
            .r0 = (uint32_t)registers, .r1 = register_count, .r2 = (uint32_t)stack, .pc = (uint32_t)mote_fault_end & ~1u, .xpsr = 1u << 24 | status};
#if __ARM_ARCH >= 7
        REGISTER(0xE000ED28) = 0xFFFFFFFF;  // CFSR: the next fault's is its own
        REGISTER(0xE000EF34) &= ~1u;        // FPCCR.LSPACT: no float registers are to be kept any more
#endif
        // On the main stack, without float registers.
        return_to(&frame, (exception_return | 1u << 4) & ~(1u << 2));
    }
    mote_fault_end(registers, register_count, stack);
}

/// `saved` are r4 to r11, which the core does not push; `exception_return` is the handler's lr.
__attribute__((used, noreturn)) void mote_fault_report(const ExceptionFrame *frame, const uint32_t *saved, uint32_t exception_return) {
    uint32_t exception;
    const int is_whole = is_in_stack(frame) && !is_past_limit();
    __asm volatile("mrs %0, ipsr" : "=r"(exception));
    mote_fault_text("\nmote: fault ");
    if (exception >= 10) mote_board_write_byte((uint8_t)('0' + exception / 10 % 10));
    mote_board_write_byte((uint8_t)('0' + exception % 10));
    // On v8-M the stack's limit keeps sp inside: UFSR.STKOF tells.
    if (is_whole) {
        mote_fault_text(" at ");
        mote_fault_hex(frame->pc);
        mote_fault_text(", called from ");
        mote_fault_hex(frame->lr);
    } else {
        mote_fault_text(": native stack overflow, sp ");
        mote_fault_hex((uint32_t)frame);
    }
#if __ARM_ARCH >= 7
    const uint32_t status = REGISTER(0xE000ED28);
    mote_fault_text(", cfsr ");
    mote_fault_hex(status);
    if (status & 0x8080) {  // MMARVALID or BFARVALID
        mote_fault_text(", address ");
        mote_fault_hex(REGISTER(status & 0x80 ? 0xE000ED34 : 0xE000ED38));
    }
#endif
    // The number of the exception that was interrupted, if it was one.
    const uint32_t interrupted = exception_return & 1u << 3 ? 0 : is_in_stack(frame) ? frame->xpsr & 0x1FF : 0;
    if (!is_whole) end(0, 0, __stack_limit, exception_return, interrupted);
    uint32_t registers[13] = {frame->r0, frame->r1, frame->r2, frame->r3};
    for (int number = 4; number < 12; number++) registers[number] = saved[(number + 4) % 8];
    registers[12] = frame->r12;
    end(registers, 13, (const uint32_t *)frame, exception_return, interrupted);
}

/// Which stack the frame is on is in bit 2 of lr. After an overflow of the stack sp is outside RAM, where a push would lock the core
/// up: the range is checked before anything is pushed. The report never returns: where there is no room for it, or the stack's limit was passed, it
/// starts on a fresh stack; otherwise what lies on this one is looked at. `saved` has r8 to r11 first.
__attribute__((naked)) void mote_fault(void) {
    __asm volatile(
        ".syntax unified\n"
        "   mov   r1, lr\n"
        "   movs  r0, #4\n"
        "   tst   r1, r0\n"
        "   mrs   r0, msp\n"
        "   beq   1f\n"
        "   mrs   r0, psp\n"
        "1: mov   r2, sp\n"
        "   ldr   r3, =__stack_limit + 64\n"
        "   cmp   r2, r3\n"
        "   blo   2f\n"
        "   push  {r0, lr}\n"
        "   bl    mote_fault_was_semihosting\n"
        "   cmp   r0, #0\n"
        "   pop   {r0, r1}\n"
        "   beq   2f\n"
        "   bx    r1\n"
        "2: mov   r2, sp\n"
        "   ldr   r3, =__stack_limit + 1024\n"
        "   cmp   r2, r3\n"
        "   bhs   3f\n"
        "   ldr   r2, =__stack_top\n"
        "   mov   sp, r2\n"
        "3: push  {r4-r7}\n"
        "   mov   r4, r8\n"
        "   mov   r5, r9\n"
        "   mov   r6, r10\n"
        "   mov   r7, r11\n"
        "   push  {r4-r7}\n"
        "   mov   r2, r1\n"
        "   mov   r1, sp\n"
        "   bl    mote_fault_report\n"
        "   .ltorg\n");
}
#endif
