// A guest that uses its stack: frames fixed, sized at run time and aligned further, a stack of its own making. Linked in every layout.
#include "mote.h"

__asm__(".globaltype __stack_pointer, i32");

static const uint32_t primes[16] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53};
static uint32_t seen[64];
static _Alignas(16) uint8_t other_stack[1024];

/// A frame of 64 bytes for each step of the way down.
EXPORT("dig") __attribute__((noinline)) uint32_t dig(uint32_t depth) {
    volatile uint32_t frame[12];
    for (uint32_t i = 0; i < 12; i++) frame[i] = depth + primes[i];
    if (depth == 0) return frame[11];
    return dig(depth - 1) * 31 + frame[depth % 12];
}

static __attribute__((noinline)) uint32_t touch(volatile uint8_t *room) {
    room[0] = 7;
    return room[0];
}
/// A frame as large as is asked for. A function that calls nothing would not set the pointer.
EXPORT("take") uint32_t take(uint32_t bytes) { return touch(__builtin_alloca(bytes)); }

/// A frame that is aligned further than the stack is.
EXPORT("aligned") __attribute__((noinline)) uint32_t aligned(uint32_t depth) {
    volatile _Alignas(128) uint32_t frame[64];
    frame[depth % 64] = depth;
    return depth == 0 ? (uint32_t)(uintptr_t)frame % 128 : aligned(depth - 1) + frame[depth % 64] - depth;
}

static uint32_t pointer(void) {
    uint32_t value;
    __asm__ volatile("global.get __stack_pointer\n local.set %0" : "=r"(value));
    return value;
}
static void set_pointer(uint32_t value) { __asm__ volatile("local.get %0\n global.set __stack_pointer" : : "r"(value)); }

/// `dig` on a stack of the guest's own, as a coroutine runs. Where that lies, no linker said.
EXPORT("elsewhere") __attribute__((noinline)) uint32_t elsewhere(uint32_t depth) {
    uint32_t before = pointer();
    set_pointer((uint32_t)(uintptr_t)(other_stack + sizeof other_stack));
    uint32_t result = dig(depth);
    set_pointer(before);
    return result;
}

/// The stack pointer as a host sees it between calls.
EXPORT("pointer") uint32_t guest_pointer(void) { return pointer(); }

/// Gives back what it never took.
EXPORT("give") void give(void) {
    __asm__ volatile("global.get __stack_pointer\n i32.const 64\n i32.add\n global.set __stack_pointer");
}

EXPORT("main") int32_t guest_main(void) {
    volatile uint8_t line[300];
    for (uint32_t i = 0; i < sizeof line; i++) line[i] = (uint8_t)(i * 7);
    for (uint32_t i = 0; i < 64; i++) seen[i] = line[i * 4] + primes[i % 16];
    uint32_t sum = dig(5);
    for (uint32_t i = 0; i < 64; i++) sum = sum * 33 + seen[i];
    return (int32_t)(sum + elsewhere(5));
}
