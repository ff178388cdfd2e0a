// Quicksort with insertion sort below 12 elements, checked for order.
#include "line.h"

enum { count = 1500 };

static int32_t values[count];

static void insertion_sort(int32_t *low, int32_t *high) {
    for (int32_t *at = low + 1; at <= high; at++) {
        int32_t value = *at, *hole = at;
        while (hole > low && hole[-1] > value) hole[0] = hole[-1], hole--;
        *hole = value;
    }
}

static void quicksort(int32_t *low, int32_t *high) {
    while (high - low >= 12) {
        int32_t pivot = low[(high - low) / 2], *left = low, *right = high;
        while (left <= right) {
            while (*left < pivot) left++;
            while (*right > pivot) right--;
            if (left <= right) {
                int32_t swap = *left;
                *left++ = *right, *right-- = swap;
            }
        }
        // The shorter part by recursion, the longer one by the loop: the depth stays logarithmic.
        if (right - low < high - left) quicksort(low, right), low = left;
        else quicksort(left, high), high = right;
    }
    insertion_sort(low, high);
}

/// Sorts 1500 pseudo-random numbers from `seed`: a checksum of the sorted order, or 0 if it is not sorted.
EXPORT("sort") uint32_t sort(uint32_t seed) {
    for (int i = 0; i < count; i++) {
        seed = seed * 1664525 + 1013904223;
        values[i] = (int32_t)seed >> 8;
    }
    quicksort(values, values + count - 1);
    uint32_t sum = 1;
    for (int i = 1; i < count; i++) {
        if (values[i - 1] > values[i]) return 0;
        sum = sum * 33 + (uint32_t)values[i];
    }
    return sum;
}

int32_t guest_main(void) {
    uint32_t sum = 0;
    for (uint32_t seed = 1; seed <= 4; seed++) sum ^= sort(seed);
    return report("qsort", sum);
}
