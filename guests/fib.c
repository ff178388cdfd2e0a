// Fibonacci by recursion: nothing but calls and compares.
#include "line.h"

EXPORT("fib") uint32_t fib(uint32_t n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int32_t guest_main(void) {
    uint32_t result = fib(24);
    Line line = {.count = 0};
    line_text(&line, "fib(24) = ");
    line_number(&line, result);
    line_end(&line);
    return (int32_t)result;
}
