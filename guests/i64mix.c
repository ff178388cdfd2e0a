// 64-bit arithmetic: a generator with rotates, products, divisions and compares.
#include "line.h"

static uint64_t rotate(uint64_t value, unsigned by) { return value << (by & 63) | value >> (-by & 63); }

static uint64_t a, b;

static uint64_t next(void) {
    uint64_t x = a, y = b;
    uint64_t result = rotate(x + y, 17) + x;
    y ^= x;
    a = rotate(x, 49) ^ y ^ y << 21;
    b = rotate(y, 28);
    return result;
}

/// A 64-bit checksum over `count` steps.
EXPORT("mix") uint64_t mix(uint64_t seed, uint32_t count) {
    a = seed * 0x9E3779B97F4A7C15u + 1;
    b = ~seed ^ 0xD1B54A32D192ED03u;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t value = next();
        sum += value * (i | 1);
        if ((int64_t)value < 0) sum ^= value >> 7;
        if (value > sum) sum = rotate(sum, (unsigned)value);
        if ((i & 15) == 0) sum += (uint64_t)((int64_t)value / (int64_t)(i + 3)) ^ value % (i + 5);
        sum ^= (uint64_t)__builtin_popcountll(value) << 32 | (uint64_t)__builtin_clzll(value | 1);
    }
    return sum;
}

int32_t guest_main(void) {
    uint64_t sum = mix(2024, 6000);
    Line line = {.count = 0};
    line_text(&line, "i64mix ");
    line_hex(&line, sum, 16);
    line_end(&line);
    return (int32_t)(sum ^ sum >> 32);
}
