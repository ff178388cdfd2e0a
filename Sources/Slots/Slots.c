// The symbols of the linker script.
#include "Slots.h"

extern const uint8_t __slots_start[] __attribute__((visibility("hidden")));
extern const uint8_t __slot_length[] __attribute__((visibility("hidden")));

uint32_t mote_slots_start(void) { return (uint32_t)(uintptr_t)__slots_start; }

// A length is a symbol's address, as every value of a linker script.
uint32_t mote_slot_length(void) { return (uint32_t)(uintptr_t)__slot_length; }
