// An unoptimised build (-O0), as debug builds have it: every variable in memory, every call made.
#include "line.h"

// The quarter of a round over a state of sixteen 64-bit words.
#define QUARTER(a, b, c, d)           \
    a += b, d ^= a, d = TURN(d, 32);  \
    c += d, b ^= c, b = TURN(b, 24);  \
    a += b + (c << 1) - (d >> 3);     \
    d ^= a * 0x9E3779B97F4A7C15u, d = TURN(d, 16); \
    c += d, b ^= c, b = TURN(b, 63)
#define TURN(value, by) ((value) >> (by) | (value) << (64 - (by)))
#define ROUND                                     \
    QUARTER(v0, v4, v8, v12);                     \
    QUARTER(v1, v5, v9, v13);                     \
    QUARTER(v2, v6, v10, v14);                    \
    QUARTER(v3, v7, v11, v15);                    \
    QUARTER(v0, v5, v10, v15);                    \
    QUARTER(v1, v6, v11, v12);                    \
    QUARTER(v2, v7, v8, v13);                     \
    QUARTER(v3, v4, v9, v14)

/// A 64-bit hash of (`x`, `y`) over `rounds` rounds.
EXPORT("hash") uint64_t hash(uint64_t x, uint64_t y, uint32_t rounds) {
    uint64_t v0 = x, v1 = y, v2 = x ^ y, v3 = x + y, v4 = ~x, v5 = ~y, v6 = x - y, v7 = x * 3;
    uint64_t v8 = y * 5, v9 = x << 7, v10 = y >> 9, v11 = x | y, v12 = x & y, v13 = 13, v14 = 14, v15 = 15;
    for (uint32_t i = 0; i < rounds; i++) {
        ROUND;
        if (v0 & 1) v15 += i;
        else v14 -= i;
    }
    return v0 ^ v1 ^ v2 ^ v3 ^ v4 ^ v5 ^ v6 ^ v7 ^ v8 ^ v9 ^ v10 ^ v11 ^ v12 ^ v13 ^ v14 ^ v15;
}

// A body of a different kind: many calls with many arguments, in unoptimised form.
static int32_t choose(int32_t a, int32_t b, int32_t c, int64_t d, float e, double f, uint8_t g, int16_t h) {
    switch ((a + g) & 7) {
    case 0: return b + h;
    case 1: return c ^ (int32_t)d;
    case 2: return (int32_t)(d >> 32) + g;
    case 3: return (int32_t)(e * 16);
    case 4: return (int32_t)f - a;
    case 5: return g * h;
    default: return a * b + c;
    }
}

static uint32_t mixed(uint32_t count) {
    int32_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        int32_t a = (int32_t)i, b = (int32_t)(i * i % 101), c = a - b;
        float e = (float)a / 8;
        double f = (double)b * 0.5 + e;
        sum ^= choose(a, b, c, (int64_t)c * 1234567891, e, f, (uint8_t)(i * 3), (int16_t)(c * 129)) + (sum & 0xffff) * 3;
    }
    return (uint32_t)sum;
}

int32_t guest_main(void) {
    uint64_t sum = hash(1, 2, 40);
    Line line = {.count = 0};
    line_text(&line, "debug ");
    line_hex(&line, sum, 16);
    line_end(&line);
    return report("mixed", (uint32_t)sum ^ mixed(300));
}
