// What boards/build linked into flash beside the firmware: the module, in a section of its own (.app), which may be empty; and the static configuration.
#pragma once
#include <stdint.h>

/// The module's first byte, 4-byte aligned, in flash.
const uint8_t *mote_app_bytes(void);
/// Its length in bytes; 0 when none was embedded.
uint32_t mote_app_length(void);

/// The static configuration: 12 words, as Sources/BoardConfiguration/ConfigurationWord.swift tells.
const uint32_t *mote_configuration_words(void);
