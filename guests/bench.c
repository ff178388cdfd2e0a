// A benchmark of the kind that microcontrollers are compared with: lists, matrices and a state machine, with a
// checksum (CRC-16, polynomial 0x1021) over all results. Every iteration does the same three things:
//
//   list     find values, reverse, merge sort by value and by place        64 nodes
//   matrix   sum, scale, product with a vector and with a matrix           10 by 10, 16-bit elements
//   parse    a state machine that sorts the tokens of a text into kinds    about 200 bytes
//
// All of it lies in static memory; nothing is read from outside, so that no compiler can do the work beforehand
// (the seed is volatile).
#include "line.h"

static volatile uint32_t seed = 0x3415;

__attribute__((noinline)) static uint16_t crc16(uint16_t crc, uint32_t value, int bits) {
    for (int bit = bits - 1; bit >= 0; bit--) {
        uint16_t top = (uint16_t)(crc >> 15 ^ (value >> bit & 1));
        crc = (uint16_t)(crc << 1 ^ (top ? 0x1021 : 0));
    }
    return crc;
}

// List -------------------------------------------------------------------------------------------------------------

enum { nodes = 64 };

typedef struct Node Node;
struct Node {
    Node *next;
    int16_t value, place;
};

typedef int32_t (*Order)(const Node *, const Node *);

static Node node[nodes];

static int32_t by_value(const Node *x, const Node *y) { return x->value - y->value; }
static int32_t by_place(const Node *x, const Node *y) { return x->place - y->place; }

static Node *make_list(uint32_t from) {
    for (int i = 0; i < nodes; i++) {
        from = from * 25173 + 13849;
        node[i].value = (int16_t)(from >> 7 & 0x3ff);
        node[i].place = (int16_t)i;
        node[i].next = i + 1 < nodes ? &node[i + 1] : 0;
    }
    return node;
}

static Node *reverse(Node *list) {
    Node *done = 0;
    while (list) {
        Node *next = list->next;
        list->next = done, done = list, list = next;
    }
    return done;
}

/// The place of the first node with the value, or -1.
static int32_t find(const Node *list, int32_t value) {
    while (list && list->value != value) list = list->next;
    return list ? list->place : -1;
}

static Node *merge(Node *x, Node *y, Order order) {
    Node head, *last = &head;
    while (x && y) {
        Node **smaller = order(x, y) <= 0 ? &x : &y;
        last->next = *smaller, last = *smaller, *smaller = last->next;
    }
    last->next = x ? x : y;
    return head.next;
}

/// Merge sort from the bottom: runs[i] is empty or a sorted list of 2^i nodes.
static Node *sort(Node *list, Order order) {
    Node *runs[8] = {0};
    while (list) {
        Node *run = list;
        list = list->next, run->next = 0;
        int i = 0;
        for (; i < 7 && runs[i]; i++) run = merge(runs[i], run, order), runs[i] = 0;
        runs[i] = run;
    }
    Node *all = 0;
    for (int i = 0; i < 8; i++) all = merge(runs[i], all, order);
    return all;
}

static uint16_t list_work(uint32_t from, uint16_t crc) {
    // Volatile, so that the comparison stays an indirect call.
    static const Order volatile orders[2] = {by_value, by_place};
    Node *list = make_list(from);
    for (int i = 0; i < 24; i++) {
        crc = crc16(crc, (uint32_t)find(list, node[i * 2].value ^ (i & 3)), 16);
        if (i % 6 == 5) list = reverse(list);
    }
    list = sort(list, orders[0]);
    for (Node *at = list; at; at = at->next) crc = crc16(crc, (uint32_t)at->place, 8);
    list = sort(reverse(list), orders[1]);
    for (Node *at = list; at && at->next; at = at->next->next) crc = crc16(crc, (uint32_t)at->value, 16);
    return crc;
}

// Matrix -----------------------------------------------------------------------------------------------------------

enum { side = 10 };

static int16_t left[side][side], right[side][side];
static int32_t product[side][side];

