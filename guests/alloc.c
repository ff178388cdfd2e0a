// A guest with a heap of its own: first-fit blocks on memory.grow, a tree and a hash map of strings on top.
//
//   block:  | size, bit 0 = in use | previous size | payload …        sizes in bytes, header included
//
#include "line.h"

#ifdef __wasm__
extern unsigned char __heap_base;            // the linker's: the first byte behind data and stack
extern unsigned char __wasm_first_page_end;  // the linker's: its address is the size of a page

static uint8_t *heap_start(void) { return (uint8_t *)(((uintptr_t)&__heap_base + 7) & ~(uintptr_t)7); }

/// Makes memory reach up to `end`; false if the host refuses.
static int reach(uint8_t *end) {
    uintptr_t page = (uintptr_t)&__wasm_first_page_end;
    uintptr_t have = __builtin_wasm_memory_size(0) * page;
    if ((uintptr_t)end <= have) return 1;
    return __builtin_wasm_memory_grow(0, ((uintptr_t)end - have + page - 1) / page) != (uintptr_t)-1;
}
#else
static uint64_t room[65536];
static uint8_t *heap_start(void) { return (uint8_t *)room; }
static int reach(uint8_t *end) { return end <= (uint8_t *)room + sizeof room; }
#endif

typedef struct {
    uint32_t size, previous;
} Block;

static uint8_t *heap, *heap_end;
static uint32_t in_use;

static Block *following(Block *block) { return (Block *)((uint8_t *)block + (block->size & ~1u)); }

EXPORT("malloc") void *guest_malloc(uint32_t bytes) {
    if (bytes > 0x7fff0000) return 0;
    if (!heap) heap = heap_end = heap_start();
    uint32_t size = (bytes + 15) & ~7u;  // 8 bytes of header, then up to a multiple of 8
    uint32_t last = 0;
    Block *block = (Block *)heap;
    while ((uint8_t *)block < heap_end && (block->size & 1 || block->size < size))
        last = block->size & ~1u, block = following(block);
    if ((uint8_t *)block == heap_end) {
        if (!reach(heap_end + size)) return 0;
        heap_end += size;
        block->size = size, block->previous = last;
    } else if (block->size - size >= 16) {
        Block *rest = (Block *)((uint8_t *)block + size);
        rest->size = block->size - size, rest->previous = size;
        if ((uint8_t *)following(rest) < heap_end) following(rest)->previous = rest->size;
        block->size = size;
    }
    in_use += block->size;
    block->size |= 1;
    return block + 1;
}

EXPORT("free") void guest_free(void *pointer) {
    if (!pointer) return;
    Block *block = (Block *)pointer - 1;
    block->size &= ~1u;
    in_use -= block->size;
    Block *next = following(block);
    if ((uint8_t *)next < heap_end && !(next->size & 1)) block->size += next->size;
    Block *before = (Block *)((uint8_t *)block - block->previous);
    if (block->previous && !(before->size & 1)) before->size += block->size, block = before;
    next = following(block);
    // A free block at the end goes back, so that an empty heap is as it was at the start.
    if ((uint8_t *)next < heap_end) next->previous = block->size;
    else heap_end = (uint8_t *)block;
}

/// Bytes in blocks that are in use, headers included.
EXPORT("used") uint32_t used(void) { return in_use; }

typedef struct Tree Tree;
struct Tree {
    Tree *left, *right;
    uint32_t key, times;
};

static Tree *insert(Tree *tree, uint32_t key) {
    if (!tree) {
        tree = guest_malloc(sizeof(Tree));
        if (tree) *tree = (Tree){0, 0, key, 1};
        return tree;
    }
    if (key == tree->key) tree->times++;
    else if (key < tree->key) tree->left = insert(tree->left, key);
    else tree->right = insert(tree->right, key);
    return tree;
}

/// Adds up the keys in order and frees the tree.
static uint32_t consume(Tree *tree, uint32_t sum) {
    if (!tree) return sum;
    sum = consume(tree->left, sum);
    sum = sum * 31 + tree->key * tree->times;
    sum = consume(tree->right, sum);
    guest_free(tree);
    return sum;
}

typedef struct Entry Entry;
struct Entry {
    Entry *next;
    uint32_t value;
    char name[];
};

static Entry *buckets[32];

static Entry **place(const char *name) {
    uint32_t hash = 2166136261u;
    for (const char *c = name; *c; c++) hash = (hash ^ (uint8_t)*c) * 16777619u;
    Entry **at = &buckets[hash % 32];
    for (; *at; at = &(*at)->next) {
        uint32_t i = 0;
        while (name[i] && name[i] == (*at)->name[i]) i++;
        if (name[i] == (*at)->name[i]) break;
    }
    return at;
}

static void spell(char *to, uint32_t number) {
    *to++ = 'k';
    do *to++ = (char)('a' + number % 7);
    while (number /= 7);
    *to = 0;
}

static uint32_t map(uint32_t count) {
    char name[16];
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        spell(name, i * i % 301);
        Entry **at = place(name);
        if (!*at) {
            uint32_t length = 0;
            while (name[length++]) __asm__ volatile("");
            *at = guest_malloc(sizeof(Entry) + length);
            if (!*at) return 0;
            (*at)->next = 0, (*at)->value = 0;
            for (uint32_t k = 0; k < length; k++) (*at)->name[k] = name[k];
        }
        (*at)->value += i;
        if (i % 5 == 4) {
            // Every fifth step takes a name out again.
            spell(name, i * 7 % 301);
            Entry **gone = place(name), *entry = *gone;
            if (entry) sum = sum * 33 + entry->value, *gone = entry->next, guest_free(entry);
        }
    }
    for (uint32_t i = 0; i < 32; i++)
        while (buckets[i]) {
            Entry *entry = buckets[i];
            sum = sum * 33 + entry->value, buckets[i] = entry->next;
            guest_free(entry);
        }
    return sum;
}

int32_t guest_main(void) {
    Tree *tree = 0;
    uint32_t seed = 99;
    for (int i = 0; i < 300; i++) {
        seed = seed * 1103515245 + 12345;
        tree = insert(tree, seed >> 16 & 511);
    }
    uint32_t sum = map(600);
    sum = consume(tree, sum);
    Line line = {.count = 0};
    line_text(&line, "in use at the end: ");
    line_number(&line, in_use);
    line_end(&line);
    return report("alloc", sum + in_use);
}
