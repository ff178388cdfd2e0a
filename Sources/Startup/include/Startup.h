// What startup offers to a firmware, and the two functions that it asks of a board.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// A board defines these two (in Swift, by @c: boards/<board>/Board.swift).

/// Clocks and console, called once before main. .data and .bss are ready.
void mote_board_start(void);
/// One byte to the console; also called by the fault handler, so it must not need interrupts.
void mote_board_write_byte(uint8_t byte);

/// A byte that the console has received, or -1. A board need not define it: SlotLoader does not link without.
int32_t mote_board_read_byte(void);

/// Called first after reset, before .data and .bss are ready, which takes milliseconds; a board with a watchdog that runs from reset (a fuse of the
/// chip, or a boot loader) may define it, to feed or stop it.
void mote_board_watchdog(void);

/// Feeds a watchdog that cannot be stopped. Only a board that has one defines it. What is called is mote_feed.
void mote_board_feed(void);

/// Called by the fault handler after its line, before the exit: a firmware may define it, to tell where its guest was (GuestFault). The registers
/// are the core's as far as they are known, none of them after an overflow of the stack; the stack is what was in use of it, whole words.
void mote_fault_hook(const uint32_t *registers, uint32_t register_count, const uint32_t *stack, uint32_t stack_count);

/// The first byte of RAM that neither stack nor variables use, 8-byte aligned.
uint8_t *mote_free_ram(void);
/// Bytes from there to the end of RAM.
uint32_t mote_free_ram_length(void);

/// Bytes of .data and .bss.
uint32_t mote_static_length(void);
/// The first byte of flash.
const uint8_t *mote_flash(void);
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

/// Whether the board has a watchdog that must be fed: only then does a firmware have its runs interrupted for it.
bool mote_has_watchdog(void);
/// Feeds it; without one it does nothing. Some instructions.
void mote_feed(void);

/// Waits until what was written to the core's registers is in force (ARM DDI 0403, A3.7.3).
void mote_barrier(void);

/// Starts the counter of instructions. False where nothing counts: see Counter.c. The board's clock is the manifest's CLOCK.
bool mote_counter_start(void);
/// A moment, of which two make a difference.
uint64_t mote_counter_now(void);
/// The instructions between two moments, the reading itself included.
uint64_t mote_counter_instructions(uint64_t from, uint64_t to);
/// Runs 2 × `turns` instructions and a few; `turns` is at least 1.
void mote_spin(uint32_t turns);
