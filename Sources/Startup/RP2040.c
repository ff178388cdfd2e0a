// The RP2040's second boot stage: what its boot ROM loads from the first 256 bytes of flash into the top of SRAM, and starts if the checksum in the
// last four is right (RP2040 datasheet, 2.8.1.3). Only a board's script that names mote_rp2040_boot gets it: linker/pico.ld.
//
//     0x10000000   code, 36 bytes, and five words    0x100000fc   checksum    0x10000100   vectors
#if defined(__arm__) && __ARM_ARCH == 6
#include <stdint.h>

/// Makes flash readable at its place and goes on at the vector table. Flash is read by the one command that all chips have, 03h, with 24 bits of
/// address, on one line (4.10.13: the SSI's registers):
///
///     SSIENR      off while the others are set
///     BAUDR       a quarter of the core's clock: within the 33 MHz that the slowest chips allow for this command, up to 133 MHz
///     CTRLR0      one line, frames of 32 bits, and "EEPROM read": command and address out, then data in
///     CTRLR1      one frame a time
///     SPI_CTRLR0  command 03h of 8 bits, address of 24, no wait cycles, all on one line
///
/// It may not name its own address, and the checksum is of these very bytes: whoever changes them is told the new one by Tests/BoardTests/PicoTests.swift.
__attribute__((naked, used, section(".boot2"))) void mote_rp2040_boot(void) {
    __asm volatile(
        ".syntax unified\n"
        "   adr   r7, 1f\n"
        "   ldm   r7!, {r0-r4}\n"
        "   movs  r5, #0\n"
        "   movs  r6, #4\n"
        "   str   r5, [r0, #0x08]\n"  // SSIENR
        "   str   r6, [r0, #0x14]\n"  // BAUDR
        "   str   r1, [r0, #0x00]\n"  // CTRLR0
        "   str   r5, [r0, #0x04]\n"  // CTRLR1
        "   adds  r0, #0xf4\n"
        "   str   r2, [r0]\n"         // SPI_CTRLR0
        "   subs  r0, #0xf4\n"
        "   movs  r5, #1\n"
        "   str   r5, [r0, #0x08]\n"
        // The vector table's first words are the stack's top and where to start.
        "   str   r3, [r4]\n"
        "   ldm   r3!, {r0, r1}\n"
        "   msr   msp, r0\n"
        "   bx    r1\n"
        "   .balign 4\n"
        "1: .word 0x18000000\n"       // the SSI
        "   .word 0x001f0300\n"       // CTRLR0: frames of 31 + 1 bits, transfer mode 3
        "   .word 0x03000218\n"       // SPI_CTRLR0
        "   .word 0x10000100\n"       // the vector table
        "   .word 0xe000ed08\n"       // VTOR
        "   .org  0xfc\n"
        "   .word 0x8a73e5ac\n");
}
#endif
