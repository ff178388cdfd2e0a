// A board's watchdog, if it has one: what startup and the firmwares call of it.
#include "Private.h"

__attribute__((weak)) void mote_board_watchdog(void) {}

// Undefined where the board has none: its address is then 0. Not hidden, so that the address is read from a table, where 0 is in every
// code model's reach.
extern void mote_board_feed(void) __attribute__((weak));

bool mote_has_watchdog(void) { return mote_board_feed != 0; }

void mote_feed(void) {
    if (mote_board_feed) mote_board_feed();
}
