// What a guest sees of Mote: one import to print with, and the mark that exports a function.
#pragma once
#include <stdint.h>

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#else
// A native build of the same source is the reference for the expected results.
#define EXPORT(name)
#define IMPORT(module, name)
#endif

/// Prints `length` bytes that start at `pointer`. The bytes are UTF-8 by convention; no newline is added.
IMPORT("mote", "write") void mote_write(const void *pointer, uint32_t length);

/// The guest's program, exported as `main`. The exported name is given apart from the C name,
/// because clang renames a C function `main` and expects a C library to call it.
EXPORT("main") int32_t guest_main(void);
