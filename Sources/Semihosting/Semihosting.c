// Semihosting requests, each one breakpoint.
#include "Semihosting.h"

enum {
    SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_FLEN = 0x0C, SYS_ERRNO = 0x13,
    SYS_GET_CMDLINE = 0x15, SYS_EXIT = 0x18, SYS_EXIT_EXTENDED = 0x20,
};

enum { OPEN_READ_BINARY = 1, OPEN_WRITE_BINARY = 5 };

#define ADP_STOPPED_APPLICATION_EXIT 0x20026u

static int32_t request(uint32_t operation, const void *argument) {
#if defined(__riscv)
    // The three tell a debugger that this ebreak is its own: 32 bits each, in one page (RISC-V semihosting, 0.3).
    register uint32_t a0 __asm("a0") = operation;
    register const void *a1 __asm("a1") = argument;
    __asm volatile(".balign 16\n .option push\n .option norvc\n slli x0, x0, 0x1f\n ebreak\n srai x0, x0, 7\n .option pop" : "+r"(a0) : "r"(a1) : "memory");
    return (int32_t)a0;
#else
    register uint32_t r0 __asm("r0") = operation;
    register const void *r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return (int32_t)r0;
#endif
}

bool mote_semihosting_attached(void) {
#if defined(__arm__) && __ARM_ARCH >= 7
    if (*(volatile uint32_t *)0xE000EDF0 & 1) return true;  // DHCSR.C_DEBUGEN
#endif
    return request(SYS_ERRNO, 0) != -1;
}

void mote_exit(int32_t status) {
    const uint32_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint32_t)status};
    request(SYS_EXIT_EXTENDED, block);
    // An old debugger knows only "ended well" and "did not".
    request(SYS_EXIT, (const void *)(status == 0 ? ADP_STOPPED_APPLICATION_EXIT : 0));
    for (;;) __asm volatile("wfi");
}

static int32_t open_file(const uint8_t *name, uint32_t name_length, uint32_t mode) {
    char text[256];
    if (name_length >= sizeof text) return -1;
    for (uint32_t i = 0; i < name_length; i++) text[i] = (char)name[i];
    text[name_length] = 0;
    const uint32_t block[3] = {(uint32_t)text, mode, name_length};
    return request(SYS_OPEN, block);
}

int32_t mote_file_open(const uint8_t *name, uint32_t name_length) { return open_file(name, name_length, OPEN_READ_BINARY); }

int32_t mote_file_create(const uint8_t *name, uint32_t name_length) { return open_file(name, name_length, OPEN_WRITE_BINARY); }

int32_t mote_file_length(int32_t handle) {
    const uint32_t block[1] = {(uint32_t)handle};
    return request(SYS_FLEN, block);
}

int32_t mote_file_read(int32_t handle, uint8_t *bytes, uint32_t length) {
    const uint32_t block[3] = {(uint32_t)handle, (uint32_t)bytes, length};
    // The answer is the number of bytes that were *not* read.
    const int32_t unread = request(SYS_READ, block);
    if (unread < 0 || (uint32_t)unread > length) return -1;
    return (int32_t)(length - (uint32_t)unread);
}

int32_t mote_file_write(int32_t handle, const uint8_t *bytes, uint32_t length) {
    const uint32_t block[3] = {(uint32_t)handle, (uint32_t)bytes, length};
    // The answer is the number of bytes that were *not* written.
    return request(SYS_WRITE, block) == 0 ? 0 : -1;
}

int32_t mote_file_close(int32_t handle) {
    const uint32_t block[1] = {(uint32_t)handle};
    return request(SYS_CLOSE, block);
}

int32_t mote_command_line(uint8_t *bytes, uint32_t capacity) {
    uint32_t block[2] = {(uint32_t)bytes, capacity};
    if (request(SYS_GET_CMDLINE, block) != 0) return -1;
    return (int32_t)block[1];
}
