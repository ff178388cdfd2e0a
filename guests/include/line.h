// A line of output that is put together on the stack and printed with one call of the import.
#pragma once
#include "mote.h"

/// Kept apart from their callers, which would grow by a copy for each use; not every guest uses all of them.
#define NOT_INLINED __attribute__((noinline, minsize, unused)) static

/// At most 96 bytes; what does not fit is dropped.
typedef struct {
    char text[96];
    uint32_t count;
} Line;

static inline void line_byte(Line *line, char byte) {
    if (line->count < sizeof line->text) line->text[line->count++] = byte;
}

NOT_INLINED void line_text(Line *line, const char *text) {
    while (*text) line_byte(line, *text++);
}

/// Appends a number in decimal.
NOT_INLINED void line_number(Line *line, uint32_t number) {
    char digits[10];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count) line_byte(line, digits[--count]);
}

/// Appends the low `digits` hexadecimal digits of a number.
NOT_INLINED void line_hex(Line *line, uint64_t number, int digits) {
    while (digits--) line_byte(line, "0123456789abcdef"[number >> (4 * digits) & 15]);
}

/// Ends the line, prints it and empties it.
NOT_INLINED void line_end(Line *line) {
    line_byte(line, '\n');
    mote_write(line->text, line->count);
    line->count = 0;
}

/// Prints "<name> <result in hexadecimal>" and hands the result back: the last line of most guests.
static inline int32_t report(const char *name, uint32_t result) {
    Line line;
    line.count = 0;
    line_text(&line, name);
    line_byte(&line, ' ');
    line_hex(&line, result, 8);
    line_end(&line);
    return (int32_t)result;
}
