#include "letters.h"

#include <stddef.h>

struct range {
    uint32_t first, last;
};

static bool is_within(uint32_t c, const struct range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last) return true;
    return false;
}
#define IS_WITHIN(c, ranges) is_within(c, ranges, sizeof(ranges) / sizeof *(ranges))

bool vv_is_letter(uint32_t c) {
    static const struct range ascii[] = {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}};
    static const struct range no_letters[] = {
        {0x80, 0xA9},     {0xAB, 0xB4},     {0xB6, 0xB9},     {0xBB, 0xBF},  // Latin-1's signs
        {0xD7, 0xD7},     {0xF7, 0xF7},                                      // times, divided by
        {0x2000, 0x206F}, {0x20A0, 0x20CF}, {0x2190, 0x2BFF},                // punctuation to symbols
        {0x2E00, 0x2E7F}, {0x3000, 0x3004}, {0x3007, 0x3020}, {0x3030, 0x3030},  // CJK's
        {0xE000, 0xF8FF}, {0xFE10, 0xFE6F}, {0xFEFF, 0xFEFF}, {0xFF00, 0xFF0F},   {0xFF1A, 0xFF20},
        {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF}, {0x1F000, 0x1FAFF}, {0xE0000, UINT32_MAX}};
    return c < 0x80 ? IS_WITHIN(c, ascii) : !IS_WITHIN(c, no_letters);
}

uint32_t vv_lower_case(uint32_t c) {
    static const struct range by_32[] = {
        {'A', 'Z'}, {0xC0, 0xD6}, {0xD8, 0xDE}, {0x391, 0x3A9}, {0x410, 0x42F}};
    // Pairs, the capital first: even numbers, and odd ones.
    static const struct range even[] = {{0x100, 0x12F}, {0x132, 0x137}, {0x14A, 0x177}};
    static const struct range odd[] = {{0x139, 0x148}, {0x179, 0x17E}};
    if (IS_WITHIN(c, by_32)) return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    if (c == 0x178) return 0xFF;
    if (IS_WITHIN(c, even)) return c | 1;
    return IS_WITHIN(c, odd) && c % 2 ? c + 1 : c;
}
