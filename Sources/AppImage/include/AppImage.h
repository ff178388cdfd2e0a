// The module that boards/build linked into flash, in a section of its own (.app). It may be empty.
#pragma once
#include <stdint.h>

/// The module's first byte, 4-byte aligned, in flash.
const uint8_t *mote_app_bytes(void);
/// Its length in bytes; 0 when none was embedded.
uint32_t mote_app_length(void);
