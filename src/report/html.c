#include "html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "size.h"
#include "utf8.h"

void vv_html_finish(struct vv_html *html) {
    free(html->text);
    *html = (struct vv_html){0};
}

// Room for `more` bytes at the end; NULL, and from then on nothing is added, where there is none.
static char *reserve(struct vv_html *html, uint64_t more) {
    uint64_t needed = 0;
    if (html->failed) return NULL;
    if (!vv_add_u64(html->used, more, &needed)) needed = UINT64_MAX;
    if (needed > html->room) {
        const uint64_t room = needed > UINT64_MAX / 2 ? needed : 2 * needed + 4096;
        char *text = vv_alloc(html->ctx, room, 1);
        html->failed = !text;
        if (!text) return NULL;
        if (html->used) memcpy(text, html->text, html->used);
        free(html->text);
        html->text = text;
        html->room = room;
    }
    return html->text + html->used;
}

void vv_html_add_bytes(struct vv_html *html, const void *bytes, uint64_t size) {
    char *to = reserve(html, size);
    if (!to || !size) return;
    memcpy(to, bytes, size);
    html->used += size;
}

void vv_html_add(struct vv_html *html, const char *text) {
    vv_html_add_bytes(html, text, strlen(text));
}

void vv_html_print(struct vv_html *html, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    vv_html_add(html, text);
}

static const char unknown[] = "\xEF\xBF\xBD";  // U+FFFD

static bool is_allowed(uint32_t c) {
    return c >= 0xA0 || (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t';
}

void vv_html_escape(struct vv_html *html, const char *text) {
    while (*text) {
        uint32_t c;
        const size_t bytes = vv_utf8_read(text, &c);
        const char *by = *text == '&'                   ? "&amp;"
                         : *text == '<'                 ? "&lt;"
                         : *text == '>'                 ? "&gt;"
                         : *text == '"'                 ? "&quot;"
                         : *text == '\''                ? "&#39;"
                         : bytes == 0 || !is_allowed(c) ? unknown
                                                        : NULL;
        if (by)
            vv_html_add(html, by);
        else
            vv_html_add_bytes(html, text, bytes);
        text += bytes ? bytes : 1;
    }
}

void vv_html_json(struct vv_html *html, const char *json, uint64_t size) {
    uint64_t begin = 0;
    for (uint64_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)json[i];
        const bool line = c == 0xE2 && i + 2 < size && (unsigned char)json[i + 1] == 0x80 &&
                          ((unsigned char)json[i + 2] & 0xFE) == 0xA8;
        if (c != '<' && c != '>' && c != '&' && !line) continue;
        vv_html_add_bytes(html, json + begin, i - begin);
        vv_html_print(html, "\\u%04x", line ? 0x1F80U + (unsigned char)json[i + 2] : c);
        i += line ? 2 : 0;
        begin = i + 1;
    }
    vv_html_add_bytes(html, json + begin, size - begin);
}

void vv_html_base64(struct vv_html *html, const void *bytes, uint64_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *from = bytes;
    uint64_t length = 0;
    if (!vv_mul_u64(vv_div_up(size, 3), 4, &length)) length = UINT64_MAX;
    char *to = reserve(html, length);
    if (!to) return;
    for (uint64_t i = 0; i < size; i += 3, to += 4) {
        const uint64_t left = size - i;
        const uint32_t three = (uint32_t)from[i] << 16 | (left > 1 ? (uint32_t)from[i + 1] << 8 : 0) |
                               (left > 2 ? from[i + 2] : 0);
        to[0] = digits[three >> 18];
        to[1] = digits[three >> 12 & 63];
        to[2] = '=';
        to[3] = '=';
        if (left > 1) to[2] = digits[three >> 6 & 63];
        if (left > 2) to[3] = digits[three & 63];
    }
    html->used += length;
}
