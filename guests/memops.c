// Copies, moves, fills and compares of blocks: the bulk instructions beside byte and word loops.
#include "line.h"

enum { size = 2048 };

static uint8_t from[size], to[size];

static uint32_t compare(const uint8_t *x, const uint8_t *y, uint32_t count) {
    uint32_t at = 0;
    while (at < count && x[at] == y[at]) at++;
    return at;
}

static void copy_words(uint8_t *target, const uint8_t *source, uint32_t count) {
    const uint32_t *x = (const uint32_t *)source;
    uint32_t *y = (uint32_t *)target;
    for (uint32_t i = 0; i < count / 4; i++) y[i] = x[i] ^ 0x01010101;
}

/// A checksum over `rounds` rounds.
EXPORT("memops") uint32_t memops(uint32_t rounds) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < size; i++) from[i] = (uint8_t)(i ^ i >> 5);
    for (uint32_t round = 0; round < rounds; round++) {
        uint32_t length = 64 + round * 37 % 1500;
        __builtin_memset(to, (int)round, size);
        __builtin_memcpy(to + round, from, length);
        // Overlapping, once in each direction.
        __builtin_memmove(to + round + 5, to + round, length);
        __builtin_memmove(to + round, to + round + 9, length);
        sum = sum * 31 + compare(to + round, from + 4, length);
        copy_words(from, to, size);
        for (uint32_t i = round; i < size; i += 7) sum += (uint32_t)to[i] << (i & 15);
    }
    return sum;
}

int32_t guest_main(void) {
    return report("memops", memops(32));
}
