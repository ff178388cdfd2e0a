// A small interpreter of bytecode for a stack machine: an interpreter inside the interpreter.
#include "line.h"

typedef enum {
    HALT, PUSH, DUP, SWAP, ADD, SUB, MUL, MOD, XOR, SHL, SHR, LESS, LOAD, STORE, FETCH, PUT, JUMP, JZ, CALL, RET,
} Operation;

typedef struct {
    uint8_t operation, operand;
} Instruction;

enum { CANDIDATE, DIVISOR, COUNT, LIMIT, HASH, variables };
enum { OUTER = 2, INNER = 4, DIVIDE = 12, NEXT = 21, END = 30, FOUND = 32 };

// Counts the primes below LIMIT by trial division.
static const Instruction primes[] = {
    {PUSH, 2}, {STORE, CANDIDATE},                                          //  0
    {PUSH, 2}, {STORE, DIVISOR},                                            //  2 OUTER
    {LOAD, CANDIDATE}, {LOAD, DIVISOR}, {DUP, 0}, {MUL, 0}, {LESS, 0},      //  4 INNER: candidate < divisor²
    {JZ, DIVIDE}, {CALL, FOUND}, {JUMP, NEXT},                              //  9
    {LOAD, CANDIDATE}, {LOAD, DIVISOR}, {MOD, 0}, {JZ, NEXT},               // 12 DIVIDE
    {LOAD, DIVISOR}, {PUSH, 1}, {ADD, 0}, {STORE, DIVISOR}, {JUMP, INNER},  // 16
    {LOAD, CANDIDATE}, {PUSH, 1}, {ADD, 0}, {DUP, 0}, {STORE, CANDIDATE},   // 21 NEXT
    {LOAD, LIMIT}, {LESS, 0}, {JZ, END}, {JUMP, OUTER},                     // 26
    {LOAD, COUNT}, {HALT, 0},                                               // 30 END
    {LOAD, CANDIDATE}, {LOAD, COUNT}, {PUSH, 15}, {XOR, 0}, {PUT, 0},       // 32 FOUND: cells[count ^ 15] = candidate
    {LOAD, COUNT}, {PUSH, 1}, {ADD, 0}, {STORE, COUNT},                     // 37
    {LOAD, HASH}, {PUSH, 5}, {SHL, 0}, {LOAD, HASH}, {PUSH, 27}, {SHR, 0},  // 41
    {XOR, 0}, {LOAD, COUNT}, {PUSH, 7}, {XOR, 0}, {FETCH, 0}, {SWAP, 0},    // 47
    {SUB, 0}, {LOAD, CANDIDATE}, {ADD, 0}, {STORE, HASH}, {RET, 0},         // 53
};

static uint32_t cells[256];

/// Runs the program and returns the number of primes below `limit`; the hash of them is left in `*hash`.
static uint32_t run(const Instruction *program, uint32_t limit, uint32_t *hash) {
    uint32_t stack[32], returns[8], variable[variables] = {0};
    uint32_t *top = stack, *back = returns;
    const Instruction *at = program;
    variable[LIMIT] = limit;
    for (;;) {
        Instruction now = *at++;
        switch ((Operation)now.operation) {
        case HALT: *hash = variable[HASH]; return top[-1];
        case PUSH: *top++ = now.operand; break;
        case DUP: top[0] = top[-1]; top++; break;
        case SWAP: { uint32_t x = top[-1]; top[-1] = top[-2]; top[-2] = x; break; }
        case ADD: top--; top[-1] += top[0]; break;
        case SUB: top--; top[-1] -= top[0]; break;
        case MUL: top--; top[-1] *= top[0]; break;
        case MOD: top--; top[-1] %= top[0]; break;
        case XOR: top--; top[-1] ^= top[0]; break;
        case SHL: top--; top[-1] <<= top[0] & 31; break;
        case SHR: top--; top[-1] >>= top[0] & 31; break;
        case LESS: top--; top[-1] = top[-1] < top[0]; break;
        case LOAD: *top++ = variable[now.operand]; break;
        case STORE: variable[now.operand] = *--top; break;
        case FETCH: top[-1] = cells[top[-1] & 255]; break;
        case PUT: top -= 2; cells[top[1] & 255] = top[0]; break;
        case JUMP: at = program + now.operand; break;
        case JZ: if (!*--top) at = program + now.operand; break;
        case CALL: *back++ = (uint32_t)(at - program); at = program + now.operand; break;
        case RET: at = program + *--back; break;
        }
    }
}

EXPORT("primes") uint32_t count_primes(uint32_t limit) {
    uint32_t hash;
    return run(primes, limit, &hash);
}

int32_t guest_main(void) {
    uint32_t hash, count = run(primes, 1500, &hash);
    Line line = {.count = 0};
    line_text(&line, "primes below 1500: ");
    line_number(&line, count);
    line_end(&line);
    return report("vm", hash ^ count);
}
