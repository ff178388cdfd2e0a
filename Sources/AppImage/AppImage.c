// The embedded module, between the two symbols of the object that boards/build makes of it, and the configuration.
#include "AppImage.h"

extern const uint8_t mote_app_start[] __attribute__((visibility("hidden")));
extern const uint8_t mote_app_end[] __attribute__((visibility("hidden")));

const uint8_t *mote_app_bytes(void) { return mote_app_start; }

uint32_t mote_app_length(void) { return (uint32_t)(mote_app_end - mote_app_start); }

extern const uint32_t mote_configuration[12] __attribute__((visibility("hidden")));

const uint32_t *mote_configuration_words(void) { return mote_configuration; }
