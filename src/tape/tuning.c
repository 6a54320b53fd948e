#include "tuning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const family_names[] = {
    [VV_MATMUL_PLAIN] = "plain",
    [VV_MATMUL_SUBGROUP_BUFFER] = "subgroup-buffer",
    [VV_MATMUL_SUBGROUP_TEXEL] = "subgroup-texel",
    [VV_MATMUL_TILE] = "tile",
};
#define FAMILY_COUNT (sizeof family_names / sizeof *family_names)

const char *vv_matmul_name(enum vv_matmul_family family) {
    return (unsigned)family < FAMILY_COUNT ? family_names[family] : "unknown";
}

bool vv_matmul_parse(const char *name, enum vv_matmul_family *family) {
    for (unsigned i = 0; i < FAMILY_COUNT; i++) {
        if (strcmp(name, family_names[i]) != 0) continue;
        *family = (enum vv_matmul_family)i;
        return true;
    }
    return false;
}

const char *vv_variant_print(const struct vv_variant *v, char text[VV_VARIANT_TEXT]) {
    char size[40] = "", split[16] = "";
    if (v->columns)
        (void)snprintf(size, sizeof size, " %ux%ux%u", v->rows, v->columns, v->depth);
    else if (v->rows)
        (void)snprintf(size, sizeof size, " %u", v->rows);
    if (v->split > 1) (void)snprintf(split, sizeof split, " /%u", v->split);
    (void)snprintf(text, VV_VARIANT_TEXT, "%s%s%s", vv_matmul_name(v->family), size, split);
    return text;
}

// A number behind `before` in a text, which is moved behind it; 0 and unmoved where there is none.
static uint32_t take(const char **text, char before) {
    if (**text != before || (*text)[1] < '1' || (*text)[1] > '9') return 0;
    char *end;
    const unsigned long value = strtoul(*text + 1, &end, 10);
    if (value > UINT32_MAX) return 0;
    *text = end;
    return (uint32_t)value;
}

bool vv_variant_parse(const char *text, struct vv_variant *variant) {
    char name[32];
    const size_t length = strcspn(text, " ");
    struct vv_variant v = {0};
    if (length >= sizeof name) return false;
    (void)snprintf(name, sizeof name, "%.*s", (int)length, text);
    if (!vv_matmul_parse(name, &v.family)) return false;
    text += length;
    v.rows = take(&text, ' ');
    v.columns = take(&text, 'x');
    v.depth = take(&text, 'x');
    if (strncmp(text, " /", 2) == 0) {
        text++;
        v.split = take(&text, '/');
    }
    if (*text || (v.columns && !v.depth)) return false;
    *variant = v;
    return true;
}

const struct vv_variant *vv_tuning_find(const struct vv_tuning *tuning, const struct vv_product *p) {
    for (uint32_t i = 0; tuning && i < tuning->count; i++) {
        const struct vv_product *q = &tuning->entries[i].product;
        if (q->form == p->form && q->m == p->m && q->n == p->n && q->k == p->k)
            return &tuning->entries[i].variant;
    }
    return NULL;
}
