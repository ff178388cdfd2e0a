// Semihosting: a board's calls to the debugger, or to QEMU, that runs it ("Semihosting for AArch32 and AArch64", release 2.0).
//
// Without a debugger a request faults; the fault handler answers it with -1 (Startup/Fault.c), so a firmware that asks for files also
// starts on its own.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// The status of a firmware that faulted, or trapped in Swift. 70 is EX_SOFTWARE of sysexits.
#define MOTE_EXIT_FAULT 70

/// Whether somebody answers. C_DEBUGEN says so on silicon; QEMU leaves it zero, so a request without effect is tried as well.
bool mote_semihosting_attached(void);

/// Ends the run with this status (0 to 255); without a debugger the core sleeps for good.
__attribute__((noreturn)) void mote_exit(int32_t status);

/// Opens a file of the host for reading, bytes as they are. `name` need not end in a zero byte. A handle, or -1; -1 also for a name longer
/// than 255 bytes.
int32_t mote_file_open(const uint8_t *name, uint32_t name_length);
/// The file's length in bytes, or -1.
int32_t mote_file_length(int32_t handle);
/// Reads at most `length` bytes. The bytes read, 0 at the end, or -1.
int32_t mote_file_read(int32_t handle, uint8_t *bytes, uint32_t length);
/// Opens a file of the host for writing, empty. As `mote_file_open`.
int32_t mote_file_create(const uint8_t *name, uint32_t name_length);
/// Writes `length` bytes. 0, or -1.
int32_t mote_file_write(int32_t handle, const uint8_t *bytes, uint32_t length);
/// 0, or -1.
int32_t mote_file_close(int32_t handle);

/// The command line, words joined by spaces, into `bytes`. Its length, without the zero byte that follows, or -1 if it is longer than
/// `capacity` - 1 bytes or nobody answers.
int32_t mote_command_line(uint8_t *bytes, uint32_t capacity);
