// Text of a page in memory, with everything from outside made harmless.
#ifndef VV_REPORT_HTML_H
#define VV_REPORT_HTML_H

#include <stdint.h>

#include "context.h"

struct vv_html {
    struct vv_context *ctx;
    char *text;  // owned; `used` bytes
    uint64_t used, room;
    bool failed;  // memory was out, and the context says so: nothing more is added
};

void vv_html_finish(struct vv_html *html);  // takes a zeroed one

// Adds our own words, as they are.
void vv_html_add(struct vv_html *html, const char *text);
void vv_html_add_bytes(struct vv_html *html, const void *bytes, uint64_t size);
void vv_html_print(struct vv_html *html, const char *format, ...) VV_PRINTF(2, 3);

// Adds text from outside, for between two tags or within the quotes of an attribute. What is no UTF-8,
// or a control character that HTML does not allow, becomes U+FFFD.
void vv_html_escape(struct vv_html *html, const char *text);

// Adds sound JSON, for within a script element: there no tag may begin and no entity is read, and so < >
// & are written as \u003c and the like, which can only be in its strings. The same for U+2028 and
// U+2029.
void vv_html_json(struct vv_html *html, const char *json, uint64_t size);

// Adds bytes as base64 (RFC 4648, section 4).
void vv_html_base64(struct vv_html *html, const void *bytes, uint64_t size);

#endif
