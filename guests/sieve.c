// The sieve of Eratosthenes: byte stores with a stride, short loops.
#include "line.h"

enum { capacity = 8192, rounds = 8 };

static uint8_t composite[capacity];

/// The number of primes below `n`; `n` is at most 8192.
EXPORT("sieve") uint32_t sieve(uint32_t n) {
    if (n > capacity) n = capacity;
    for (uint32_t i = 0; i < n; i++) composite[i] = 0;
    uint32_t count = 0;
    for (uint32_t i = 2; i < n; i++) {
        if (composite[i]) continue;
        count++;
        for (uint32_t k = i + i; k < n; k += i) composite[k] = 1;
    }
    return count;
}

int32_t guest_main(void) {
    uint32_t sum = 0;
    for (uint32_t round = 0; round < rounds; round++) sum = sum * 31 + sieve(capacity - round * 512);
    Line line = {.count = 0};
    line_text(&line, "primes below 8192: ");
    line_number(&line, sieve(capacity));
    line_end(&line);
    return report("sieve", sum);
}
