#include "choices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "size.h"

static const char *const forms[] = {"nn", "nt", "tn"};  // as in shaders/matmul.glsl
#define FORM_COUNT (sizeof forms / sizeof *forms)

const char *vv_product_print(const struct vv_product *p, char text[VV_PRODUCT_TEXT]) {
    (void)snprintf(text, VV_PRODUCT_TEXT, "%s %ux%ux%u", p->form < FORM_COUNT ? forms[p->form] : "?",
                   p->m, p->n, p->k);
    return text;
}

// Prints again what was read, so that one product has one text: no sign, no leading zero, no blank.
bool vv_product_parse(const char *text, struct vv_product *p) {
    char form[3], again[VV_PRODUCT_TEXT];
    unsigned m, n, k;
    if (strlen(text) >= VV_PRODUCT_TEXT || sscanf(text, "%2s %ux%ux%u", form, &m, &n, &k) != 4)
        return false;
    *p = (struct vv_product){.m = m, .n = n, .k = k};
    while (p->form < FORM_COUNT && strcmp(forms[p->form], form) != 0) p->form++;
    return m && n && k && strcmp(vv_product_print(p, again), text) == 0;
}

bool vv_product_equal(const struct vv_product *a, const struct vv_product *b) {
    return a->form == b->form && a->m == b->m && a->n == b->n && a->k == b->k;
}

static uint32_t parts(const struct vv_variant *v) {
    return v->split > 1 ? v->split : 1;
}

bool vv_variant_equal(const struct vv_variant *a, const struct vv_variant *b) {
    return a->family == b->family && a->rows == b->rows && a->columns == b->columns &&
           a->depth == b->depth && parts(a) == parts(b);
}

bool vv_choices_print(const struct vv_tuning *tuning, char *text, size_t size) {
    size_t used = 0;
    *text = '\0';
    for (uint32_t i = 0; i < tuning->count; i++) {
        char product[VV_PRODUCT_TEXT], variant[VV_VARIANT_TEXT];
        const struct vv_tuned *t = &tuning->entries[i];
        const int n =
            snprintf(text + used, size - used, "%s%s=%s", i ? "; " : "",
                     vv_product_print(&t->product, product), vv_variant_print(&t->variant, variant));
        if (n < 0 || (size_t)n >= size - used) return false;
        used += (size_t)n;
    }
    return true;
}

// One entry of `length` bytes.
static bool parse_entry(const char *text, size_t length, struct vv_tuned *entry) {
    char copy[VV_PRODUCT_TEXT + VV_VARIANT_TEXT];
    if (length >= sizeof copy) return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    char *equals = strchr(copy, '=');
    if (!equals) return false;
    *equals = '\0';
    return vv_product_parse(copy, &entry->product) && vv_variant_parse(equals + 1, &entry->variant);
}

bool vv_choices_parse(struct vv_context *ctx, const char *text, struct vv_tuning *tuning, size_t *at) {
    uint32_t room = 1;
    *tuning = (struct vv_tuning){0};
    *at = 0;
    if (!*text) return true;
    for (const char *c = text; *c; c++) room += *c == ';';
    tuning->entries = vv_alloc(ctx, room, sizeof *tuning->entries);
    if (!tuning->entries) return false;
    for (const char *next = text;; next += 2) {
        const size_t length = strcspn(next, ";");
        *at = (size_t)(next - text);
        if (!parse_entry(next, length, &tuning->entries[tuning->count])) return false;
        tuning->count++;
        next += length;
        if (!*next) return true;
        if (next[1] != ' ') return false;
    }
}

void vv_choices_finish(struct vv_tuning *tuning) {
    free(tuning->entries);
    *tuning = (struct vv_tuning){0};
}
