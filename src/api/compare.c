#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comparing.h"
#include "curve.h"
#include "describe.h"
#include "handle.h"
#include "size.h"

struct comparing {
    struct vv_context *ctx;
    struct vv_compared *runs;
    uint32_t count;
    const char **keys;  // settings that differ: they point into the runs' options
    uint32_t key_count;
    char **values;  // [count,key_count], owned; NULL: the run does not say
    bool alike;
};

// ---- Reading ----

static double best_loss(const struct vv_compared *run) {
    const uint32_t best = vv_metrics_best(&run->metrics);
    if (!best) return INFINITY;
    return run->metrics.rows[best - 1].test_recon + run->metrics.rows[best - 1].test_kl;
}

static int by_loss(const void *a, const void *b) {
    const struct vv_compared *x = a, *y = b;
    const double p = best_loss(x), q = best_loss(y);
    if (p < q || p > q) return p < q ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

// Two folders of one name are called by their paths.
static void part_names(struct comparing *c) {
    for (uint32_t i = 0; i < c->count; i++) {
        bool twice = false;
        for (uint32_t k = 0; k < c->count && !twice; k++)
            twice = k != i && strcmp(c->runs[i].name, c->runs[k].name) == 0;
        // Only once all are looked at, lest the last of them keeps the name.
        c->runs[i].number |= twice ? UINT32_C(1) << 31 : 0;
    }
    for (uint32_t i = 0; i < c->count; i++) {
        struct vv_compared *run = &c->runs[i];
        if (run->number >> 31) vv_describe_text(run->name, sizeof run->name, run->path);
        run->number &= UINT32_MAX >> 1;
    }
}

static bool read_all(struct comparing *c, const vkvae_compare_options *o) {
    if (o->count < 1 || o->count > VKVAE_MAX_COMPARED || !o->runs)
        return vv_fail(c->ctx, VV_USAGE, "%u runs cannot be compared; name 1 to %d", o->count,
                       VKVAE_MAX_COMPARED);
    c->runs = vv_alloc(c->ctx, o->count, sizeof *c->runs);
    if (!c->runs) return false;
    for (c->count = 0; c->count < o->count;) {
        struct vv_compared *run = &c->runs[c->count];
        run->number = c->count++;
        if (!vv_compared_read(c->ctx, o->runs[run->number], run)) return false;
    }
    part_names(c);
    qsort(c->runs, c->count, sizeof *c->runs, by_loss);
    return true;
}

// ---- The settings that differ ----

static const cJSON *option_of(const struct comparing *c, uint32_t run, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(c->runs[run].options, key);
}

static bool differs(const struct comparing *c, const char *key) {
    const cJSON *first = option_of(c, 0, key);
    for (uint32_t i = 1; i < c->count; i++) {
        const cJSON *other = option_of(c, i, key);
        if ((!first || !other) ? first != other : !cJSON_Compare(first, other, true)) return true;
    }
    return false;
}

static bool is_listed(const struct comparing *c, const char *key) {
    for (uint32_t i = 0; i < c->key_count; i++)
        if (strcmp(c->keys[i], key) == 0) return true;
    return false;
}

static bool find_keys(struct comparing *c) {
    uint64_t room = 0;
    for (uint32_t i = 0; i < c->count; i++) room += (uint64_t)cJSON_GetArraySize(c->runs[i].options);
    c->keys = vv_alloc(c->ctx, room, sizeof *c->keys);
    for (uint32_t i = 0; c->keys && i < c->count; i++) {
        const cJSON *item;
        cJSON_ArrayForEach(item, c->runs[i].options) {
            if (!is_listed(c, item->string) && differs(c, item->string))
                c->keys[c->key_count++] = item->string;
        }
    }
    return c->keys;
}

static char *value_text(const cJSON *item) {
    if (cJSON_IsString(item)) return strdup(item->valuestring);
    if (cJSON_IsTrue(item)) return strdup("yes");
    return cJSON_PrintUnformatted(item);
}

static bool find_values(struct comparing *c) {
    c->values = vv_alloc(c->ctx, (uint64_t)c->count * c->key_count, sizeof *c->values);
    if (!c->values) return false;
    for (uint32_t i = 0; i < c->count; i++)
        for (uint32_t k = 0; k < c->key_count; k++) {
            const cJSON *item = option_of(c, i, c->keys[k]);
            char **value = &c->values[(size_t)i * c->key_count + k];
            if (item) *value = value_text(item);
            if (item && !*value)
                return vv_fail(c->ctx, VV_FAILED,
                               "out of memory for the settings; close other programs");
        }
    return true;
}

// ---- The picture ----

// Whether run i is one of the first that have a curve, as many as there are colours.
static bool is_drawn(const struct comparing *c, uint32_t i) {
    uint32_t before = 0;
    for (uint32_t k = 0; k < i; k++) before += c->runs[k].metrics.count > 0;
    return c->runs[i].metrics.count > 0 && before < VV_CURVE_SERIES;
}

static void fill_series(const struct vv_compared *run, double *at, struct vv_series series[2]) {
    const uint32_t n = run->metrics.count;
    for (uint32_t e = 0; e < n; e++) {
        const struct vv_metrics_row *row = &run->metrics.rows[e];
        at[e] = row->epoch;
        at[n + e] = row->test_recon + row->test_kl;
        at[2 * (size_t)n + e] = row->train_recon + row->train_kl;
    }
    series[0] = (struct vv_series){.label = run->name, .x = at, .y = at + n, .count = n};
    series[1] = (struct vv_series){.x = at, .y = at + 2 * (size_t)n, .count = n};
}

static bool draw(const struct comparing *c, const char *path) {
    struct vv_series series[2 * VV_CURVE_SERIES];
    uint64_t points = 0;
    uint32_t curves = 0, drawn = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        curves += c->runs[i].metrics.count > 0;
        if (is_drawn(c, i)) points += c->runs[i].metrics.count;
    }
    if (!curves)
        return vv_fail(c->ctx, VV_BAD_DATA,
                       "%s: no run has an epoch to draw; wait for the first, or leave it out", path);
    double *values = vv_alloc(c->ctx, 3 * points, sizeof *values), *at = values;
    for (uint32_t i = 0; values && i < c->count; i++) {
        if (!is_drawn(c, i)) continue;
        fill_series(&c->runs[i], at, series + 2 * (size_t)drawn++);
        at += 3 * (size_t)c->runs[i].metrics.count;
    }
    const struct vv_chart chart = {.title = "Loss: reconstruction + KL (test; light: train)",
                                   .x_label = "epoch",
                                   .y_label = "nats per image",
                                   .series = series,
                                   .series_count = 2 * drawn,
                                   .light = 0xAAA,  // every second one
                                   .x_whole = true};
    const bool ok = values && vv_curve_write(c->ctx, path, &chart);
    free(values);
    if (ok && curves > drawn)
        vv_say(c->ctx, VV_LOG_INFO, "%s shows the first %u of %u runs that have a curve", path, drawn,
               curves);
    return ok;
}

