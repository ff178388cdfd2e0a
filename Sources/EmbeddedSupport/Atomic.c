// Loads and stores of a word under the names that the compiler calls on ARMv6-M for `_Volatile`: there a word is read and written at once
// (ARM DDI 0419, A3.5.1), but LLVM makes no instruction of it. The definitions are by label, or clang would take them for its own.
#if defined(__arm__) && __ARM_ARCH == 6
#include <stdint.h>

uint32_t mote_atomic_load(const volatile uint32_t *word, int order) __asm("__atomic_load_4");
void mote_atomic_store(volatile uint32_t *word, uint32_t value, int order) __asm("__atomic_store_4");

uint32_t mote_atomic_load(const volatile uint32_t *word, int order) { return *word; }
void mote_atomic_store(volatile uint32_t *word, uint32_t value, int order) { *word = value; }
#endif
