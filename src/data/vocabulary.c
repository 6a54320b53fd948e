#include "vocabulary.h"

#include <stdlib.h>
#include <string.h>

#include "size.h"
#include "utf8.h"

const char *const vv_tokens_names[] = {"none", "bag", "chars", "words", NULL};

static bool is_sound(const struct vv_vocabulary *v) {
    for (uint32_t i = 0; i < v->count; i++) {
        const bool end = v->kind != VV_TOKENS_BAG && i == VV_TOKEN_END;
        if (!vv_is_utf8(v->token[i]) || (v->token[i][0] == '\0') != end) return false;
    }
    return true;
}

bool vv_vocabulary_take(struct vv_context *ctx, enum vv_tokens kind, uint32_t count, char *text,
                        uint64_t size, struct vv_vocabulary *v) {
    *v = (struct vv_vocabulary){.kind = kind, .count = count, .text = text, .size = size};
    const uint32_t least = kind == VV_TOKENS_BAG ? 1 : VV_TOKEN_OTHERS;
    bool ok = count >= least && size > 0 && text[size - 1] == '\0';
    if (ok) v->token = vv_alloc(ctx, count, sizeof *v->token);
    ok = ok && v->token;
    uint32_t found = 0;
    for (uint64_t at = 0; ok && at < size; at += strlen(text + at) + 1) {
        if (found < count) v->token[found] = text + at;
        found++;
    }
    if (ok && found == count && is_sound(v)) return true;
    vv_vocabulary_finish(v);
    return false;
}

void vv_vocabulary_finish(struct vv_vocabulary *v) {
    free(v->text);
    free(v->token);
    free(v->times);
    *v = (struct vv_vocabulary){0};
}