static uint16_t matrix_work(uint32_t from, uint16_t crc) {
    for (int row = 0; row < side; row++)
        for (int column = 0; column < side; column++) {
            from = from * 25173 + 13849;
            left[row][column] = (int16_t)(from >> 4 & 0xff);
            right[row][column] = (int16_t)((from >> 12 & 0xff) - row);
        }
    int16_t offset = (int16_t)(from & 15);
    for (int row = 0; row < side; row++)
        for (int column = 0; column < side; column++) left[row][column] += offset;
    int32_t total = 0, previous = 0;
    for (int row = 0; row < side; row++) {
        int32_t sum = 0;
        for (int column = 0; column < side; column++) {
            int32_t scaled = left[row][column] * offset;
            total += scaled > previous ? 10 : scaled < -100 ? 1 : 0;
            previous = scaled;
            sum += left[row][column] * right[0][column];
        }
        crc = crc16(crc, (uint32_t)sum, 32);
    }
    crc = crc16(crc, (uint32_t)total, 16);
    for (int row = 0; row < side; row++)
        for (int column = 0; column < side; column++) {
            int32_t sum = 0;
            for (int k = 0; k < side; k++) {
                int32_t term = left[row][k] * right[k][column];
                // Two fields of the product, so that shifts and masks have their share.
                sum += (term >> 2 & 15) * (term >> 5 & 127);
            }
            product[row][column] = sum;
        }
    for (int row = 0; row < side; row++) crc = crc16(crc, (uint32_t)product[row][side - 1 - row], 32);
    return crc;
}

// Parse ------------------------------------------------------------------------------------------------------------

typedef enum { start, sign, whole, point, fraction, zero, hex, word, string, escape, bad, states } State;

static const char text[] =
    "12 -7 temp 0x1F 3.25 'ok' +4 rate_2 .5 0 1.2.3 'a\\'b' 0xZ 99 -x humidity -0.125 'open 77' 0xbeef 12ab "
    "+ 600000 pressure 1013.25 '' -12 flag 0x0 5. x9 'end' ";

static int is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }
static int is_letter(uint8_t c) { return (uint8_t)((c | 32) - 'a') < 26 || c == '_'; }

static State step(State state, uint8_t c) {
    switch (state) {
    case start:
        if (c == '0') return zero;
        if (is_digit(c)) return whole;
        if (c == '+' || c == '-') return sign;
        if (c == '.') return point;
        if (c == '\'') return string;
        return is_letter(c) ? word : bad;
    case sign: return c == '0' ? zero : is_digit(c) ? whole : c == '.' ? point : bad;
    case zero: return c == 'x' ? hex : c == '.' ? point : is_digit(c) ? whole : bad;
    case whole: return is_digit(c) ? whole : c == '.' ? point : bad;
    case point:
    case fraction: return is_digit(c) ? fraction : bad;
    case hex: return is_digit(c) || (uint8_t)((c | 32) - 'a') < 6 ? hex : bad;
    case word: return is_letter(c) || is_digit(c) ? word : bad;
    case string: return c == '\\' ? escape : c == '\'' ? start : string;
    case escape: return string;
    default: return bad;
    }
}

static uint16_t parse_work(uint32_t from, uint16_t crc) {
    uint8_t copy[sizeof text];
    uint32_t ends[states] = {0}, passes[states] = {0};
    for (uint32_t i = 0; i < sizeof text; i++) copy[i] = (uint8_t)text[i];
    // Some bytes are damaged, at places that depend on the seed.
    for (uint32_t i = from % 13 + 3; i + 1 < sizeof text; i += 29) copy[i] ^= (uint8_t)(1 + (from >> 8 & 3));
    State state = start;
    for (uint32_t i = 0; copy[i]; i++) {
        uint8_t c = copy[i];
        passes[state]++;
        if (c == ' ' && state != string && state != escape) {
            ends[state]++;
            state = start;
        } else {
            state = step(state, c);
        }
    }
    ends[state]++;
    for (int i = 0; i < states; i++) crc = crc16(crc16(crc, ends[i], 16), passes[i], 16);
    return crc;
}

/// The checksum after `iterations` rounds; each starts from the one before.
EXPORT("bench") uint32_t bench(uint32_t iterations) {
    uint16_t crc = 0xffff;
    for (uint32_t i = 0; i < iterations; i++) {
        uint32_t from = seed + crc + i;
        crc = list_work(from, crc);
        crc = matrix_work(from ^ crc, crc);
        crc = parse_work(from + crc, crc);
    }
    return crc;
}

int32_t guest_main(void) {
    return report("bench", bench(1));
}
