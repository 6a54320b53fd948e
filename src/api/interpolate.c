// vkvae_interpolate: from the code of one picture to that of another.
#include <stdlib.h>
#include <string.h>

#include "coding.h"
#include "handle.h"
#include "size.h"
#include "walk.h"

// One call.
struct interpolation {
    struct vv_used used;
    const vkvae_interpolate_options *options;
    bool spherical;
    float *z;      // [steps,latent]
    float *cells;  // [steps + 2,pixels]: a picture, what was decoded, the other picture
};

void vkvae_interpolate_defaults(vkvae_interpolate_options *options) {
    *options = (vkvae_interpolate_options){.to = 1, .steps = 10};
    vkvae_use_defaults(&options->use);
}

static bool check_options(struct interpolation *w) {
    const vkvae_interpolate_options *o = w->options;
    struct vv_context *ctx = w->used.ctx;
    w->spherical = o->how && strcmp(o->how, "spherical") == 0;
    if (o->how && !w->spherical && strcmp(o->how, "linear") != 0)
        return vv_fail(ctx, VV_USAGE, "--how %.40s: expected linear or spherical", o->how);
    if (!vv_check_steps(ctx, o->steps, 2)) return false;
    return vv_used_need_pictures(&w->used, "interpolate") && vv_gallery_check(ctx, o->pictures.out) &&
           vv_used_check_out(&w->used, o->pictures.out);
}

static bool interpolate(struct interpolation *w) {
    struct vv_used *u = &w->used;
    const vkvae_interpolate_options *o = w->options;
    const uint32_t ends[] = {o->from, o->to}, latent = u->run.model.size.latent;
    const uint64_t pixels = u->run.model.size.pixels;
    struct vv_work work = {.all = o->steps};
    float *mu = vv_alloc(u->ctx, 2 * (uint64_t)latent, sizeof *mu);
    float *x = vv_alloc(u->ctx, 2 * pixels, sizeof *x);
    w->z = vv_alloc(u->ctx, (uint64_t)o->steps * latent, sizeof *w->z);
    w->cells = vv_alloc(u->ctx, (o->steps + 2) * pixels, sizeof *w->cells);
    const struct vv_findings found = {.mu = mu};
    bool ok = mu && x && w->z && w->cells && vv_used_encode_these(u, ends, 2, x, &found);
    for (uint32_t i = 0; ok && i < o->steps; i++)
        (w->spherical ? vv_walk_spherical : vv_walk_linear)(
            mu, mu + latent, latent, (double)i / (o->steps - 1), w->z + (uint64_t)i * latent);
    ok = ok && vv_used_decode(u, w->z, o->steps, w->cells + pixels, &work);
    if (ok) memcpy(w->cells, x, pixels * sizeof *x);
    if (ok) memcpy(w->cells + (o->steps + 1) * pixels, x + pixels, pixels * sizeof *x);
    free(mu);
    free(x);
    return ok;
}

static bool write_out(const struct interpolation *w) {
    const vkvae_pictures *p = &w->options->pictures;
    const uint32_t steps = w->options->steps, pixels = w->used.run.model.size.pixels;
    const bool row = p->out && vv_ends_in(p->out, ".png");
    const struct vv_gallery gallery =
        row ? vv_used_gallery(&w->used, p, w->cells, steps + 2, steps + 2)
            : vv_used_gallery(&w->used, p, w->cells + pixels, steps, steps);
    return vv_gallery_write(&gallery, p->out);
}

// What the array has, without the pictures at the ends.
static float *take_pixels(struct interpolation *w) {
    const uint64_t pixels = w->used.run.model.size.pixels;
    float *taken = w->cells;
    memmove(taken, taken + pixels, w->options->steps * pixels * sizeof *taken);
    w->cells = NULL;
    return taken;
}

vkvae_status vkvae_interpolate(vkvae *v, const vkvae_interpolate_options *options,
                               vkvae_interpolate_result *result) {
    struct interpolation w = {.options = options};
    vv_clear(&v->ctx);
    if (options->pictures.pixels) *options->pictures.pixels = NULL;
    if (options->z) *options->z = NULL;
    if (result) *result = (vkvae_interpolate_result){0};
    const bool ok = vv_used_begin(&w.used, &v->ctx, &options->use) && check_options(&w) &&
                    vv_used_load(&w.used) && vv_used_check_index(&w.used, "--from", options->from) &&
                    vv_used_check_index(&w.used, "--to", options->to) && vv_used_open(&w.used) &&
                    interpolate(&w) && write_out(&w);
    if (ok && result) *result = vv_used_pictures_result(&w.used, options->steps);
    if (ok && options->pictures.pixels) *options->pictures.pixels = take_pixels(&w);
    if (ok) vv_hand_floats(options->z, &w.z);
    free(w.z);
    free(w.cells);
    vv_used_finish(&w.used);
    return vv_result(&v->ctx, ok);
}
