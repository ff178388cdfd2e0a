// Where a board's linker script has the two slots of the module store. A firmware that asks is held clear of them by the link.
#pragma once
#include <stdint.h>

/// The address of the first slot; the second one follows it.
uint32_t mote_slots_start(void);
/// Bytes of each, whole erase units of the flash.
uint32_t mote_slot_length(void);
