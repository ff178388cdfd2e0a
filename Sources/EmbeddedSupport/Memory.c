// memcpy, memmove and memset under the names that the compiler calls on Arm; libgcc has none of them. Built with -fno-builtin, or the
// compiler would turn these loops into calls of themselves. Words where both sides allow it.
#include <stddef.h>
#include <stdint.h>

#define ALIAS(name) __attribute__((alias(#name)))

#if defined(__arm__) && __ARM_ARCH >= 7
#define IS_WORDWISE(bits) 1  // ldr and str take any address
typedef uint32_t __attribute__((aligned(1), may_alias)) Word;
#else
#define IS_WORDWISE(bits) (((bits) & 3) == 0)
typedef uint32_t __attribute__((may_alias)) Word;
#endif

typedef uint64_t __attribute__((aligned(4), may_alias)) Pair;

// Not `restrict`: memmove counts on each group being loaded before it is stored.
void *memcpy(void *to, const void *from, size_t count) {
    uint8_t *target = to;
    const uint8_t *source = from;
    if (IS_WORDWISE((uintptr_t)target | (uintptr_t)source)) {
        for (; count >= 16; count -= 16, target += 16, source += 16) {
            const Word a = ((const Word *)source)[0], b = ((const Word *)source)[1];
            const Word c = ((const Word *)source)[2], d = ((const Word *)source)[3];
            ((Word *)target)[0] = a, ((Word *)target)[1] = b;
            ((Word *)target)[2] = c, ((Word *)target)[3] = d;
        }
        for (; count >= 4; count -= 4, target += 4, source += 4) *(Word *)target = *(const Word *)source;
    }
    while (count--) *target++ = *source++;
    return to;
}

void *memmove(void *to, const void *from, size_t count) {
    // Upward is memcpy, whose stores never pass its loads when the target lies below the source.
    if ((uintptr_t)to - (uintptr_t)from >= count) return memcpy(to, from, count);
    uint8_t *target = (uint8_t *)to + count;
    const uint8_t *source = (const uint8_t *)from + count;
    if (IS_WORDWISE((uintptr_t)target | (uintptr_t)source)) {
        for (; count >= 4; count -= 4) {
            target -= 4, source -= 4;
            *(Word *)target = *(const Word *)source;
        }
    }
    while (count--) *--target = *--source;
    return to;
}

void *memset(void *to, int value, size_t count) {
    uint8_t *target = to;
    const uint32_t word = (uint8_t)value * 0x01010101u;
    if (IS_WORDWISE((uintptr_t)target)) {
        // At a multiple of 4 two words are one store.
        if (((uintptr_t)target & 3) == 0) {
            const uint64_t pair = (uint64_t)word << 32 | word;
            for (; count >= 32; count -= 32, target += 32) {
                ((Pair *)target)[0] = pair, ((Pair *)target)[1] = pair;
                ((Pair *)target)[2] = pair, ((Pair *)target)[3] = pair;
            }
            for (; count >= 8; count -= 8, target += 8) *(Pair *)target = pair;
        }
        for (; count >= 4; count -= 4, target += 4) *(Word *)target = word;
    }
    while (count--) *target++ = (uint8_t)value;
    return to;
}

#if defined(__arm__)
// The names of the run-time ABI (ARM IHI 0043, 4.3.4); the suffix promises an alignment.
void __aeabi_memcpy(void *to, const void *from, size_t count) ALIAS(memcpy);
void __aeabi_memcpy4(void *to, const void *from, size_t count) ALIAS(memcpy);
void __aeabi_memcpy8(void *to, const void *from, size_t count) ALIAS(memcpy);
void __aeabi_memmove(void *to, const void *from, size_t count) ALIAS(memmove);
void __aeabi_memmove4(void *to, const void *from, size_t count) ALIAS(memmove);
void __aeabi_memmove8(void *to, const void *from, size_t count) ALIAS(memmove);

void __aeabi_memset(void *to, size_t count, int value) { memset(to, value, count); }
void __aeabi_memset4(void *to, size_t count, int value) ALIAS(__aeabi_memset);
void __aeabi_memset8(void *to, size_t count, int value) ALIAS(__aeabi_memset);

void __aeabi_memclr(void *to, size_t count) { memset(to, 0, count); }
void __aeabi_memclr4(void *to, size_t count) ALIAS(__aeabi_memclr);
void __aeabi_memclr8(void *to, size_t count) ALIAS(__aeabi_memclr);
#endif
