// The two pieces of instruction counting whose every instruction must be known. See MPS2/InstructionCounter.swift.
#pragma once
#include <stdint.h>

/// The sum of 40 readings of `counter`, 7 instructions apart.
uint64_t mote_sum_of_readings(uint32_t counter);

/// Runs 2 × `turns` instructions and a few; `turns` is at least 1.
void mote_spin(uint32_t turns);
