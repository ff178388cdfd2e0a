// Where stack and free memory lie, and how much of the stack was used.
#include "Private.h"

#define PATTERN 0xA5C3A5C3u

static inline uint32_t *stack_pointer(void) {
    uint32_t *pointer;
#if defined(__riscv)
    __asm volatile("mv %0, sp" : "=r"(pointer));
#else
    __asm volatile("mov %0, sp" : "=r"(pointer));
#endif
    return pointer;
}

uint8_t *mote_free_ram(void) { return (uint8_t *)__free_ram_start; }

uint32_t mote_free_ram_length(void) { return (uint32_t)__free_ram_end - (uint32_t)__free_ram_start; }

uint32_t mote_static_length(void) { return (uint32_t)__bss_end - (uint32_t)__data_start; }

const uint8_t *mote_flash(void) { return (const uint8_t *)__flash_start; }

uint32_t mote_flash_length(void) { return (uint32_t)__flash_end - (uint32_t)__flash_start; }

uint8_t *mote_stack_limit(void) { return (uint8_t *)__stack_limit; }

uint32_t mote_stack_size(void) { return (uint32_t)__stack_top - (uint32_t)__stack_limit; }

__attribute__((noinline)) uint32_t mote_stack_depth(void) { return (uint32_t)__stack_top - (uint32_t)stack_pointer(); }

__attribute__((noinline)) void mote_stack_paint(void) {
    for (uint32_t *word = __stack_limit; word != stack_pointer(); word++) *word = PATTERN;
}

__attribute__((noinline)) uint32_t mote_stack_peak(void) {
    const uint32_t *word = __stack_limit;
    while (word != __stack_top && *word == PATTERN) word++;
    return (uint32_t)__stack_top - (uint32_t)word;
}
