#include "text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

uint32_t cli_character(const char *at, size_t *bytes) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char first = (unsigned char)*at;
    const size_t n = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    uint32_t c = n == 1 ? first : first & (0x7Fu >> n);
    *bytes = 1;
    if (n == 0 || first >= 0xF8) return 0;
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)at[i] & 0xC0) != 0x80) return 0;
        c = c << 6 | ((unsigned char)at[i] & 0x3F);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return 0;
    *bytes = n;
    return c;
}

bool cli_commands_terminal(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

// Names are UTF-8 whatever the locale says, and so wcwidth must know of that.
static size_t columns_of(uint32_t c) {
    static bool ready;
    if (!ready && (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1)) (void)setlocale(LC_CTYPE, "C.UTF-8");
    ready = true;
    const int width = c < 0x7F ? 1 : wcwidth((wchar_t)c);
    return width < 0 ? 1 : (size_t)width;
}

const char *cli_plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

bool cli_ends_with(const char *name, const char *ending) {
    const size_t length = strlen(name), n = strlen(ending);
    return length > n && strcmp(name + length - n, ending) == 0;
}

const char *cli_slash_behind(const char *folder) {
    return folder[strlen(folder) - 1] == '/' ? "" : "/";
}

size_t cli_clean(const char *text, char *to, size_t size) {
    size_t columns = 0, used = 0, bytes;
    for (; *text; text += bytes) {
        const uint32_t c = cli_character(text, &bytes);
        const bool bad = cli_commands_terminal(c);
        const size_t length = bad ? 1 : bytes;
        if (used + length >= size) break;
        memcpy(to + used, bad ? "?" : text, length);
        used += length;
        columns += bad ? 1 : columns_of(c);
    }
    to[used] = '\0';
    return columns;
}

void cli_print_clean(FILE *file, const char *text) {
    for (size_t bytes; *text; text += bytes) {
        const bool bad = cli_commands_terminal(cli_character(text, &bytes));
        (void)fprintf(file, "%.*s", bad ? 1 : (int)bytes, bad ? "?" : text);
    }
}

void cli_print_lines(char *text) {
    while (*text) {
        char *end = text + strcspn(text, "\n");
        *end = '\0';
        cli_print_clean(stdout, text);
        (void)putchar('\n');
        text = end + 1;
    }
}
