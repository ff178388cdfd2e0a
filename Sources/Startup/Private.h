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
LINKER_SYMBOL __free_ram_start[];
LINKER_SYMBOL __free_ram_end[];

void mote_reset(void);
void mote_fault(void);