// ---- The result: one block of memory ----

// Takes `size` bytes of what is left.
static void *take(char **at, size_t size) {
    char *begin = *at;
    *at += size;
    return begin;
}

static const char *take_text(char **at, const char *text) {
    return text ? memcpy(take(at, strlen(text) + 1), text, strlen(text) + 1) : NULL;
}

static size_t size_of_texts(const struct comparing *c) {
    size_t size = 0;
    for (uint32_t k = 0; k < c->key_count; k++) size += strlen(c->keys[k]) + 1;
    for (size_t i = 0; i < (size_t)c->count * c->key_count; i++)
        if (c->values[i]) size += strlen(c->values[i]) + 1;
    return size;
}

static vkvae_losses losses_of(double recon, double kl, double bits) {
    return (vkvae_losses){recon + kl, recon, kl, bits * (recon + kl)};
}

static void fill_run(const struct comparing *c, uint32_t number, vkvae_compared *to) {
    const struct vv_compared *run = &c->runs[number];
    const struct vv_metrics *m = &run->metrics;
    const double bits = vv_settings_bits(run->settings);
    vv_describe_text(to->name, sizeof to->name, run->name);
    vv_describe_text(to->path, sizeof to->path, run->path);
    to->epochs = m->count;
    to->wanted_epochs = run->settings->epochs;
    to->best_epoch = vv_metrics_best(m);
    to->images_per_second = run->rate;
    to->drawn = is_drawn(c, number);
    if (!m->count) return;
    const struct vv_metrics_row *last = &m->rows[m->count - 1],
                                *best = to->best_epoch ? &m->rows[to->best_epoch - 1] : last;
    to->train = losses_of(last->train_recon, last->train_kl, bits);
    to->test = losses_of(last->test_recon, last->test_kl, bits);
    if (to->best_epoch) to->best = losses_of(best->test_recon, best->test_kl, bits);
}

static vkvae_comparison *pack(const struct comparing *c) {
    const size_t cells = (size_t)c->count * c->key_count;
    const size_t size = sizeof(vkvae_comparison) + c->count * sizeof(vkvae_compared) +
                        (c->key_count + cells) * sizeof(char *) + size_of_texts(c);
    char *at = vv_alloc(c->ctx, 1, size);
    if (!at) return NULL;
    vkvae_comparison *all = take(&at, sizeof *all);
    vkvae_compared *runs = take(&at, c->count * sizeof *runs);
    const char **keys = take(&at, c->key_count * sizeof *keys),
               **values = take(&at, cells * sizeof *values);
    for (uint32_t k = 0; k < c->key_count; k++) keys[k] = take_text(&at, c->keys[k]);
    for (size_t i = 0; i < cells; i++) values[i] = take_text(&at, c->values[i]);
    for (uint32_t i = 0; i < c->count; i++) {
        fill_run(c, i, &runs[i]);
        runs[i].values = values + (size_t)i * c->key_count;
    }
    *all = (vkvae_comparison){runs, c->count, keys, c->key_count, c->alike};
    return all;
}

static void finish(struct comparing *c) {
    for (size_t i = 0; c->values && i < (size_t)c->count * c->key_count; i++) free(c->values[i]);
    for (uint32_t i = 0; i < c->count; i++) vv_compared_finish(&c->runs[i]);
    free(c->values);
    free((void *)c->keys);
    free(c->runs);
}

void vkvae_compare_defaults(vkvae_compare_options *options) {
    *options = (vkvae_compare_options){0};
}

vkvae_status vkvae_compare(vkvae *v, const vkvae_compare_options *options,
                           vkvae_comparison **comparison) {
    struct comparing c = {.ctx = &v->ctx};
    vv_clear(c.ctx);
    *comparison = NULL;
    bool ok = read_all(&c, options) && find_keys(&c) && find_values(&c);
    if (ok) c.alike = vv_compared_alike(c.ctx, c.runs, c.count);
    ok = ok && (*comparison = pack(&c)) != NULL && (!options->out || draw(&c, options->out));
    if (!ok) {
        free(*comparison);
        *comparison = NULL;
    }
    finish(&c);
    return vv_result(c.ctx, ok);
}
