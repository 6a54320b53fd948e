#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "checkpoint.h"
#include "file.h"
#include "grid.h"
#include "handle.h"
#include "pictures.h"
#include "size.h"

// Draws decoded at a time.
#define SAMPLE_ROWS 256

void vkvae_sample_defaults(vkvae_sample_options *options) {
    *options = (vkvae_sample_options){.count = 64, .temperature = 1};
}

static bool ends_in(const char *text, const char *suffix) {
    size_t n = strlen(text), m = strlen(suffix);
    return n >= m && strcmp(text + n - m, suffix) == 0;
}

static bool check_options(struct vv_context *ctx, const vkvae_sample_options *o) {
    const uint32_t most = 65536;
    if (!o->run) return vv_fail(ctx, VV_USAGE, "no run given: name a run's folder or a checkpoint file");
    if (o->count < 1 || o->count > most)
        return vv_fail(ctx, VV_USAGE, "-n %u: expected a whole number from 1 to %u", o->count, most);
    if (o->out && !ends_in(o->out, ".png") && !ends_in(o->out, ".npy"))
        return vv_fail(ctx, VV_USAGE, "%s: an output ends in .png or .npy", o->out);
    return true;
}

static bool draw(struct vv_exec *exec, const struct vv_model *model, const float *flat,
                 const vkvae_sample_options *o, float *pixels) {
    struct vv_state *params =
        vv_store_add(exec->store, "params", VV_F32, vv_shape1((uint32_t)model->length));
    struct vv_sampler sampler = {0};
    const uint32_t rows = o->count < SAMPLE_ROWS ? o->count : SAMPLE_ROWS;
    bool ok = params && vv_sampler_init(&sampler, exec, model, params, rows, o->seed) &&
              vv_exec_write(exec, params, 0, flat, params->bytes) &&
              vv_sampler_run(&sampler, 0, o->count, pixels);
    vv_sampler_finish(&sampler);
    return ok;
}

static uint32_t default_columns(uint32_t count) {
    uint32_t columns = (uint32_t)ceil(sqrt((double)count));
    return columns ? columns : 1;
}

static bool write_out(struct vv_context *ctx, const vkvae_sample_options *o, const uint32_t picture[3],
                      const float *pixels) {
    if (!o->out) return true;
    const uint32_t h = picture[0], w = picture[1], c = picture[2];
    if (ends_in(o->out, ".npy"))
        return vv_npy_write(ctx, o->out, pixels, (const uint32_t[]){o->count, h, w, c}, 4);
    const uint32_t columns = o->columns ? o->columns : default_columns(o->count), screen = 1000;
    uint32_t scale = o->scale ? o->scale : screen / (columns * (w + 2));
    if (scale < 1) scale = 1;
    return vv_grid_write(ctx, o->out, pixels, o->count, h, w, c, columns, scale > 64 ? 64 : scale);
}

vkvae_status vkvae_sample(vkvae *v, const vkvae_sample_options *options, vkvae_sample_result *result) {
    (void)result;
    struct vv_context *ctx = &v->ctx;
    vv_clear(ctx);
    if (options->pixels) *options->pixels = NULL;
    if (!check_options(ctx, options)) return vv_result(ctx, false);
    struct vv_model model;
    uint32_t picture[3];
    float *flat = NULL, *pixels = NULL;
    struct vv_store store;
    vv_store_init(&store, ctx);
    char *path = vv_path_is_folder(options->run)
                     ? vv_path_join(ctx, options->run, "checkpoint.safetensors")
                     : vv_path_join(ctx, "", options->run);
    struct vv_exec *exec = NULL;
    bool ok = path && vv_checkpoint_read(ctx, path, &model, picture, &flat);
    if (ok) exec = vv_open_device(&store, &options->device, NULL);
    if (exec) pixels = vv_alloc(ctx, (uint64_t)options->count * model.size.pixels, sizeof *pixels);
    ok = exec && pixels && draw(exec, &model, flat, options, pixels) &&
         write_out(ctx, options, picture, pixels);
    vv_exec_destroy(exec);
    ok = ok && ctx->status == VV_OK;
    if (ok && options->pixels)
        *options->pixels = pixels;
    else
        free(pixels);
    free(flat);
    free(path);
    vv_store_finish(&store);
    return vv_result(ctx, ok);
}
