// What the files of Startup share: the linker's symbols and the registers of the core.
#pragma once
#include "Startup.h"
#include "Semihosting.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

// Hidden, so that -fPIC reads no addresses from a table.
#define LINKER_SYMBOL extern uint32_t __attribute__((visibility("hidden")))
LINKER_SYMBOL __stack_limit[];
LINKER_SYMBOL __stack_top[];
LINKER_SYMBOL __data_load[];
LINKER_SYMBOL __data_start[];
LINKER_SYMBOL __data_end[];
LINKER_SYMBOL __bss_start[];
LINKER_SYMBOL __bss_end[];
LINKER_SYMBOL __flash_start[];
LINKER_SYMBOL __flash_end[];
LINKER_SYMBOL __ram_start[];
LINKER_SYMBOL __guard_start[];
LINKER_SYMBOL __free_ram_start[];
LINKER_SYMBOL __free_ram_end[];
LINKER_SYMBOL __clock[];
LINKER_SYMBOL __writable_eighths[];

// What a fault's line is made of; the last one, behind it, calls the hook and exits.
void mote_fault_text(const char *text);
void mote_fault_hex(uint32_t value);
__attribute__((noreturn, used)) void mote_fault_end(const uint32_t *registers, uint32_t register_count, const uint32_t *stack);

void mote_reset(void);
void mote_fault(void);
void mote_systick(void);
