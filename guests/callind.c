// Calls through tables of function pointers, with three function types.
#include "line.h"

typedef uint32_t (*Binary)(uint32_t, uint32_t);
typedef uint64_t (*Wide)(uint64_t);
typedef void (*Action)(void);

static uint32_t ticks;

static uint32_t add(uint32_t x, uint32_t y) { return x + y; }
static uint32_t subtract(uint32_t x, uint32_t y) { return x - y; }
static uint32_t mix(uint32_t x, uint32_t y) { return (x ^ y) * 2654435761u; }
static uint32_t smaller(uint32_t x, uint32_t y) { return x < y ? x : y; }
static uint32_t turn(uint32_t x, uint32_t y) { return x << (y & 31) | x >> (-y & 31); }
static uint32_t both(uint32_t x, uint32_t y) { return (x & y) + (x | y) / 3; }
static uint64_t square(uint64_t x) { return x * x + 1; }
static uint64_t fold(uint64_t x) { return x ^ x >> 29; }
static void tick(void) { ticks += 1; }
static void tock(void) { ticks ^= ticks << 3; }

// Volatile, so that the compiler cannot call the functions directly.
static const Binary volatile binaries[8] = {add, subtract, mix, smaller, turn, both, mix, add};
static const Wide volatile wides[2] = {square, fold};
static const Action volatile actions[2] = {tick, tock};

/// A checksum over `count` steps, each of them two or three indirect calls.
EXPORT("dispatch") uint32_t dispatch(uint32_t count) {
    uint32_t value = 0x12345678, other = 1;
    uint64_t wide = 3;
    ticks = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t result = binaries[(value >> 3 ^ i) & 7](value, other);
        other = value, value = result + i;
        wide = wides[value >> 5 & 1](wide);
        if ((i & 3) == 0) actions[other >> 2 & 1]();
    }
    return value ^ other * 7 ^ (uint32_t)(wide ^ wide >> 32) ^ ticks;
}

int32_t guest_main(void) {
    return report("callind", dispatch(8000));
}
