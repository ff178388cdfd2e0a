// A guest that allocates in 1 to 2 KB of linear memory, for boards of 8 KB: messages of changing lengths that come, wait and go, on an allocator of its own.
//
//   block:  | size, header included, bit 0 = in use | payload …        first-fit, free neighbours are joined on the way
//
#include "line.h"

typedef struct {
    uint32_t size;
} Block;

#ifdef __wasm__
extern unsigned char __heap_base;            // the linker's: the first byte behind data and stack
extern unsigned char __wasm_first_page_end;  // the linker's: its address is the size of a page

static uint8_t *heap_start(void) { return (uint8_t *)(((uintptr_t)&__heap_base + 3) & ~(uintptr_t)3); }

/// Makes memory reach up to `end`; false if the host refuses.
static int reach(uint8_t *end) {
    uintptr_t page = (uintptr_t)&__wasm_first_page_end;
    uintptr_t have = __builtin_wasm_memory_size(0) * page;
    if ((uintptr_t)end <= have) return 1;
    return __builtin_wasm_memory_grow(0, ((uintptr_t)end - have + page - 1) / page) != (uintptr_t)-1;
}
#else
static uint32_t room[1024];
static uint8_t *heap_start(void) { return (uint8_t *)room; }
static int reach(uint8_t *end) { return end <= (uint8_t *)room + sizeof room; }
#endif

static uint8_t *heap, *heap_end;
static uint32_t grown;

static Block *following(Block *block) { return (Block *)((uint8_t *)block + (block->size & ~1u)); }

EXPORT("malloc") void *guest_malloc(uint32_t bytes) {
    if (bytes > 0x7fff0000) return 0;
    if (!heap) heap = heap_end = heap_start();
    uint32_t size = (bytes + sizeof(Block) + 3) & ~3u;
    Block *block = (Block *)heap;
    for (; (uint8_t *)block < heap_end; block = following(block)) {
        if (block->size & 1) continue;
        for (Block *next = following(block); (uint8_t *)next < heap_end && !(next->size & 1); next = following(block)) block->size += next->size;
        // The last free block can be made longer.
        if ((uint8_t *)following(block) == heap_end && block->size < size) break;
        if (block->size < size) continue;
        if (block->size - size >= 8) {
            uint32_t rest = block->size - size;
            block->size = size;
            following(block)->size = rest;
        }
        block->size |= 1;
        return block + 1;
    }
    if (!reach((uint8_t *)block + size)) return 0;
    heap_end = (uint8_t *)block + size;
    grown++;
    block->size = size | 1;
    return block + 1;
}

EXPORT("free") void guest_free(void *pointer) {
    if (pointer) ((Block *)pointer - 1)->size &= ~1u;
}

/// Bytes from the heap's start to its end.
EXPORT("reached") uint32_t reached(void) { return (uint32_t)(heap_end - heap); }

typedef struct Message Message;
struct Message {
    Message *next;
    uint32_t number;
    uint32_t length;
    uint8_t text[];
};

static Message *oldest, **newest = &oldest;

static int send(uint32_t number, uint32_t length) {
    Message *message = guest_malloc(sizeof(Message) + length);
    if (!message) return 0;
    message->next = 0, message->number = number, message->length = length;
    for (uint32_t i = 0; i < length; i++) message->text[i] = (uint8_t)(number * 7 + i);
    *newest = message, newest = &message->next;
    return 1;
}

/// Takes the message at a place of the queue out, from 0; 0 if its bytes are not what was sent.
static uint32_t receive(uint32_t place) {
    Message **at = &oldest;
    while (place-- && (*at)->next) at = &(*at)->next;
    Message *message = *at;
    uint32_t sum = message->number + 1;
    for (uint32_t i = 0; i < message->length; i++) {
        if (message->text[i] != (uint8_t)(message->number * 7 + i)) return 0;
        sum = sum * 31 + message->text[i];
    }
    *at = message->next;
    if (newest == &message->next) newest = at;
    guest_free(message);
    return sum ? sum : 1;
}

/// Sends and receives `count` messages, at most twelve waiting at a time. The sum over what was received; 0 if a message was damaged or there was no memory.
EXPORT("run") uint32_t run(uint32_t count) {
    uint32_t waiting = 0, sum = 2166136261u, seed = 7;
    for (uint32_t sent = 0; sent < count || waiting;) {
        seed = seed * 1103515245 + 12345;
        if (sent < count && waiting < 12 && (seed >> 16 & 1 || !waiting)) {
            if (!send(sent, seed >> 20 & 63)) return 0;
            sent++, waiting++;
        } else {
            uint32_t got = receive((seed >> 24) % waiting);
            if (!got) return 0;
            sum = (sum ^ got) * 16777619u;
            waiting--;
        }
    }
    return sum;
}

int32_t guest_main(void) {
    uint32_t sum = run(500);
    uint32_t end = reached(), times = grown;
    // Everything is free now: one block as large as the whole heap comes of it.
    void *all = guest_malloc(end - sizeof(Block));
    if (!all || grown != times || reached() != end) sum = 0;
    guest_free(all);
    Line line = {.count = 0};
    line_text(&line, sum ? "500 messages, and the heap is one piece" : "a message or a piece of the heap is lost");
    line_end(&line);
    return report("mailbox", sum);
}
