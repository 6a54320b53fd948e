#include "crc32c.h"

// The polynomial 0x1EDC6F41 with its bits reversed, since the lowest bit of a byte goes first.
static const uint32_t polynomial = 0x82F63B78;

// What four bits, alone, make of the remainder.
static void make_table(uint32_t table[16]) {
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t rest = i;
        for (int bit = 0; bit < 4; bit++) rest = rest >> 1 ^ (rest & 1 ? polynomial : 0);
        table[i] = rest;
    }
}

uint32_t vv_crc32c(const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    uint32_t table[16], rest = UINT32_MAX;
    make_table(table);
    for (size_t i = 0; i < size; i++) {
        rest ^= at[i];
        rest = rest >> 4 ^ table[rest & 15];
        rest = rest >> 4 ^ table[rest & 15];
    }
    return ~rest;
}
