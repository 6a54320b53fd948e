#include "report_pictures.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "size.h"

static const uint64_t most = UINT64_C(1) << 28;  // bytes of a file that goes into a page

// ---- One file ----

static uint32_t big_endian(const unsigned char *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

// An img element with the whole file in it.
static bool add_png(struct vv_context *ctx, const char *path, const char *alt, struct vv_html *html) {
    unsigned char *bytes = NULL;
    uint64_t size;
    if (!vv_file_read_itself(ctx, path, most, &bytes, &size)) return false;
    const bool ok = (size > 24 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0) ||
                    vv_fail(ctx, VV_BAD_DATA, "%s: is no PNG; remove it, or write it again", path);
    if (ok) {
        vv_html_print(html, "<img width=\"%u\" height=\"%u\" alt=\"", big_endian(bytes + 16),
                      big_endian(bytes + 20));
        vv_html_escape(html, alt);
        vv_html_add(html, "\" src=\"data:image/png;base64,");
        vv_html_base64(html, bytes, size);
        vv_html_add(html, "\">");
    }
    free(bytes);
    return ok;
}

static bool add_text(struct vv_context *ctx, const char *path, struct vv_html *html) {
    unsigned char *bytes = NULL;
    uint64_t size;
    if (!vv_file_read_itself(ctx, path, most, &bytes, &size)) return false;
    vv_html_add(html, "<pre>");
    vv_html_escape(html, (const char *)bytes);
    vv_html_add(html, "</pre>");
    free(bytes);
    return true;
}

// ---- Epochs ----

enum { KINDS = 2 };
static const char *const kinds[KINDS] = {"reconstruction", "samples"};
static const char *const titles[KINDS] = {"Test pictures above their reconstructions",
                                          "Samples from the prior"};

// The files of one kind.
struct shelf {
    struct vv_context *ctx;
    uint32_t *epochs;  // owned
    uint32_t count, room;
};

static bool shelve(struct shelf *s, uint32_t epoch) {
    if (s->count == s->room) {
        const uint32_t room = s->room ? 2 * s->room : 64;
        uint32_t *epochs = vv_alloc(s->ctx, room, sizeof *epochs);
        if (!epochs) return false;
        if (s->count) memcpy(epochs, s->epochs, s->count * sizeof *epochs);
        free(s->epochs);
        s->epochs = epochs;
        s->room = room;
    }
    s->epochs[s->count++] = epoch;
    return true;
}

static int by_number(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

// "samples-003.png"; `ending`: of this kind only.
static bool find_files(struct shelf *s, const char *folder, const char *kind, const char *ending) {
    DIR *open = vv_list_open(s->ctx, folder);
    const size_t length = strlen(kind);
    bool ok = open != NULL;
    for (struct dirent *entry; ok && (entry = vv_list_next(s->ctx, folder, open)) != NULL;) {
        unsigned epoch;
        int end = 0;
        const char *name = entry->d_name;
        if (strncmp(name, kind, length) != 0 || sscanf(name + length, "-%u%n", &epoch, &end) != 1)
            continue;
        if (strcmp(name + length + end, ending) == 0) ok = shelve(s, epoch);
    }
    if (open) (void)closedir(open);
    if (s->count) qsort(s->epochs, s->count, sizeof *s->epochs, by_number);
    return ok;
}

static bool add_epoch(struct vv_context *ctx, const char *folder, int kind, uint32_t epoch,
                      const char *ending, struct vv_html *html) {
    char name[64], alt[96];
    (void)snprintf(name, sizeof name, "%s-%03u%s", kinds[kind], epoch, ending);
    (void)snprintf(alt, sizeof alt, "%s, epoch %u", titles[kind], epoch);
    char *path = vv_path_join(ctx, folder, name);
    vv_html_print(html, "<figure data-kind=\"%s\" data-epoch=\"%u\"><figcaption>%s</figcaption>",
                  kinds[kind], epoch, alt);
    const bool ok = path && (strcmp(ending, ".png") == 0 ? add_png(ctx, path, alt, html)
                                                         : add_text(ctx, path, html));
    vv_html_add(html, "</figure>\n");
    free(path);
    return ok;
}

// The first and the last are among those that are chosen.
static bool add_kind(struct vv_context *ctx, const char *folder, int kind, const char *ending,
                     uint32_t epochs, struct vv_html *html) {
    struct shelf s = {.ctx = ctx};
    bool ok = find_files(&s, folder, kinds[kind], ending);
    const uint32_t chosen = s.count < epochs ? s.count : epochs;
    for (uint32_t i = 0; ok && i < chosen; i++) {
        const uint64_t at =
            chosen > 1 ? ((uint64_t)i * (s.count - 1) + (chosen - 1) / 2) / (chosen - 1) : s.count - 1;
        ok = add_epoch(ctx, folder, kind, s.epochs[at], ending, html);
    }
    if (ok && chosen < s.count)
        vv_html_print(html, "<p class=\"hint\">%u of %u epochs have their pictures here.</p>\n", chosen,
                      s.count);
    free(s.epochs);
    return ok;
}

bool vv_report_add_epochs(struct vv_context *ctx, const char *folder, uint32_t epochs, bool text,
                          const char *metrics, struct vv_html *html) {
    bool ok = true;
    vv_html_add(html, "<section aria-labelledby=\"epochs\">\n<h2 id=\"epochs\">Epochs</h2>\n"
                      "<div class=\"slider\" hidden><label for=\"epoch\">Epoch</label>"
                      "<input type=\"range\" id=\"epoch\" min=\"0\" max=\"0\" step=\"1\" value=\"0\">"
                      "<output id=\"epoch-text\" for=\"epoch\"></output></div>\n");
    vv_html_add(html, "<div class=\"pictures\">\n");
    for (int k = 0; ok && k < KINDS; k++)
        ok = add_kind(ctx, folder, k, text ? ".txt" : ".png", epochs, html);
    vv_html_add(html, "</div>\n");
    if (metrics && strstr(metrics, "\"kl_per_latent\""))
        vv_html_add(html, "<h3>KL of each latent</h3>\n<p class=\"hint\" id=\"latents-of\"></p>\n"
                          "<div class=\"bars\" id=\"bars\"></div>\n");
    vv_html_add(html, "</section>");
    return ok;
}

// ---- What other commands write ----

static bool add_extra(struct vv_context *ctx, const char *folder, const char *name, const char *alt,
                      struct vv_html *html) {
    char *path = vv_path_join(ctx, folder, name);
    const bool ok = path && (!vv_path_exists(path) || add_png(ctx, path, alt, html));
    free(path);
    return ok;
}

static bool is_there(struct vv_context *ctx, const char *folder, const char *name) {
    char *path = vv_path_join(ctx, folder, name);
    const bool there = path && vv_path_exists(path);
    free(path);
    return there;
}

bool vv_report_add_extras(struct vv_context *ctx, const char *folder, bool map, struct vv_html *html) {
    bool ok = true;
    if (is_there(ctx, folder, "traversal.png")) {
        vv_html_add(html,
                    "<section aria-labelledby=\"traversals\">\n<h2 id=\"traversals\">Traversals</h2>\n"
                    "<div class=\"wide\">");
        ok = add_extra(ctx, folder, "traversal.png", "One latent changed after the other", html);
        vv_html_add(html, "</div>\n</section>\n");
    }
    if (ok && (map || is_there(ctx, folder, "map.png"))) {
        vv_html_add(html,
                    "<section aria-labelledby=\"plane\">\n<h2 id=\"plane\">Map of the latents</h2>\n");
        if (map)
            vv_html_add(html,
                        "<p class=\"hint\">Point at a picture's place, or go through them with the "
                        "arrow keys.</p>\n<ul id=\"map-legend\" aria-label=\"Labels\"></ul>\n"
                        "<canvas id=\"map\" tabindex=\"0\" role=\"img\" "
                        "aria-label=\"Places of the pictures in two dimensions\" "
                        "aria-describedby=\"map-text\"></canvas>\n"
                        "<p class=\"hint\" id=\"map-text\" aria-live=\"polite\"></p>\n");
        ok = add_extra(ctx, folder, "map.png", "Places of the pictures in two dimensions", html);
        vv_html_add(html, "</section>");
    }
    return ok;
}
