// Tasks for a super-loop (Sources/SuperLoop): one reads the console, the others compute without end and say how far they are.
#include "line.h"

/// The next byte from the console. The host has none at once: it pauses this guest until there is one.
IMPORT("console", "receive") int32_t receive(void);

static void begin(Line *line, int32_t task) {
    line->count = 0;
    line_text(line, "task ");
    line_number(line, (uint32_t)task);
    line_text(line, ": ");
}

/// Prints each line that it receives, until one is "stop". Gives the number of bytes received.
EXPORT("listen") int32_t listen(int32_t task) {
    int32_t bytes = 0;
    for (;;) {
        Line line;
        begin(&line, task);
        const uint32_t start = line.count;
        for (;;) {
            const char byte = (char)receive();
            bytes++;
            if (byte == '\n' || byte == '\r') break;
            line_byte(&line, byte);
        }
        const char *text = line.text + start;
        const int stop = line.count == start + 4 && text[0] == 's' && text[1] == 't' && text[2] == 'o' && text[3] == 'p';
        line_end(&line);
        if (stop) return bytes;
    }
}

static int is_prime(uint32_t number) {
    for (uint32_t divisor = 2; divisor * divisor <= number; divisor++) {
        if (number % divisor == 0) return 0;
    }
    return 1;
}

/// Counts primes, and prints every thousandth.
EXPORT("count") int32_t count(int32_t task) {
    uint32_t found = 0;
    for (uint32_t number = 2;; number++) {
        if (!is_prime(number) || ++found % 1000 != 0) continue;
        Line line;
        begin(&line, task);
        line_number(&line, found);
        line_text(&line, " primes up to ");
        line_number(&line, number);
        line_end(&line);
    }
}
