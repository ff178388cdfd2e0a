// The interrupt handlers, and what they share with the rest: each word has one writer, and is read whole.
#if defined(__arm__)
#include "MPS2Interrupts.h"
#include "Startup.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

enum { UART_RECEIVE = 0, TIMER1 = 9, INTERRUPTS = 32 };

#define UART 0x40004000u      // CMSDK UART 0 (ARM DDI 0479, chapter 4.3)
#define TIMER 0x40001000u     // CMSDK timer 1 (chapter 4.1)

extern void mote_fault(void);
static void receive(void);
static void stop(void);

typedef void (*Handler)(void);

/// Follows the sixteen vectors of the core. What is not served prints its number and ends the run.
__attribute__((section(".vectors.board"), used)) static const Handler vectors[INTERRUPTS] = {
    [UART_RECEIVE] = receive, [1 ... TIMER1 - 1] = mote_fault, [TIMER1] = stop, [TIMER1 + 1 ... INTERRUPTS - 1] = mote_fault,
};

static void enable(uint32_t interrupt) { REGISTER(0xE000E100) = 1u << interrupt; }

// MARK: the console

// The interrupt puts at `head`, the program takes at `tail`; both count on, and their low bits are the place.
static struct {
    volatile uint8_t bytes[MOTE_CONSOLE_RING];
    volatile uint32_t head, tail, interrupts;
} ring;

static void receive(void) {
    REGISTER(UART + 0x0C) = 2;  // INTCLEAR: receive
    ring.interrupts++;
    while (REGISTER(UART + 0x04) & 2) {
        const uint8_t byte = (uint8_t)REGISTER(UART);
        if (ring.head - ring.tail == MOTE_CONSOLE_RING) continue;
        ring.bytes[ring.head % MOTE_CONSOLE_RING] = byte;
        ring.head++;
    }
}

void mote_console_start_receiving(void) {
    enable(UART_RECEIVE);
    REGISTER(UART + 0x08) |= 2 | 8;  // CTRL: receive, and interrupt
}

int32_t mote_console_received(void) {
    if (ring.head == ring.tail) return -1;
    const uint8_t byte = ring.bytes[ring.tail % MOTE_CONSOLE_RING];
    ring.tail++;
    return byte;
}

uint32_t mote_console_interrupts(void) { return ring.interrupts; }

// MARK: the stop word

static volatile uint32_t stop_word;
static struct {
    const volatile uint32_t *watched;
    volatile uint32_t value;
    volatile uint64_t moment;
} seen;

static void stop(void) {
    stop_word = 1;
    REGISTER(TIMER) = 0;
    REGISTER(TIMER + 0x0C) = 1;  // INTCLEAR
    if (!seen.watched) return;
    seen.value = *seen.watched;
    seen.moment = mote_counter_now();
}

uint32_t *mote_stop_word(void) { return (uint32_t *)&stop_word; }

void mote_stop_after(uint32_t instructions) { mote_stop_watching(instructions, 0); }

void mote_stop_never(void) {
    REGISTER(TIMER) = 0;
    REGISTER(TIMER + 0x0C) = 1;
    stop_word = 0;
}

void mote_stop_watching(uint32_t instructions, const uint32_t *watched) {
    const uint32_t ticks = instructions * 16 / 5;  // of 40 ns; an instruction takes 128
    REGISTER(TIMER) = 0;
    REGISTER(TIMER + 0x0C) = 1;
    seen.watched = watched;
    enable(TIMER1);
    REGISTER(TIMER + 0x08) = ticks;  // RELOAD, then VALUE
    REGISTER(TIMER + 0x04) = ticks;
    REGISTER(TIMER) = 1 | 8;         // CTRL: run, and interrupt
}

uint32_t mote_stop_watched(void) { return seen.value; }
uint64_t mote_stop_moment(void) { return seen.moment; }
#endif
