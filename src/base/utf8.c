#include "utf8.h"

size_t vv_utf8_read(const char *text, uint32_t *character) {
    const unsigned char *at = (const unsigned char *)text;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t n = *at < 0x80 ? 1 : *at < 0xC0 ? 0 : *at < 0xE0 ? 2 : *at < 0xF0 ? 3 : 4;
    *character = *at;
    if (n < 2 || *at >= 0xF8) return n == 1;
    uint32_t c = *at & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((at[i] & 0xC0) != 0x80) return 0;
        c = c << 6 | (at[i] & 0x3F);
    }
    *character = c;
    return c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? 0 : n;
}

bool vv_is_utf8(const char *text) {
    uint32_t character;
    while (*text) {
        const size_t length = vv_utf8_read(text, &character);
        if (length == 0) return false;
        text += length;
    }
    return true;
}

size_t vv_utf8_write(uint32_t c, char *at) {
    const size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; c >>= 6) at[i] = (char)(0x80 | (c & 0x3F));
    at[0] = (char)(first[n] | c);
    return n;
}
