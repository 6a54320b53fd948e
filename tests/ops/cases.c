#include "cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "view.h"

// Every family of ops: NAME has its cases in cases_NAME.c.
// clang-format off
#define FAMILIES(X) \
    X(elementwise) \
    X(shape) \
    X(product) \
    X(conv) \
    X(random) \
    X(objective) \
    X(categorical) \
    X(density) \
    X(norm) \
    X(half) \
    X(training) \
    X(optimiser)
// clang-format on
#define DECLARED(name) extern const struct op_family op_family_##name;
#define LISTED(name)   &op_family_##name,
FAMILIES(DECLARED)
static const struct op_family *const families[] = {FAMILIES(LISTED)};

uint32_t op_case_count(void) {
    uint32_t count = 0;
    for (uint32_t f = 0; f < sizeof families / sizeof *families; f++) count += families[f]->count;
    return count;
}

const struct op_case *op_case_at(uint32_t i) {
    uint32_t f = 0;
    while (i >= families[f]->count) i -= families[f++]->count;
    return &families[f]->cases[i];
}

static double random_uniform(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;  // Numerical Recipes
    return ((*seed >> 8) + 0.5) / 16777216.0;
}

double random_normal(uint32_t *seed) {
    double radius = sqrt(-2 * log(random_uniform(seed)));
    return radius * cos(6.283185307179586 * random_uniform(seed));
}

static void fill_reals(struct graph *g, vv_real *at, uint64_t n, enum kind kind) {
    for (uint64_t i = 0; i < n; i++) {
        double v = kind == PICTURE ? random_uniform(&g->seed) : random_normal(&g->seed);
        at[i] = (vv_real)(float)(kind == VARIANCE ? v * v : v);
    }
}

static void fill_words(struct graph *g, uint32_t *at, uint64_t n, enum kind kind, uint32_t limit) {
    if (kind == CLOCK) {
        const struct vv_clock clock = {.next = 1,
                                       .current = 1,
                                       .bad_step = VV_NO_BAD_STEP,
                                       .first = 2,
                                       .step = 5,
                                       .adam_scale = 1e-3f,
                                       .adam_root = 30.0f,
                                       .rate = 0.01f,
                                       .decay = 0.125f,
                                       .ema_rest = 0.3f,
                                       .share = 0.4f};
        memcpy(at, &clock, sizeof clock);
        return;
    }
    for (uint64_t i = 0; i < n; i++) at[i] = (uint32_t)(random_uniform(&g->seed) * limit);
    for (uint64_t i = 0; kind == TABLE && i + 3 < n; i += 4) {
        const float scale = (float)random_uniform(&g->seed);
        memcpy(&at[i + 2], &scale, sizeof scale);
        memcpy(&at[i + 3], &scale, sizeof scale);
    }
}

vv_ref input_below(struct graph *g, enum kind kind, struct vv_shape shape, uint32_t limit) {
    static const char *const names[MAX_INPUTS] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    const bool real = kind <= VARIANCE;
    const uint32_t i = g->count++, late = real ? g->misalign : 0;
    const enum vv_type type = real ? VV_F32 : kind == BYTES ? VV_U8 : VV_U32;
    struct vv_shape whole = late ? vv_shape1((uint32_t)vv_shape_count(shape) + late) : shape;
    struct vv_state *s = g->state[i] = vv_store_add(g->t->store, names[i], type, whole);
    g->bytes[i] = calloc(1, s->bytes);
    if (real) {
        g->value[i] = g->bytes[i];
        fill_reals(g, g->value[i], vv_shape_count(whole), kind);
    } else if (kind == BYTES) {
        for (uint64_t b = 0; b < s->bytes; b++)
            ((unsigned char *)g->bytes[i])[b] = (unsigned char)(random_uniform(&g->seed) * 256);
    } else {
        fill_words(g, g->bytes[i], vv_shape_count(shape), kind, limit);
    }
    vv_ref leaf = vv_use(g->t, s);
    g->input[i] = late ? vv_view(g->t, leaf, late, shape) : leaf;
    g->differentiable[i] = kind == NORMAL;
    return g->input[i];
}

vv_ref input(struct graph *g, enum kind kind, struct vv_shape shape) {
    return input_below(g, kind, shape, 1);
}

vv_ref graph_build(struct graph *g, const struct op_case *c, struct vv_tape *t, uint32_t misalign,
                   uint32_t seed) {
    *g = (struct graph){.t = t, .misalign = misalign, .seed = seed};
    return c->build(g, c->n);
}

void graph_finish(struct graph *g) {
    for (uint32_t i = 0; i < g->count; i++) free(g->bytes[i]);
    *g = (struct graph){0};
}
