#include "numbers.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static uint64_t word_at(const unsigned char *bytes, uint32_t size, bool big_endian) {
    uint64_t word = 0;
    for (uint32_t i = 0; i < size; i++) word |= (uint64_t)bytes[big_endian ? size - 1 - i : i] << 8 * i;
    return word;
}

// IEEE 754's binary16.
static double from_half(uint64_t bits) {
    const int exponent = (int)(bits >> 10 & 31), fraction = (int)(bits & 1023);
    double value = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    if (exponent == 31) value = fraction ? (double)NAN : (double)INFINITY;
    return bits >> 15 ? -value : value;
}

static double from_float(uint64_t word, uint32_t size) {
    if (size == 2) return from_half(word);
    if (size == 4) {
        const uint32_t bits = (uint32_t)word;
        float value;
        memcpy(&value, &bits, sizeof value);
        return (double)value;
    }
    double value;
    memcpy(&value, &word, sizeof value);
    return value;
}

// Two's complement of that many bytes.
static double from_signed(uint64_t word, uint32_t size) {
    assert(size >= 1 && size <= 8);
    const uint64_t sign = UINT64_C(1) << (8 * size - 1);
    return word & sign ? -(double)((~word + 1) & (sign | (sign - 1))) : (double)word;
}

void vv_numbers_read(const struct vv_npy *npy, const unsigned char *bytes, uint32_t count,
                     double *numbers) {
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t word = word_at(bytes + (size_t)i * npy->size, npy->size, npy->big_endian);
        switch (npy->kind) {
        case 'b':
            numbers[i] = word != 0;
            break;
        case 'u':
            numbers[i] = (double)word;
            break;
        case 'i':
            numbers[i] = from_signed(word, npy->size);
            break;
        default:
            numbers[i] = from_float(word, npy->size);
            break;
        }
    }
}
