// Two interrupts of the MPS2 images (ARM DAI 0386, table 4.2): bytes that the console receives, and a timer that sets a stop word.
//
// A firmware that depends on this target has their vectors; nothing happens until it starts them.
#pragma once
#include <stdint.h>

/// Bytes that the ring holds between two calls of mote_console_received; what comes then is lost.
#define MOTE_CONSOLE_RING 64

/// Lets the console receive: each byte interrupts, and goes to a ring.
void mote_console_start_receiving(void);
/// The byte that has waited longest, or -1.
int32_t mote_console_received(void);
/// How many receive interrupts there were.
uint32_t mote_console_interrupts(void);

/// A stop word for Configuration.stopWord: static, in none of the runtime's buffers.
uint32_t *mote_stop_word(void);
/// After so many instructions under QEMU's -icount shift=7, 128 ns each, an interrupt sets the stop word to 1, once.
void mote_stop_after(uint32_t instructions);
/// Takes that back, and clears the stop word.
void mote_stop_never(void);
/// The same as mote_stop_after; having set it the interrupt reads `*watched`, and the counter of instructions: as its last but a return.
void mote_stop_watching(uint32_t instructions, const uint32_t *watched);
/// What that interrupt read.
uint32_t mote_stop_watched(void);
uint64_t mote_stop_moment(void);
