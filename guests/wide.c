// A function with a frame of more than 256 cells: 140 locals of 64 bits that live at the same time.
#include "line.h"

// Applies a macro to the ten names that begin with `row`, and to all of them.
#define TEN(apply, row) apply(row##0) apply(row##1) apply(row##2) apply(row##3) apply(row##4) \
                        apply(row##5) apply(row##6) apply(row##7) apply(row##8) apply(row##9)
#define ALL(apply) TEN(apply, a) TEN(apply, b) TEN(apply, c) TEN(apply, d) TEN(apply, e) TEN(apply, f) TEN(apply, g) \
               TEN(apply, h) TEN(apply, i) TEN(apply, j) TEN(apply, k) TEN(apply, l) TEN(apply, m) TEN(apply, n)

#define DECLARE(v) uint64_t v = x += 0x9E3779B97F4A7C15u;
#define STEP(v) v = (v << 13 | v >> 51) + x, x ^= v;
#define GATHER(v) x = (x ^ v) * 0x100000001B3u;

/// A 64-bit hash of `x` after `rounds` rounds over all variables. In the cells of a frame: 280 and more.
__attribute__((noinline)) EXPORT("wide") uint64_t wide(uint64_t x, uint32_t rounds) {
    ALL(DECLARE)
    for (uint32_t round = 0; round < rounds; round++) {
        ALL(STEP)
        // Far variables in a branch, in a call's arguments and in a choice.
        if (n9 & 1) n8 += round;
        else a0 ^= n7;
        n6 = n5 < a1 ? n4 : a2;
    }
    ALL(GATHER)
    return x;
}

#define SMALL(v) float v = (float)(int32_t)(x = x * 69069 + 1) / 65536.0f;
#define BLEND(v) y += v * w, w = v < y ? w : v, v += 0.25f;

/// The same with small locals, 140 of f32 beside some of f64: the bits of the sum.
__attribute__((noinline)) EXPORT("narrow") uint32_t narrow(uint32_t x, uint32_t rounds) {
    ALL(SMALL)
    double total = 0;
    for (uint32_t round = 0; round < rounds; round++) {
        float y = 0, w = 0.5f;
        ALL(BLEND)
        total = total * 0.5 + y + n9;
    }
    float result = (float)total;
    return (union { float f; uint32_t u; }){result}.u;
}

int32_t guest_main(void) {
    // Volatile, so that the compiler makes no second copy of these long functions for constant arguments.
    static const uint32_t volatile rounds = 60;
    uint64_t sum = wide(rounds / 60, rounds);
    Line line = {.count = 0};
    line_text(&line, "wide ");
    line_hex(&line, sum, 16);
    line_end(&line);
    return report("narrow", (uint32_t)(sum ^ sum >> 32) ^ narrow(rounds / 12, rounds / 6));
}
