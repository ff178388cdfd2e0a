// Work on strings: length, compare, search, patterns, numbers to text and back.
#include "line.h"

static const char words[] =
    "the module lies in flash and is read in place the pool lies in memory and is handed in by the caller "
    "a guest asks for no byte that was not promised and a trap names what went wrong";

static uint32_t length(const char *text) {
    const char *end = text;
    // The empty statement keeps the loop a loop: the compiler would call a strlen that we do not have.
    while (*end) {
        end++;
        __asm__ volatile("");
    }
    return (uint32_t)(end - text);
}

static int compare(const char *x, const char *y) {
    while (*x && *x == *y) x++, y++;
    return (uint8_t)*x - (uint8_t)*y;
}

static const char *find(const char *in, const char *what) {
    for (; *in; in++) {
        uint32_t i = 0;
        while (what[i] && in[i] == what[i]) i++;
        if (!what[i]) return in;
    }
    return 0;
}

/// Whether `text` is matched by `pattern`, where '?' is any character and '*' any number of them.
static int matches(const char *pattern, const char *text) {
    const char *star = 0, *resume = text;
    while (*text) {
        if (*pattern == '*') star = pattern++, resume = text;
        else if (*pattern == '?' || *pattern == *text) pattern++, text++;
        else if (star) pattern = star + 1, text = ++resume;
        else return 0;
    }
    while (*pattern == '*') pattern++;
    return !*pattern;
}

static void write_number(char *to, int32_t number, uint32_t base) {
    char digits[33];
    uint32_t count = 0, rest = number < 0 ? 0u - (uint32_t)number : (uint32_t)number;
    do digits[count++] = "0123456789abcdefghijklmnopqrstuvwxyz"[rest % base];
    while (rest /= base);
    if (number < 0) *to++ = '-';
    while (count) *to++ = digits[--count];
    *to = 0;
}

static int32_t read_number(const char *from, uint32_t base) {
    int negative = *from == '-';
    uint32_t value = 0;
    for (from += negative; *from; from++)
        value = value * base + (uint32_t)(*from <= '9' ? *from - '0' : *from - 'a' + 10);
    return (int32_t)(negative ? 0u - value : value);
}

/// A checksum over `rounds` rounds.
EXPORT("strops") uint32_t strops(uint32_t rounds) {
    char text[sizeof words], word[16], last[16] = "";
    uint32_t sum = length(words);
    for (uint32_t round = 0; round < rounds; round++) {
        uint32_t at = 0, count = 0;
        for (const char *from = words;; from++) {
            if (*from != ' ' && *from) {
                word[count++] = *from;
                text[at++] = (char)(*from - (round & 1 ? 32 : 0));
                continue;
            }
            word[count] = 0;
            sum = sum * 31 + (uint32_t)(compare(word, last) > 0) + (uint32_t)matches("?*e*", word) * 2 + count;
            for (uint32_t i = 0; i <= count; i++) last[i] = word[i];
            count = 0;
            if (!*from) break;
        }
        text[at] = 0;
        const char *found = find(text, round & 1 ? "POOL" : "pool");
        sum += found ? (uint32_t)(found - text) : 1000;
        char number[36];
        write_number(number, (int32_t)(sum * 2654435761u), 2 + round % 35);
        sum ^= (uint32_t)read_number(number, 2 + round % 35) + length(number);
    }
    return sum;
}

int32_t guest_main(void) {
    return report("strops", strops(40));
}
