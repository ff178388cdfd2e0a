// CRC-32 (the polynomial of Ethernet, reflected), once bit by bit and once with a table made at run time.
#include "line.h"

enum { bytes = 4096, polynomial = 0xEDB88320u };

static uint32_t table[256];
static uint8_t data[bytes];

static void make_table(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ polynomial : value >> 1;
        table[i] = value;
    }
}

static uint32_t by_table(const uint8_t *from, uint32_t count) {
    uint32_t crc = ~0u;
    while (count--) crc = table[(crc ^ *from++) & 255] ^ crc >> 8;
    return ~crc;
}

static uint32_t by_bits(const uint8_t *from, uint32_t count) {
    uint32_t crc = ~0u;
    while (count--) {
        crc ^= *from++;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (polynomial & -(crc & 1));
    }
    return ~crc;
}

/// The CRC of the first `count` bytes of the pattern i * 7 + i / 256; `count` is at most 4096.
EXPORT("crc32") uint32_t crc32(uint32_t count) {
    if (count > bytes) count = bytes;
    make_table();
    for (uint32_t i = 0; i < bytes; i++) data[i] = (uint8_t)(i * 7 + i / 256);
    return by_table(data, count);
}

int32_t guest_main(void) {
    uint32_t sum = crc32(bytes);
    // The two ways must agree; a difference would show as a wrong result.
    sum ^= by_bits(data, 1024) ^ by_table(data, 1024);
    for (int round = 0; round < 8; round++) sum = sum << 1 ^ by_table(data + round, bytes - 8);
    return report("crc32", sum);
}
