#include "wording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "exact_count.h"
#include "size.h"

enum { FIRST_ROOM = 4096, KINDS = 256 };

void vv_lines_finish(struct vv_lines *lines) {
    free(lines->text);
    *lines = (struct vv_lines){0};
}

bool vv_lines_append(struct vv_lines *l, const char *text) {
    const uint64_t size = strlen(text);
    uint64_t room = l->room ? l->room : FIRST_ROOM;
    while (room < l->used + size + 1) room *= 2;
    if (room != l->room) {
        char *more = vv_alloc(l->ctx, room, 1);
        if (!more) return false;
        if (l->used) memcpy(more, l->text, l->used);
        free(l->text);
        l->text = more;
        l->room = room;
    }
    memcpy(l->text + l->used, text, size + 1);
    l->used += size;
    return true;
}

// ---- Which token ----

static uint32_t most_probable(const float *p, uint32_t count) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (p[i] > p[best]) best = i;
    return best;
}

// Inversion: the first token at which the probabilities, added up, pass a uniform number.
static uint32_t drawn(const struct vv_wording *w, const float *p, uint32_t row, uint32_t place) {
    const uint32_t count = w->vocabulary->count;
    const vv_words words =
        vv_random4(place, row, 0, VV_STREAM_TOKENS, (vv_word)w->seed, (vv_word)(w->seed >> 32));
    double all = 0, sum = 0;
    for (uint32_t i = 0; i < count; i++) all += (double)p[i];
    const double at = (double)vv_uniform(words.x) * all;
    for (uint32_t i = 0; i < count; i++) {
        sum += (double)p[i];
        if (sum > at) return i;
    }
    return most_probable(p, count);
}

static uint32_t choose(const struct vv_wording *w, const float *p, uint32_t row, uint32_t place) {
    return w->draw ? drawn(w, p, row, place) : most_probable(p, w->vocabulary->count);
}

// ---- Rows ----

// Token number `place` of a row; VV_TOKEN_END ends it.
static bool add_token(const struct vv_wording *w, uint32_t token, uint32_t place, bool *ended,
                      struct vv_lines *lines) {
    const bool apart = place && w->vocabulary->kind == VV_TOKENS_WORDS;
    *ended = token == VV_TOKEN_END;
    return *ended || ((!apart || vv_lines_append(lines, " ")) &&
                      vv_lines_append(lines, w->vocabulary->token[token]));
}

// ---- Bags ----

struct weighed {
    float weight;
    uint32_t token;
};

static int by_weight(const void *one, const void *other) {
    const struct weighed *a = one, *b = other;
    if (a->weight != b->weight) return a->weight > b->weight ? -1 : 1;
    return a->token < b->token ? -1 : a->token > b->token;
}

// The heaviest tokens, the heaviest first; those of weight 0 are none. With `counted` how often.
static bool add_heaviest(const struct vv_wording *w, const float *weights, bool counted,
                         struct vv_lines *lines) {
    const uint32_t count = w->vocabulary->count;
    struct weighed *all = vv_alloc(lines->ctx, count, sizeof *all);
    if (!all) return false;
    for (uint32_t i = 0; i < count; i++) all[i] = (struct weighed){weights[i], i};
    qsort(all, count, sizeof *all, by_weight);
    bool ok = true;
    for (uint32_t i = 0; ok && i < count && i < VV_BAG_SHOWN && all[i].weight > 0; i++) {
        const uint32_t times = vv_kind_of(all[i].weight, KINDS);
        char number[16] = "";
        if (counted && times > 1) (void)snprintf(number, sizeof number, "(%u)", times);
        ok = (i == 0 || vv_lines_append(lines, " ")) &&
             vv_lines_append(lines, w->vocabulary->token[all[i].token]) &&
             vv_lines_append(lines, number);
    }
    free(all);
    return ok;
}

static bool add_drawn(const struct vv_wording *w, const float *p, uint32_t row, struct vv_lines *lines) {
    bool ok = true;
    for (uint32_t i = 0; ok && i < VV_BAG_SHOWN; i++)
        ok = (i == 0 || vv_lines_append(lines, " ")) &&
             vv_lines_append(lines, w->vocabulary->token[drawn(w, p, row, i)]);
    return ok;
}

// ---- Lines ----

bool vv_wording_sample(const struct vv_wording *w, const float *p, uint32_t row,
                       struct vv_lines *lines) {
    const uint32_t count = w->vocabulary->count;
    bool ok = true, ended = w->vocabulary->kind == VV_TOKENS_BAG;
    if (ended) ok = w->draw ? add_drawn(w, p, row, lines) : add_heaviest(w, p, false, lines);
    for (uint32_t i = 0; ok && !ended && i < w->length; i++)
        ok = add_token(w, choose(w, p + (size_t)i * count, row, i), i, &ended, lines);
    return ok && vv_lines_append(lines, "\n");
}

bool vv_wording_original(const struct vv_wording *w, const float *x, struct vv_lines *lines) {
    bool ok = true, ended = w->vocabulary->kind == VV_TOKENS_BAG;
    if (ended) ok = add_heaviest(w, x, true, lines);
    for (uint32_t i = 0; ok && !ended && i < w->length; i++)
        ok = add_token(w, vv_kind_of(x[i], w->vocabulary->count), i, &ended, lines);
    return ok && vv_lines_append(lines, "\n");
}
