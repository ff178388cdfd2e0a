// The entry that command modules have: a `_start` without a result, for the guests that are linked with it.
#include "mote.h"

EXPORT("_start") void start(void) {
    guest_main();
}
