// What startup offers to a firmware, and the two functions that it asks of a board.
#pragma once
#include <stdint.h>

// A board defines these two (in Swift, by @c).

/// Clocks and console, called once before main. .data and .bss are ready.
void mote_board_start(void);
/// One byte to the console; also called by the fault handler, so it must not need interrupts.
void mote_board_write_byte(uint8_t byte);

/// The first byte of RAM that neither stack nor variables use, 8-byte aligned.
uint8_t *mote_free_ram(void);
/// Bytes from there to the end of RAM.
uint32_t mote_free_ram_length(void);

/// Bytes of .data and .bss.
uint32_t mote_static_length(void);
/// Bytes of flash that the link took, the embedded module included.
uint32_t mote_flash_length(void);

/// The lowest byte of the native stack.
uint8_t *mote_stack_limit(void);
/// Bytes of native stack that the link reserved.
uint32_t mote_stack_size(void);
/// Bytes of stack in use right now, the caller's own frame included.
uint32_t mote_stack_depth(void);
/// Fills the unused part of the stack with a pattern, for `mote_stack_peak`.
void mote_stack_paint(void);
/// The greatest depth of the stack in bytes since `mote_stack_paint`, to a word.
uint32_t mote_stack_peak(void);

/// Waits until what was written to the core's registers is in force (ARM DDI 0403, A3.7.3).
void mote_barrier(void);
