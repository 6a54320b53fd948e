#include "page.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct part {
    const char *name;
    const unsigned char *bytes;
    size_t size;
};

#ifdef VV_HAVE_PAGE

#include "page_parts.h"

bool vv_page_is_there(void) {
    return true;
}

static const struct part *find(const char *name) {
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].name, name) == 0) return &parts[i];
    return NULL;
}

#else

bool vv_page_is_there(void) {
    return false;
}

static const struct part *find(const char *name) {
    (void)name;
    return NULL;
}

#endif

// The place that begins at `at`, with its braces: 0 bytes where none does.
static size_t place_at(const char *at, const char *end, char name[32]) {
    if (end - at < 5 || memcmp(at, "{{", 2) != 0) return 0;
    const char *close = memchr(at, '}', (size_t)(end - at));
    if (!close || close + 1 == end || close[1] != '}' || close - at - 2 >= 32) return 0;
    (void)snprintf(name, 32, "%.*s", (int)(close - at - 2), at + 2);
    return (size_t)(close + 2 - at);
}

void vv_page_print(struct vv_html *html, vv_page_fill fill, void *user) {
    const struct part *page = find("page.html");
    assert(page);  // vv_page_is_there is asked before
    const char *at = (const char *)page->bytes, *end = at + page->size;
    while (at < end) {
        const char *brace = memchr(at, '{', (size_t)(end - at));
        const char *stop = brace ? brace : end;
        vv_html_add_bytes(html, at, (uint64_t)(stop - at));
        at = stop;
        if (at == end) break;
        char name[32];
        const size_t length = place_at(at, end, name);
        const struct part *part = length ? find(name) : NULL;
        if (part)
            vv_html_add_bytes(html, part->bytes, part->size);
        else if (length)
            fill(user, name, html);
        else
            vv_html_add_bytes(html, at, 1);
        at += length ? length : 1;
    }
}
