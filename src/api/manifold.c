// vkvae_manifold: the plane of a model with two latents.
#include <stdlib.h>

#include "coding.h"
#include "handle.h"
#include "size.h"
#include "walk.h"

void vkvae_manifold_defaults(vkvae_manifold_options *options) {
    *options = (vkvae_manifold_options){.steps = 20};
    vkvae_use_defaults(&options->use);
}

static bool check_options(const struct vv_used *u, const vkvae_manifold_options *o) {
    const uint32_t latent = u->run.model.size.latent;
    if (!vv_check_steps(u->ctx, o->steps, 1)) return false;
    if (latent != 2)
        return vv_fail(u->ctx, VV_USAGE,
                       "%.200s has %u latents, and a plane has two; name a run of --latent 2, or take "
                       "'vkvae traverse'",
                       u->use->run, latent);
    return vv_used_need_pictures(u, "manifold") && vv_gallery_check(u->ctx, o->pictures.out);
}

// Kingma and Welling 2013, figure 4: what lies evenly in the unit square, through the inverse of the
// Gaussian's distribution function.   z [steps steps,2]
static void fill_plane(uint32_t steps, float *z) {
    for (uint32_t row = 0; row < steps; row++)
        for (uint32_t column = 0; column < steps; column++) {
            *z++ = (float)vv_normal_quantile((column + 0.5) / steps);
            *z++ = (float)vv_normal_quantile((row + 0.5) / steps);
        }
}

vkvae_status vkvae_manifold(vkvae *v, const vkvae_manifold_options *options,
                            vkvae_manifold_result *result) {
    struct vv_used u;
    float *z = NULL, *pixels = NULL;
    vv_clear(&v->ctx);
    if (options->pictures.pixels) *options->pictures.pixels = NULL;
    if (options->z) *options->z = NULL;
    if (result) *result = (vkvae_manifold_result){0};
    bool ok = vv_used_begin(&u, &v->ctx, &options->use) && check_options(&u, options);
    const uint32_t cells = ok ? options->steps * options->steps : 0;
    struct vv_work work = {.all = cells};
    if (ok) z = vv_alloc(u.ctx, 2 * (uint64_t)cells, sizeof *z);
    if (ok) pixels = vv_alloc(u.ctx, (uint64_t)cells * u.run.model.size.pixels, sizeof *pixels);
    if (z) fill_plane(options->steps, z);
    ok = z && pixels && vv_used_open(&u) && vv_used_decode(&u, z, cells, pixels, &work);
    const struct vv_gallery gallery =
        vv_used_gallery(&u, &options->pictures, pixels, cells, options->steps);
    ok = ok && vv_gallery_write(&gallery, options->pictures.out);
    if (ok) vv_used_warn_of_autoencoder(&u);
    if (ok && result) *result = vv_used_pictures_result(&u, cells);
    if (ok) vv_hand_floats(options->pictures.pixels, &pixels);
    if (ok) vv_hand_floats(options->z, &z);
    free(z);
    free(pixels);
    vv_used_finish(&u);
    return vv_result(&v->ctx, ok);
}
