// vkvae_reconstruct: pictures, and what a model makes of them.
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "coding.h"
#include "grid.h"
#include "handle.h"
#include "size.h"

#define MOST_COUNT 65536
#define COLUMNS    8

// One call.
struct reconstruction {
    struct vv_used used;
    const vkvae_reconstruct_options *options;
    uint32_t count;
    float *pixels;  // [2 count,pixels]: the pictures, then their reconstructions
};

void vkvae_reconstruct_defaults(vkvae_reconstruct_options *options) {
    *options = (vkvae_reconstruct_options){.count = 16};
    vkvae_use_defaults(&options->use);
}

static bool check_options(const struct reconstruction *r) {
    const vkvae_reconstruct_options *o = r->options;
    struct vv_context *ctx = r->used.ctx;
    if (o->count < 1 || o->count > MOST_COUNT)
        return vv_fail(ctx, VV_USAGE, "-n %u: expected a whole number from 1 to %u", o->count,
                       MOST_COUNT);
    return vv_used_need_pictures(&r->used, "reconstruct") && vv_gallery_check(ctx, o->pictures.out) &&
           vv_used_check_out(&r->used, o->pictures.out);
}

// z of an autoencoder is mu: nothing was drawn in its training, either.
static bool reconstruct(struct reconstruction *r) {
    struct vv_used *u = &r->used;
    const uint64_t pixels = u->run.model.size.pixels;
    r->count = r->options->count < u->count ? r->options->count : u->count;
    struct vv_work work = {.all = r->count};
    const struct vv_eps eps = {.seed = r->options->seed, .stream = VV_STREAM_ENCODE};
    const bool mean = r->options->mean || u->run.is_autoencoder;
    r->pixels = vv_alloc(u->ctx, 2 * pixels * r->count, sizeof *r->pixels);
    if (!r->pixels) return false;
    vv_used_pictures(u, 0, r->count, r->pixels);
    const struct vv_findings found = {.mean = r->pixels + pixels * r->count};
    return vv_used_examine(u, r->count, VV_WANT_MEAN, mean ? NULL : &eps, &found, &work) &&
           vv_used_check_numbers(u, r->pixels, 2 * pixels * r->count);
}

// Rows of pictures, below each of them a row of what became of those. The last two may have gaps.
static bool write_grid(const struct reconstruction *r) {
    const vkvae_reconstruct_options *o = r->options;
    const uint32_t pixels = r->used.run.model.size.pixels, count = r->count;
    const uint32_t wanted = o->columns ? o->columns : COLUMNS, columns = wanted < count ? wanted : count;
    const uint32_t cells = 2 * columns * (uint32_t)vv_div_up(count, columns);
    float *grid = vv_alloc(r->used.ctx, (uint64_t)cells * pixels, sizeof *grid);
    if (!grid) return false;
    for (uint64_t i = 0; i < (uint64_t)cells * pixels; i++) grid[i] = VV_GRID_GAP;
    for (uint32_t i = 0; i < 2 * count; i++) {
        const uint32_t at = i % count, row = 2 * (at / columns) + i / count;
        memcpy(grid + ((uint64_t)row * columns + at % columns) * pixels,
               r->pixels + (uint64_t)i * pixels, pixels * sizeof *grid);
    }
    const struct vv_gallery gallery = vv_used_gallery(&r->used, &o->pictures, grid, cells, columns);
    const bool ok = vv_gallery_write(&gallery, o->pictures.out);
    free(grid);
    return ok;
}

static bool write_out(const struct reconstruction *r) {
    const vkvae_pictures *p = &r->options->pictures;
    if (!p->out || vv_ends_in(p->out, ".png")) return !p->out || write_grid(r);
    const struct vv_gallery all = vv_used_gallery(&r->used, p, r->pixels, 2 * r->count, 0);
    return vv_gallery_write(&all, p->out);
}

vkvae_status vkvae_reconstruct(vkvae *v, const vkvae_reconstruct_options *options,
                               vkvae_reconstruct_result *result) {
    struct reconstruction r = {.options = options};
    vv_clear(&v->ctx);
    if (options->pictures.pixels) *options->pictures.pixels = NULL;
    if (result) *result = (vkvae_reconstruct_result){0};
    const bool ok = vv_used_begin(&r.used, &v->ctx, &options->use) && check_options(&r) &&
                    vv_used_load(&r.used) && vv_used_open(&r.used) && reconstruct(&r) && write_out(&r);
    if (ok && result) *result = vv_used_pictures_result(&r.used, r.count);
    if (ok) vv_hand_floats(options->pictures.pixels, &r.pixels);
    free(r.pixels);
    vv_used_finish(&r.used);
    return vv_result(&v->ctx, ok);
}
