// The smallest guest: prints one line.
#include "mote.h"

int32_t guest_main(void) {
    static const char greeting[] = "Hello from a guest!\n";
    mote_write(greeting, sizeof greeting - 1);
    return 42;
}
