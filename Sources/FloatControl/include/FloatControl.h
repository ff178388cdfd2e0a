// The register that says how floats are computed: rounding, subnormals flushed to zero (FZ), one NaN for all (DN), another half precision (AHP).
// WebAssembly wants none of it (core specification, 4.3.3), and a host may have set it: a run keeps the host's while its own are zero.
#pragma once
#include <stdint.h>

#if defined(__arm__) && defined(__ARM_FP)
// FPSCR (ARM DDI 0403, A2.5.3).
static inline uint32_t mote_float_control(void) {
    uint32_t value;
    __asm volatile("vmrs %0, fpscr" : "=r"(value));
    return value;
}
static inline void mote_set_float_control(uint32_t value) { __asm volatile("vmsr fpscr, %0" ::"r"(value) : "memory"); }
// AHP, DN, FZ, rounding, FZ16; what else is there is flags, and the size of vector loops on v8.1-M.
#define MOTE_FLOAT_MODES 0x07C80000u
#elif defined(__x86_64__)
// MXCSR: FZ, rounding, DAZ.
#define MOTE_FLOAT_MODES 0xE040u
static inline uint32_t mote_float_control(void) { return __builtin_ia32_stmxcsr(); }
static inline void mote_set_float_control(uint32_t value) { __builtin_ia32_ldmxcsr(value); }
#elif defined(__aarch64__)
// FPCR: AHP, DN, FZ, rounding, FZ16.
#define MOTE_FLOAT_MODES 0x07C80000u
static inline uint32_t mote_float_control(void) {
    uint64_t value;
    __asm volatile("mrs %0, fpcr" : "=r"(value));
    return (uint32_t)value;
}
static inline void mote_set_float_control(uint32_t value) { __asm volatile("msr fpcr, %0" ::"r"((uint64_t)value) : "memory"); }
#else
// Floats in software know no such thing.
static inline uint32_t mote_float_control(void) { return 0; }
static inline void mote_set_float_control(uint32_t value) {}
#define MOTE_FLOAT_MODES 0u
#endif

/// The modes among the register's bits.
static inline uint32_t mote_float_modes(void) { return MOTE_FLOAT_MODES; }
