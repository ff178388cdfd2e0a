// Products of 20 by 20 matrices of 32-bit integers.
#include "line.h"

enum { n = 20 };

typedef int32_t Matrix[n][n];

static Matrix a, b, c;

static void multiply(Matrix to, Matrix x, Matrix y) {
    for (int row = 0; row < n; row++)
        for (int column = 0; column < n; column++) {
            int32_t sum = 0;
            for (int k = 0; k < n; k++) sum += x[row][k] * y[k][column];
            to[row][column] = sum >> 4;
        }
}

/// A checksum after `rounds` products.
EXPORT("matmul") uint32_t matmul(uint32_t rounds) {
    for (int row = 0; row < n; row++)
        for (int column = 0; column < n; column++) {
            a[row][column] = row * 3 - column;
            b[row][column] = (row ^ column) + 1;
        }
    for (uint32_t round = 0; round < rounds; round++) {
        multiply(c, a, b);
        // Kept small, so that no product leaves 32 bits.
        for (int row = 0; row < n; row++)
            for (int column = 0; column < n; column++) a[row][column] = c[row][column] % 97 + row;
    }
    uint32_t sum = 0;
    for (int row = 0; row < n; row++)
        for (int column = 0; column < n; column++) sum = sum * 17 + (uint32_t)a[row][column];
    return sum;
}

int32_t guest_main(void) {
    return report("matmul", matmul(8));
}
