// Floating point: a filter in f32, a Fourier transform and a Mandelbrot picture in f64, conversions of every kind.
// Nothing here depends on a rounding mode or on the bits of a NaN, so every engine must give the same bits.
#include "line.h"

static uint32_t bits32(float value) { return (union { float f; uint32_t u; }){value}.u; }
static uint64_t bits64(double value) { return (union { double f; uint64_t u; }){value}.u; }
static uint64_t turned(uint64_t sum) { return sum << 9 | sum >> 55; }

/// A second-order low-pass filter (transposed direct form II) over a step with noise.
EXPORT("biquad") float biquad(uint32_t count) {
    const float b0 = 0.0674553f, b1 = 0.1349105f, b2 = 0.0674553f, a1 = -1.1429805f, a2 = 0.4128016f;
    float z1 = 0, z2 = 0, y = 0;
    uint32_t seed = 7;
    for (uint32_t i = 0; i < count; i++) {
        seed = seed * 69069 + 1;
        float x = (i & 32 ? 1.0f : -1.0f) + (float)((int32_t)seed >> 16) / 65536.0f;
        y = b0 * x + z1;
        z1 = b1 * x - a1 * y + z2;
        z2 = b2 * x - a2 * y;
    }
    return y;
}

enum { points = 64 };

static double re[points], im[points];

/// A radix-2 transform in place. The twiddle factors come from repeated square roots: no sine is needed.
static void transform(void) {
    for (uint32_t i = 0, k = 0; i < points; i++) {
        if (i < k) {
            double x = re[i], y = im[i];
            re[i] = re[k], im[i] = im[k], re[k] = x, im[k] = y;
        }
        uint32_t bit = points >> 1;
        while (k & bit) k ^= bit, bit >>= 1;
        k |= bit;
    }
    double c = -1, s = 0;  // cosine and sine of -2π / span, halved at each stage
    for (uint32_t span = 2; span <= points; span *= 2) {
        for (uint32_t start = 0; start < points; start += span) {
            double wr = 1, wi = 0;
            for (uint32_t i = start; i < start + span / 2; i++) {
                uint32_t k = i + span / 2;
                double x = re[k] * wr - im[k] * wi, y = re[k] * wi + im[k] * wr;
                re[k] = re[i] - x, im[k] = im[i] - y;
                re[i] += x, im[i] += y;
                double turn = wr * c - wi * s;
                wi = wr * s + wi * c, wr = turn;
            }
        }
        s = -__builtin_sqrt((1 - c) / 2), c = __builtin_sqrt((1 + c) / 2);
    }
}

/// The energy in the transform's bin `bin` (0…63) for a square wave of period 16.
EXPORT("energy") double energy(uint32_t bin) {
    for (uint32_t i = 0; i < points; i++) re[i] = i & 8 ? -1 : 1, im[i] = (double)i / 128;
    transform();
    bin %= points;
    return re[bin] * re[bin] + im[bin] * im[bin];
}

/// How many steps the point (x, y) stays within the circle of radius 2, at most `limit`.
EXPORT("escape") uint32_t escape(double x, double y, uint32_t limit) {
    double a = 0, b = 0;
    uint32_t steps = 0;
    while (steps < limit && a * a + b * b <= 4) {
        double next = a * a - b * b + x;
        b = 2 * a * b + y, a = next, steps++;
    }
    return steps;
}

static uint32_t picture(void) {
    uint32_t sum = 0;
    for (int row = 0; row < 7; row++) {
        Line line = {.count = 0};
        for (int column = 0; column < 44; column++) {
            uint32_t steps = escape(column / 16.0 - 2.1, row / 3.0 - 1, 60);
            sum = sum * 31 + steps;
            line_byte(&line, steps == 60 ? '#' : steps > 9 ? '+' : steps > 4 ? '.' : ' ');
        }
        line_end(&line);
    }
    return sum;
}

/// Roundings, conversions, signs and compares of both widths.
static uint64_t conversions(void) {
    static const double volatile values[] = {0.5, -0.5, 1.5, 2.5, -2.5, 1e10, -1e10, 4294967295.5, 0x1p63, 1e-310, -0.0, 3.999999999};
    uint64_t sum = 0;
    for (int i = 0; i < (int)(sizeof values / sizeof values[0]); i++) {
        double v = values[i];
        float f = (float)v;
        sum = turned(sum) + bits64(__builtin_floor(v)) + bits64(__builtin_ceil(v));
        sum = turned(sum) + bits64(__builtin_trunc(v)) + bits64(__builtin_rint(v));
        sum = turned(sum) + bits32(__builtin_floorf(f)) + bits32(__builtin_rintf(f));
        sum = turned(sum) + bits64(__builtin_fabs(v)) + bits64(__builtin_copysign(3.25, v));
        if (v > -2147483648.0 && v < 2147483647.0) sum = turned(sum) + (uint32_t)(int32_t)v;
        if (v >= 0 && v < 4294967295.0) sum = turned(sum) + (uint32_t)v + (uint32_t)f;
        if (v > -1e18 && v < 1e18) sum = turned(sum) + (uint64_t)(int64_t)v + bits32((float)(int64_t)v);
        if (v >= 0) sum = turned(sum) + (uint64_t)v + bits64((double)((uint64_t)v >> 1));
        sum = turned(sum) + (v < values[3]) + 2 * (v >= f) + 4 * (f != v);
        sum = turned(sum) + bits32(__builtin_sqrtf(__builtin_fabsf(f)) / 3.0f) + bits64((double)f * 0.1);
    }
    return sum;
}

int32_t guest_main(void) {
    uint64_t sum = picture();
    Line line = {.count = 0};
    uint32_t filtered = bits32(biquad(500));
    line_text(&line, "biquad ");
    line_hex(&line, filtered, 8);
    sum = turned(sum) + filtered;
    line_text(&line, " energy ");
    uint64_t bin = bits64(energy(4));
    line_hex(&line, bin, 16);
    line_end(&line);
    for (uint32_t i = 0; i < points; i++) sum = turned(sum) + bits64(re[i]) + bits64(im[i]);
    sum = turned(sum) + conversions();
    return report("floats", (uint32_t)(sum ^ sum >> 32));
}
